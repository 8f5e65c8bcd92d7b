import { describe, expect, it } from 'vitest';
import type { Control, WindowPosition } from '../../../src/machines/domain/command.ts';
import { idsOf } from '../../../src/machines/vehicle.glossary.ts';
import { stateWith } from '../../support/vehicle-states.ts';
import {
  born,
  confirmedByRecord,
  dispatched,
  ended,
  NOON,
  REJECTED,
  read,
  SUCCEEDED,
  settled,
  UNKNOWN,
  type Vehicle,
  vehicle,
} from './situations.ts';

type W = WindowPosition | null;
const corners = (...[front_left, front_right, rear_left, rear_right]: [W, W, W, W]) => ({
  front_left,
  front_right,
  rear_left,
  rear_right,
});
const windows = (...positions: [W, W, W, W]): Control => ({ name: 'windows', positions: corners(...positions) });
const limits = (acPct: number | null, dcPct: number | null): Control => ({ name: 'charge_limits', acPct, dcPct });

const take = (machine: Vehicle, id: string, command: Control) =>
  machine.tell({ type: 'COMMAND', id, command, receivedAt: NOON + machine.now, expiresInMs: null });
const see = (machine: Vehicle, positions: [W, W, W, W], afterMs: number) =>
  read(machine, { detail: { ...stateWith({}).detail, window_positions: corners(...positions) } }, afterMs);
const commands = (machine: Vehicle) =>
  born(machine)
    .map(({ input }) => input.command)
    .filter(({ name }) => name !== 'refresh');

describe('windows that nobody named', () => {
  it('stay where the car last said that they are', () => {
    const machine = vehicle();
    see(machine, [0, 1, 2, 0], 0);
    take(machine, 'a', windows(1, null, null, null));
    expect(commands(machine)).toEqual([windows(1, 1, 2, 0)]);
  });

  it('are not guessed when nothing is known', () => {
    const machine = vehicle();
    expect(take(machine, 'a', windows(1, null, null, null))).toEqual([
      'bridge COMMAND_SETTLED a rejected invalidOption',
    ]);
    expect(commands(machine)).toEqual([]);
    take(machine, 'b', windows(0, 0, 0, 0));
    expect(commands(machine)).toEqual([windows(0, 0, 0, 0)]);
  });

  it('are not taken from a state of before the last move', () => {
    const machine = vehicle();
    see(machine, [0, 0, 0, 0], 0);
    machine.advance(2_000);
    take(machine, 'a', windows(1, 1, 1, 1));
    expect(take(machine, 'b', windows(0, null, null, null))).toEqual([
      'bridge COMMAND_SETTLED b rejected invalidOption',
    ]);
    machine.tell({ type: 'COMMAND_DISPATCHED', n: 1, at: NOON + machine.now });
    ended(machine, 1, SUCCEEDED, 'record');
    expect(take(machine, 'c', windows(0, null, null, null))).toEqual([
      'bridge COMMAND_SETTLED c rejected invalidOption',
    ]);
    see(machine, [1, 1, 1, 1], 3_000);
    take(machine, 'd', windows(0, null, null, null));
    expect(commands(machine).at(-1)).toEqual(windows(0, 1, 1, 1));
  });
});

describe('a charge limit', () => {
  it('is not made pointless by the one of the other plug', () => {
    const machine = vehicle();
    take(machine, 'running', { name: 'horn' });
    take(machine, 'ac', limits(80, null));
    expect(take(machine, 'dc', limits(null, 90))).toEqual([]);
    expect(take(machine, 'both', limits(70, 70))).toEqual([
      'child command/2 DROP superseded',
      'child command/3 DROP superseded',
    ]);
    take(machine, 'ac again', limits(80, null));
    expect(commands(machine)).toHaveLength(5);
    expect(machine.context.queue.filter(({ dropped }) => !dropped).map(idsOf)).toEqual([['both'], ['ac again']]);
  });
});

describe('what was sent', () => {
  it('is repeated to everybody who asked for it', () => {
    const machine = vehicle();
    take(machine, 'running', { name: 'horn' });
    take(machine, 'a', limits(80, null));
    take(machine, 'b', limits(80, null));
    confirmedByRecord(machine, 1);
    confirmedByRecord(machine, 2);
    expect(settled(machine).map(({ id, ending }) => [id, ending.sent, ending.joined])).toEqual([
      ['running', { action: 'on' }, undefined],
      ['a', { ac: 80 }, undefined],
      ['b', { ac: 80 }, 'a'],
    ]);
  });

  it('is also told when nobody knows what came of it, and not when nothing was sent', () => {
    const unclear = vehicle();
    take(unclear, 'a', { name: 'horn' });
    dispatched(unclear, 1);
    ended(unclear, 1, UNKNOWN);
    expect(settled(unclear)[0]?.ending.sent).toEqual({ action: 'on' });
    const refused = vehicle();
    take(refused, 'a', { name: 'horn' });
    dispatched(refused, 1);
    ended(refused, 1, { ...REJECTED, reason: 'wrongPin' });
    expect(settled(refused)[0]?.ending).not.toHaveProperty('sent');
    const waiting = vehicle();
    take(waiting, 'a', { name: 'horn' });
    ended(waiting, 1, { ...SUCCEEDED, status: 'failed', reason: 'refreshFailed' });
    expect(settled(waiting)[0]?.ending).not.toHaveProperty('sent');
  });
});
