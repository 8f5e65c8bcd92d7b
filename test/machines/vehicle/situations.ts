import type { Command, Ending } from '../../../src/machines/domain/command.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/machines/domain/settings.ts';
import type { Reading, VehicleState } from '../../../src/machines/domain/vehicle-state.ts';
import { idsOf } from '../../../src/machines/vehicle.glossary.ts';
import { vehicleMachine } from '../../../src/machines/vehicle.machine.ts';
import { drive, type Machine } from '../../support/machine-harness.ts';
import { stateWith } from '../../support/vehicle-states.ts';

export type Vehicle = Machine<typeof vehicleMachine>;
export const NOON = Date.parse('2026-11-07T12:00:00Z');
export const CAR = {
  id: 'car',
  vin: 'VIN',
  name: 'Car',
  model: 'Ioniq',
  year: null,
  engine: 'ev',
  generation: 'classic',
} as const;

export function vehicle(settings: Partial<Settings> = {}, readAtStart = false): Vehicle {
  return drive(vehicleMachine, { settings: { ...DEFAULT_SETTINGS, ...settings }, car: CAR, readAtStart }, [
    'POLL_PLANNED',
  ]);
}

const take = (machine: Vehicle, id: string, command: Command, expiresInMs: number | null = null) =>
  machine.tell({ type: 'COMMAND', id, command, receivedAt: NOON + machine.now, expiresInMs });
export const lock = (machine: Vehicle, id: string, expiresInMs: number | null = null) =>
  take(machine, id, { name: 'lock', action: 'lock' }, expiresInMs);
export const unlock = (machine: Vehicle, id: string, expiresInMs: number | null = null) =>
  take(machine, id, { name: 'lock', action: 'unlock' }, expiresInMs);
export const refresh = (
  machine: Vehicle,
  id: string,
  mode: 'cached' | 'force' | 'smart' = 'cached',
  maxAgeS: number | null = null,
) => take(machine, id, { name: 'refresh', mode, maxAgeS });
export const refreshWithin = (
  machine: Vehicle,
  id: string,
  expiresInMs: number | null,
  mode: 'cached' | 'force' = 'cached',
) => take(machine, id, { name: 'refresh', mode, maxAgeS: null }, expiresInMs);

export const SUCCEEDED: Ending = { status: 'succeeded', reason: null, message: 'Done.', attempts: 1, actionId: null };
export const REJECTED: Ending = { ...SUCCEEDED, status: 'rejected', reason: 'superseded', attempts: 0 };
export const EXPIRED: Ending = { ...SUCCEEDED, status: 'expired', reason: 'expired', attempts: 0 };
export const FAILED: Ending = { ...SUCCEEDED, status: 'failed', reason: 'refreshFailed' };
export const UNKNOWN: Ending = { ...SUCCEEDED, status: 'unknown', reason: 'noConfirmation' };

export const dispatched = (machine: Vehicle, n: number) => machine.tell({ type: 'COMMAND_DISPATCHED', n });
export const ended = (
  machine: Vehicle,
  n: number,
  ending: Ending = SUCCEEDED,
  confirmed: 'record' | 'reading' | null = null,
) => machine.tell({ type: 'COMMAND_ENDED', n, ending, confirmed });
/** A control that was sent, and came to its end by the word of the record. */
export function confirmedByRecord(machine: Vehicle, n: number): readonly string[] {
  dispatched(machine, n);
  return ended(machine, n, SUCCEEDED, 'record');
}
export const died = (machine: Vehicle, n: number) =>
  machine.tell({ type: `xstate.error.actor.command/${n}`, actorId: `command/${n}` });

export const read = (
  machine: Vehicle,
  state: Partial<VehicleState>,
  afterMs: number,
  method: 'cached' | 'smart' = 'cached',
) => machine.tell({ type: 'STATE_READ', reading: readingOf(state, afterMs), method });
export const readingOf = (state: Partial<VehicleState>, afterMs: number): Reading => ({
  state: stateWith({ ...state, last_updated_utc: new Date(NOON + afterMs).toISOString() }),
  source: 'cached',
  fetchedAt: NOON + afterMs,
});

interface Born {
  readonly n: number;
  readonly input: { readonly id: string; readonly command: Command; readonly expiresInMs: number | null };
}
/** The commands that were spawned so far. */
export const born = (machine: Vehicle): readonly Born[] =>
  machine.effects.filter(({ type }) => type === 'spawn').flatMap(({ params }) => params as readonly Born[]);
export const runningIds = ({ context: { running } }: Vehicle): readonly string[] =>
  running === null ? [] : idsOf(running);
export const settled = (machine: Vehicle) =>
  machine.sent.flatMap(({ event }) => (event.type === 'COMMAND_SETTLED' ? [event] : []));
