import { describe, expect, it } from 'vitest';
import { idOfCorrelationData } from '../../../src/actors/contract/message-id.ts';
import { payloadHash } from '../../../src/actors/contract/payload-hash.ts';

function hash(payload: string): string {
  return payloadHash(Buffer.from(payload));
}

describe('what makes a payload the same as another', () => {
  it('does not depend on the id, the order of keys or white space', () => {
    expect(hash('{"id":"a","action":"lock","x":{"p":1,"q":[1,2]}}')).toBe(
      hash('{ "x": {"q":[1, 2], "p":1}, "action": "lock", "id": "b" }'),
    );
    expect(hash('lock')).toBe(hash(' lock\n'));
  });

  it('depends on every other byte', () => {
    const hashes = [
      'lock',
      'unlock',
      '{"action":"lock"}',
      '{"action":"unlock"}',
      '{"action":"lock","x":[1,2]}',
      '{"action":"lock","x":[2,1]}',
      '{"action":"lock","x":{"id":1}}',
      '{"action":"lock","x":{}}',
      '{',
      '',
    ].map(hash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('is made of anything without complaint', () => {
    expect(payloadHash(new Uint8Array([0xff, 0x00]))).toMatch(/^[0-9a-f]{64}$/);
    expect(payloadHash(new Uint8Array(100_000))).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('correlation data as an id', () => {
  it('is itself if printable ASCII, else its hex, else a hash', () => {
    expect(idOfCorrelationData(Buffer.from('req 7'))).toBe('req 7');
    expect(idOfCorrelationData(new Uint8Array([1, 255]))).toBe('01ff');
    expect(idOfCorrelationData(Buffer.from('é'))).toBe('c3a9');
    expect(idOfCorrelationData(Buffer.from('x'.repeat(128)))).toBe('x'.repeat(128));
    expect(idOfCorrelationData(Buffer.from('x'.repeat(129)))).toMatch(/^[0-9a-f]{64}$/);
    expect(idOfCorrelationData(new Uint8Array(0))).toBeNull();
  });
});
