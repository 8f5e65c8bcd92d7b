import type { BreakerInput } from './breaker.glossary.ts';
import type { CommandInput } from './command.glossary.ts';
import type { CarInfo } from './domain/command.ts';
import type {
  AccountStatus,
  BreakerChanged,
  CarsRead,
  CommandEnded,
  Delivered,
  Envelope,
  PermitDenied,
  PermitGranted,
  ProbeWanted,
  ShutDown,
  TokenChanged,
} from './domain/events.ts';
import type { CallOutcome } from './domain/outcome.ts';
import type { Settings } from './domain/settings.ts';
import { reportOf, toBreaker } from './permits.ts';
import { type Given, type LogEntry, log, send, to, update } from './story.ts';
import type { TokenInput } from './token.glossary.ts';
import type { ChildError, VehicleInput } from './vehicle.glossary.ts';

/** The words of an account's story (account.machine.ts): whom it raises, what it knows of them. All pure. */

type Ended = { readonly type: 'PROBE_ENDED'; readonly outcome: CallOutcome | null };
type Forgiven = { readonly type: 'RESTART_FORGOTTEN' };
export type AccountEvent =
  | Delivered<TokenChanged>
  | Delivered<BreakerChanged>
  | Delivered<ProbeWanted>
  | Delivered<PermitGranted>
  | Delivered<PermitDenied>
  | Delivered<CarsRead>
  | Delivered<CommandEnded>
  | Delivered<ShutDown>
  | Ended
  | Forgiven
  | ChildError;

export interface AccountInput {
  readonly settings: Settings;
  readonly account: string;
  /** The highest generation that was ever in use. */
  readonly generation: number;
  readonly visitsForgottenInMs: readonly number[];
  readonly readAtStart: boolean;
  /** Only these cars, or all if null; by the cloud's id or VIN. */
  readonly onlyCars: readonly string[] | null;
}

export interface AccountContext extends AccountInput {
  readonly status: AccountStatus;
  /** How long the breaker opened for; null while it is not open. */
  readonly openForMs: number | null;
  readonly cars: readonly CarInfo[];
  readonly lists: number;
  readonly failures: number;
  readonly asks: number;
  readonly permit: string | null;
  /** Restarts of children that are not forgotten yet. */
  readonly restarts: number;
  readonly slot: number;
  /** Visits of the token to `refreshing` that still count. */
  readonly visits: number;
}

/** A child to start: `id` is its place under the account. */
export type Birth =
  | { readonly kind: 'token'; readonly id: 'token'; readonly input: TokenInput }
  | { readonly kind: 'breaker'; readonly id: 'breaker'; readonly input: BreakerInput }
  | { readonly kind: 'vehicle'; readonly id: string; readonly input: VehicleInput }
  | { readonly kind: 'command'; readonly id: string; readonly input: CommandInput };

type In<E> = Given<AccountContext, E>;
type Patch = Partial<AccountContext>;
const MAX_DOUBLINGS = 6;

// ── Children ────────────────────────────────────────────────────────────────────────────────────────────────────────
const tokenBirth = ({ settings, generation, visitsForgottenInMs }: AccountContext): Birth => ({
  kind: 'token',
  id: 'token',
  input: { settings, generation, visitsForgottenInMs },
});
const breakerBirth = ({ settings }: AccountContext): Birth => ({ kind: 'breaker', id: 'breaker', input: { settings } });
const vehicleBirth = ({ settings, readAtStart }: AccountContext, car: CarInfo): Birth => ({
  kind: 'vehicle',
  id: `vehicle/${car.id}`,
  input: { settings, car, readAtStart },
});
export const foundation = ({ context }: In<unknown>): readonly Birth[] => [breakerBirth(context), tokenBirth(context)];
export const listing = ({ context }: In<unknown>): readonly Birth[] => [
  {
    kind: 'command',
    id: `list/${context.lists}`,
    input: {
      settings: context.settings,
      id: `list-${context.account}-${context.lists}`,
      n: context.lists,
      car: null,
      command: { name: 'list' },
      expiresInMs: null,
    },
  },
];
export const vehicles = ({ context }: In<unknown>): readonly Birth[] =>
  context.cars.map((car) => vehicleBirth(context, car));
