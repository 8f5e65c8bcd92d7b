import type {
  CancelToken,
  Delivered,
  Envelope,
  PermitDenied,
  PermitGranted,
  Refresh,
  RequestToken,
  SessionChanged,
  TokenChanged,
  TokenRejected,
  TokenWorked,
  ToToken,
} from './domain/events.ts';
import type { CloudFailure, Scope } from './domain/failure.ts';
import type { CallOutcome, SessionOutcome } from './domain/outcome.ts';
import type { Settings } from './domain/settings.ts';
import { reportOf, toBreaker } from './permits.ts';
import { type Given, LONGEST_TIMER_MS, type LogEntry, log, raise, reply, send, to, update } from './story.ts';
import type { Failed, Waiter } from './token-rules.ts';
import * as rules from './token-rules.ts';

/** The words of the token's story (token.machine.ts): what it remembers, tells, asks and says. All pure. */

type Why = 'start' | 'renewal' | 'rejection' | 'suspect';
/** A session outcome with how long it took. */
export type Renewal = SessionOutcome & { readonly tookMs: number };
/** How a visit to `refreshing` ended. `login` tells whether the login was the call that ended it. */
export type RefreshEnded = { readonly type: 'REFRESH_ENDED'; readonly outcome: Renewal; readonly login: boolean };
export type VerifyEnded = { readonly type: 'VERIFY_ENDED'; readonly failure: CloudFailure | null };
type Private = RefreshEnded | VerifyEnded | { readonly type: 'VISIT_FORGOTTEN' };

export type TokenEvent = Delivered<ToToken> | Delivered<PermitGranted> | Delivered<PermitDenied> | Private;

export interface TokenInput {
  readonly settings: Settings;
  /** The highest generation that was ever in use, 0 at the very first start. */
  readonly generation: number;
  /** Earlier visits that still count, as ms until each is forgotten. */
  readonly visitsForgottenInMs: readonly number[];
}

export interface TokenContext {
  readonly settings: Settings;
  readonly generation: number;
  readonly lifetimeMs: number;
  /** Why the token is, or was last, in `refreshing`. */
  readonly why: Why;
  /** The scope that was refused: only its acceptance proves the new token. */
  readonly scope: Scope | null;
  readonly waiting: readonly Waiter[];
  /** Those who named the current generation as refused while it had to prove itself. */
  readonly refused: readonly Waiter[];
  /** Visits to `refreshing` that the server answered and that are not forgotten yet. */
  readonly visits: number;
  /** Visits of an earlier run: ms until each is forgotten, counted from the start. */
  readonly nextSlot: number;
  readonly storedVisitsMs: readonly number[];
  readonly failures: number;
  readonly failure: Failed | null;
  readonly asks: number;
  readonly permit: string | null;
}

type In<E> = Given<TokenContext, E>;
type Asks = Delivered<RequestToken> | Delivered<Refresh>;
type Names = Delivered<Refresh> | Delivered<TokenRejected>;
type Patch = Partial<TokenContext>;

// ── What is remembered ──────────────────────────────────────────────────────────────────────────────────────────────
export const asWaiter = (event: Asks): Waiter =>
  event.type === 'REFRESH'
    ? { from: event.from, request: event.request, generation: event.generation, scope: event.scope }
    : { from: event.from, request: event.request, generation: null, scope: null };

export const addWaiter = ({ context, event }: In<Asks>): Patch => ({ waiting: [...context.waiting, asWaiter(event)] });
export const addRefused = ({ context, event }: In<Asks>): Patch => ({ refused: [...context.refused, asWaiter(event)] });
export const knownBad = ({ context, event }: In<Names>): Patch =>
  context.why === 'renewal' ? { why: 'rejection', scope: event.scope } : {};
