import { assign, setup } from 'xstate';
import type { AccountInput } from './account.glossary.ts';
import type { Delivered, Drained, Envelope, ShutDown } from './domain/events.ts';
import type { Settings } from './domain/settings.ts';
import { effects, type Given, type LogEntry, log, send, startTimers, to, update } from './story.ts';
import type { ChildError } from './vehicle.glossary.ts';

/**
 * The root: raises the bridge and the accounts, starts anew whichever dies, and knows nothing about cars.
 *
 * Hears   SHUT_DOWN, DRAINED from the bridge
 * Promises
 *  - an account that dies takes no other with it
 *  - ends within its time limit after SHUT_DOWN, whoever is still busy
 */
type Private = { readonly type: 'RESTART_FORGOTTEN' } | { readonly type: 'SHUT_DOWN' };
export type FleetEvent = Delivered<ShutDown> | Delivered<Drained> | Private | ChildError;
export interface FleetInput {
  readonly settings: Settings;
  readonly accounts: readonly AccountInput[];
}
export interface FleetContext extends FleetInput {
  readonly restarts: number;
  readonly slot: number;
}
export type FleetBirth =
  | { readonly kind: 'bridge'; readonly id: 'bridge' }
  | { readonly kind: 'account'; readonly id: string; readonly input: AccountInput };

type In<E> = Given<FleetContext, E>;
const BRIDGE: FleetBirth = { kind: 'bridge', id: 'bridge' };
const accountBirth = (input: AccountInput): FleetBirth => ({ kind: 'account', id: `account/${input.account}`, input });
const everybody = ({ context }: In<unknown>): readonly FleetBirth[] => [BRIDGE, ...context.accounts.map(accountBirth)];
const accountOf = (context: FleetContext, actorId: string) =>
  context.accounts.find(({ account }) => actorId === `account/${account}`);
const successor = ({ context, event }: In<ChildError>): readonly FleetBirth[] => {
  if (event.actorId === 'bridge') return [BRIDGE];
  const account = accountOf(context, event.actorId);
  return account === undefined ? [] : [accountBirth(account)];
};
const buriedDead = ({ event }: In<ChildError>): readonly string[] => [event.actorId];
const tellDeath = ({ context, event }: In<ChildError>): readonly Envelope[] => {
  const account = accountOf(context, event.actorId);
  return account === undefined ? [] : to('bridge', { type: 'VEHICLE_RESTARTED', account: account.account, car: null });
};
const countRestart = ({ context }: In<unknown>) => ({
  restarts: context.restarts + 1,
  slot: (context.slot + 1) % (context.settings.restartLimit + 1),
});
const forgetRestart = ({ context }: In<unknown>) => ({ restarts: Math.max(0, context.restarts - 1) });
const forgiveLater = ({ context }: In<unknown>) => [
  { id: `restart${context.slot}`, delayMs: context.settings.restartWindowMs, event: { type: 'RESTART_FORGOTTEN' } },
];
const shutEverybodyDown = ({ context }: In<unknown>): readonly Envelope[] => [
  { to: 'bridge', event: { type: 'SHUT_DOWN' } },
  ...context.accounts.flatMap(({ account }) => to({ child: `account/${account}` }, { type: 'SHUT_DOWN' })),
];
const childDied = ({ event }: In<ChildError>): LogEntry => ({
  level: 'error',
  message: 'an actor died and is started anew',
  fields: { actor: event.actorId },
});
const tooManyDeaths = ({ event }: In<ChildError>): LogEntry => ({
  level: 'error',
  message: 'an actor died too often and stays down',
  fields: { actor: event.actorId },
});

export const fleetMachine = setup({
  types: { context: {} as FleetContext, events: {} as FleetEvent, input: {} as FleetInput },
  actions: {
    ...effects,
    update: assign((_, patch: Partial<FleetContext>) => patch),
    startTimers,
    spawn: (_, births: readonly FleetBirth[]): void => {
      if (births.length > 0) throw new Error('A bare machine cannot spawn: src/actors provides this action.');
    },
    bury: (_, _ids: readonly string[]): void => {},
  },
  guards: { canRestart: ({ context }) => context.restarts < context.settings.restartLimit },
  delays: { shutdown: ({ context }) => context.settings.shutdownMs },
}).createMachine({
  id: 'fleet',
  context: ({ input }) => ({ ...input, restarts: 0, slot: 0 }),
  entry: { type: 'spawn', params: everybody },
  on: {
    RESTART_FORGOTTEN: { actions: update(forgetRestart) },
    'xstate.error.actor.*': [
      {
        guard: 'canRestart',
        actions: [
          log(childDied),
          update(countRestart),
          { type: 'startTimers', params: forgiveLater },
          { type: 'bury', params: buriedDead },
          { type: 'spawn', params: successor },
          send(tellDeath),
        ],
      },
      { actions: [log(tooManyDeaths), { type: 'bury', params: buriedDead }, send(tellDeath)] },
    ],
  },
  initial: 'running',
  states: {
    running: { on: { SHUT_DOWN: 'closing' } },
    closing: {
      entry: send(shutEverybodyDown),
      after: { shutdown: 'closed' },
      on: { DRAINED: 'closed' },
    },
    closed: { type: 'final' },
  },
});
