import { describe, expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { DEFAULT_SETTINGS } from '../../../src/machines/domain/settings.ts';
import { vehicleMachine } from '../../../src/machines/vehicle.machine.ts';
import {
  born,
  CAR,
  confirmedByRecord,
  died,
  EXPIRED,
  ended,
  FAILED,
  lock,
  refresh,
  refreshWithin,
  settled,
  type Vehicle,
  vehicle,
} from './situations.ts';

/** A read runs, so that others wait behind it. */
function busy(): Vehicle {
  const machine = vehicle();
  refresh(machine, 'running');
  return machine;
}

describe('the deadlines of those who wait for one read', () => {
  test('end nobody else: who came with less time is told at once, who has none waits on', () => {
    const machine = busy();
    refreshWithin(machine, 'short', 2_000);
    refreshWithin(machine, 'patient', null);
    expect(machine.advance(1_999)).toEqual([]);
    expect(machine.advance(1)).toEqual(['bridge COMMAND_SETTLED short expired expired']);
    expect(machine.advance(3_600_000 - 2_000)).toEqual([]);
    expect(ended(machine, 1)).toContain('child command/2 START asked');
    expect(ended(machine, 2)).toEqual(['bridge COMMAND_SETTLED patient succeeded']);
    expect(settled(machine).at(-1)?.ending.joined).toBeUndefined();
  });

  test('count also for who joins somebody that has more time, or none', () => {
    const machine = busy();
    refreshWithin(machine, 'patient', null);
    refreshWithin(machine, 'long', 9_000);
    refreshWithin(machine, 'short', 2_000);
    expect(machine.advance(2_000)).toEqual(['bridge COMMAND_SETTLED short expired expired']);
    expect(machine.advance(7_000)).toEqual(['bridge COMMAND_SETTLED long expired expired']);
    expect(settled(machine).map(({ ending }) => ending)).toEqual([
      { ...EXPIRED, message: 'It waited too long behind another read of this car, so it was not sent.' },
      { ...EXPIRED, message: 'It waited too long behind another read of this car, so it was not sent.' },
    ]);
  });

  test('leave no read that nobody wants any more, and no answer twice', () => {
    const machine = busy();
    refreshWithin(machine, 'a', 2_000);
    refreshWithin(machine, 'b', 3_000);
    machine.advance(2_000);
    expect(machine.advance(1_000)).toEqual([
      'child command/2 MESSAGE_EXPIRED',
      'bridge COMMAND_SETTLED b expired expired',
    ]);
    expect(machine.context.cached.waiting).toBeNull();
    refresh(machine, 'c');
    expect(born(machine)).toHaveLength(3);
    expect(ended(machine, 2, EXPIRED)).toEqual([]);
    expect(ended(machine, 1)).toEqual(['bridge COMMAND_SETTLED running succeeded', 'child command/3 START asked']);
  });

  test("leave the daemon's own read, and that waits for everybody else then", () => {
    const machine = busy();
    lock(machine, 'lock');
    confirmedByRecord(machine, 2);
    machine.advance(200);
    refreshWithin(machine, 'short', 2_000);
    expect(machine.advance(2_000)).toEqual(['bridge COMMAND_SETTLED short expired expired']);
    expect(ended(machine, 1)).toEqual([
      'bridge COMMAND_SETTLED running succeeded',
      'child command/3 START needed true',
    ]);
  });

  test('leave a read for no stronger purpose than that of who still waits', () => {
    const machine = vehicle();
    refresh(machine, 'running', 'force');
    const command = { name: 'refresh', mode: 'force', maxAgeS: null, override: true } as const;
    machine.tell({ type: 'COMMAND', id: 'insisting', command, receivedAt: 0, expiresInMs: 2_000 });
    refresh(machine, 'asking', 'force');
    expect(machine.advance(2_000)).toEqual(['bridge COMMAND_SETTLED insisting expired expired']);
    expect(ended(machine, 1)).toContain('child command/2 START asked');
  });

  test('end a read that has its turn when the last of them is over, and the read itself says how', () => {
    const machine = busy();
    refreshWithin(machine, 'a', 3_000);
    refreshWithin(machine, 'b', 4_000);
    ended(machine, 1);
    expect(machine.advance(3_000)).toEqual([]);
    expect(machine.advance(1_000)).toEqual(['child command/2 MESSAGE_EXPIRED']);
    expect(ended(machine, 2, EXPIRED)).toEqual([
      'bridge COMMAND_SETTLED a expired expired',
      'bridge COMMAND_SETTLED b expired expired',
    ]);
  });

  test('hold for one that waits for nobody, too', () => {
    const machine = vehicle();
    expect(refreshWithin(machine, 'a', 2_000, 'force')).toEqual(['child command/1 START asked']);
    expect(born(machine)[0]?.input.expiresInMs).toBeNull();
    expect(machine.advance(2_000)).toEqual(['child command/1 MESSAGE_EXPIRED']);
    expect(ended(machine, 1)).toEqual(['bridge COMMAND_SETTLED a succeeded']);
  });

  test.each([
    ['has ended', ended],
    ['has died', died],
  ])('are forgotten when the read %s', (_, ends: (machine: Vehicle, n: number) => unknown) => {
    const machine = vehicle();
    refreshWithin(machine, 'a', 2_000);
    expect(machine.pending.filter((timer) => timer.startsWith('wish/'))).toEqual(['wish/a at 2000']);
    ends(machine, 1);
    expect(machine.pending.filter((timer) => timer.startsWith('wish/'))).toEqual([]);
  });

  test('are forgotten, name and all, when they were over before the read had its turn', () => {
    const input = { settings: DEFAULT_SETTINGS, car: CAR, readAtStart: false };
    const [start] = initialTransition(vehicleMachine, input);
    const stamp = { from: 'someone', at: 0, receivedAt: 0 };
    const command = { name: 'refresh', mode: 'cached', maxAgeS: null } as const;
    const [running] = transition(vehicleMachine, start, {
      ...stamp,
      type: 'COMMAND',
      id: 'running',
      command,
      expiresInMs: null,
    });
    const [waiting] = transition(vehicleMachine, running, {
      ...stamp,
      type: 'COMMAND',
      id: 'a',
      command,
      expiresInMs: 2_000,
    });
    const [, actions] = transition(vehicleMachine, waiting, { type: 'WISH_OVER', id: 'a' });
    expect(actions).toContainEqual(
      expect.objectContaining({ type: 'xstate.cancel', params: expect.objectContaining({ sendId: 'wish/a' }) }),
    );
  });

  test('are not counted for what was answered at once', () => {
    const machine = vehicle({ joinLimit: 1 });
    for (const id of ['running', 'a']) refresh(machine, id);
    expect(refreshWithin(machine, 'b', 2_000)).toEqual(['bridge COMMAND_SETTLED b rejected queueFull']);
    expect(machine.pending.filter((timer) => timer.startsWith('wish/'))).toEqual([]);
  });
});

describe("a read of the daemon's own that is under way", () => {
  const reading = () => vehicle({}, true);

  test('gives way to one that somebody asks for, which is made for the daemon, too', () => {
    const machine = reading();
    expect(refreshWithin(machine, 'a', 2_000)).toEqual(['child command/1 MESSAGE_EXPIRED']);
    expect(ended(machine, 1, EXPIRED)).toEqual(['child command/2 START asked']);
    expect(settled(machine)).toEqual([]);
    expect(machine.advance(2_000)).toEqual([]);
    expect(ended(machine, 2)).toEqual(['bridge COMMAND_SETTLED a succeeded']);
  });

  test('goes on if its call has begun, and is not repeated for the daemon', () => {
    const machine = reading();
    refreshWithin(machine, 'a', 2_000);
    expect(ended(machine, 1)).toEqual(['child command/2 START asked']);
    expect(machine.advance(2_000)).toEqual(['child command/2 MESSAGE_EXPIRED']);
  });

  test('leaves its purpose to the one that takes its place, if that is stronger', () => {
    const machine = vehicle();
    lock(machine, 'lock');
    confirmedByRecord(machine, 1);
    expect(machine.advance(200)).toEqual(['child command/2 START needed true']);
    expect(refresh(machine, 'a')).toEqual(['child command/2 MESSAGE_EXPIRED']);
    expect(ended(machine, 2, EXPIRED)).toEqual(['child command/3 START needed']);
  });

  test('does not give way to another one of its own, nor to one that wakes the car', () => {
    const machine = reading();
    lock(machine, 'lock');
    confirmedByRecord(machine, 2);
    expect(machine.advance(200)).toEqual([]);
    expect(refresh(machine, 'forced', 'force')).toEqual(['child command/4 START asked']);
  });

  test('is made anew if it was refused, when who wanted it first no longer does', () => {
    const machine = reading();
    refreshWithin(machine, 'a', 2_000);
    machine.advance(2_000);
    expect(ended(machine, 2, EXPIRED)).toEqual([]);
    expect(machine.context.cached.waiting).toBeNull();
    expect(ended(machine, 1, { ...EXPIRED, attempts: 1 })).toEqual(['child command/3 START own true']);
    expect(settled(machine).map(({ id }) => id)).toEqual(['a']);
    expect(ended(machine, 3)).toEqual([]);
    expect(born(machine)).toHaveLength(3);
    expect(machine.context.cached).toEqual({ running: null, waiting: null });
  });

  test('is made anew only when its time was over, and not while the daemon shuts down', () => {
    const failing = reading();
    ended(failing, 1, FAILED);
    expect(born(failing)).toHaveLength(1);
    const closing = reading();
    closing.tell({ type: 'SHUT_DOWN' });
    ended(closing, 1, EXPIRED);
    expect(born(closing)).toHaveLength(1);
  });

  test('that somebody waits for gives way to nobody', () => {
    const machine = vehicle();
    refresh(machine, 'a');
    expect(refresh(machine, 'b')).toEqual([]);
  });
});
