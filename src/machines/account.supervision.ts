import type { AccountContext, Birth } from './account.glossary.ts';
import {
  breakerBirth,
  carOf,
  isFoundation,
  isServing,
  tellStatus,
  tokenBirth,
  vehicleBirth,
} from './account.glossary.ts';
import type { Envelope } from './domain/events.ts';
import { toBreaker } from './permits.ts';
import { countRestart, forgiveLater, mayRestart, restartsOf } from './restarts.ts';
import { type Given, type LogEntry, log, send, to, update } from './story.ts';
import type { ChildError } from './vehicle.glossary.ts';

/** The words of an account's story about its dead: who is started anew, who stays down, who is told. All pure. */

type In<E> = Given<AccountContext, E>;

export const deadActor = ({ event }: In<ChildError>) => event.actorId;
/** Else it is a call of the account itself, which is dealt with where it was made. */
export const isChild = (actorId: string): boolean => /^(token$|breaker$|vehicle\/|list\/)/.test(actorId);
export const isList = (actorId: string): boolean => actorId.startsWith('list/');
/** The list is not started anew at once but read again, later and later: that has no end. */
export const canRestart = (context: AccountContext, actorId: string): boolean =>
  isServing(context) && (isList(actorId) || mayRestart(context, actorId));

/** The dead child again, with what its predecessor may not forget. */
const successor = ({ context, event }: In<ChildError>): readonly Birth[] => {
  if (event.actorId === 'token') {
    // When each visit was is known to the dead only: the whole window again is on the safe side.
    const visitsForgottenInMs = Array.from({ length: context.visits }, () => context.settings.visitWindowMs);
    return [tokenBirth({ ...context, visitsForgottenInMs })];
  }
  if (event.actorId === 'breaker') return [breakerBirth(context)];
  const car = carOf(context, event.actorId);
  return car === undefined ? [] : [vehicleBirth(context, car)];
};
const buriedDead = ({ event }: In<ChildError>): readonly string[] => [event.actorId];
/** Whoever cannot work without the dead would only wait in vain, and have others wait. */
const buriedForGood = ({ context, event }: In<ChildError>): readonly string[] =>
  isFoundation(event.actorId)
    ? ['token', 'breaker', `list/${context.lists}`, ...context.cars.map(({ id }) => `vehicle/${id}`)]
    : [event.actorId];
const countDown = ({ context, event }: In<ChildError>) => ({ down: [...context.down, event.actorId] });

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────
/** What a dead child held comes back: told before its successor, of the same name, asks for anything. */
const tellHolderGone = ({ event }: In<ChildError>): readonly Envelope[] =>
  event.actorId === 'breaker' ? [] : toBreaker({ type: 'HOLDER_GONE', holder: event.actorId });
const tellBridge = ({ context, event }: In<ChildError>): readonly Envelope[] => {
  const car = carOf(context, event.actorId);
  return car === undefined ? [] : to('bridge', { type: 'VEHICLE_RESTARTED', account: context.account, car: car.id });
};
/** What a dead child owed, told to those who wait for it: its successor is there already. */
const tellDeath = ({ context, event }: In<ChildError>): readonly Envelope[] => {
  const everybody = (type: 'TOKEN_RESTARTED' | 'BREAKER_RESTARTED'): Envelope[] => [
    ...context.cars.map(({ id }) => ({ to: { child: `vehicle/${id}` }, event: { type } })),
    { to: { child: `list/${context.lists}` }, event: { type } },
  ];
  if (event.actorId === 'token') return everybody('TOKEN_RESTARTED');
  if (event.actorId === 'breaker') {
    return [...everybody('BREAKER_RESTARTED'), ...to('token', { type: 'BREAKER_RESTARTED' })];
  }
  return tellBridge({ context, event });
};
/** What a child owed that stays down: the bridge answers for it. */
const tellLastDeath = ({ context, event }: In<ChildError>): readonly Envelope[] =>
  isFoundation(event.actorId)
    ? to('bridge', { type: 'VEHICLE_RESTARTED', account: context.account, car: null })
    : [...tellHolderGone({ context, event }), ...tellBridge({ context, event })];

// ── Log ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
const kindOf = ({ actorId }: ChildError) => (actorId.startsWith('vehicle/') ? 'vehicle' : actorId);
const childDied = ({ context, event }: In<ChildError>): LogEntry => ({
  level: 'error',
  message: 'an actor died and is started anew',
  fields: { actor: kindOf(event), restarts: restartsOf(context, event.actorId).length },
});
const tooManyDeaths = ({ event }: In<ChildError>): LogEntry => ({
  level: 'error',
  message: 'an actor died too often and stays down',
  fields: { actor: kindOf(event) },
});

// ── What always goes together ───────────────────────────────────────────────────────────────────────────────────────
export const replaced = [
  log(childDied),
  update(countRestart),
  { type: 'startTimers' as const, params: forgiveLater },
  { type: 'bury' as const, params: buriedDead },
  send(tellHolderGone),
  { type: 'spawn' as const, params: successor },
  send(tellDeath),
] as const;
export const leftDead = [
  log(tooManyDeaths),
  update(countDown),
  { type: 'bury' as const, params: buriedForGood },
  send(tellLastDeath),
  send(tellStatus),
] as const;
