import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../../src/machines/domain/settings.ts';
import { fleetMachine } from '../../src/machines/fleet.machine.ts';
import { drive, type Machine } from '../support/machine-harness.ts';

type Fleet = Machine<typeof fleetMachine>;

function fleet(more: Partial<Settings> = {}): Fleet {
  const settings = { ...DEFAULT_SETTINGS, ...more };
  const account = { settings, readAtStart: true, onlyCars: null };
  return drive(fleetMachine, {
    settings,
    accounts: [
      { ...account, account: 'one' },
      { ...account, account: 'two' },
    ],
  });
}
const dies = (machine: Fleet, actorId: string) => machine.tell({ type: `xstate.error.actor.${actorId}`, actorId });
const born = (machine: Fleet) =>
  machine.effects.filter(({ type }) => type === 'spawn').flatMap(({ params }) => params as readonly { id: string }[]);

describe('the fleet', () => {
  test('raises the bridge and the accounts', () => {
    expect(born(fleet()).map(({ id }) => id)).toEqual(['bridge', 'account/one', 'account/two']);
  });

  test('starts an account that dies anew, and no other with it', () => {
    const machine = fleet();
    expect(dies(machine, 'account/one')).toEqual(['bridge VEHICLE_RESTARTED one null']);
    expect(born(machine).slice(3)).toMatchObject([{ id: 'account/one', input: { account: 'one' } }]);
    expect(machine.effects.filter(({ type }) => type === 'bury').map(({ params }) => params)).toEqual([
      ['account/one'],
    ]);
  });

  test('starts a dead bridge anew', () => {
    const machine = fleet();
    expect(dies(machine, 'bridge')).toEqual([]);
    expect(
      born(machine)
        .slice(3)
        .map(({ id }) => id),
    ).toEqual(['bridge']);
  });

  test('starts anew up to a limit, tells what is lost, and forgets its restarts', () => {
    const machine = fleet({ restartLimit: 1, restartWindowMs: 1_000 });
    dies(machine, 'account/one');
    expect(dies(machine, 'account/one')).toEqual(['bridge VEHICLE_RESTARTED one null', 'bridge ACCOUNT_CHANGED one']);
    expect(machine.last('ACCOUNT_CHANGED').status).toMatchObject({
      token: { state: 'failed' },
      reason: 'restarted',
      message: expect.stringContaining('stays down'),
    });
    expect(born(machine)).toHaveLength(4);
    expect(machine.log.at(-1)).toMatchObject({ message: 'an actor died too often and stays down' });
    machine.advance(1_000);
    dies(machine, 'account/two');
    expect(born(machine)).toHaveLength(5);
    machine.advance(1_000);
    expect(machine.context.restarts).toEqual([]);
  });

  test('counts the restarts of each child for itself', () => {
    const machine = fleet({ restartLimit: 1 });
    for (const id of ['account/one', 'account/two', 'bridge']) dies(machine, id);
    expect(
      born(machine)
        .slice(3)
        .map(({ id }) => id),
    ).toEqual(['account/one', 'account/two', 'bridge']);
    expect(machine.state).toBe('running');
  });

  test('ends when the bridge stays down: nobody would be answered any more', () => {
    const machine = fleet({ restartLimit: 1 });
    dies(machine, 'bridge');
    expect(machine.state).toBe('running');
    dies(machine, 'bridge');
    expect([machine.state, machine.pending]).toEqual(['broken', []]);
    expect(machine.log.at(-1)).toMatchObject({ level: 'error', message: expect.stringContaining('everything ends') });
  });

  test('ends when everybody has been answered', () => {
    const machine = fleet();
    expect(machine.tell({ type: 'SHUT_DOWN' })).toEqual([
      'bridge SHUT_DOWN',
      'child account/one SHUT_DOWN',
      'child account/two SHUT_DOWN',
    ]);
    expect(machine.state).toBe('closing');
    machine.tell({ type: 'DRAINED' });
    expect(machine.state).toBe('closed');
  });

  test('ends within its time limit after SHUT_DOWN, whoever is still busy', () => {
    const machine = fleet();
    machine.tell({ type: 'SHUT_DOWN' });
    machine.advance(9_999);
    expect(machine.state).toBe('closing');
    machine.advance(1);
    expect(machine.state).toBe('closed');
  });

  test('ignores DRAINED while it runs, and a second SHUT_DOWN', () => {
    const machine = fleet();
    expect(machine.tell({ type: 'DRAINED' })).toEqual([]);
    expect(machine.state).toBe('running');
    machine.tell({ type: 'SHUT_DOWN' });
    const pending = machine.pending;
    expect(machine.tell({ type: 'SHUT_DOWN' })).toEqual([]);
    expect(machine.pending).toEqual(pending);
  });

  test('hears nothing else from other actors', () => {
    const heard = fleetMachine.events.filter((type) => /^[A-Z_]+$/.test(type)).sort();
    expect(heard).toEqual(['DRAINED', 'RESTART_FORGOTTEN', 'SHUT_DOWN']);
  });
});