const carOf = (context: AccountContext, actorId: string) => context.cars.find(({ id }) => actorId === `vehicle/${id}`);
/** The dead child again, with what its predecessor may not forget. */
export const successor = ({ context, event }: In<ChildError>): readonly Birth[] => {
  if (event.actorId === 'token') {
    // When each visit was is known to the dead only: the whole window again is on the safe side.
    const visitsForgottenInMs = Array.from({ length: context.visits }, () => context.settings.visitWindowMs);
    return [tokenBirth({ ...context, visitsForgottenInMs })];
  }
  if (event.actorId === 'breaker') return [breakerBirth(context)];
  const car = carOf(context, event.actorId);
  return car === undefined ? [] : [vehicleBirth(context, car)];
};
export const buriedDead = ({ event }: In<ChildError>): readonly string[] => [event.actorId];
export const buriedList = ({ event }: In<Delivered<CommandEnded>>): readonly string[] => [`list/${event.n}`];
export const forgiveLater = ({ context }: In<unknown>) => [
  {
    id: `restart${context.slot}`,
    delayMs: context.settings.restartWindowMs,
    event: { type: 'RESTART_FORGOTTEN' },
  },
];

// ── What is remembered ──────────────────────────────────────────────────────────────────────────────────────────────
export const countList = ({ context }: In<unknown>): Patch => ({ lists: context.lists + 1 });
export const storeCars = ({ context, event }: In<Delivered<CarsRead>>): Patch => {
  const { onlyCars } = context;
  const cars =
    onlyCars === null
      ? event.cars
      : event.cars.filter(({ id, vin }) => onlyCars.includes(id) || onlyCars.includes(vin));
  return { cars, status: { ...context.status, cars: cars.length } };
};
export const listFailed = ({ context }: In<unknown>): Patch => ({
  failures: Math.min(context.failures + 1, MAX_DOUBLINGS + 1),
});
export const listWorked = (): Patch => ({ failures: 0 });
export const storeToken = ({ context, event }: In<Delivered<TokenChanged>>): Patch => ({
  generation: Math.max(context.generation, event.generation),
  visits: event.visits,
  status: {
    ...context.status,
    token: { state: event.state, generation: event.generation },
    reason: event.reason,
    message: event.message,
    retryAfterMs: event.retryAfterMs,
  },
});
export const storeBreaker = ({ context, event }: In<Delivered<BreakerChanged>>): Patch => ({
  status: { ...context.status, breaker: { state: event.state } },
  openForMs: event.openForMs,
});
export const countAsk = ({ context }: In<unknown>): Patch => ({ asks: context.asks + 1, permit: null });
export const storePermit = ({ event }: In<Delivered<PermitGranted>>): Patch => ({ permit: event.permit });
export const countRestart = ({ context }: In<unknown>): Patch => ({
  restarts: context.restarts + 1,
  slot: (context.slot + 1) % (context.settings.restartLimit + 1),
});
export const forgetRestart = ({ context }: In<unknown>): Patch => ({ restarts: Math.max(0, context.restarts - 1) });

// ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
const requestOf = (context: AccountContext) => `probe${context.asks}`;
export const isOwn = (context: AccountContext, request: string) => request === requestOf(context);
export const answered = ({ event }: In<{ readonly request: string }>) => event.request;
export const endedList = ({ event }: In<Delivered<CommandEnded>>) => event;
export const tokenState = ({ event }: In<Delivered<TokenChanged>>) => event.state;
export const breakerState = ({ event }: In<Delivered<BreakerChanged>>) => event.state;
/** Else it is a call of the account itself, which is dealt with where it was made. */
export const isChild = (actorId: string): boolean => /^(token$|breaker$|vehicle\/|list\/)/.test(actorId);
export const deadActor = ({ event }: In<ChildError>) => event.actorId;
export const listRetryMs = ({ settings, failures }: AccountContext) =>
  Math.min(settings.listRetryMaxMs, settings.listRetryMs * 2 ** Math.max(0, failures - 1));

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────
export const startList = ({ context }: In<unknown>) => to({ child: `list/${context.lists}` }, { type: 'START' });
const CARS_MISSING = {
  reason: 'unknownCar',
  message: 'The account has no car (or none that the configuration allows).',
} as const;
const CLOUD_AWAY = {
  reason: 'cloudUnavailable',
  message: 'The cloud is out of order or takes no more requests; nothing is sent until it is tried again.',
} as const;
/** What the token has to say goes first. */
const shownStatus = ({ status, openForMs }: AccountContext): AccountStatus => {
  if (status.reason !== null) return status;
  if (status.breaker.state === 'open') return { ...status, ...CLOUD_AWAY, retryAfterMs: openForMs };
  return status.cars === 0 ? { ...status, ...CARS_MISSING } : status;
};
export const tellStatus = ({ context }: In<unknown>) =>
  to('bridge', { type: 'ACCOUNT_CHANGED', account: context.account, status: shownStatus(context) });
