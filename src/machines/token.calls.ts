import type { Delivered, Envelope, PermitDenied, PermitGranted } from './domain/events.ts';
import type { CloudFailure } from './domain/failure.ts';
import type { CallOutcome } from './domain/outcome.ts';
import { reportOf, toBreaker } from './permits.ts';
import type { In, Patch, RefreshEnded, Renewal, TokenContext, VerifyEnded } from './token.glossary.ts';

/** The words of the token's story about its calls: their permits, and how a refresh or a verification ended. All pure. */

// ── Permits ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export const countAsk = ({ context }: In<unknown>): Patch => ({ asks: context.asks + 1, permit: null });
export const requestOf = (context: TokenContext) => `token${context.asks}`;
export const answered = ({ event }: In<Delivered<PermitGranted> | Delivered<PermitDenied>>) => event.request;
export const askPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'REQUEST_PERMIT', request: requestOf(context), callClass: 'token', car: null });
export const askVerificationPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'REQUEST_PERMIT', request: requestOf(context), callClass: 'read', car: null });
export const cancelPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'CANCEL_PERMIT', request: requestOf(context) });
export const storePermit = ({ event }: In<Delivered<PermitGranted>>): Patch => ({ permit: event.permit });
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

// ── How a refresh ended ─────────────────────────────────────────────────────────────────────────────────────────────
export const ended = ({ event }: In<RefreshEnded>) => event.outcome;
export const sessionOutcome = ({ event }: In<{ readonly output: Renewal }>) => event.output;
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

// ── How a verification ended ────────────────────────────────────────────────────────────────────────────────────────
export const verification = ({ event }: In<VerifyEnded>) => event.failure;
export const verifyEnded = ({ event }: In<{ readonly output: CallOutcome }>): readonly VerifyEnded[] => [
  { type: 'VERIFY_ENDED', failure: event.output.ok ? null : event.output.failure },
];
export const verifyTimedOut = (): readonly VerifyEnded[] => [
  { type: 'VERIFY_ENDED', failure: ownFailure('timeout', 'The cloud did not answer in time.', null) },
];
