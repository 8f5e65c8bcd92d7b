import { describe, expect, test } from 'vitest';
import type { CommandEvent } from '../../../src/machines/command.glossary.ts';
import { commandMachine } from '../../../src/machines/command.machine.ts';
import type { Told } from '../../support/machine-harness.ts';
import {
  CACHED,
  type CommandUnderTest,
  calling,
  confirming,
  end,
  expired,
  FORCED,
  grant,
  LOCK,
  notOk,
  queued,
  ready,
  start,
} from './situations.ts';

const awaitingToken = (expiresInMs: number | null = null, settings = {}) => {
  const machine = queued(LOCK, settings, { expiresInMs });
  start(machine);
  return machine;
};
const awaitingPermit = (expiresInMs: number | null = null, settings = {}) => {
  const machine = awaitingToken(expiresInMs, settings);
  ready(machine);
  return machine;
};
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
    expect(waitsForToken.tell({ type: 'TOKEN_RESTARTED' })).toEqual(['token REQUEST_TOKEN r2']);
    const waitsForPermit = awaitingPermit();
    expect(waitsForPermit.tell({ type: 'BREAKER_RESTARTED' })).toEqual(['breaker REQUEST_PERMIT r3 control car']);
    const refreshing = calling(LOCK);
    end(refreshing, expired);
    expect(refreshing.tell({ type: 'TOKEN_RESTARTED' })).toEqual(['token REFRESH r4 1 access']);
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

/** Which events a state takes; all others it ignores. An answer that names another request is ignored everywhere. */
const SITUATIONS: Record<string, () => CommandUnderTest> = {
  queued: () => queued(LOCK),
  awaitingToken: () => awaitingToken(),
  awaitingPermit: () => awaitingPermit(),
  calling: () => calling(LOCK),
  refreshingToken: () => {
    const machine = calling(LOCK);
    end(machine, expired);
    return machine;
  },
  awaitingCar: () => {
    const machine = calling(LOCK);
    end(machine, notOk('carBusy', { answered: true }));
    return machine;
  },
  'confirming.pausing': () => confirming(),
  'confirming.awaitingToken': () => {
    const machine = confirming();
    machine.advance(2_000);
    return machine;
  },
  'confirming.awaitingPermit': () => {
    const machine = confirming();
    machine.advance(2_000);
    ready(machine);
    return machine;
  },
  'confirming.looking': () => {
    const machine = confirming();
    machine.advance(2_000);
    ready(machine);
    grant(machine);
    return machine;
  },
  'confirming.refreshingToken': () => {
    const machine = confirming();
    machine.advance(2_000);
    ready(machine);
    grant(machine);
    end(machine, expired);
    return machine;
  },
};
const EVENTS = {
  START: { type: 'START' },
  DROP: { type: 'DROP', reason: 'superseded', message: 'Later.' },
  'TOKEN_READY to another request': { type: 'TOKEN_READY', request: 'r99', generation: 9 },
  'TOKEN_FAILED to another request': {
    type: 'TOKEN_FAILED',
    request: 'r99',
    reason: 'refreshFailed',
    message: 'x',
    retryAfterMs: 1,
  },
  'PERMIT_GRANTED to another request': { type: 'PERMIT_GRANTED', request: 'r99', permit: 'other' },
  'PERMIT_DENIED to another request': {
    type: 'PERMIT_DENIED',
    request: 'r99',
    reason: 'cloudUnavailable',
    retryAfterMs: 1,
  },
  TOKEN_RESTARTED: { type: 'TOKEN_RESTARTED' },
  BREAKER_RESTARTED: { type: 'BREAKER_RESTARTED' },
} satisfies Record<string, Told<CommandEvent>>;
type EventName = keyof typeof EVENTS;
const TAKES: Record<string, readonly EventName[]> = {
  queued: ['START', 'DROP'],
  awaitingToken: ['DROP', 'TOKEN_RESTARTED'],
  awaitingPermit: ['DROP', 'BREAKER_RESTARTED'],
  calling: [],
  refreshingToken: ['TOKEN_RESTARTED'],
  awaitingCar: [],
  'confirming.pausing': [],
  'confirming.awaitingToken': ['TOKEN_RESTARTED'],
  'confirming.awaitingPermit': ['BREAKER_RESTARTED'],
  'confirming.looking': [],
  'confirming.refreshingToken': ['TOKEN_RESTARTED'],
};
const cells = Object.keys(SITUATIONS).flatMap((state) =>
  (Object.keys(EVENTS) as EventName[]).map((name) => ({ state, name, takes: TAKES[state]?.includes(name) === true })),
);

describe('the table of the command', () => {
  test.each(cells)('$state, $name: taken is $takes', ({ state, name, takes }) => {
    const machine = SITUATIONS[state]?.();
    if (machine === undefined) throw new Error(state);
    expect(machine.state).toBe(state);
    const before = { state, context: machine.context, pending: machine.pending };

    const said = machine.tell(EVENTS[name]);

    const after = { state: machine.state, context: machine.context, pending: machine.pending };
    if (takes) expect(after).not.toEqual(before);
    else expect([after, said]).toEqual([before, []]);
  });

  test('leaves no event out that comes from another actor', () => {
    const own = ['CALL_ENDED', 'MESSAGE_EXPIRED', 'NOT_FRESH', 'TIME_OVER', 'CONFIRM_OVER'];
    const heard = commandMachine.events.filter((type) => /^[A-Z_]+$/.test(type) && !own.includes(type));
    const named = Object.values(EVENTS).map(({ type }) => type);
    expect(new Set(named)).toEqual(new Set(heard));
  });
});
