import { describe, expect, test } from 'vitest';
import type { Control, Ending } from '../../../src/machines/domain/command.ts';
import type { VehicleState } from '../../../src/machines/domain/vehicle-state.ts';
import {
  born,
  confirmedByRecord,
  dispatched,
  ended,
  FAILED,
  lock,
  NOON,
  readingOf,
  refresh,
  SUCCEEDED,
  UNKNOWN,
  unlock,
  type Vehicle,
  vehicle,
} from './situations.ts';

const BEFORE = -60_000;
const AFTER = 1_000;
/** The car is locked, and that is known; then an unlock is taken at noon and confirmed by its record. */
function unlocked(ending: Ending = SUCCEEDED): Vehicle {
  const machine = vehicle();
  tellState(machine, { locked: true }, BEFORE);
  unlock(machine, 'unlock');
  dispatched(machine, 1);
  machine.tell({ type: 'COMMAND_TAKEN', n: 1, actionId: 'action', acceptedAt: NOON });
  ended(machine, 1, ending, 'record');
  return machine;
}
const tellState = (machine: Vehicle, state: Partial<VehicleState>, afterMs: number) =>
  machine.tell({ type: 'STATE_READ', reading: readingOf(state, afterMs), method: 'cached' });
/** The read that is under way brings this. */
function brings(machine: Vehicle, state: Partial<VehicleState>, afterMs: number): void {
  const { running } = machine.context.cached;
  if (running === null) throw new Error('No read is under way.');
  tellState(machine, state, afterMs);
  ended(machine, running.n);
}
const CLIMATE_STOP: Control = { name: 'climate', action: 'stop' };
/** A control that the cloud takes, from its order to its end. */
function control(machine: Vehicle, n: number, command: Control, ending: Ending, confirmed: 'record' | null): void {
  machine.tell({ type: 'COMMAND', id: `control ${n}`, command, receivedAt: NOON, expiresInMs: null });
  dispatched(machine, n);
  machine.tell({ type: 'COMMAND_TAKEN', n, actionId: 'other', acceptedAt: NOON + 100 });
  ended(machine, n, ending, confirmed);
}
const reads = (machine: Vehicle) => born(machine).filter(({ input }) => input.command.name === 'refresh').length;

