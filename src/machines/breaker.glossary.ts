import type {
  Address,
  CancelPermit,
  Delivered,
  Envelope,
  HolderGone,
  PermitDenied,
  ReportFailure,
  ReportIgnored,
  ReportSuccess,
  RequestPermit,
  ToBreaker,
} from './domain/events.ts';
import type { CallClass } from './domain/failure.ts';
import type { Settings } from './domain/settings.ts';
import { type Given, type LogEntry, log, raise, reply, send, to, update } from './story.ts';

/** The words of the breaker's story (breaker.machine.ts): permits, the line, the counts. All pure. */

/** Somebody in line. */
export interface Ask {
  readonly holder: Address;
  readonly request: string;
  readonly callClass: CallClass;
  readonly car: string | null;
  readonly patient: boolean;
}

/** A permit that is out. `past` ones were granted before the breaker last opened: their reports decide nothing. */
export interface Permit extends Ask {
  readonly permit: string;
  readonly epoch: 'current' | 'past';
}

type Counted = 'control' | 'read' | 'token';
type PermitOverdue = { readonly type: 'PERMIT_OVERDUE'; readonly permit: string };
type Private = PermitOverdue | { readonly type: 'SERVE' };
export type BreakerEvent = Delivered<ToBreaker> | Private;

export interface BreakerInput {
  readonly settings: Settings;
}

export interface BreakerContext {
  readonly settings: Settings;
  readonly out: readonly Permit[];
  readonly line: readonly Ask[];
  /** Consecutive failures per class. */
  readonly failures: Readonly<Record<Counted, number>>;
  /** How often it opened in a row without having closed. */
  readonly openings: number;
  /** The wait that the cloud itself named, for this opening. */
  readonly openForMs: number | null;
  /** When it opened last, epoch ms, of the cloud's clock. */
  readonly openedAt: number;
  /** Permits granted in the current step: what `tellGranted` tells. */
  readonly granted: readonly Permit[];
}

type In<E> = Given<BreakerContext, E>;
type Patch = Partial<BreakerContext>;
export type Report = Delivered<ReportSuccess> | Delivered<ReportFailure> | Delivered<ReportIgnored>;
type Returns = Report | PermitOverdue;

const MAX_DOUBLINGS = 6;
const NO_FAILURES = { control: 0, read: 0, token: 0 } as const;

// ── The line and its bounds ─────────────────────────────────────────────────────────────────────────────────────────
const permitId = ({ holder, request }: Ask) => `${holder}#${request}`;
const asAsk = ({ from, request, callClass, car, patient }: Delivered<RequestPermit>): Ask => ({
  holder: from,
  request,
  callClass,
  car,
  patient: patient ?? false,
});
/** The order of the line: a refresh first, controls before reads, last what nobody waits for; else first come first. */
const URGENCY: Readonly<Record<CallClass, number>> = { token: 0, control: 1, read: 2, carRead: 2 };

const PATIENT = 3;
const urgencyOf = ({ callClass, patient }: Ask) => (patient ? PATIENT : URGENCY[callClass]);

/** Whether the bounds on calls in flight leave room for this one. */
function fits(ask: Ask, out: readonly Permit[], settings: Settings): boolean {
  if (ask.callClass === 'token') return true;
  const ofCar = (matches: (permit: Permit) => boolean) =>
    ask.car !== null && out.some((permit) => permit.car === ask.car && matches(permit));
  if (ask.callClass === 'carRead') {
    const waiting = out.filter(({ callClass }) => callClass === 'carRead').length;
    return waiting < settings.carReadsInFlight && !ofCar(({ callClass }) => callClass === 'carRead');
  }
  const inFlight = out.filter(({ callClass }) => callClass === 'control' || callClass === 'read').length;
  return inFlight < settings.callsInFlight && !ofCar(({ callClass }) => callClass === ask.callClass);
}

function withGrant(ask: Ask, out: readonly Permit[]): readonly Permit[] {
  return [...out, { ...ask, permit: permitId(ask), epoch: 'current' }];
}