export const removeWaiter = ({ context, event }: In<Delivered<CancelToken>>): Patch => {
  const stays = (waiter: Waiter) => waiter.from !== event.from || waiter.request !== event.request;
  return { waiting: context.waiting.filter(stays), refused: context.refused.filter(stays) };
};
export const nobodyWaits = (): Patch => ({ waiting: [], refused: [], permit: null });
export const keepSession = (): Patch => ({ waiting: [], refused: [], permit: null, failure: null });
export const noFailure = (): Patch => ({ failure: null });
export const becauseOfRejection = ({ event }: In<Names>): Patch => ({
  why: 'rejection',
  scope: event.scope,
  failures: 0,
});
/** Should it turn out to be the session, it is known bad: the stored one must not be adopted again. */
export const rememberRefusal = ({ event }: In<Names>): Patch => ({ why: 'rejection', scope: event.scope });
export const becauseOfAge = (): Patch => ({ why: 'renewal', scope: null });
export const becauseSuspect = (): Patch => ({ why: 'suspect' });
export const countAsk = ({ context }: In<unknown>): Patch => ({ asks: context.asks + 1, permit: null });
export const storePermit = ({ event }: In<Delivered<PermitGranted>>): Patch => ({ permit: event.permit });
export const storeSession = ({ event }: In<RefreshEnded>): Patch =>
  event.outcome.ok
    ? {
        generation: event.outcome.generation,
        lifetimeMs: event.outcome.lifetimeMs,
        failures: 0,
        failure: null,
      }
    : {};
export const adoptSession = ({ context, event }: In<Delivered<SessionChanged>>): Patch => ({
  generation: event.generation,
  lifetimeMs: event.lifetimeMs,
  failures: 0,
  failure: null,
  // What they were refused with is not in use any more.
  waiting: [...context.waiting, ...context.refused],
  refused: [],
});
export const countVisit = ({ context, event }: In<RefreshEnded>): Patch =>
  wasAnswered(event)
    ? { visits: context.visits + 1, nextSlot: (context.nextSlot + 1) % (context.settings.visitLimit + 1) }
    : {};
export const forgetVisit = ({ context }: In<unknown>): Patch => ({ visits: Math.max(0, context.visits - 1) });
export const storeFailure = ({ context, event }: In<RefreshEnded>): Patch =>
  event.outcome.ok
    ? {}
    : {
        failure: rules.failedBecause(event.outcome.failure, context.settings, context.failures, event.login),
        failures: rules.nextFailures(context.failures),
      };
export const storeLimit = ({ context }: In<unknown>): Patch => ({ failure: rules.refreshLimit(context.settings) });
export const storeSuspicion = ({ context }: In<unknown>): Patch => ({
  failure: rules.freshTokenRejected(context.settings),
});
export const countFailure = ({ context }: In<unknown>): Patch => ({ failures: rules.nextFailures(context.failures) });

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────
export const requestOf = (context: TokenContext) => `token${context.asks}`;
export const answerReady = ({ context, event }: In<Asks>) => rules.ready([asWaiter(event)], context.generation);
export const answerFailed = ({ context, event }: In<Asks>): readonly Envelope[] =>
  context.failure === null ? [] : rules.failed([asWaiter(event)], context.failure);
export const answerFull = ({ event }: In<Asks>) =>
  reply(event.from, {
    type: 'TOKEN_FAILED',
    request: event.request,
    reason: 'queueFull',
    message: 'Too many commands wait for the token.',
    retryAfterMs: null,
  });
export const answerServed = ({ context }: In<unknown>) =>
  rules.ready(context.waiting.filter(rules.servedBy(context.generation)), context.generation);
export const answerAllReady = ({ context }: In<unknown>) => rules.ready(context.waiting, context.generation);
export const answerRefused = ({ context }: In<unknown>) =>
  rules.failed(context.refused, rules.freshTokenRejected(context.settings));
export const answerAllFailed = ({ context }: In<unknown>): readonly Envelope[] =>
  context.failure === null ? [] : rules.failed([...context.waiting, ...context.refused], context.failure);
export const askPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'REQUEST_PERMIT', request: requestOf(context), callClass: 'token', car: null });
export const cancelPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'CANCEL_PERMIT', request: requestOf(context) });
/** Without a permit in hand, leaves the line. */
export const reportRefresh = ({ context, event }: In<RefreshEnded>): readonly Envelope[] => {
  if (context.permit === null) return cancelPermit({ context, event });
  if (event.outcome.ok && !event.outcome.asked) {
    return toBreaker({ type: 'REPORT_IGNORED', permit: context.permit, alive: false });
  }
  return toBreaker(reportOf(context.permit, event.outcome.ok ? null : event.outcome.failure, 'token'));
};
/** Without a permit in hand, leaves the line. */
export const reportVerification = ({ context, event }: In<VerifyEnded>): readonly Envelope[] =>
  context.permit === null
    ? cancelPermit({ context, event })
    : toBreaker(reportOf(context.permit, event.failure, 'read'));
