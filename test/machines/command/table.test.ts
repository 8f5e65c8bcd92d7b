import { describe, expect, test } from 'vitest';
import type { CommandEvent } from '../../../src/machines/command.glossary.ts';
import { commandMachine } from '../../../src/machines/command.machine.ts';
import type { Told } from '../../support/machine-harness.ts';
import {
  awaitingPermit,
  awaitingToken,
  type CommandUnderTest,
  calling,
  confirming,
  end,
  expired,
  grant,
  LOCK,
  look,
  notOk,
  queued,
  ready,
} from './situations.ts';

const forgotten = notOk('deviceIdInvalid', { answered: true });

/** Which events a state takes; all others it ignores. An answer that names another request is ignored everywhere. */
const SITUATIONS: Record<string, () => CommandUnderTest> = {
  queued: () => queued(LOCK),
  resuming: () => queued(LOCK, {}, { resume: { kind: 'decide', sentAt: 0, calls: 1, joined: [] } }),
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
  'reregistering.awaitingPermit': () => {
    const machine = calling(LOCK);
    end(machine, forgotten);
    return machine;
  },
  'reregistering.registering': () => {
    const machine = calling(LOCK);
    end(machine, forgotten);
    grant(machine);
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
  'confirming.reregistering.awaitingPermit': () => {
    const machine = confirming();
    look(machine);
    end(machine, forgotten);
    return machine;
  },
  'confirming.reregistering.registering': () => {
    const machine = confirming();
    look(machine);
    end(machine, forgotten);
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
  resuming: ['START', 'DROP'],
  awaitingToken: ['DROP', 'TOKEN_RESTARTED'],
  awaitingPermit: ['DROP', 'BREAKER_RESTARTED'],
  calling: [],
  refreshingToken: ['TOKEN_RESTARTED'],
  awaitingCar: [],
  'reregistering.awaitingPermit': ['BREAKER_RESTARTED'],
  'reregistering.registering': [],
  'confirming.pausing': [],
  'confirming.awaitingToken': ['TOKEN_RESTARTED'],
  'confirming.awaitingPermit': ['BREAKER_RESTARTED'],
  'confirming.looking': [],
  'confirming.reregistering.awaitingPermit': ['BREAKER_RESTARTED'],
  'confirming.reregistering.registering': [],
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
    const own = ['CALL_ENDED', 'REGISTRATION_ENDED', 'MESSAGE_EXPIRED', 'NOT_FRESH', 'TIME_OVER', 'CONFIRM_OVER'];
    const heard = commandMachine.events.filter((type) => /^[A-Z_]+$/.test(type) && !own.includes(type));
    const named = Object.values(EVENTS).map(({ type }) => type);
    expect(new Set(named)).toEqual(new Set(heard));
  });
});
