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
import type { Restart, RestartForgotten } from './restarts.ts';
import { type Given, type LogEntry, send, to, update } from './story.ts';
import type { TokenInput } from './token.glossary.ts';
import type { ChildError, VehicleInput } from './vehicle.glossary.ts';

/** The words of an account's story (account.machine.ts): whom it raises, what it knows of them. All pure. */

type Ended = { readonly type: 'PROBE_ENDED'; readonly outcome: CallOutcome | null };
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
  | RestartForgotten
  | ChildError;

/** What an account is told by its configuration. */
export interface AccountPlan {
  readonly settings: Settings;
  readonly account: string;
  readonly readAtStart: boolean;
  /** Only these cars, or all if null; by the cloud's id or VIN. */
  readonly onlyCars: readonly string[] | null;
}

export interface AccountInput extends AccountPlan {
  /** The highest generation that was ever in use. */
  readonly generation: number;
  readonly visitsForgottenInMs: readonly number[];
}

export interface AccountContext extends AccountInput {
  readonly status: AccountStatus;
  /** Until when the breaker stays open, epoch ms, of the cloud's clock; null while it is not open. */
  readonly openUntil: number | null;
  readonly cars: readonly CarInfo[];
  readonly lists: number;
  readonly failures: number;
  readonly asks: number;
  readonly permit: string | null;
  /** Restarts of children that are not forgotten yet. */
  readonly restarts: readonly Restart[];
  /** Children that died too often and stay down. */
  readonly down: readonly string[];
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

/** Without its token or its breaker an account can do nothing. */
export const isFoundation = (child: string): boolean => child === 'token' || child === 'breaker';
export const isServing = ({ down }: AccountContext): boolean => !down.some(isFoundation);

// ── Children ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const tokenBirth = ({ settings, generation, visitsForgottenInMs }: AccountContext): Birth => ({
  kind: 'token',
  id: 'token',
  input: { settings, generation, visitsForgottenInMs },
});
export const breakerBirth = ({ settings }: AccountContext): Birth => ({
  kind: 'breaker',
  id: 'breaker',
  input: { settings },
});
export const vehicleBirth = ({ settings, readAtStart }: AccountContext, car: CarInfo): Birth => ({
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
export const carOf = (context: AccountContext, actorId: string) =>
  context.cars.find(({ id }) => actorId === `vehicle/${id}`);
export const buriedList = ({ event }: In<Delivered<CommandEnded>>): readonly string[] => [`list/${event.n}`];

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
    retryAt: event.retryAt,
  },
});
export const storeBreaker = ({ context, event }: In<Delivered<BreakerChanged>>): Patch => ({
  status: { ...context.status, breaker: { state: event.state } },
  openUntil: event.openForMs === null ? null : event.at + event.openForMs,
});
export const countAsk = ({ context }: In<unknown>): Patch => ({ asks: context.asks + 1, permit: null });
export const storePermit = ({ event }: In<Delivered<PermitGranted>>): Patch => ({ permit: event.permit });

// ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
const requestOf = (context: AccountContext) => `probe${context.asks}`;
export const isOwn = (context: AccountContext, request: string) => request === requestOf(context);
export const answered = ({ event }: In<{ readonly request: string }>) => event.request;
export const endedList = ({ event }: In<Delivered<CommandEnded>>) => event;
export const tokenState = ({ event }: In<Delivered<TokenChanged>>) => event.state;
export const breakerState = ({ event }: In<Delivered<BreakerChanged>>) => event.state;
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
const ACCOUNT_DOWN = {
  reason: 'restarted',
  message:
    'A part of the daemon that this account cannot do without broke too often and stays down. Restart bluelinkd.',
  retryAt: null,
} as const;
const carsDown = (cars: number) =>
  ({
    reason: 'restarted',
    message: `Cars that are no longer served, because their part of the daemon broke too often: ${cars}. Restart bluelinkd.`,
  }) as const;
/** What the token has to say goes first, if there still is one. */
const shownStatus = (context: AccountContext): AccountStatus => {
  const { status, openUntil, down } = context;
  if (!isServing(context)) return { ...status, ...ACCOUNT_DOWN, token: { ...status.token, state: 'failed' } };
  if (status.reason !== null) return status;
  if (status.breaker.state === 'open') return { ...status, ...CLOUD_AWAY, retryAt: openUntil };
  if (down.length > 0) return { ...status, ...carsDown(down.length) };
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
export const passShutDown = ({ context }: In<unknown>) =>
  context.cars.flatMap(({ id }) => to({ child: `vehicle/${id}` }, { type: 'SHUT_DOWN' }));
export const probeDone = ({ event }: In<{ readonly output: CallOutcome }>): readonly Ended[] => [
  { type: 'PROBE_ENDED', outcome: event.output },
];
export const probeLost = (): readonly Ended[] => [{ type: 'PROBE_ENDED', outcome: null }];

// ── Log ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
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
