import { describe, expect, it } from 'vitest';
import { endByClose, endByError, endByGoodbye, endBySilence } from '../../../src/io/mqtt/connection-end.ts';

const AT = 'broker:1883';

function coded(code: string | number): Error {
  return Object.assign(new Error('the password is hunter2'), { code });
}

describe('the end of a connection', () => {
  it.each([
    [0x01, 'unsupportedProtocol'],
    [0x84, 'unsupportedProtocol'],
    [0x04, 'refused'],
    [0x05, 'refused'],
    [0x86, 'refused'],
    [0x87, 'refused'],
    [0x03, 'unreachable'],
    [0x88, 'unreachable'],
    ['ECONNREFUSED', 'unreachable'],
    ['CERT_HAS_EXPIRED', 'unreachable'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unreachable'],
    ['ENOTFOUND', 'unreachable'],
    ['ESOMETHING', 'unreachable'],
  ])('by code %s is %s, in a sentence that names the broker and repeats no message', (code, kind) => {
    const end = endByError(coded(code), AT, false);
    expect(end.kind).toBe(kind);
    expect(end.reason).toMatch(/broker:1883.*\.$/);
    expect(JSON.stringify(end)).not.toContain('hunter2');
  });

  it('is lost, not unreachable, when there was a connection', () => {
    expect(endByError(coded('ECONNRESET'), AT, true).kind).toBe('lost');
    expect(endByError('not even an error', AT, true)).toEqual({
      kind: 'lost',
      reason: 'The connection to the broker at broker:1883 failed.',
      cause: 'string',
    });
  });

  it.each([
    ['ECONNRESET', () => endByError(coded('ECONNRESET'), AT, false)],
    ['EPIPE', () => endByError(coded('EPIPE'), AT, false)],
    ['a close', () => endByClose(AT, false)],
    ['a packet that is none', () => endByError(new Error('Invalid header flag bits'), AT, false)],
  ])('by %s before the broker said anything asks whether port and TLS are right', (_, endOf) => {
    expect(endOf()).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringMatching(/; check the port and mqtt\.tls\.$/),
    });
  });

  it.each([
    ['ECONNRESET', () => endByError(coded('ECONNRESET'), AT, true)],
    ['a close', () => endByClose(AT, true)],
    ['a packet that is none', () => endByError(new Error('Invalid header flag bits'), AT, true)],
  ])('by %s later does not', (_, endOf) => {
    expect(endOf()).toMatchObject({ kind: 'lost', reason: expect.not.stringContaining('mqtt.tls') });
  });

  it('tells why the server said goodbye', () => {
    expect(endByGoodbye(0x8b, AT).reason).toBe('The broker at broker:1883 ended the connection: it is shutting down.');
    expect(endByGoodbye(0x80, AT).reason).toContain('DISCONNECT 0x80');
  });

  it('tells what did not come', () => {
    expect(endBySilence(AT, 'CONNACK', false)).toMatchObject({ kind: 'unreachable', cause: 'no CONNACK' });
  });
});
