import { describe, expect, test } from 'vitest';
import type { CallOutcome } from '../../../src/machines/domain/outcome.ts';
import {
  accepted,
  awaitingPermit,
  awaitingToken,
  CACHED,
  type CommandUnderTest,
  calling,
  confirming,
  end,
  ending,
  expired,
  FORCED,
  grant,
  LOCK,
  lost,
  notOk,
  queued,
  reading,
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

  test('is fresh for ever once its call has begun', () => {
    const machine = calling(LOCK, { freshnessMs: 1_000 });
    end(machine, expired);
    expect(machine.advance(29_000)).toEqual([]);
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

describe('a command whose sender no longer wants it after its first call', () => {
  const busy = notOk('carBusy', { answered: true });
  const forgotten = notOk('deviceIdInvalid', { answered: true });
  const called = () => {
    const machine = awaitingPermit(5_000);
    grant(machine);
    return machine;
  };
  /** Refused, and then what. */
  const after = (outcome: CallOutcome, ...steps: readonly ((machine: CommandUnderTest) => unknown)[]) => {
    const machine = called();
    end(machine, outcome);
    for (const step of steps) step(machine);
    return machine;
  };

  test.each<[string, CommandUnderTest, readonly string[]]>([
    ['a newer token', after(expired), ['token CANCEL_TOKEN r3']],
    ['a permit to repeat it with the newer token', after(expired, (m) => ready(m, 2)), ['breaker CANCEL_PERMIT r4']],
    ['a busy car', after(busy), []],
    ['a permit to register with', after(forgotten), ['breaker CANCEL_PERMIT r3']],
    ['a registration', after(forgotten, grant), ['breaker REPORT_IGNORED p false']],
  ])('expires while it waits for %s, and gives everything back', (_, machine, givenBack) => {
    expect(machine.advance(4_999)).toEqual([]);
    expect(machine.advance(1)).toEqual([...givenBack, ended('expired expired')]);
    expect(ending(machine)).toMatchObject({
      attempts: 1,
      message: 'It was refused, and its time was over before it could be sent again: nothing was carried out.',
    });
    expect(machine.calls).toEqual([]);
  });

  test.each<[string, CallOutcome, readonly string[]]>([
    ['token', expired, ['breaker REPORT_IGNORED p true', 'token TOKEN_REJECTED 1 access']],
    ['busy car', busy, ['breaker REPORT_IGNORED p true']],
    ['device', forgotten, ['breaker REPORT_IGNORED p true']],
  ])('goes on with a call that is under way, and does not repeat it: %s', (_, outcome, told) => {
    const machine = called();
    expect(machine.advance(5_000)).toEqual([]);
    expect([machine.state, machine.calls]).toEqual(['calling', ['callCloud']]);
    expect(end(machine, outcome)).toEqual([...told, ended('expired expired')]);
  });

  test('ends as any other when there is nothing that would be repeated', () => {
    const refused = called();
    refused.advance(5_000);
    end(refused, notOk('carRefused', { answered: true }));
    expect(ending(refused)).toMatchObject({ status: 'failed', reason: 'carRefused' });
    const twice = after(
      expired,
      (m) => ready(m, 2),
      grant,
      (m) => m.advance(5_000),
    );
    end(twice, notOk('tokenRefused', { answered: true }, 2));
    expect(ending(twice)).toMatchObject({ status: 'failed', reason: 'tokenRejectedAfterRefresh', attempts: 2 });
  });

  test.each<[string, (machine: CommandUnderTest) => CallOutcome]>([
    ['the cloud has taken it', accepted],
    ['its answer is lost', () => lost],
  ])('does not expire any more when %s', (_, outcome) => {
    for (const whenMs of [4_000, 5_000]) {
      const machine = called();
      machine.advance(whenMs);
      end(machine, outcome(machine));
      machine.advance(1_500);
      expect(machine.state).toBe('confirming.pausing');
    }
  });

  test('is a read that succeeds if it is answered after all', () => {
    const machine = queued(CACHED, {}, { expiresInMs: 5_000 });
    start(machine);
    ready(machine);
    grant(machine);
    machine.advance(5_000);
    end(machine, reading({ locked: true }));
    expect(ending(machine).status).toBe('succeeded');
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