/** Serves the line in order, passing over those that find no room; they keep their place. */
function serveLine(context: BreakerContext): Patch {
  const line = [...context.line].sort((a, b) => urgencyOf(a) - urgencyOf(b));
  const stay: Ask[] = [];
  let out = context.out;
  for (const ask of line) {
    if (fits(ask, out, context.settings)) out = withGrant(ask, out);
    else stay.push(ask);
  }
  const granted = out.slice(context.out.length);
  return granted.length === 0 ? { granted } : { out, line: stay, granted };
}

/** The first of the line that may be the probe: never a call that waits for a car. */
function probeOf(line: readonly Ask[]): Ask | null {
  const candidates = line.filter(({ callClass }) => callClass !== 'carRead');
  return candidates.find(({ callClass }) => callClass === 'token') ?? candidates[0] ?? null;
}

// ── What is remembered ──────────────────────────────────────────────────────────────────────────────────────────────
const sameAsk = (ask: Ask, holder: Address, request: string) => ask.holder === holder && ask.request === request;
export const joinLine = ({ context, event }: In<Delivered<RequestPermit>>): Patch => ({
  line: [...context.line.filter((ask) => !sameAsk(ask, event.from, event.request)), asAsk(event)],
});
export const serve = ({ context }: In<unknown>): Patch => serveLine(context);
export const grantProbe = ({ context }: In<unknown>): Patch => {
  const probe = probeOf(context.line);
  if (probe === null) return { granted: [] };
  const out = withGrant(probe, context.out);
  return { out, granted: out.slice(-1), line: context.line.filter((ask) => ask !== probe) };
};
export const takeBack = ({ context, event }: In<Returns>): Patch => ({
  out: context.out.filter(({ permit }) => permit !== event.permit),
});
export const cancel = ({ context, event }: In<Delivered<CancelPermit>>): Patch => {
  const stays = (ask: Ask) => !sameAsk(ask, event.from, event.request);
  return { out: context.out.filter(stays), line: context.line.filter(stays) };
};
export const forgetHolder = ({ context, event }: In<Delivered<HolderGone>>): Patch => {
  const stays = ({ holder }: Ask) => holder !== event.holder && !holder.startsWith(`${event.holder}/`);
  return { out: context.out.filter(stays), line: context.line.filter(stays) };
};
const countedAs = (callClass: CallClass): Counted => (callClass === 'carRead' ? 'read' : callClass);
const permitOf = (context: BreakerContext, event: Returns) =>
  context.out.find(({ permit, epoch }) => permit === event.permit && epoch === 'current');
export const countSuccess = ({ context, event }: In<Delivered<ReportSuccess>>): Patch => {
  const permit = permitOf(context, event);
  return permit === undefined ? {} : { failures: { ...context.failures, [countedAs(permit.callClass)]: 0 } };
};
export const countFailure = ({ context, event }: In<Delivered<ReportFailure>>): Patch => {
  const permit = permitOf(context, event);
  if (permit === undefined) return {};
  const counted = countedAs(permit.callClass);
  return { failures: { ...context.failures, [counted]: context.failures[counted] + 1 } };
};
export const storeOpening = ({ context, event }: In<Delivered<ReportFailure>>): Patch => ({
  openedAt: event.at,
  ...(event.openForMs !== null && permitOf(context, event) !== undefined ? { openForMs: event.openForMs } : {}),
});
export const openUp = ({ context }: In<unknown>): Patch => ({
  openings: Math.min(context.openings + 1, MAX_DOUBLINGS),
  failures: NO_FAILURES,
  out: context.out.map((permit) => ({ ...permit, epoch: 'past' as const })),
});
export const emptyLine = (): Patch => ({ line: [] });
export const closeUp = (): Patch => ({ openings: 0, openForMs: null, failures: NO_FAILURES });
export const forgetWait = (): Patch => ({ openForMs: null });

// ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
export const openTimeMs = ({ settings, openings, openForMs }: BreakerContext): number =>
  openForMs ?? Math.min(settings.openMaxMs, settings.openMs * 2 ** Math.max(0, openings - 1));
/** What is left of it; a clock that was set in between makes it no longer than it was, and no shorter than nothing. */
const leftMs = (context: BreakerContext, now: number): number =>
  Math.max(0, Math.min(openTimeMs(context), context.openedAt + openTimeMs(context) - now));
