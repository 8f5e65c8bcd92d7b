import { describe, expect, it } from 'vitest';
import { createSecrets, REDACTED } from '../../../src/io/log/secrets.ts';

const hidden = () => createSecrets({ showPrivate: false });

describe('a secret', () => {
  const value = 'Tr0ub&dor+3/ü "x"';
  const bytes = Buffer.from(value);
  it.each([
    ['plain', value],
    ['in upper case', value.toUpperCase().replace('Ü', 'ü')],
    ['base64', bytes.toString('base64')],
    ['base64url', bytes.toString('base64url')],
    ['hex', bytes.toString('hex')],
    ['upper case hex', bytes.toString('hex').toUpperCase()],
    ['URL-encoded', encodeURIComponent(value)],
    ['form-encoded', new URLSearchParams({ a: value }).toString().slice(2)],
    ['every byte encoded', bytes.toString('hex').replace(/../g, '%$&')],
    ['as JSON', JSON.stringify(value).slice(1, -1)],
  ])('is found %s', (_, form) => {
    const secrets = hidden();
    secrets.register(value);
    expect(secrets.redact(`before ${form} after`)).toBe(`before ${REDACTED} after`);
  });

  it.each([0, 1, 2, 3, 4])('is found in the base64 of something longer, %i bytes in', (shift) => {
    const secrets = hidden();
    secrets.register('correct horse');
    const clean = secrets.redact(Buffer.from(`${'x'.repeat(shift)}correct horse:more`).toString('base64'));
    expect(clean).toContain(REDACTED);
    // What is left over at the ends belongs to at most one character on each side.
    expect(Buffer.from(clean.split(REDACTED)[0] ?? '', 'base64').toString()).not.toContain('cor');
  });

  it('leaves nothing over where two overlap', () => {
    const secrets = hidden();
    secrets.register('abcd1234');
    secrets.register('1234wxyz');
    secrets.register('bcd1');
    expect(secrets.redact('>abcd1234wxyz<')).toBe(`>${REDACTED}<`);
    expect(secrets.redact('abcd1234 1234wxyz')).toBe(`${REDACTED} ${REDACTED}`);
    expect(secrets.redact('abcd1234')).toBe(REDACTED);
  });

  it('is found whole where only the beginning of a text is told', () => {
    const secrets = hidden();
    secrets.register('abcd1234efgh');
    secrets.register('7391');
    const text = 'one abcd1234efgh, two ABCD1234EFGH 7391 three';
    const holes = `one ${REDACTED}, two ${REDACTED} ${REDACTED} three`;
    expect(secrets.redact(text)).toBe(holes);
    const told = Array.from(text, (_, length) => secrets.redact(text, length));
    for (const [length, begin] of told.entries()) {
      expect(holes.startsWith(begin), begin).toBe(true);
      expect(begin.replaceAll(REDACTED, '').length, begin).toBeLessThanOrEqual(length);
    }
    expect(told.slice(3, 6)).toEqual(['one', 'one ', `one ${REDACTED}`]);
    // A number is alone only if nothing stands beside it in the whole text.
    expect(secrets.redact('at 73912', 7)).toBe('at 7391');
  });

  it('is nothing that is empty', () => {
    const secrets = hidden();
    secrets.register('');
    expect(secrets.redact('as it was')).toBe('as it was');
  });
});

describe('a short number, such as a PIN,', () => {
  const secrets = hidden();
  secrets.register('7391');

  it.each([
    '7391',
    'pin 7391 refused',
    '{"pin":"7391"}',
    'a=7391&b',
    Buffer.from('7391').toString('base64'),
    '37333931',
  ])('is found alone in %j', (text) => {
    expect(secrets.redact(text)).toContain(REDACTED);
  });

  it.each(['173910', 'a7391', '2026-11-07T10:17:39.123Z', '73911'])('is not found within %j', (text) => {
    expect(secrets.redact(text)).toBe(text);
  });

  it('of less than four digits is found only as the whole text', () => {
    const short = hidden();
    short.register('12');
    expect(short.redact('12')).toBe(REDACTED);
    expect(short.redact('took 12 ms')).toBe('took 12 ms');
  });
});

describe('kinds', () => {
  it('personal data is kept if the configuration says so', () => {
    const open = createSecrets({ showPrivate: true });
    open.register('KMHVIN00000000001', 'person');
    open.register(52.520008, 'place');
    open.register('password', 'secret');
    expect(open.redact('KMHVIN00000000001 52.520008 password')).toBe(`KMHVIN00000000001 52.520008 ${REDACTED}`);
  });

  it.each(['52.520008', '52.52000', '52.52001', '52.5200', '-52.520008'])('a place is found as %s', (text) => {
    const secrets = hidden();
    secrets.register(52.520008, 'place');
    expect(secrets.redact(`lat ${text}`)).not.toContain('52.52');
  });

  it('a coordinate that names no place is left alone', () => {
    const secrets = hidden();
    secrets.register(52.5, 'place');
    secrets.register(0, 'place');
    expect(secrets.redact('52.5 0 0000')).toBe('52.5 0 0000');
  });

  it('only the last 512 tokens are known, and secrets for ever', () => {
    const secrets = hidden();
    secrets.register('the password');
    for (let i = 0; i < 600; i += 1) secrets.register(`token-number-${i}-`, 'token');
    expect(secrets.redact('token-number-599- the password')).toBe(`${REDACTED} ${REDACTED}`);
    expect(secrets.redact('token-number-5-')).toBe('token-number-5-');
  });
});
