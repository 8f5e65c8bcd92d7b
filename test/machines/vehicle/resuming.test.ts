import { describe, expect, test } from 'vitest';
import type { Command } from '../../../src/machines/domain/command.ts';
import type { Resume } from '../../../src/machines/domain/events.ts';
import { idsOf } from '../../../src/machines/vehicle.glossary.ts';
import { dispatched, ended, lock, NOON, UNKNOWN, unlock, type Vehicle, vehicle } from './situations.ts';

const SENT: Resume = { kind: 'confirm', actionId: 'action', acceptedAt: NOON, calls: 1, joined: ['b'] };

function takeUp(
  machine: Vehicle,
  id: string,
  resume: Resume = SENT,
  command: Command = { name: 'lock', action: 'lock' },
) {
  return machine.tell({ type: 'COMMAND', id, command, receivedAt: NOON, expiresInMs: null, resume });
}
const born = (machine: Vehicle) =>
  machine.effects
    .filter(({ type }) => type === 'spawn')
    .flatMap(({ params }) => params as readonly { input: object }[]);

describe('a control that an earlier run sent', () => {
  test('is born with what is known of it, and has its turn like any other', () => {
    const machine = vehicle();
    expect(takeUp(machine, 'a')).toEqual(['child command/1 START']);
    expect(born(machine)).toMatchObject([{ input: { id: 'a', resume: SENT } }]);
  });

  test('answers those who joined it, with what was sent', () => {
    const machine = vehicle();
    takeUp(machine, 'a');
    expect(ended(machine, 1, UNKNOWN)).toEqual([
      'bridge COMMAND_SETTLED a unknown noConfirmation',
      'bridge COMMAND_SETTLED b unknown noConfirmation',
    ]);
    expect(machine.last('COMMAND_SETTLED').ending).toMatchObject({ joined: 'a', sent: { action: 'lock' } });
    expect(machine.state).toContain('settling');
  });

  test('is neither dropped by a later opposite nor joined by an equal one while it waits', () => {
    const machine = vehicle();
    takeUp(machine, 'x', { ...SENT, joined: [] });
    takeUp(machine, 'a');
    unlock(machine, 'u');
    lock(machine, 'l');
    expect(machine.context.queue.map((item) => [idsOf(item).join(), item.dropped])).toEqual([
      ['a,b', false],
      ['u', true],
      ['l', false],
    ]);
  });

  test('that dies is unknown', () => {
    const machine = vehicle();
    takeUp(machine, 'a', { ...SENT, joined: [] });
    const said = machine.tell({ type: 'xstate.error.actor.command/1', actorId: 'command/1' });
    expect(said).toContain('bridge COMMAND_SETTLED a unknown restarted');
  });

  test('that moved windows makes what is known of them old', () => {
    const machine = vehicle();
    const positions = { front_left: 0, front_right: 0, rear_left: 0, rear_right: 0 } as const;
    takeUp(machine, 'a', SENT, { name: 'windows', positions });
    expect(machine.context.windowsMovedAt).toBe(NOON);
  });

  test('a new one behind it tells the bridge which call it belongs to', () => {
    const machine = vehicle();
    lock(machine, 'a');
    expect(dispatched(machine, 1)).toEqual(['bridge COMMAND_UNDERWAY a a']);
  });
});
