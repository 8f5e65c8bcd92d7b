import type { Reason } from './domain/command.ts';
import type { Address, Envelope } from './domain/events.ts';
import type { CloudFailure, FailureKind, Scope } from './domain/failure.ts';
import type { Settings } from './domain/settings.ts';
import { reply } from './story.ts';

/** Somebody who waits for the token; `generation` is null for REQUEST_TOKEN, else the one that was refused. */
export interface Waiter {
  readonly from: Address;
  readonly request: string;
  readonly generation: number | null;
  readonly scope: Scope | null;
}

/** Why the last refresh failed, and when the next one makes sense. */
export interface Failed {
  readonly reason: Reason;
  readonly message: string;
  /** `outage`: soon, and at once when the breaker closes · `refused`: slowly · `limit`: when a visit is forgotten. */
  readonly retry: 'outage' | 'refused' | 'limit' | 'never';
  /** Counted from when it failed; null when only a person can help. */
  readonly retryAfterMs: number | null;
}

/**
 * After which a refresh may work again in a moment, so it is tried soon. Not what counts against the cloud (`verdictOf`): a
 * call that we ended ourselves says nothing of the cloud, and an answer that we cannot read comes again if we ask at once.
 */
const SOON_OVER: ReadonlySet<FailureKind> = new Set(['cloudUnavailable', 'network', 'timeout', 'aborted']);
const A_PERSON_MUST_ACT: Partial<Record<FailureKind, Reason>> = {
  credentialsRejected: 'credentialsRejected',
  consentRequired: 'consentRequired',
  otpRequired: 'otpRequired',
};
/** Beyond this many failures the back-off no longer grows, whatever the settings. */
const MAX_DOUBLINGS = 6;

/** What a failed refresh or login means for the time to come. `failures` counts those before this one. */
export function failedBecause(
  failure: CloudFailure,
  settings: Settings,
  failures: number,
  duringLogin: boolean,
): Failed {
  const person = A_PERSON_MUST_ACT[failure.kind];
  if (person !== undefined) {
    return { reason: person, message: failure.message, retry: 'never', retryAfterMs: null };
  }
  const outage = SOON_OVER.has(failure.kind) && !failure.answered && !duringLogin;
  const backOff = outage
    ? doubling(settings.outageRetryMs, settings.outageRetryMaxMs, failures)
    : doubling(settings.refusedRetryMs, settings.refusedRetryMaxMs, failures);
  const retryAfterMs = failure.retryAfterMs === null ? backOff : Math.max(failure.retryAfterMs, backOff);
  const told: Reason =
    failure.kind === 'loginBudget' || failure.kind === 'rateLimited' ? failure.kind : 'refreshFailed';
  return { reason: told, message: failure.message, retry: outage ? 'outage' : 'refused', retryAfterMs };
}

function doubling(firstMs: number, maxMs: number, failures: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(failures, MAX_DOUBLINGS));
}

/** What is left of the wait; a clock that was set in between makes it no longer than it was, and no shorter than nothing. */
export const leftOf = (failure: Failed, failedAt: number, now: number): Failed => {
  const { retryAfterMs } = failure;
  if (retryAfterMs === null) return failure;
  return { ...failure, retryAfterMs: Math.max(0, Math.min(retryAfterMs, failedAt + retryAfterMs - now)) };
};

export const nextFailures = (failures: number): number => Math.min(failures + 1, MAX_DOUBLINGS);

export const refreshLimit = (settings: Settings): Failed => ({
  reason: 'refreshLimit',
  message: `The token was renewed ${settings.visitLimit} times in ${Math.round(settings.visitWindowMs / 60_000)} minutes and is refused again; the next try is when that is over.`,
  retry: 'limit',
  retryAfterMs: settings.visitWindowMs,
});

export const freshTokenRejected = (settings: Settings): Failed => ({
  reason: 'freshTokenRejected',
  message: 'The cloud refuses the token that it has just issued.',
  retry: 'refused',
  retryAfterMs: settings.cooldownMs,
});

export function ready(waiters: readonly Waiter[], generation: number): Envelope[] {
  return waiters.flatMap(({ from, request }) => reply(from, { type: 'TOKEN_READY', request, generation }));
}

export function failed(waiters: readonly Waiter[], { reason, message, retryAfterMs }: Failed): Envelope[] {
  return waiters.flatMap(({ from, request }) =>
    reply(from, { type: 'TOKEN_FAILED', request, reason, message, retryAfterMs }),
  );
}

/** Those who can go on with a token of this generation; the others name it, or a later one, as refused. */
export const servedBy = (generation: number) => (waiter: Waiter) =>
  waiter.generation === null || waiter.generation < generation;
