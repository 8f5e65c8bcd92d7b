import { describe, expect, test } from 'vitest';
import {
  accepted,
  CACHED,
  calling,
  deny,
  end,
  ending,
  expired,
  FORCED,
  grant,
  LIST,
  LOCK,
  lost,
  notOk,
  ok,
  queued,
  reading,
  ready,
  start,
  tokenFails,
} from './situations.ts';

const IGNORED = 'breaker REPORT_IGNORED p';

describe('a command, one attempt', () => {
  test('asks for a token, then for a permit, then calls', () => {
    const machine = queued(LOCK);
    expect(start(machine)).toEqual(['token REQUEST_TOKEN r1']);
    expect(ready(machine)).toEqual(['breaker REQUEST_PERMIT r2 control car']);
    expect(grant(machine)).toEqual(['owner COMMAND_DISPATCHED 7']);
    expect(machine.inputOf('callCloud')).toEqual({
      call: { type: 'control', car: 'car', command: LOCK },
      commandId: 'sender-1',
      attempt: 1,
      purpose: 'needed',
    });
  });

  test.each([
    [CACHED, 'read car', { type: 'read', car: 'car', source: 'cached' }],
    [FORCED, 'carRead car', { type: 'read', car: 'car', source: 'forced' }],
    [LIST, 'read null', { type: 'list' }],
  ] as const)('asks for the permit of its kind: %o', (command, asked, call) => {
    const machine = queued(command);
    start(machine);
    expect(ready(machine)).toEqual([`breaker REQUEST_PERMIT r2 ${asked}`]);
    expect(grant(machine)).toEqual([]);
    expect(machine.inputOf('callCloud')).toMatchObject({ call });
  });

  test('ends when there is no token, with the reason of the token', () => {
    const machine = queued(LOCK);
    start(machine);
    expect(tokenFails(machine)).toEqual(['owner COMMAND_ENDED 7 failed loginBudget null']);
    expect(ending(machine)).toMatchObject({ message: 'No login is left for today.', attempts: 0 });
  });

  test.each(['cloudUnavailable', 'rateLimited', 'queueFull'] as const)('ends when there is no permit: %s', (reason) => {
    const machine = queued(LOCK);
    start(machine);
    ready(machine);
    expect(deny(machine, reason)).toEqual([`owner COMMAND_ENDED 7 failed ${reason} null`]);
  });

  test('ends exactly once, and tells its owner how', () => {
    const machine = calling(CACHED);
    end(machine, reading({ locked: true }));
    machine.tell({ type: 'START' });
    machine.advance(1_000_000);
    expect(machine.sent.filter(({ event }) => event.type === 'COMMAND_ENDED')).toHaveLength(1);
  });

  test('reports its call under its permit, and tells the token which generation and scope worked', () => {
    const machine = calling(CACHED);
    const outcome = ok({ type: 'reading', reading: reading({}) as never }, 4, 'control');
    expect(end(machine, outcome)).toEqual([
      'breaker REPORT_SUCCESS p',
      'token TOKEN_WORKED 4 control',
      'owner STATE_READ cached',
      'owner COMMAND_ENDED 7 succeeded null',
    ]);
  });

  test('hands the vehicle list to its owner', () => {
    const machine = calling(LIST);
    expect(end(machine, ok({ type: 'list', cars: [] }))).toContain('owner CARS_READ');
    expect(ending(machine)).toMatchObject({ status: 'succeeded', reason: null });
  });
});

describe('a command, its single retry', () => {
  test('repeats its call once for a refused token, after a newer one is ready', () => {
    const machine = calling(LOCK);
    expect(end(machine, expired)).toEqual([`${IGNORED} true`, 'token REFRESH r3 1 access']);
    expect(ready(machine, 2)).toEqual(['breaker REQUEST_PERMIT r4 control car']);
    expect(grant(machine)).toEqual([]);
    expect(machine.inputOf('callCloud')).toMatchObject({ attempt: 2, call: { command: LOCK } });
    end(machine, accepted(machine));
    expect(machine.state).toBe('confirming.pausing');
  });

  test('ends at the second refusal, and says that the fresh token is refused', () => {
    const machine = calling(LOCK);
    end(machine, expired);
    ready(machine, 2);
    grant(machine);
    expect(end(machine, notOk('tokenRefused', { answered: true }, 2))).toEqual([
      `${IGNORED} true`,
      'token TOKEN_REJECTED 2 access',
      'owner COMMAND_ENDED 7 failed tokenRejectedAfterRefresh null',
    ]);
    expect(ending(machine).attempts).toBe(2);
  });

  test('does not repeat without a newer token', () => {
    const machine = calling(CACHED);
    end(machine, expired);
    expect(ready(machine, 1)).toEqual(['owner COMMAND_ENDED 7 failed refreshFailed null']);
  });

  test('ends when the refresh fails', () => {
    const machine = calling(CACHED);
    end(machine, expired);
    expect(tokenFails(machine)).toEqual(['owner COMMAND_ENDED 7 failed loginBudget null']);
  });

  test('holds no permit while it waits for a token', () => {
    const machine = calling(LOCK);
    end(machine, expired);
    const before = machine.sent.length;
    ready(machine, 2);
    expect(machine.sent.slice(0, before).filter(({ event }) => event.type.startsWith('REPORT_'))).toHaveLength(1);
    expect(machine.context.permit).toBeNull();
  });

  test('names the generation that the call was really made with', () => {
    const machine = calling(LOCK);
    end(machine, notOk('tokenRefused', { answered: true }, 5));
    expect(machine.last('REFRESH')).toMatchObject({ generation: 5, scope: 'access' });
  });
});

describe('a command, and a busy car', () => {
  test('repeats up to three times, each after a pause', () => {
    const machine = calling(LOCK);
    for (let repeat = 0; repeat < 3; repeat += 1) {
      end(machine, notOk('carBusy', { answered: true }));
      expect(machine.state).toBe('awaitingCar');
      expect(machine.advance(9_999)).toEqual([]);
      expect(machine.advance(1)).toEqual([expect.stringMatching(/REQUEST_PERMIT r\d control car/)]);
      grant(machine);
    }
    expect(end(machine, notOk('carBusy', { answered: true }))).toContain('owner COMMAND_ENDED 7 failed carBusy null');
    expect(ending(machine).attempts).toBe(4);
  });

  test('makes never more than six calls in all', () => {
    const machine = calling(LOCK);
    const outcomes = [...Array.from({ length: 3 }, () => notOk('carBusy', { answered: true })), expired];
    for (const outcome of outcomes) {
      end(machine, outcome);
      if (machine.state === 'refreshingToken') ready(machine, 2);
      machine.advance(10_000);
      grant(machine);
    }
    end(machine, notOk('tokenRefused', { answered: true }, 2));
    expect(ending(machine)).toMatchObject({ status: 'failed', reason: 'tokenRejectedAfterRefresh', attempts: 5 });
  });

  test('ends as busy when its time is over while it waits for the car', () => {
    const machine = calling(LOCK, { wholeMs: 5_000 });
    end(machine, notOk('carBusy', { answered: true }));
    expect(machine.advance(5_000)).toEqual(['owner COMMAND_ENDED 7 timedOut carBusy null']);
  });

  test('never sends again what may have reached the car', () => {
    const machine = calling(LOCK);
    end(machine, lost);
    machine.advance(600_000);
    expect(machine.sent.filter(({ event }) => event.type === 'COMMAND_DISPATCHED')).toHaveLength(1);
    expect(machine.context.calls).toBe(1);
  });
});
