import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/actors/contract/commands/table.ts';
import { type ParsedCommand, parseCommand } from '../../../src/actors/contract/parse-command.ts';

const NOW = Date.parse('2026-11-07T10:30:00Z');

function parsed(name: string, payload: string | Uint8Array | object): ParsedCommand {
  if (payload instanceof Uint8Array) return parseCommand(name, payload, NOW);
  return parseCommand(name, Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)), NOW);
}

function commandOf(name: string, payload: string | object) {
  const result = parsed(name, payload);
  return result.ok ? result.command : `${result.reason}: ${result.message}`;
}

function reasonOf(name: string, payload: string | Uint8Array | object) {
  const result = parsed(name, payload);
  return result.ok ? 'ok' : result.reason;
}

describe('a command message', () => {
  it.each([
    ['lock', 'lock', { name: 'lock', action: 'lock' }],
    ['lock', 'UnLock', { name: 'lock', action: 'unlock' }],
    ['lock', ' unlock\n', { name: 'lock', action: 'unlock' }],
    ['lock', { action: 'lock' }, { name: 'lock', action: 'lock' }],
    ['lock', { action: 'UNLOCK' }, { name: 'lock', action: 'unlock' }],
    ['refresh', 'cached', { name: 'refresh', mode: 'cached', maxAgeS: null }],
    ['refresh', 'FORCE', { name: 'refresh', mode: 'force', maxAgeS: null }],
    ['refresh', 'force!', { name: 'refresh', mode: 'force', maxAgeS: null, override: true }],
    ['refresh', 'smart:300', { name: 'refresh', mode: 'smart', maxAgeS: 300 }],
    ['refresh', 'Smart:1', { name: 'refresh', mode: 'smart', maxAgeS: 1 }],
    ['refresh', 'smart:604800', { name: 'refresh', mode: 'smart', maxAgeS: 604_800 }],
    ['refresh', { action: 'cached' }, { name: 'refresh', mode: 'cached', maxAgeS: null }],
    ['refresh', { action: 'smart:60' }, { name: 'refresh', mode: 'smart', maxAgeS: 60 }],
  ])('on %s says %j', (name, payload, command) => {
    expect(commandOf(name, payload)).toEqual(command);
  });

  it.each([
    ['lock', '', 'malformed'],
    ['lock', 'open', 'malformed'],
    ['lock', 'true', 'malformed'],
    ['lock', '"lock"', 'malformed'],
    ['lock', '["lock"]', 'malformed'],
    ['lock', '{"action": "lock"', 'malformed'],
    ['lock', '{}', 'malformed'],
    ['lock', { Action: 'lock' }, 'malformed'],
    ['lock', { action: 'open' }, 'invalidOption'],
    ['lock', { action: 1 }, 'invalidOption'],
    ['lock', { action: ['lock'] }, 'invalidOption'],
    ['lock', { action: null }, 'invalidOption'],
    ['refresh', 'now', 'malformed'],
    ['refresh', 'smart', 'malformed'],
    ['refresh', 'smart:', 'malformed'],
    ['refresh', 'smart:soon', 'malformed'],
    ['refresh', 'smart:1e3', 'malformed'],
    ['refresh', 'smart:0', 'invalidOption'],
    ['refresh', 'smart:-5', 'invalidOption'],
    ['refresh', 'smart:1.5', 'invalidOption'],
    ['refresh', 'smart:604801', 'invalidOption'],
    ['refresh', { action: 'smart:0' }, 'invalidOption'],
    ['refresh', { action: 'now' }, 'invalidOption'],
    ['refresh', { mode: 'cached' }, 'malformed'],
    ['fly', 'up', 'unknownCommand'],
    ['Lock', 'lock', 'unknownCommand'],
    ['constructor', 'lock', 'unknownCommand'],
    ['__proto__', 'lock', 'unknownCommand'],
    ['', 'lock', 'unknownCommand'],
  ])('on %s saying %j is refused: %s', (name, payload, reason) => {
    expect(reasonOf(name, payload)).toBe(reason);
  });

  it('is refused unread beyond 8 KiB, and read up to that', () => {
    const padded = (size: number) => `{"action":"lock","x":"${'x'.repeat(size - 24)}"}`;
    expect(padded(8_192)).toHaveLength(8_192);
    expect(reasonOf('lock', padded(8_192))).toBe('ok');
    expect(reasonOf('lock', padded(8_193))).toBe('tooLarge');
    expect(reasonOf('lock', new Uint8Array(1_000_000))).toBe('tooLarge');
  });

  it('is refused when it is no text', () => {
    expect(reasonOf('lock', new Uint8Array([0xff, 0xfe, 0x00]))).toBe('malformed');
    expect(reasonOf('lock', new Uint8Array([0x6c, 0xc3]))).toBe('malformed');
  });

  it('may be nested eight deep, not nine, however deep it pretends to be', () => {
    const nested = (depth: number) => `{"action":"lock","x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(reasonOf('lock', nested(8))).toBe('ok');
    expect(reasonOf('lock', nested(9))).toBe('malformed');
    expect(reasonOf('lock', `{"x":${'['.repeat(8_000)}`)).toBe('malformed');
    expect(reasonOf('lock', { action: 'lock', note: '[[[[[[[[[["\\[[[[[[' })).toBe('ok');
  });

  it('keeps the id of its sender, also when it is refused', () => {
    expect(parsed('lock', { action: 'lock', id: 'kitchen 7 ✓' })).toMatchObject({ ok: true, id: 'kitchen 7 ✓' });
    expect(parsed('lock', { action: 'fly', id: 'a' })).toMatchObject({ ok: false, id: 'a' });
    expect(parsed('fly', { id: 'a' })).toMatchObject({ reason: 'unknownCommand', id: 'a' });
    expect(parsed('lock', { action: 'lock', id: 'a', expires_at: 'later' })).toMatchObject({
      reason: 'malformed',
      id: 'a',
    });
    expect(parsed('lock', { action: 'lock', id: null })).toMatchObject({ ok: true, id: null });
    expect(parsed('lock', 'lock')).toMatchObject({ ok: true, id: null });
  });

  it.each([[''], ['x'.repeat(129)], ['a\nb'], ['a\u0000'], ['\u202e'], ['\u2028'], ['\ud800'], [7], [{}], [true]])(
    'is refused with the id %j',
    (id) => {
      const result = parsed('lock', { action: 'lock', id });
      expect(result).toMatchObject({ ok: false, reason: 'malformed', id: null });
      expect(result.ok ? null : result.hint).toContain('128 printable characters');
    },
  );

  it('says of an id that is a number how it is written', () => {
    const result = parsed('lock', { action: 'lock', id: 7 });
    expect(result.ok ? null : [result.message, result.hint]).toEqual([
      'The "id" is a number, and must be text.',
      expect.stringMatching(/^Put it in quotes: "id": "7"\. /),
    ]);
  });

  it('that cannot be read at all is answered with what to send, if there is such a command', () => {
    const told = (name: string, payload: string | Uint8Array) => {
      const result = parsed(name, payload);
      return result.ok ? null : [result.message, result.hint];
    };
    const [nothing, empty] = ['The message is empty, so nothing was done', 'The message is empty.'];
    expect(told('lock', '')).toEqual([expect.stringContaining(nothing), COMMANDS.lock.hint]);
    expect(told('windows', '')).toEqual([expect.stringContaining(nothing), COMMANDS.windows.hint]);
    // It has bytes: it has deleted nothing.
    expect(told('lock', ' \n')).toEqual([empty, COMMANDS.lock.hint]);
    expect(told('lock', new Uint8Array([0xff]))).toEqual([expect.stringContaining('UTF-8'), COMMANDS.lock.hint]);
    expect(told('fly', '')).toEqual([expect.stringContaining(nothing), null]);
    expect(told('__proto__', '')).toEqual([expect.stringContaining(nothing), null]);
  });

  it('counts the characters of an id, not its bytes', () => {
    expect(reasonOf('lock', { action: 'lock', id: '😀'.repeat(128) })).toBe('ok');
    expect(reasonOf('lock', { action: 'lock', id: '😀'.repeat(129) })).toBe('malformed');
  });

  it('may say until when it is meant, in UTC', () => {
    const expiry = (expires_at: unknown) => {
      const result = parsed('lock', { action: 'lock', expires_at });
      return result.ok ? [result.expiresAt, result.isExpired] : result.reason;
    };
    expect(expiry('2026-11-07T10:30:01Z')).toEqual([NOW + 1_000, false]);
    expect(expiry('2026-11-07T10:30:00.500Z')).toEqual([NOW + 500, false]);
    expect(expiry('2026-11-07T10:31+00:00')).toEqual([NOW + 60_000, false]);
    expect(expiry('2026-11-07T10:30:00Z')).toEqual([NOW, true]);
    expect(expiry(undefined)).toEqual([null, false]);
    expect(expiry(null)).toEqual([null, false]);
    for (const bad of [
      '2026-11-07',
      '2026-11-07T10:30:00',
      '2026-11-07T10:30:00+02:00',
      '2026-02-30T10:30:00Z',
      'soon',
      '',
      1_794_000_000,
      {},
    ]) {
      expect(expiry(bad)).toBe('malformed');
    }
  });

  it('names the keys that it does not know, a bounded number of them', () => {
    expect(parsed('lock', { action: 'lock', id: 'a', door: 'left', speed: 1 })).toMatchObject({
      ok: true,
      ignored: ['door', 'speed'],
    });
    expect(parsed('lock', '{"action":"lock","__proto__":{"action":"unlock"}}')).toMatchObject({
      command: { action: 'lock' },
      ignored: ['__proto__'],
    });
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}${'k'.repeat(20)}`, 1]));
    const result = parsed('lock', { action: 'lock', ...many });
    expect(result.ok ? result.ignored : []).toHaveLength(32);
  });

  it('never makes the parser throw, whatever its bytes and its topic are', () => {
    const names = fc.oneof(fc.constantFrom(...Object.keys(COMMANDS), 'fly'), fc.string());
    const json = fc.json().map((text) => Buffer.from(text));
    const near = fc
      .record(
        {
          ...Object.fromEntries(
            Object.values(COMMANDS).flatMap(({ keys }) => keys.map((key) => [key, fc.jsonValue()])),
          ),
          action: fc.oneof(fc.constantFrom('start_climate', 'stop', 'on'), fc.jsonValue()),
          id: fc.jsonValue(),
          expires_at: fc.jsonValue(),
          [String('x')]: fc.jsonValue(),
        },
        { requiredKeys: [] },
      )
      .map((object) => Buffer.from(JSON.stringify(object)));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      json,
      near,
    );
    fc.assert(
      fc.property(names, bytes, (name, payload) => {
        const result = parseCommand(name, payload, NOW);
        if (!result.ok) expect(result.message).toMatch(/\.$/);
        expect(JSON.stringify(result)).toBeTypeOf('string');
      }),
      { numRuns: 2_000 },
    );
  });
});
