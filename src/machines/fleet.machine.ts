import { assign, setup } from 'xstate';
import type { AccountPlan } from './account.glossary.ts';
import type { AccountStatus, Delivered, Drained, Envelope, ShutDown } from './domain/events.ts';
import type { Settings } from './domain/settings.ts';
import {
  countRestart,
  forgetRestart,
  forgiveLater,
  mayRestart,
  type Restart,
  type RestartForgotten,
} from './restarts.ts';
import { effects, type Given, type LogEntry, log, send, startTimers, to, update } from './story.ts';
import type { ChildError } from './vehicle.glossary.ts';

/**
 * The root: raises the bridge and the accounts, starts anew whichever dies, and knows nothing about cars.
 *
 * Hears   SHUT_DOWN, DRAINED from the bridge
 * Promises
 *  - an account that dies takes no other with it
 *  - says so in its status when an account stays down
 *  - ends when the bridge stays down: nobody would be answered any more
 *  - ends within its time limit after SHUT_DOWN, whoever is still busy
 */
type Private = RestartForgotten | { readonly type: 'SHUT_DOWN' };
export type FleetEvent = Delivered<ShutDown> | Delivered<Drained> | Private | ChildError;
export interface FleetInput {
  readonly settings: Settings;
  readonly accounts: readonly AccountPlan[];
}
export interface FleetContext extends FleetInput {
  /** Restarts of children that are not forgotten yet. */
  readonly restarts: readonly Restart[];
}
export type FleetBirth =
  | { readonly kind: 'bridge'; readonly id: 'bridge' }
  | { readonly kind: 'account'; readonly id: string; readonly input: AccountPlan };

type In<E> = Given<FleetContext, E>;
const BRIDGE: FleetBirth = { kind: 'bridge', id: 'bridge' };
const accountBirth = (input: AccountPlan): FleetBirth => ({ kind: 'account', id: `account/${input.account}`, input });
const everybody = ({ context }: In<unknown>): readonly FleetBirth[] => [BRIDGE, ...context.accounts.map(accountBirth)];
const accountOf = (context: FleetContext, actorId: string) =>
  context.accounts.find(({ account }) => actorId === `account/${account}`);
const successor = ({ context, event }: In<ChildError>): readonly FleetBirth[] => {
  if (event.actorId === 'bridge') return [BRIDGE];
  const account = accountOf(context, event.actorId);
  return account === undefined ? [] : [accountBirth(account)];
};
const deadActor = ({ event }: In<ChildError>) => event.actorId;
const buriedDead = ({ event }: In<ChildError>): readonly string[] => [event.actorId];
const tellDeath = ({ context, event }: In<ChildError>): readonly Envelope[] => {
  const account = accountOf(context, event.actorId);
  return account === undefined ? [] : to('bridge', { type: 'VEHICLE_RESTARTED', account: account.account, car: null });
};
const LEFT_DEAD: AccountStatus = {
  token: { state: 'failed', generation: 0 },
  breaker: { state: 'closed' },
  cars: null,
  reason: 'restarted',
  message: 'The part of the daemon that serves this account broke too often and stays down. Restart bluelinkd.',
  retryAt: null,
};
const tellLeftDead = ({ context, event }: In<ChildError>): readonly Envelope[] => {
  const account = accountOf(context, event.actorId);
  return account === undefined
    ? []
    : to('bridge', { type: 'ACCOUNT_CHANGED', account: account.account, status: LEFT_DEAD });
};
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
const bridgeLost = (): LogEntry => ({
  level: 'error',
  message: 'the bridge died too often: nobody can be answered any more, so everything ends',
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
  guards: {
    canRestart: ({ context }, actorId: string) => mayRestart(context, actorId),
    isBridge: (_, actorId: string) => actorId === 'bridge',
  },
  delays: { shutdown: ({ context }) => context.settings.shutdownMs },
}).createMachine({
  id: 'fleet',
  context: ({ input }) => ({ ...input, restarts: [] }),
  entry: { type: 'spawn', params: everybody },
  on: {
    RESTART_FORGOTTEN: { actions: update(forgetRestart) },
    'xstate.error.actor.*': [
      {
        guard: { type: 'canRestart', params: deadActor },
        actions: [
          log(childDied),
          update(countRestart),
          { type: 'startTimers', params: forgiveLater },
          { type: 'bury', params: buriedDead },
          { type: 'spawn', params: successor },
          send(tellDeath),
        ],
      },
      {
        guard: { type: 'isBridge', params: deadActor },
        target: '.broken',
        actions: [log(bridgeLost), { type: 'bury', params: buriedDead }],
      },
      { actions: [log(tooManyDeaths), { type: 'bury', params: buriedDead }, send(tellDeath), send(tellLeftDead)] },
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
    /** Nothing goes on: whoever started the process may start it anew. */
    broken: { type: 'final' },
  },
});
