import type { AccountInput, Birth } from '../../../src/machines/account.glossary.ts';
import { accountMachine } from '../../../src/machines/account.machine.ts';
import type { Ending } from '../../../src/machines/domain/command.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/machines/domain/settings.ts';
import { drive, type Machine } from '../../support/machine-harness.ts';
import { carNamed } from '../../support/vehicle-states.ts';

export type Account = Machine<typeof accountMachine>;

export function account(settings: Partial<Settings> = {}, input: Partial<AccountInput> = {}): Account {
  return drive(
    accountMachine,
    {
      settings: { ...DEFAULT_SETTINGS, ...settings },
      account: 'main',
      generation: 3,
      visitsForgottenInMs: [],
      readAtStart: true,
      onlyCars: null,
      ...input,
    },
    ['ACCOUNT_CHANGED'],
  );
}
export const births = (machine: Account) =>
  machine.effects.filter(({ type }) => type === 'spawn').flatMap(({ params }) => params as readonly Birth[]);
export const buried = (machine: Account) =>
  machine.effects.filter(({ type }) => type === 'bury').flatMap(({ params }) => params as readonly string[]);
const ENDING: Ending = { status: 'succeeded', reason: null, message: 'Read.', attempts: 1, actionId: null };
const FAILED: Ending = { ...ENDING, status: 'failed', reason: 'cloudUnavailable' };
export const listed = (machine: Account, ...ids: readonly string[]) => {
  machine.tell({ type: 'CARS_READ', cars: ids.map(carNamed) });
  return machine.tell({ type: 'COMMAND_ENDED', n: machine.context.lists, ending: ENDING, confirmed: null });
};
export const listFails = (machine: Account) =>
  machine.tell({ type: 'COMMAND_ENDED', n: machine.context.lists, ending: FAILED, confirmed: null });
export const token = (machine: Account, state: 'valid' | 'failed', generation = 4, visits = 0) =>
  machine.tell({ type: 'TOKEN_CHANGED', state, generation, visits, reason: null, message: null, retryAt: null });
export const breaker = (machine: Account, state: 'closed' | 'open') =>
  machine.tell({ type: 'BREAKER_CHANGED', state, openForMs: null });
export const dies = (machine: Account, actorId: string) =>
  machine.tell({ type: `xstate.error.actor.${actorId}`, actorId });
export const listing = (machine: Account) => machine.state.includes('cars.listing');