describe('the reads that follow a control which the car confirmed', () => {
  test('are one, if that brings the new state', () => {
    const machine = unlocked();
    expect(machine.advance(200)).toEqual(['child command/2 START needed true']);
    brings(machine, { locked: false }, AFTER);
    expect(machine.state).toContain('news.none');
    machine.advance(600_000);
    expect(reads(machine)).toBe(1);
  });

  test('are repeated after 5, 10 and 20 s while the cloud tells the state from before it, and then no more', () => {
    const machine = unlocked();
    machine.advance(200);
    brings(machine, { locked: true }, BEFORE);
    for (const [at, pause] of [5_000, 10_000, 20_000].entries()) {
      expect(machine.advance(pause - 1)).toEqual([]);
      expect(machine.advance(1)).toEqual([`child command/${at + 3} START needed true`]);
      brings(machine, { locked: true }, BEFORE);
    }
    expect(machine.state).toContain('news.none');
    machine.advance(600_000);
    expect(reads(machine)).toBe(4);
  });

  test('pause from the end of the last one: what takes long is not asked for twice', () => {
    const machine = unlocked();
    machine.advance(200);
    machine.advance(60_000);
    expect(reads(machine)).toBe(1);
    brings(machine, { locked: true }, BEFORE);
    expect(machine.advance(4_999)).toEqual([]);
    expect(machine.advance(1)).toEqual(['child command/3 START needed true']);
  });

  test('are repeated where the state has no time, or nothing is known, at most as often', () => {
    const machine = vehicle();
    unlock(machine, 'unlock');
    dispatched(machine, 1);
    machine.tell({ type: 'COMMAND_TAKEN', n: 1, actionId: 'action', acceptedAt: NOON });
    ended(machine, 1, SUCCEEDED, 'record');
    machine.advance(200);
    ended(machine, 2, FAILED);
    const { state, ...reading } = readingOf({ locked: true }, AFTER);
    const timeless = { ...reading, state: { ...state, last_updated_utc: null } };
    for (const n of [3, 4, 5]) {
      machine.advance(20_000);
      machine.tell({ type: 'STATE_READ', reading: timeless, method: 'cached' });
      ended(machine, n);
    }
    machine.advance(600_000);
    expect(reads(machine)).toBe(4);
  });

  test('end with the first reading from after the control, whoever asked for it and whatever it says', () => {
    const machine = unlocked();
    machine.advance(200);
    brings(machine, { locked: true }, BEFORE);
    expect(machine.state).toContain('news.awaited');
    refresh(machine, 'a');
    brings(machine, { locked: true }, AFTER);
    expect(machine.state).toContain('news.none');
    expect(machine.context.awaited).toBeNull();
    machine.advance(600_000);
    expect(reads(machine)).toBe(2);
  });

  test('take the second in which the cloud took the control for later: cars give whole seconds', () => {
    const machine = vehicle();
    unlock(machine, 'unlock');
    dispatched(machine, 1);
    machine.tell({ type: 'COMMAND_TAKEN', n: 1, actionId: 'action', acceptedAt: NOON + 999 });
    ended(machine, 1, SUCCEEDED, 'record');
    machine.advance(200);
    brings(machine, { locked: true }, 0);
    expect(machine.state).toContain('news.none');
  });

  test('end where the state shows it already, though its time never moves', () => {
    const machine = unlocked();
    machine.advance(200);
    brings(machine, { locked: false }, BEFORE);
    machine.advance(600_000);
    expect(machine.state).toContain('news.none');
    expect(reads(machine)).toBe(1);
  });

  test('go on while another control is under way, and begin anew when that is confirmed', () => {
    const machine = unlocked();
    machine.advance(200);
    brings(machine, { locked: true }, BEFORE);
    lock(machine, 'lock');
    dispatched(machine, 3);
    machine.tell({ type: 'COMMAND_TAKEN', n: 3, actionId: 'other', acceptedAt: NOON + 1_000 });
    expect(machine.advance(5_000)).toEqual(['child command/4 START needed true']);
    brings(machine, { locked: true }, BEFORE);
    expect(machine.context.awaited).toMatchObject({ command: { action: 'unlock' }, repeats: 1 });
    ended(machine, 3, SUCCEEDED, 'record');
    expect(machine.context.awaited).toMatchObject({ command: { action: 'lock' }, repeats: 0 });
    expect(machine.advance(200)).toEqual(['child command/5 START needed true']);
    brings(machine, { locked: false }, BEFORE + 1_000);
    expect(machine.advance(5_000)).toEqual(['child command/6 START needed true']);
  });

  test.each<[string, Control, Ending, 'record' | null]>([
    ['was confirmed, and no state can show it', { name: 'horn' }, SUCCEEDED, 'record'],
    ['the car refused', CLIMATE_STOP, { ...FAILED, reason: 'carRefused' }, 'record'],
    ['nothing confirmed', CLIMATE_STOP, UNKNOWN, null],
    ['came while the car was busy', CLIMATE_STOP, { ...FAILED, reason: 'carBusy' }, null],
  ])('are not given up for a control that %s', (_, command, ending, confirmed) => {
    const machine = unlocked();
    machine.advance(200);
    brings(machine, { locked: true }, BEFORE);
    control(machine, 3, command, ending, confirmed);
    expect(machine.context.awaited).toMatchObject({ command: { action: 'unlock' } });
    machine.advance(confirmed === null ? 0 : 200);
    if (confirmed !== null) brings(machine, { locked: true }, BEFORE);
    const before = reads(machine);
    machine.advance(5_000);
    expect(reads(machine)).toBe(before + 1);
    brings(machine, { locked: false }, AFTER);
    expect(machine.state).toContain('news.none');
  });

  test('are not given up for a control of which nobody knows when the cloud took it', () => {
    const machine = unlocked();
    lock(machine, 'lock');
    confirmedByRecord(machine, 2);
    expect(machine.context.awaited).toMatchObject({ command: { action: 'unlock' }, repeats: 0 });
  });

  test('are repeated three times in all, however many controls come in between that bring a read of their own', () => {
    const machine = unlocked();
    machine.advance(200);
    brings(machine, { locked: true }, BEFORE);
    for (const _ of [1, 2, 3, 4, 5]) {
      control(machine, machine.context.next, { name: 'horn' }, SUCCEEDED, 'record');
      machine.advance(200);
      brings(machine, { locked: true }, BEFORE);
      machine.advance(20_000);
      if (machine.context.cached.running !== null) brings(machine, { locked: true }, BEFORE);
    }
    machine.advance(600_000);
    expect(reads(machine)).toBe(1 + 5 + 3);
  });

  test('end when the daemon shuts down', () => {
    const machine = unlocked();
    machine.advance(200);
    machine.tell({ type: 'SHUT_DOWN' });
    expect(machine.state).toContain('news.none');
    machine.advance(600_000);
    expect(reads(machine)).toBe(1);
  });

  test('are one for what the car refused: it is as it was before', () => {
    const machine = unlocked({ ...FAILED, reason: 'carRefused' });
    machine.advance(200);
    expect(machine.state).toContain('news.none');
    expect(reads(machine)).toBe(1);
  });

  test('are one for what no state can show', () => {
    const machine = vehicle();
    tellState(machine, { locked: true }, BEFORE);
    const command: Control = { name: 'horn' };
    machine.tell({ type: 'COMMAND', id: 'horn', command, receivedAt: NOON, expiresInMs: null });
    dispatched(machine, 1);
    machine.tell({ type: 'COMMAND_TAKEN', n: 1, actionId: 'action', acceptedAt: NOON });
    ended(machine, 1, SUCCEEDED, 'record');
    machine.advance(200);
    expect(machine.state).toContain('news.none');
    expect(reads(machine)).toBe(1);
  });

  test('are repeated for what an earlier run of the daemon has sent', () => {
    const machine = vehicle();
    const command: Control = { name: 'lock', action: 'unlock' };
    const resume = { kind: 'confirm', actionId: 'action', acceptedAt: NOON, calls: 1, joined: [] } as const;
    machine.tell({ type: 'COMMAND', id: 'a', command, receivedAt: NOON, expiresInMs: null, resume });
    ended(machine, 1, SUCCEEDED, 'record');
    machine.advance(200);
    brings(machine, { locked: true }, BEFORE);
    expect(machine.advance(5_000)).toEqual(['child command/3 START needed true']);
  });

  test('wait for the last of several that are confirmed right after each other', () => {
    const machine = unlocked();
    lock(machine, 'lock');
    dispatched(machine, 2);
    machine.tell({ type: 'COMMAND_TAKEN', n: 2, actionId: 'other', acceptedAt: NOON + 100 });
    ended(machine, 2, SUCCEEDED, 'record');
    machine.advance(200);
    expect(machine.context.cached.running).not.toBeNull();
    brings(machine, { locked: false }, BEFORE + 1_000);
    expect(machine.advance(5_000)).toEqual(['child command/4 START needed true']);
    brings(machine, { locked: true }, AFTER);
    expect(machine.state).toContain('news.none');
  });
});
