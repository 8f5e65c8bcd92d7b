import { describe, expect, it } from 'vitest';
import type { LogLevel } from '../../../src/actors/ports.ts';
import { createLog } from '../../../src/io/log/log.ts';
import { openLog } from '../../../src/io/log/open-log.ts';
import { createSecrets } from '../../../src/io/log/secrets.ts';

function recorder(level: LogLevel = 'trace', showPrivate = false) {
  const lines: string[] = [];
  const secrets = createSecrets({ showPrivate });
  const log = createLog({ level, secrets, showPrivate, format: null, write: (line) => lines.push(line) });
  const parsed = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line));
  return { log, secrets, lines, parsed };
}

function sink(isTTY: boolean) {
  const parts: string[] = [];
  const stream = { isTTY, write: (part: string) => parts.push(part) > 0, on: () => {} };
  return { stream, text: () => parts.join('') };
}

describe('a line', () => {
  it('is JSON with level, time, fields of all its parents, and message', () => {
    const { log, parsed, lines } = recorder();
    log.child({ actor: 'token/main' }).child({ id: 'c-1' }).write('warn', 'Token expired.', { waiting: 3 });
    expect(parsed()).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        actor: 'token/main',
        id: 'c-1',
        waiting: 3,
        msg: 'Token expired.',
      },
    ]);
    expect(lines[0]?.endsWith('\n')).toBe(true);
  });

  it('stays one line, whatever is in it', () => {
    const { log, lines, parsed } = recorder();
    log.write('info', 'a\nb\u001b[31m\u009b\u202e', { 'k\n': 'x\r\n{"level":"error"}' });
    expect(lines.join('').match(/\n/g)).toHaveLength(1);
    expect(lines.join('')).not.toMatch(/[\p{Cf}]|\p{Cc}./u);
    expect(parsed()[0]).toMatchObject({ level: 'info', msg: 'a\nb\u001b[31m\\u009b\\u202e' });
  });

  it('keeps its own names for itself', () => {
    const { log, parsed, lines } = recorder();
    log.write('info', 'm', { level: 'x', time: 'y', msg: 'z', ['__proto__']: 'p' });
    expect(parsed()[0]).toMatchObject({ level: 'info', msg: 'm', level_: 'x', time_: 'y', msg_: 'z' });
    expect(lines.join('').match(/"level":/g)).toHaveLength(1);
  });

  it('formats nothing that stands in a message', () => {
    const { log, parsed } = recorder();
    log.write('info', '100 %s %d %j %o %%', { a: 1 });
    expect(parsed()[0]?.msg).toBe('100 %s %d %j %o %%');
  });
});

describe('levels', () => {
  it('below the level nothing is even looked at', () => {
    const { log, lines } = recorder('warn');
    const trap = {
      get field(): string {
        throw new Error('looked at');
      },
    };
    for (const level of ['trace', 'debug', 'info'] as const) log.write(level, 'm', trap);
    expect(lines).toEqual([]);
    log.write('error', 'm', trap);
    expect(lines).toHaveLength(1);
  });

  it('a stack is shown at debug only', () => {
    for (const [level, shown] of [
      ['info', false],
      ['debug', true],
    ] as const) {
      const { log, parsed } = recorder(level);
      log.write('error', 'm', {
        error: Object.assign(new TypeError('broken'), { code: 'E1', cause: new Error('deep') }),
      });
      const error = parsed()[0]?.error;
      expect(error).toMatchObject({
        type: 'TypeError',
        message: 'broken',
        code: 'E1',
        cause: { type: 'Error', message: 'deep' },
      });
      expect(Object.hasOwn(Object(error), 'stack')).toBe(shown);
    }
  });
});

describe('fields', () => {
  it.each([
    'password',
    'mqttPassword',
    'pin',
    'PIN',
    'user_pin',
    'token',
    'accessToken',
    'refresh_token',
    'idToken',
    'authorization',
    'AuthorizationCCSP',
    'Set-Cookie',
    'clientSecret',
    'stamp',
    'vin',
    'carVin',
    'email',
    'username',
    'latitude',
    'lon',
    'coord',
    'location',
  ])('%s is dropped by name', (key) => {
    const { log, lines } = recorder();
    log.child({ [key]: 'zzz1' }).write('info', 'm', { deep: { list: [{ [key]: { inner: 'zzz2' } }] } });
    expect(lines.join('')).not.toContain('zzz');
  });

  it.each(['tokenState', 'mapping', 'spin', 'generation', 'attempt', 'reason'])('%s is not', (key) => {
    const { log, parsed } = recorder();
    log.write('info', 'm', { [key]: 'shown' });
    expect(parsed()[0]?.[key]).toBe('shown');
  });

  it('a yes or no is no secret', () => {
    const { log, parsed } = recorder();
    log.write('info', 'm', { hasPin: true, token: null });
    expect(parsed()[0]).toMatchObject({ hasPin: true, token: null });
  });

  it('personal data is kept if the configuration says so, secrets never', () => {
    const { log, parsed } = recorder('info', true);
    log.write('info', 'm', { vin: 'V', lat: 1.2345, password: 'p' });
    expect(parsed()[0]).toMatchObject({ vin: 'V', lat: 1.2345, password: '[redacted]' });
  });

  it('that are strange are bounded and harmless', () => {
    const { log, parsed, lines } = recorder();
    const self: Record<string, unknown> = {};
    self.self = self;
    log.write('info', 'x'.repeat(100_000), {
      self,
      bytes: new Uint8Array([1, 2, 3]),
      big: 10n,
      date: new Date(0),
      never: new Date(Number.NaN),
      url: new URL('https://user:pw@host.example/path?code=abc'),
      map: new Map([['a', 'b']]),
      fn: () => 1,
      none: undefined,
      nil: null,
      nan: Number.NaN,
      long: Array.from({ length: 1_000 }, (_, i) => i),
      signal: new AbortController().signal,
    });
    expect(lines.join('').length).toBeLessThan(12_000);
    expect(parsed()[0]).toMatchObject({
      bytes: '<3 bytes>',
      big: '10',
      date: '1970-01-01T00:00:00.000Z',
      never: null,
      url: 'https://host.example/path',
      map: '<Map>',
      fn: '<function>',
      nil: null,
      signal: '<AbortSignal>',
    });
    expect(parsed()[0]).not.toHaveProperty('none');
  });
});

