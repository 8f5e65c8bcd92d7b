import { describe, expect, test } from 'vitest';
import type { VehicleEvent } from '../../../src/machines/vehicle.glossary.ts';
import { vehicleMachine } from '../../../src/machines/vehicle.machine.ts';
import type { Told } from '../../support/machine-harness.ts';
import { born, died, dispatched, ended, lock, NOON, read, refresh, SUCCEEDED, settled, vehicle } from './situations.ts';

describe('the reads of a vehicle', () => {
  test('reads the cached state at the start, if it shall', () => {
    expect(born(vehicle({}, true)).map(({ input }) => [input.id, input.command])).toEqual([
      ['own-car-1', { name: 'refresh', mode: 'cached', maxAgeS: null }],
    ]);
    expect(born(vehicle({}, false))).toEqual([]);
  });

  test('makes one call of any number of waiting reads of one kind', () => {
    const machine = vehicle();
    expect(refresh(machine, 'running')).toEqual(['child command/1 START asked']);
    for (const id of ['a', 'b', 'c']) expect(refresh(machine, id)).toEqual([]);
    expect(born(machine)).toHaveLength(2);
    expect(ended(machine, 1)).toEqual(['bridge COMMAND_SETTLED running succeeded', 'child command/2 START asked']);
    ended(machine, 2);
    expect(settled(machine).map(({ id, ending }) => [id, ending.joined])).toEqual([
      ['running', undefined],
      ['a', undefined],
      ['b', 'a'],
      ['c', 'a'],
    ]);
  });

  test('lets a forced read that hangs delay no cached one, and no control', () => {
    const machine = vehicle();
    refresh(machine, 'forced', 'force');
    expect(refresh(machine, 'cached')).toEqual(['child command/2 START asked']);
    expect(lock(machine, 'lock')).toEqual(['child command/3 START']);
    expect(refresh(machine, 'again', 'force')).toEqual([]);
    expect(machine.state).toBe(
      'controls.busy · cachedReads.reading · forcedReads.reading · news.none · polling.waiting',
    );
  });

  test('tells a forced read, when its turn comes, which time the known state is from', () => {
    const machine = vehicle();
    refresh(machine, 'running', 'force');
    refresh(machine, 'waiting', 'force');
    expect(machine.sent.at(-1)?.event).toEqual({ type: 'START', purpose: 'asked' });
    read(machine, { locked: true }, 60_000);
    ended(machine, 1);
    expect(machine.sent.at(-1)?.event).toEqual({ type: 'START', purpose: 'asked', knownAt: NOON + 60_000 });
    refresh(machine, 'cached');
    expect(machine.sent.at(-1)?.event).toEqual({ type: 'START', purpose: 'asked' });
  });

  test('never lets a read wait behind a confirmation', () => {
    const machine = vehicle();
    lock(machine, 'lock');
    dispatched(machine, 1);
    expect(refresh(machine, 'read')).toEqual(['child command/2 START asked']);
    expect(ended(machine, 2)).toEqual(['bridge COMMAND_SETTLED read succeeded']);
  });

  test('joins the senders to a read of its own', () => {
    const machine = vehicle();
    refresh(machine, 'running');
    lock(machine, 'lock');
    dispatched(machine, 2);
    ended(machine, 2, SUCCEEDED, 'record');
    refresh(machine, 'a');
    ended(machine, 1);
    expect(ended(machine, 3)).toEqual(['bridge COMMAND_SETTLED a succeeded']);
    expect(settled(machine).at(-1)?.ending.joined).toBeUndefined();
  });

  test('says so at the bound of those who join', () => {
    const machine = vehicle({ joinLimit: 1 });
    for (const id of ['running', 'a']) refresh(machine, id);
    expect(refresh(machine, 'b')).toEqual(['bridge COMMAND_SETTLED b rejected queueFull']);
  });

  test('answers a smart read by what is known, if that is young enough', () => {
    const machine = vehicle();
    read(machine, { locked: true }, 0);
    machine.advance(300_000);
    expect(refresh(machine, 'young', 'smart', 300)).toEqual(['bridge COMMAND_SETTLED young succeeded']);
    machine.advance(1_000);
    expect(refresh(machine, 'old', 'smart', 300)).toEqual(['child command/1 START asked']);
  });

  test('reads the cloud for a smart read when the known state is of a clock that was set back since', () => {
    const machine = vehicle();
    read(machine, { locked: true }, 301_000);
    expect(refresh(machine, 'ahead', 'smart', 300)).toEqual(['child command/1 START asked']);
  });

  test('reads the cloud for a smart read when nothing is known', () => {
    expect(refresh(vehicle(), 'a', 'smart', 300)).toEqual(['child command/1 START asked']);
  });

  test('publishes what was read, and how it was asked for', () => {
    const machine = vehicle();
    expect(read(machine, { locked: true }, 0, 'smart')).toEqual(['bridge STATE_CHANGED car smart']);
    expect(machine.last('STATE_CHANGED').reading.state.locked).toBe(true);
  });

  test('never lets older data replace newer', () => {
    const machine = vehicle();
    read(machine, { locked: true }, 60_000);
    read(machine, { locked: false }, 30_000);
    expect(machine.last('STATE_CHANGED').reading.state.locked).toBe(true);
    read(machine, { locked: false }, 90_000);
    expect(machine.last('STATE_CHANGED').reading.state.locked).toBe(false);
  });

  test('goes on reading when a read dies', () => {
    const machine = vehicle();
    refresh(machine, 'a');
    refresh(machine, 'b');
    expect(died(machine, 1)).toEqual([
      'breaker HOLDER_GONE command/1',
      'bridge COMMAND_SETTLED a failed restarted',
      'child command/2 START asked',
    ]);
  });
});

