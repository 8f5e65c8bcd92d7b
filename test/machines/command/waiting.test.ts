import { describe, expect, test } from 'vitest';
import {
  awaitingPermit,
  awaitingToken,
  CACHED,
  type CommandUnderTest,
  calling,
  confirming,
  end,
  expired,
  FORCED,
  grant,
  LOCK,
  queued,
  ready,
  start,
} from './situations.ts';

const drop = (machine: CommandUnderTest) => machine.tell({ type: 'DROP', reason: 'superseded', message: 'Later.' });
const ended = (how: string) => `owner COMMAND_ENDED 7 ${how} null`;

describe('a command that waits', () => {
  test('expires behind others of its car after 300 s', () => {
    const machine = queued(LOCK);
    expect(machine.advance(299_999)).toEqual([]);
    expect(machine.advance(1)).toEqual([ended('expired expired')]);
  });

  test('expires when its sender no longer wants it, wherever it waits, and nothing is sent', () => {
    expect(queued(LOCK, {}, { expiresInMs: 1_000 }).advance(1_000)).toEqual([ended('expired expired')]);
    expect(awaitingToken(1_000).advance(1_000)).toEqual(['token CANCEL_TOKEN r1', ended('expired expired')]);
    expect(awaitingPermit(1_000).advance(1_000)).toEqual(['breaker CANCEL_PERMIT r2', ended('expired expired')]);
  });

  test('lives on when its sender named a time that is months away', () => {
    const machine = queued(LOCK, {}, { expiresInMs: 2 ** 32 * 1_000 });
    start(machine);
    ready(machine);
    machine.advance(1_000);
    expect(machine.state).toBe('awaitingPermit');
  });

  test('expires when it was not dispatched 60 s after its turn came', () => {
    const slow = { tokenWaitMs: 90_000, permitWaitMs: 90_000 };
    expect(awaitingToken(null, slow).advance(60_000)).toEqual(['token CANCEL_TOKEN r1', ended('expired expired')]);
    const machine = awaitingToken(null, slow);
    machine.advance(50_000);
    ready(machine);
    expect(machine.advance(10_000)).toEqual(['breaker CANCEL_PERMIT r2', ended('expired expired')]);
  });

  test('does not expire any more once its call has begun', () => {
    const machine = awaitingPermit(1_000);
    grant(machine);
    machine.advance(1_000);
    expect(machine.state).toBe('calling');
    end(machine, expired);
    machine.advance(29_000);
    expect(machine.state).toBe('refreshingToken');
  });

  test('fails when no token comes in time', () => {
    expect(awaitingToken().advance(30_000)).toEqual(['token CANCEL_TOKEN r1', ended('failed refreshFailed')]);
  });

  test('fails when no permit comes in time', () => {
    expect(awaitingPermit().advance(30_000)).toEqual(['breaker CANCEL_PERMIT r2', ended('failed cloudUnavailable')]);
  });

  test('fails when the refresh for its retry does not end in time', () => {
    const machine = calling(LOCK);
    end(machine, expired);
    expect(machine.advance(30_000)).toEqual(['token CANCEL_TOKEN r3', ended('failed refreshFailed')]);
  });

  test('is dropped before it has begun, and gives back what it asked for', () => {
    expect(drop(queued(LOCK))).toEqual([ended('rejected superseded')]);
    expect(drop(awaitingToken())).toEqual(['token CANCEL_TOKEN r1', ended('rejected superseded')]);
    expect(drop(awaitingPermit())).toEqual(['breaker CANCEL_PERMIT r2', ended('rejected superseded')]);
  });

  test('asks again when the token or the breaker was started anew', () => {
    const waitsForToken = awaitingToken();
    expect(waitsForToken.tell({ type: 'TOKEN_RESTARTED' })).toEqual([
      'token CANCEL_TOKEN r1',
      'token REQUEST_TOKEN r2',
    ]);
    const waitsForPermit = awaitingPermit();
    expect(waitsForPermit.tell({ type: 'BREAKER_RESTARTED' })).toEqual([
      'breaker CANCEL_PERMIT r2',
      'breaker REQUEST_PERMIT r3 control car',
    ]);
    const refreshing = calling(LOCK);
    end(refreshing, expired);
    expect(refreshing.tell({ type: 'TOKEN_RESTARTED' })).toEqual([
      'token CANCEL_TOKEN r3',
      'token REFRESH r4 1 access',
    ]);
  });
});

describe('the deadline of the whole', () => {
  const soon = { wholeMs: 10_000, forcedWholeMs: 20_000 };

  test('ends whatever cannot have reached the car as timedOut, and gives everything back', () => {
    expect(awaitingToken(null, soon).advance(10_000)).toEqual([
      'token CANCEL_TOKEN r1',
      ended('timedOut cloudUnavailable'),
    ]);
    expect(awaitingPermit(null, soon).advance(10_000)).toEqual([
      'breaker CANCEL_PERMIT r2',
      ended('timedOut cloudUnavailable'),
    ]);
    const refreshing = calling(LOCK, soon);
    end(refreshing, expired);
    expect(refreshing.advance(10_000)).toEqual(['token CANCEL_TOKEN r3', ended('timedOut cloudUnavailable')]);
    expect(calling(CACHED, soon).advance(10_000)).toEqual([
      'breaker REPORT_IGNORED p false',
      ended('timedOut cloudUnavailable'),
    ]);
  });

  test('gives a forced read more time, and blames the car', () => {
    const machine = calling(FORCED, soon);
    expect(machine.advance(19_999)).toEqual([]);
    expect(machine.advance(1)).toEqual(['breaker REPORT_IGNORED p false', ended('timedOut carUnreachable')]);
  });

  test('aborts a control that is being called, reports its permit, and goes on to confirm it', () => {
    const machine = calling(LOCK, soon);
    expect(machine.advance(10_000)).toEqual(['breaker REPORT_IGNORED p false']);
    expect([machine.state, machine.calls]).toEqual(['confirming.pausing', []]);
  });

  test('no longer ends a control that may have reached the car', () => {
    const machine = confirming(soon);
    machine.advance(10_000);
    expect(machine.state).toMatch(/^confirming/);
  });

  test('ends a call of ours that outlives its own time-out in the gateway', () => {
    expect(calling(CACHED).advance(22_000)).toEqual([
      'breaker REPORT_IGNORED p false',
      ended('timedOut cloudUnavailable'),
    ]);
    const control = calling(LOCK);
    expect(control.advance(22_000)).toEqual(['breaker REPORT_IGNORED p false']);
    expect(control.state).toBe('confirming.pausing');
    expect(calling(FORCED).advance(122_000)).toEqual([
      'breaker REPORT_IGNORED p false',
      ended('timedOut carUnreachable'),
    ]);
  });
});
