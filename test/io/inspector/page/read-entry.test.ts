import { describe, expect, it } from 'vitest';
import { entryOf, readEntry } from '../../../../src/io/inspector/page/read-entry.ts';

describe('reading an entry', () => {
  it('what is no JSON, no object, or of an unknown type is none', () => {
    for (const text of ['', '{', '1', 'null', '[]', '{"type":7}', '{"type":"@xstate.unheardOf"}', '{"type":"other"}']) {
      expect(readEntry(text), text).toBeNull();
    }
  });

  it('fields of another type than they should have become nothing; others are not taken over', () => {
    const entry = entryOf({
      type: '@xstate.snapshot',
      seq: '1',
      at: Number.NaN,
      sessionId: 7,
      snapshot: { status: 'weird', value: ['valid', 3, null], context: { generation: 2, nested: { token: 'x' } } },
      taken: 'none',
      deadlines: [null, { name: 'renewal', endsAt: 5 }, { name: 9 }],
      password: 'p',
    });
    expect(entry).toEqual({
      type: '@xstate.snapshot',
      seq: 0,
      at: 0,
      sessionId: '',
      rootId: 'fleet',
      createdAt: '0',
      id: '0',
      _version: '',
      commandId: null,
      event: { type: '' },
      snapshot: { status: 'active', value: 'valid', context: { generation: 2 } },
      taken: [],
      deadlines: [
        { name: 'renewal', endsAt: 5 },
        { name: '', endsAt: 0 },
      ],
    });
  });

  it('a call, a message and a report come through as they are', () => {
    const call = {
      type: 'bluelinkd.call',
      seq: 3,
      at: 10,
      phase: 'ended',
      call: 1,
      name: 'control',
      account: 'a',
      carAddress: null,
      commandId: 'c',
      attempt: 2,
      generation: 4,
      scope: 'access',
      outcome: 'ok',
      answer: 'accepted',
      cause: null,
      durationMs: 12.5,
    };
    expect(entryOf(call)).toEqual(call);
    const message = {
      type: 'bluelinkd.message',
      seq: 4,
      at: 11,
      direction: 'out',
      topic: 'a/b',
      qos: 1,
      bytes: 3,
      retain: true,
      commandId: null,
      status: null,
      reason: null,
    };
    expect(entryOf(message)).toEqual(message);
  });
});