describe('planted secrets', () => {
  const planted = {
    password: 'pl4nted-P@ssword+/ä',
    pin: '739152',
    token: 'eyJhbGciOi.planted.T0ken-_x',
    vin: 'KMHPLANTED0000001',
    email: 'planted.person@example.com',
    latitude: 52.5163217,
  };

  async function everything(pretty: 'always' | 'never'): Promise<string> {
    const { stream, text } = sink(false);
    const secrets = createSecrets({ showPrivate: false });
    const log = await openLog({ level: 'trace', pretty, showPrivate: false, secrets, stream });
    const early = log.child({ note: `${planted.password} ${planted.vin}` });
    secrets.register(planted.password);
    secrets.register(planted.pin);
    secrets.register(planted.token, 'token');
    secrets.register(planted.vin, 'person');
    secrets.register(planted.email, 'person');
    secrets.register(planted.latitude, 'place');
    for (const value of Object.values(planted)) {
      const plain = String(value);
      const bytes = Buffer.from(plain);
      const forms = [
        plain,
        bytes.toString('base64'),
        bytes.toString('base64url'),
        bytes.toString('hex'),
        bytes.toString('hex').toUpperCase(),
        encodeURIComponent(plain),
      ];
      for (const form of forms) {
        early.write('error', `message ${form} end`, {
          text: `in a text: ${form}.`,
          list: [[form]],
          [`key ${form}`]: 1,
          error: new Error(`failed with ${form}`, { cause: new TypeError(form) }),
          body: JSON.stringify({ a: form, nested: JSON.stringify({ b: form }) }),
          basic: `Basic ${Buffer.from(`user:${plain}`).toString('base64')}`,
        });
        early.child({ form }).write('trace', form, { number: value, deep: { a: { b: { c: value } } } });
      }
    }
    return text();
  }

  it.each(['never', 'always'] as const)('are nowhere, in any form (pretty: %s)', async (pretty) => {
    const text = (await everything(pretty)).toLowerCase();
    expect(text.length).toBeGreaterThan(5_000);
    expect(text).toContain('[redacted]');
    for (const value of Object.values(planted)) {
      const bytes = Buffer.from(String(value));
      const forms = [
        String(value),
        bytes.toString('base64').replace(/=+$/, ''),
        bytes.toString('base64url'),
        bytes.toString('hex'),
        encodeURIComponent(String(value)),
        bytes.toString('base64').slice(2, -4),
      ];
      for (const form of forms) expect(text).not.toContain(form.toLowerCase());
    }
  });
});

describe('a long text', () => {
  const secret = 'KMHPLANTED0000001';
  const forms = [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64')];

  it.each(forms)('is not cut through a secret (%s)', (form) => {
    const { log, lines, secrets } = recorder();
    secrets.register(secret, 'person');
    const texts = [4_096, 16_384, 65_536].flatMap((cut) => [
      `${'z'.repeat(cut - 9)}${form} end`,
      // Holes make it shorter: what was behind the cut comes into view.
      `${'z'.repeat(8)}${form.repeat(Math.ceil(cut / form.length) + 1)}`,
    ]);
    for (const text of texts) {
      log.write('error', text, { text, [text]: 1, error: new Error(text), cause: [{ text }] });
    }
    expect(lines).toHaveLength(6);
    for (const line of lines) {
      expect(line).toContain('characters)');
      for (const one of forms) expect(line.toLowerCase()).not.toContain(one.slice(0, 6).toLowerCase());
    }
  });

  it('is a stack, too: lines are made of it when it is clean', () => {
    const { log, lines, secrets } = recorder();
    secrets.register('correct horse\nbattery staple');
    const error = new Error('no: correct horse\nbattery staple, really');
    log.write('error', 'm', { error });
    expect(lines.join()).toContain('really');
    expect(lines.join()).not.toContain('battery');
  });
});

describe('for people', () => {
  it('shows fields on one line without raw control characters', async () => {
    const { stream, text } = sink(false);
    const secrets = createSecrets({ showPrivate: false });
    const log = await openLog({ level: 'debug', pretty: 'always', showPrivate: false, secrets, stream });
    log
      .child({ actor: 'bridge' })
      .write('info', 'got\n\u001b[31m it', { topic: 'a\u0007\nb', type: 'Error', stack: 'x\ny' });
    log.write('error', 'bad', { error: new Error('one\ntwo'), err: new Error('three') });
    expect(text().split('\n')).toHaveLength(3);
    expect(text()).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(text()).toContain('got\\n\\u001b[31m it');
    expect(text()).toContain('bridge');
  });

  it('is chosen for a terminal, JSON for everything else', async () => {
    for (const isTTY of [true, false]) {
      const { stream, text } = sink(isTTY);
      const secrets = createSecrets({ showPrivate: false });
      const log = await openLog({ level: 'info', pretty: 'auto', showPrivate: false, secrets, stream });
      log.write('info', 'hello');
      expect(text().startsWith('{')).toBe(!isTTY);
    }
  });
});
