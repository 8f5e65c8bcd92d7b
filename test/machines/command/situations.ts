import type { CommandInput } from '../../../src/machines/command.glossary.ts';
import { commandMachine } from '../../../src/machines/command.machine.ts';
import type { CallResult, Command, List, RecordWord } from '../../../src/machines/domain/command.ts';
import type { CloudFailure, Scope } from '../../../src/machines/domain/failure.ts';
import type { CallOutcome } from '../../../src/machines/domain/outcome.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/machines/domain/settings.ts';
import type { Reading, VehicleState } from '../../../src/machines/domain/vehicle-state.ts';
import { failure } from '../../support/failures.ts';
import { drive, type Machine } from '../../support/machine-harness.ts';
import { stateWith } from '../../support/vehicle-states.ts';

export type CommandUnderTest = Machine<typeof commandMachine>;
export const LOCK: Command = { name: 'lock', action: 'lock' };
export const CACHED: Command = { name: 'refresh', mode: 'cached', maxAgeS: null };
export const FORCED: Command = { name: 'refresh', mode: 'force', maxAgeS: null };
export const LIST: List = { name: 'list' };
/** When the tests take place; the machine's own clock counts ms from here. */
export const NOON = Date.parse('2026-11-07T12:00:00Z');

export function queued(
  command: Command | List,
  settings: Partial<Settings> = {},
  input: Partial<CommandInput> = {},
): CommandUnderTest {
  return drive(commandMachine, {
    settings: { ...DEFAULT_SETTINGS, ...settings },
    id: 'sender-1',
    n: 7,
    car: command.name === 'list' ? null : 'car',
    command,
    expiresInMs: null,
    ...input,
  });
}

const openRequest = (machine: CommandUnderTest, types: readonly string[]): string => {
  const asked = machine.sent.findLast(({ event }) => types.includes(event.type))?.event;
  if (asked === undefined || !('request' in asked)) throw new Error(`Nothing was asked in ${machine.state}.`);
  return asked.request;
};
export const start = (machine: CommandUnderTest) => machine.tell({ type: 'START' });
export const ready = (machine: CommandUnderTest, generation = 1) =>
  machine.tell({ type: 'TOKEN_READY', request: openRequest(machine, ['REQUEST_TOKEN', 'REFRESH']), generation });
export const tokenFails = (machine: CommandUnderTest) =>
  machine.tell({
    type: 'TOKEN_FAILED',
    request: openRequest(machine, ['REQUEST_TOKEN', 'REFRESH']),
    reason: 'loginBudget',
    message: 'No login is left for today.',
    retryAfterMs: 1_000,
  });
export const grant = (machine: CommandUnderTest) =>
  machine.tell({
    type: 'PERMIT_GRANTED',
    request: openRequest(machine, ['REQUEST_PERMIT']),
    permit: 'p',
    at: NOON + machine.now,
  });
export const deny = (
  machine: CommandUnderTest,
  reason: 'cloudUnavailable' | 'rateLimited' | 'queueFull' = 'cloudUnavailable',
) =>
  machine.tell({
    type: 'PERMIT_DENIED',
    request: openRequest(machine, ['REQUEST_PERMIT']),
    reason,
    retryAfterMs: 1_000,
  });
export const end = (machine: CommandUnderTest, outcome: CallOutcome) => machine.finish('callCloud', outcome);

export const ok = (value: CallResult, generation = 1, scope: Scope = 'access'): CallOutcome => ({
  ok: true,
  value,
  token: { generation, scope },
});
export const notOk = (kind: CloudFailure['kind'], more: Partial<CloudFailure> = {}, generation = 1): CallOutcome => ({
  ok: false,
  failure: failure(kind, more),
  token: { generation, scope: 'access' },
});
export const accepted = (machine: CommandUnderTest, actionId: string | null = 'action'): CallOutcome =>
  ok({ type: 'accepted', actionId, acceptedAt: NOON + machine.now });
export const expired = notOk('tokenRefused', { answered: true });
export const lost = notOk('network', { reached: 'maybe' });
export const record = (word: RecordWord): CallOutcome => ok({ type: 'record', word });
export function reading(
  state: Partial<VehicleState>,
  source: Reading['source'] = 'cached',
  fetchedAt = NOON,
): CallOutcome {
  return ok({ type: 'reading', reading: { state: stateWith(state), source, fetchedAt } });
}
/** What the car says of itself, so many ms after noon. */
export const says = (locked: boolean | null, afterMs: number) =>
  reading({ locked, last_updated_utc: new Date(NOON + afterMs).toISOString() });

export function calling(command: Command | List, settings: Partial<Settings> = {}): CommandUnderTest {
  const machine = queued(command, settings);
  start(machine);
  ready(machine);
  grant(machine);
  return machine;
}
/** Accepted by the cloud, before the first look. */
export function confirming(settings: Partial<Settings> = {}, actionId: string | null = 'action'): CommandUnderTest {
  const machine = calling(LOCK, settings);
  end(machine, accepted(machine, actionId));
  return machine;
}
/** Lets time pass until the next look begins, and lets it come through to its call. */
export function look(machine: CommandUnderTest): unknown {
  for (let i = 0; i < 60 && machine.state === 'confirming.pausing'; i += 1) machine.advance(500);
  ready(machine);
  grant(machine);
  return (machine.inputOf('callCloud') as { call: unknown }).call;
}
export const RECORD = { type: 'record', car: 'car', actionId: 'action' };
export const CACHED_READ = { type: 'read', car: 'car', source: 'cached' };
export const FORCED_READ = { type: 'read', car: 'car', source: 'forced' };
export const ending = (machine: CommandUnderTest) => machine.last('COMMAND_ENDED').ending;

export const awaitingToken = (expiresInMs: number | null = null, settings = {}) => {
  const machine = queued(LOCK, settings, { expiresInMs });
  start(machine);
  return machine;
};
export const awaitingPermit = (expiresInMs: number | null = null, settings = {}) => {
  const machine = awaitingToken(expiresInMs, settings);
  ready(machine);
  return machine;
};
