import type { Delivered, SessionChanged } from './domain/events.ts';
import type { CloudFailure } from './domain/failure.ts';
import { type LogEntry, log, raise, send, update } from './story.ts';
import { answerAllFailed, answerAllReady, answerRefused, answerServed, askAgain } from './token.answers.ts';
import { reportRefresh } from './token.calls.ts';
import type { In, Patch, RefreshEnded, TokenContext } from './token.glossary.ts';
import { countFailedRenewal, nobodyWaits } from './token.glossary.ts';
import { countVisit, visitTimer } from './token.visits.ts';
import * as rules from './token-rules.ts';

/** The words of the token's story about what comes of a refresh: a new session, the old one, or none. All pure. */

// ── What is remembered ──────────────────────────────────────────────────────────────────────────────────────────────
export const storeSession = ({ event }: In<RefreshEnded>): Patch =>
  event.outcome.ok
    ? {
        generation: event.outcome.generation,
        lifetimeMs: event.outcome.lifetimeMs,
        failures: 0,
        failure: null,
        grantIsDead: false,
      }
    : {};
export const adoptSession = ({ context, event }: In<Delivered<SessionChanged>>): Patch => ({
  generation: event.generation,
  lifetimeMs: event.lifetimeMs,
  failures: 0,
  failure: null,
  grantIsDead: false,
  // What they were refused with is not in use any more.
  waiting: [...context.waiting, ...context.refused],
  refused: [],
});
export const keepSession = ({ context, event }: In<RefreshEnded>): Patch => ({
  waiting: [],
  refused: [],
  permit: null,
  grantIsDead: context.grantIsDead || (!event.outcome.ok && event.outcome.failure.kind === 'grantRefused'),
});
export const noFailure = (): Patch => ({ failure: null });
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
export const wouldFail = (context: TokenContext, failure: CloudFailure) =>
  rules.failedBecause(failure, context.settings, context.failures, false);

// ── What is logged ──────────────────────────────────────────────────────────────────────────────────────────────────
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
const dated = { type: 'dateFailure' as const };
/** Refused once more, without a visit left. */
export const limited = [update(storeLimit), dated] as const;
/** Refused although it is fresh. */
export const foundSuspect = [update(storeSuspicion), dated] as const;
/** No new session, and none to go on with. */
export const lost = [
  update(storeFailure),
  dated,
  ...visitCounted,
  log(refreshFailed),
  send(answerAllFailed),
  update(nobodyWaits),
] as const;
/** The old session stays in use. */
export const kept = [
  update(countFailedRenewal),
  ...visitCounted,
  log(renewalFailed),
  send(answerAllReady),
  update(keepSession),
] as const;
/** The current token is good; who was refused with it was refused for another reason. */
export const cleared = [send(answerAllReady), send(answerRefused), update(nobodyWaits)] as const;
export const failedAll = [send(answerAllFailed), update(nobodyWaits)] as const;