export const tellCars = ({ context }: In<unknown>) =>
  to('bridge', { type: 'CARS_LISTED', account: context.account, cars: context.cars });
export const askPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'REQUEST_PERMIT', request: requestOf(context), callClass: 'read', car: null });
export const cancelPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'CANCEL_PERMIT', request: requestOf(context) });
export const reportProbe = ({ context, event }: In<Ended>): readonly Envelope[] => {
  if (context.permit === null) return [];
  if (event.outcome === null) {
    return toBreaker({ type: 'REPORT_IGNORED', permit: context.permit, alive: false });
  }
  return toBreaker(reportOf(context.permit, event.outcome.ok ? null : event.outcome.failure, 'read'));
};
/** What a dead child held comes back: told before its successor, of the same name, asks for anything. */
export const tellHolderGone = ({ event }: In<ChildError>): readonly Envelope[] =>
  event.actorId === 'breaker' ? [] : toBreaker({ type: 'HOLDER_GONE', holder: event.actorId });
/** What a dead child owed, told to those who wait for it: its successor is there already. */
export const tellDeath = ({ context, event }: In<ChildError>): readonly Envelope[] => {
  const everybody = (type: 'TOKEN_RESTARTED' | 'BREAKER_RESTARTED'): Envelope[] => [
    ...context.cars.map(({ id }) => ({ to: { child: `vehicle/${id}` }, event: { type } })),
    { to: { child: `list/${context.lists}` }, event: { type } },
  ];
  if (event.actorId === 'token') return everybody('TOKEN_RESTARTED');
  if (event.actorId === 'breaker') {
    return [...everybody('BREAKER_RESTARTED'), ...to('token', { type: 'BREAKER_RESTARTED' })];
  }
  const car = carOf(context, event.actorId);
  return car === undefined ? [] : to('bridge', { type: 'VEHICLE_RESTARTED', account: context.account, car: car.id });
};
export const passShutDown = ({ context }: In<unknown>) =>
  context.cars.flatMap(({ id }) => to({ child: `vehicle/${id}` }, { type: 'SHUT_DOWN' }));
export const probeDone = ({ event }: In<{ readonly output: CallOutcome }>): readonly Ended[] => [
  { type: 'PROBE_ENDED', outcome: event.output },
];
export const probeLost = (): readonly Ended[] => [{ type: 'PROBE_ENDED', outcome: null }];

// ── Log ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
export const childDied = ({ context, event }: In<ChildError>): LogEntry => ({
  level: 'error',
  message: 'an actor died and is started anew',
  fields: { actor: event.actorId.startsWith('vehicle/') ? 'vehicle' : event.actorId, restarts: context.restarts },
});
export const tooManyDeaths = ({ event }: In<ChildError>): LogEntry => ({
  level: 'error',
  message: 'an actor died too often and stays down',
  fields: { actor: event.actorId.startsWith('vehicle/') ? 'vehicle' : event.actorId },
});
export const carsListed = ({ context }: In<unknown>): LogEntry => ({
  level: context.cars.length === 0 ? 'warn' : 'info',
  message: context.cars.length === 0 ? 'the account has no car' : 'cars listed',
  fields: { account: context.account, cars: context.cars.length },
});
export const listLost = ({ context, event }: In<Delivered<CommandEnded>>): LogEntry => ({
  level: 'warn',
  message: 'the vehicle list could not be read',
  fields: { account: context.account, reason: event.ending.reason, detail: event.ending.message },
});

// ── What always goes together ───────────────────────────────────────────────────────────────────────────────────────
export const listBegun = [update(countList), { type: 'spawn' as const, params: listing }, send(startList)] as const;
export const listOver = { type: 'bury' as const, params: buriedList };
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
  { type: 'bury' as const, params: buriedDead },
  send(tellHolderGone),
  send(tellDeath),
] as const;