export const askVerificationPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'REQUEST_PERMIT', request: requestOf(context), callClass: 'read', car: null });
export const tell = (state: TokenChanged['state']) => {
  const tellAccount = ({ context }: In<unknown>) =>
    to('account', {
      type: 'TOKEN_CHANGED',
      state,
      generation: context.generation,
      visits: context.visits,
      reason: context.failure?.reason ?? null,
      message: context.failure?.message ?? null,
      retryAfterMs: context.failure?.retryAfterMs ?? null,
    });
  return send(tellAccount);
};

// ── What is raised ──────────────────────────────────────────────────────────────────────────────────────────────────
/** Who names the new generation, too, as refused asks again in the new state. */
export const askAgain = ({ context }: In<unknown>): readonly TokenEvent[] =>
  context.waiting
    .filter((waiter) => !rules.servedBy(context.generation)(waiter))
    .map(({ from, request, generation, scope }) => ({
      type: 'REFRESH',
      at: 0,
      from,
      request,
      generation: generation ?? 0,
      scope: scope ?? 'access',
    }));
/** At most `visitLimit` visits are remembered, so their number names the timer. */
const forgetIn = (delayMs: number, slot: number) => ({
  id: `visit${slot}`,
  delayMs,
  event: { type: 'VISIT_FORGOTTEN' },
});
export const visitTimer = ({ context, event }: In<RefreshEnded>) =>
  wasAnswered(event) ? [forgetIn(context.settings.visitWindowMs, context.nextSlot)] : [];
/** The newest that count, oldest first: more than the limit decide nothing, and each has a timer of its own. */
export const storedVisits = ({ settings, visitsForgottenInMs }: TokenInput): readonly number[] =>
  visitsForgottenInMs.toSorted((a, b) => a - b).slice(-settings.visitLimit);
export const storedVisitTimers = ({ context }: In<unknown>) => context.storedVisitsMs.map(forgetIn);

const RENEW_AT = 0.8;
/** When a session in use is renewed, counted from when it came into use. */
export const renewalMs = ({ failures, settings, lifetimeMs }: TokenContext): number =>
  Math.min(LONGEST_TIMER_MS, failures > 0 ? settings.renewalRetryMs : Math.floor(lifetimeMs * RENEW_AT));
/** When a failed refresh is tried again. */
export const retryMs = ({ failure }: TokenContext): number =>
  Math.min(LONGEST_TIMER_MS, failure?.retryAfterMs ?? LONGEST_TIMER_MS);

// ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
export const askedGeneration = ({ event }: In<{ readonly generation: number }>) => event.generation;
export const used = ({ event }: In<Delivered<TokenWorked>>) => event;
export const answered = ({ event }: In<Delivered<PermitGranted> | Delivered<PermitDenied>>) => event.request;
export const ended = ({ event }: In<RefreshEnded>) => event.outcome;
export const sessionOutcome = ({ event }: In<{ readonly output: Renewal }>) => event.output;
export const verification = ({ event }: In<VerifyEnded>) => event.failure;
export const refreshEnded = ({ event }: In<{ readonly output: Renewal }>): readonly RefreshEnded[] => [
  { type: 'REFRESH_ENDED', outcome: event.output, login: false },
];
export const loginEnded = ({ event }: In<{ readonly output: Renewal }>): readonly RefreshEnded[] => [
  { type: 'REFRESH_ENDED', outcome: event.output, login: true },
];
export const ownFailure = (kind: CloudFailure['kind'], message: string, retryAfterMs: number | null): CloudFailure => ({
  kind,
  message,
  cause: 'own',
  reached: 'no',
  answered: false,
  retryAfterMs,
});
const endedByUs = (failure: CloudFailure, login: boolean): readonly RefreshEnded[] => [
  { type: 'REFRESH_ENDED', outcome: { ok: false, failure, tookMs: 0 }, login },
];
export const refreshNotPermitted = ({ event }: In<Delivered<PermitDenied>>): readonly RefreshEnded[] =>
  endedByUs(
    ownFailure(
      event.reason === 'rateLimited' ? 'rateLimited' : 'cloudUnavailable',
      'The circuit breaker is open: the cloud is not called at the moment.',
      event.reason === 'rateLimited' ? event.retryAfterMs : null,
    ),
    false,
  );
export const permitWaitOver = (): readonly RefreshEnded[] =>
  endedByUs(ownFailure('cloudUnavailable', 'No permit to call the cloud came in time.', null), false);