export const wouldOpen = (context: BreakerContext, event: Delivered<ReportFailure>): boolean => {
  const permit = permitOf(context, event);
  if (permit === undefined) return false;
  return (
    event.openForMs !== null || context.failures[countedAs(permit.callClass)] + 1 >= context.settings.failureThreshold
  );
};
export const isCurrentPermit = (context: BreakerContext, permit: string): boolean =>
  context.out.some((out) => out.permit === permit && out.epoch === 'current');
export const probeIsOut = (context: BreakerContext): boolean => context.out.some(({ epoch }) => epoch === 'current');
export const hasCandidate = (context: BreakerContext): boolean => probeOf(context.line) !== null;
export const thisEvent = <E>({ event }: In<E>): E => event;
export const reported = ({ event }: In<Returns>): string => event.permit;

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────
export const tellGranted = ({ context }: In<unknown>): readonly Envelope[] =>
  context.granted.flatMap(({ holder, request, permit }) => reply(holder, { type: 'PERMIT_GRANTED', request, permit }));
const denial = (request: string, reason: PermitDenied['reason'], retryAfterMs: number): PermitDenied => ({
  type: 'PERMIT_DENIED',
  request,
  reason,
  retryAfterMs,
});
const whyOpen = (context: BreakerContext): PermitDenied['reason'] =>
  context.openForMs === null ? 'cloudUnavailable' : 'rateLimited';
export const denyAsker = ({ context, event }: In<Delivered<RequestPermit>>): readonly Envelope[] =>
  reply(event.from, denial(event.request, whyOpen(context), leftMs(context, event.at)));
export const denyForLength = ({ context, event }: In<Delivered<RequestPermit>>): readonly Envelope[] =>
  reply(event.from, denial(event.request, 'queueFull', context.settings.permitWaitMs));
export const denyLine = ({ context }: In<unknown>): readonly Envelope[] =>
  context.line.flatMap(({ holder, request }) => reply(holder, denial(request, whyOpen(context), openTimeMs(context))));
export const wantProbe = ({ context }: In<unknown>): readonly Envelope[] =>
  hasCandidate(context) || probeIsOut(context) ? [] : to('account', { type: 'PROBE_WANTED' });
export const tellClosed = () => to('token', { type: 'BREAKER_CLOSED' });
export const tell = (state: 'closed' | 'open' | 'halfOpen') => {
  const tellAccount = ({ context }: In<unknown>) =>
    to('account', {
      type: 'BREAKER_CHANGED',
      state,
      openForMs: state === 'open' ? openTimeMs(context) : null,
    });
  return send(tellAccount);
};

// ── Timers and log ──────────────────────────────────────────────────────────────────────────────────────────────────
export const permitTimers = ({ context }: In<unknown>) =>
  context.granted.map(({ permit }) => ({
    id: permit,
    delayMs: context.settings.permitLimitMs,
    event: { type: 'PERMIT_OVERDUE', permit },
  }));
export const returnedTimer = ({ event }: In<Report>) => [event.permit];
export const cancelledTimer = ({ event }: In<Delivered<CancelPermit>>) => [`${event.from}#${event.request}`];
export const opened = ({ context }: In<unknown>): LogEntry => ({
  level: 'warn',
  message: 'breaker opened',
  fields: { openForMs: openTimeMs(context), rateLimited: context.openForMs !== null },
});
export const halfOpened = (): LogEntry => ({ level: 'info', message: 'breaker half-open' });
export const closed = (): LogEntry => ({ level: 'info', message: 'breaker closed' });
export const overdue = ({ event }: In<PermitOverdue>): LogEntry => ({
  level: 'error',
  message: 'a permit was not given back in time and is taken back',
  fields: { permit: event.permit },
});

// ── What always goes together ───────────────────────────────────────────────────────────────────────────────────────
const serveNext = (): readonly BreakerEvent[] => [{ type: 'SERVE' }];
/** After every step that may have made room. */
export const next = [raise(serveNext)] as const;
export const granted = [send(tellGranted), { type: 'startTimers' as const, params: permitTimers }] as const;
const broughtBack = [update(takeBack), { type: 'stopTimers' as const, params: returnedTimer }] as const;
export const returned = [...broughtBack, ...next] as const;
export const verdictClosed = [...broughtBack, log(closed)] as const;
export const verdictOpen = [update(storeOpening), ...broughtBack] as const;
