import { describe, expect, test } from 'vitest';
import {
  born,
  confirmedByRecord,
  died,
  dispatched,
  ended,
  FAILED,
  lock,
  REJECTED,
  refresh,
  runningIds,
  SUCCEEDED,
  settled,
  UNKNOWN,
  unlock,
  vehicle,
} from './situations.ts';

describe('the controls of a vehicle', () => {
  test('runs one control at a time, in order', () => {
    const machine = vehicle();
    expect(lock(machine, 'a')).toEqual(['child command/1 START']);
    expect(unlock(machine, 'b')).toEqual([]);
    expect(confirmedByRecord(machine, 1)).toEqual(['bridge COMMAND_SETTLED a succeeded', 'child command/2 START']);
    // Nobody waits for the read that brings the new state: it comes a moment later, and goes behind everybody.
    expect(machine.advance(200)).toEqual(['child command/3 START needed true']);
    expect(born(machine).map(({ n, input }) => [n, input.id, input.command.name])).toEqual([
      [1, 'a', 'lock'],
      [2, 'b', 'lock'],
      [3, 'own-car-3', 'refresh'],
    ]);
  });

  test('forgets a command that has ended', () => {
    const machine = vehicle();
    lock(machine, 'a');
    ended(machine, 1);
    expect(machine.effects.at(-1)).toEqual({ type: 'bury', params: [1] });
    expect(machine.context.running).toBeNull();
  });

  test('tells the bridge for every id from when on it may have reached the car, and what the cloud calls it', () => {
    const machine = vehicle();
    lock(machine, 'x');
    unlock(machine, 'a');
    unlock(machine, 'b');
    ended(machine, 1);
    expect(dispatched(machine, 2)).toEqual(['bridge COMMAND_UNDERWAY a a', 'bridge COMMAND_UNDERWAY b a']);
    expect(machine.tell({ type: 'COMMAND_TAKEN', n: 2, actionId: 'msg', acceptedAt: 5 })).toEqual([
      'bridge ACTION_BEGUN a msg 5',
    ]);
  });

  test('joins the last equal one that still waits: one call, and the same result for each', () => {
    const machine = vehicle();
    lock(machine, 'running');
    unlock(machine, 'a');
    expect(unlock(machine, 'b')).toEqual([]);
    unlock(machine, 'c');
    expect(born(machine)).toHaveLength(2);
    ended(machine, 1);
    confirmedByRecord(machine, 2);
    expect(settled(machine).slice(1)).toMatchObject([
      { id: 'a', ending: SUCCEEDED },
      { id: 'b', ending: { ...SUCCEEDED, joined: 'a' } },
      { id: 'c', ending: { ...SUCCEEDED, joined: 'a' } },
    ]);
    expect(settled(machine)[1]?.ending.joined).toBeUndefined();
  });

  test('does not join one whose turn has come: that would report what was true before', () => {
    const machine = vehicle();
    lock(machine, 'a');
    lock(machine, 'b');
    expect(born(machine).map(({ input }) => input.id)).toEqual(['a', 'b']);
  });

  test('drops what a new control makes pointless, then joins: a final lock leaves the car locked', () => {
    const machine = vehicle();
    lock(machine, 'running');
    unlock(machine, 'pointless');
    expect(lock(machine, 'last')).toEqual(['child command/2 DROP superseded']);
    expect(ended(machine, 2, REJECTED)).toEqual(['bridge COMMAND_SETTLED pointless rejected superseded']);
    expect(ended(machine, 1)).toContain('child command/3 START');
    expect(runningIds(machine)).toEqual(['last']);
  });

  test('starts no command that was dropped, even before that one has said its end', () => {
    const machine = vehicle();
    lock(machine, 'running');
    unlock(machine, 'pointless');
    lock(machine, 'last');
    expect(ended(machine, 1)).toContain('child command/3 START');
    expect(ended(machine, 2, REJECTED)).toEqual(['bridge COMMAND_SETTLED pointless rejected superseded']);
  });

  test("keeps a sender's own deadline its own: neither joined nor joins", () => {
    const machine = vehicle();
    lock(machine, 'running');
    lock(machine, 'a', 5_000);
    lock(machine, 'b');
    lock(machine, 'c', 1_000);
    expect(born(machine).map(({ input }) => [input.id, input.expiresInMs])).toEqual([
      ['running', null],
      ['a', 5_000],
      ['b', null],
      ['c', 1_000],
    ]);
  });

  test('says so at the bound of its queue', () => {
    const machine = vehicle({ queueLimit: 2 });
    lock(machine, 'running');
    lock(machine, 'a', 1_000);
    lock(machine, 'b', 1_000);
    expect(lock(machine, 'c', 1_000)).toEqual(['bridge COMMAND_SETTLED c rejected queueFull']);
  });

  test('says so at the bound of those who join', () => {
    const machine = vehicle({ joinLimit: 2 });
    lock(machine, 'running');
    lock(machine, 'a');
    lock(machine, 'b');
    expect(lock(machine, 'c')).toEqual(['bridge COMMAND_SETTLED c rejected queueFull']);
  });

  test('rests after a control that no record confirmed', () => {
    const machine = vehicle();
    lock(machine, 'a');
    unlock(machine, 'b');
    dispatched(machine, 1);
    expect(ended(machine, 1, UNKNOWN)).toEqual(['bridge COMMAND_SETTLED a unknown noConfirmation']);
    expect(machine.advance(4_999)).toEqual([]);
    expect(machine.advance(1)).toEqual(['child command/2 START']);
  });

  test('takes commands while it rests', () => {
    const machine = vehicle();
    lock(machine, 'a');
    dispatched(machine, 1);
    ended(machine, 1, UNKNOWN);
    expect(unlock(machine, 'b')).toEqual([]);
    expect(machine.advance(5_000)).toEqual(['child command/2 START']);
  });

  test('does not rest after a control that was not sent', () => {
    const machine = vehicle();
    lock(machine, 'a');
    unlock(machine, 'b');
    expect(ended(machine, 1, REJECTED)).toContain('child command/2 START');
  });

  test('does not rest after a control that was refused before it reached the car', () => {
    const machine = vehicle();
    lock(machine, 'a');
    unlock(machine, 'b');
    dispatched(machine, 1);
    expect(ended(machine, 1, FAILED)).toContain('child command/2 START');
  });

  test('rests when the cloud said that the car is busy', () => {
    const machine = vehicle();
    lock(machine, 'a');
    unlock(machine, 'b');
    dispatched(machine, 1);
    expect(ended(machine, 1, { ...FAILED, reason: 'carBusy' })).not.toContain('child command/2 START');
    expect(machine.advance(5_000)).toEqual(['child command/2 START']);
  });

  test('reads the new state after the word of the record, once', () => {
    const machine = vehicle();
    lock(machine, 'a');
    confirmedByRecord(machine, 1);
    expect(born(machine)).toHaveLength(1);
    machine.advance(200);
    expect(born(machine).at(-1)?.input).toMatchObject({
      id: 'own-car-2',
      command: { name: 'refresh', mode: 'cached' },
    });
    expect(ended(machine, 2)).toEqual([]);
    expect(born(machine)).toHaveLength(2);
  });

  test('reads once for several commands that are confirmed one right after the other', () => {
    const machine = vehicle();
    lock(machine, 'a');
    confirmedByRecord(machine, 1);
    machine.advance(100);
    unlock(machine, 'b');
    confirmedByRecord(machine, 2);
    expect(machine.advance(100)).toEqual(['child command/3 START needed true']);
    expect(machine.advance(1_000)).toEqual([]);
  });

  test('answers when a command dies: failed before its call, unknown after it', () => {
    const machine = vehicle();
    lock(machine, 'a');
    expect(died(machine, 1)).toEqual(['breaker HOLDER_GONE command/1', 'bridge COMMAND_SETTLED a failed restarted']);
    lock(machine, 'b');
    dispatched(machine, 2);
    expect(died(machine, 2)).toEqual(['breaker HOLDER_GONE command/2', 'bridge COMMAND_SETTLED b unknown restarted']);
  });

  test('goes on with the next one when a command dies, after a rest if it had been sent', () => {
    const unsent = vehicle();
    lock(unsent, 'a');
    unlock(unsent, 'b');
    expect(died(unsent, 1)).toContain('child command/2 START');
    const sent = vehicle();
    lock(sent, 'a');
    unlock(sent, 'b');
    dispatched(sent, 1);
    expect(died(sent, 1)).not.toContain('child command/2 START');
    expect(sent.advance(5_000)).toEqual(['child command/2 START']);
  });

  test('answers everybody who joined a command that dies while it waits, and keeps the others', () => {
    const machine = vehicle();
    lock(machine, 'running');
    unlock(machine, 'a');
    unlock(machine, 'b');
    expect(died(machine, 2).slice(1)).toEqual([
      'bridge COMMAND_SETTLED a failed restarted',
      'bridge COMMAND_SETTLED b failed restarted',
    ]);
    expect(runningIds(machine)).toEqual(['running']);
  });

  test('tells whoever waits in it that token or breaker were started anew', () => {
    const machine = vehicle();
    lock(machine, 'a');
    unlock(machine, 'b');
    refresh(machine, 'c');
    for (const type of ['TOKEN_RESTARTED', 'BREAKER_RESTARTED'] as const) {
      expect(machine.tell({ type })).toEqual([1, 2, 3].map((n) => `child command/${n} ${type}`));
    }
  });

  test('takes nothing new when the daemon shuts down, and drops what has not begun', () => {
    const machine = vehicle();
    lock(machine, 'a');
    unlock(machine, 'b');
    expect(machine.tell({ type: 'SHUT_DOWN' })).toEqual([
      'child command/1 DROP shuttingDown',
      'child command/2 DROP shuttingDown',
    ]);
    expect(lock(machine, 'c')).toContain('bridge COMMAND_SETTLED c rejected shuttingDown');
    expect(refresh(machine, 'd')).toContain('bridge COMMAND_SETTLED d rejected shuttingDown');
  });
});