export const refreshTimedOut = (): readonly RefreshEnded[] =>
  endedByUs(ownFailure('timeout', 'The cloud did not answer the refresh in time.', null), false);
export const loginTimedOut = (): readonly RefreshEnded[] =>
  endedByUs(ownFailure('timeout', 'The cloud did not answer the login in time.', null), true);
export const refreshCrashed = (): readonly RefreshEnded[] =>
  endedByUs(ownFailure('invalidResponse', 'The refresh ended with an error of our own.', null), false);
export const verifyEnded = ({ event }: In<{ readonly output: CallOutcome }>): readonly VerifyEnded[] => [
  { type: 'VERIFY_ENDED', failure: event.output.ok ? null : event.output.failure },
];
export const verifyTimedOut = (): readonly VerifyEnded[] => [
  { type: 'VERIFY_ENDED', failure: ownFailure('timeout', 'The cloud did not answer in time.', null) },
];
export const wasAnswered = ({ outcome }: RefreshEnded) => (outcome.ok ? outcome.asked : outcome.failure.answered);
export const wouldFail = (context: TokenContext, failure: CloudFailure) =>
  rules.failedBecause(failure, context.settings, context.failures, false);
export const renewalHow = ({ context }: In<unknown>) => ({ start: context.why === 'start' });

// ── What is logged ──────────────────────────────────────────────────────────────────────────────────────────────────
export const expiryDetected = ({ context, event }: In<Names>): LogEntry => ({
  level: 'warn',
  message: 'token expiry detected',
  fields: { generation: event.generation, current: context.generation, scope: event.scope },
});
export const refreshBegun = ({ context }: In<unknown>): LogEntry => ({
  level: 'info',
  message: 'refresh begun',
  fields: { why: context.why, generation: context.generation },
});
export const refreshDone = ({ context, event }: In<RefreshEnded>): LogEntry => ({
  level: 'info',
  message: 'refresh done',
  fields: {
    why: context.why,
    generation: context.generation,
    durationMs: event.outcome.tookMs,
    waited: context.waiting.length,
  },
});
export const sessionAdopted = ({ context }: In<unknown>): LogEntry => ({
  level: 'info',
  message: 'session taken over from a login beside us',
  fields: { generation: context.generation, waited: context.waiting.length },
});
export const refreshFailed = ({ context }: In<unknown>): LogEntry => ({
  level: 'error',
  message: 'refresh failed',
  fields: {
    why: context.why,
    reason: context.failure?.reason ?? null,
    detail: context.failure?.message ?? null,
    retryAfterMs: context.failure?.retryAfterMs ?? null,
    waited: context.waiting.length,
  },
});
export const suspected = (): LogEntry => ({
  level: 'error',
  message: 'the fresh token is refused too',
});
export const renewalFailed = ({ event }: In<RefreshEnded>): LogEntry => ({
  level: 'warn',
  message: 'renewal failed, the session in hand is still good',
  fields: { detail: event.outcome.ok ? null : event.outcome.failure.message },
});

// ── What always goes together ───────────────────────────────────────────────────────────────────────────────────────
const visitCounted = [
  { type: 'startTimers' as const, params: visitTimer },
  update(countVisit),
  send(reportRefresh),
] as const;
/** A new session: those who can go on do, the others ask again in the new state. */
export const obtained = [
  update(storeSession),
  ...visitCounted,
  log(refreshDone),
  send(answerServed),
  raise(askAgain),
  update(nobodyWaits),
] as const;
/** Somebody else has brought a new session. */
export const adopted = [
  update(adoptSession),
  log(sessionAdopted),
  send(answerServed),
  raise(askAgain),
  update(nobodyWaits),
] as const;
/** No new session, and none to go on with. */
export const lost = [
  update(storeFailure),
  ...visitCounted,
  log(refreshFailed),
  send(answerAllFailed),
  update(nobodyWaits),
] as const;
/** The old session stays in use. */
export const kept = [
  update(storeFailure),
  ...visitCounted,
  log(renewalFailed),
  send(answerAllReady),
  update(keepSession),
] as const;
/** The current token is good; who was refused with it was refused for another reason. */
export const cleared = [send(answerAllReady), send(answerRefused), update(nobodyWaits)] as const;
export const failedAll = [send(answerAllFailed), update(nobodyWaits)] as const;