/** What says nothing about a command that the vehicle has is ignored, whatever runs. */
describe('the table of the vehicle', () => {
  const STRAY = {
    'COMMAND_DISPATCHED of a stranger': { type: 'COMMAND_DISPATCHED', n: 99 },
    'COMMAND_TAKEN of a stranger': { type: 'COMMAND_TAKEN', n: 99, actionId: 'x', acceptedAt: 0 },
    'COMMAND_ENDED of a stranger': { type: 'COMMAND_ENDED', n: 99, ending: SUCCEEDED, confirmed: 'record' },
  } satisfies Record<string, Told<VehicleEvent>>;
  const busy = () => {
    const machine = vehicle();
    lock(machine, 'a');
    dispatched(machine, 1);
    return machine;
  };
  const situations = {
    idle: () => vehicle(),
    busy,
    settling: () => {
      const machine = busy();
      ended(machine, 1);
      return machine;
    },
    reading: () => {
      const machine = vehicle();
      refresh(machine, 'a');
      refresh(machine, 'b', 'force');
      return machine;
    },
  };
  type Names = keyof typeof situations;
  const cells = (Object.keys(situations) as Names[]).flatMap((situation) =>
    (Object.keys(STRAY) as (keyof typeof STRAY)[]).map((name) => ({ situation, name })),
  );

  test.each(cells)('$situation: ignores $name', ({ situation, name }) => {
    const machine = situations[situation]();
    const { queue, running, cached, forced, known } = machine.context;
    const before = { state: machine.state, queue, running, cached, forced, known, pending: machine.pending };

    const said = machine.tell(STRAY[name]);

    expect({ ...before, ...pick(machine.context), state: machine.state, pending: machine.pending }).toEqual(before);
    expect(said).toEqual([]);
  });

  test('hears nothing else from other actors', () => {
    const heard = vehicleMachine.events.filter((type) => /^[A-Z_]+$/.test(type) && type !== 'WISH_OVER').sort();
    expect(heard).toEqual([
      'BREAKER_RESTARTED',
      'COMMAND',
      'COMMAND_DISPATCHED',
      'COMMAND_ENDED',
      'COMMAND_TAKEN',
      'SHUT_DOWN',
      'STATE_READ',
      'TOKEN_RESTARTED',
    ]);
  });
});

const pick = ({ queue, running, cached, forced, known }: ReturnType<typeof vehicle>['context']) => ({
  queue,
  running,
  cached,
  forced,
  known,
});
