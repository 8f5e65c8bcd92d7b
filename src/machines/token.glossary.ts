import type {
  CancelToken,
  Delivered,
  PermitDenied,
  PermitGranted,
  Refresh,
  RequestToken,
  TokenChanged,
  TokenRejected,
  TokenWorked,
  ToToken,
} from './domain/events.ts';
import type { CloudFailure, Scope } from './domain/failure.ts';
import type { SessionOutcome } from './domain/outcome.ts';
import type { Settings } from './domain/settings.ts';
import { type Given, LONGEST_TIMER_MS, type LogEntry, send, to } from './story.ts';
import type { Failed, Waiter } from './token-rules.ts';

/**
 * The words of the token's story (token.machine.ts) that stand everywhere in it: what it remembers, and what its account
 * hears of it. Those of its answers, of its calls, of its visits to `refreshing` and of what comes of a refresh have files
 * of their own. All pure.
 */

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
  /** Names the timer of the next one. */
  readonly nextSlot: number;
  /** Visits of an earlier run: ms until each is forgotten, counted from the start. */
  readonly storedVisitsMs: readonly number[];
  readonly failures: number;
  readonly failure: Failed | null;
  /** When it failed last, epoch ms, of the cloud's clock. */
  readonly failedAt: number;
  /** In `valid`: a renewal was refused, so that only a login replaces the session in hand. */
  readonly grantIsDead: boolean;
  readonly asks: number;
  readonly permit: string | null;
}

export type In<E> = Given<TokenContext, E>;
export type Asks = Delivered<RequestToken> | Delivered<Refresh>;
export type Names = Delivered<Refresh> | Delivered<TokenRejected>;
export type Patch = Partial<TokenContext>;

// ── Who waits ───────────────────────────────────────────────────────────────────────────────────────────────────────
export const asWaiter = (event: Asks): Waiter =>
  event.type === 'REFRESH'
    ? { from: event.from, request: event.request, generation: event.generation, scope: event.scope }
    : { from: event.from, request: event.request, generation: null, scope: null };
export const addWaiter = ({ context, event }: In<Asks>): Patch => ({ waiting: [...context.waiting, asWaiter(event)] });
export const addRefused = ({ context, event }: In<Asks>): Patch => ({ refused: [...context.refused, asWaiter(event)] });
export const removeWaiter = ({ context, event }: In<Delivered<CancelToken>>): Patch => {
  const stays = (waiter: Waiter) => waiter.from !== event.from || waiter.request !== event.request;
  return { waiting: context.waiting.filter(stays), refused: context.refused.filter(stays) };
};
export const nobodyWaits = (): Patch => ({ waiting: [], refused: [], permit: null });

// ── Why it refreshes ────────────────────────────────────────────────────────────────────────────────────────────────
export const knownBad = ({ context, event }: In<Names>): Patch =>
  context.why === 'renewal' ? { why: 'rejection', scope: event.scope } : {};
export const becauseOfRejection = ({ event }: In<Names>): Patch => ({
  why: 'rejection',
  scope: event.scope,
  failures: 0,
});
/** Should it turn out to be the session, it is known bad: the stored one must not be adopted again. */
export const rememberRefusal = ({ event }: In<Names>): Patch => ({ why: 'rejection', scope: event.scope });
export const becauseOfAge = (): Patch => ({ why: 'renewal', scope: null });
export const becauseSuspect = (): Patch => ({ why: 'suspect' });
export const renewalHow = ({ context }: In<unknown>) => ({ start: context.why === 'start' });

// ── How long it waits ───────────────────────────────────────────────────────────────────────────────────────────────
const RENEW_AT = 0.8;
/** When a session in use is renewed, counted from when it came into use. */
export const renewalMs = ({ failures, settings, lifetimeMs }: TokenContext): number =>
  Math.min(LONGEST_TIMER_MS, failures > 0 ? settings.renewalRetryMs : Math.floor(lifetimeMs * RENEW_AT));
/**
 * Whether another renewal has no sense: the grant was refused, or so many have failed that the session in hand must be over.
 * Then it is left alone until a call shows that it is refused: a login belongs to somebody who needs it.
 */
export const isLeftAlone = ({ failures, grantIsDead, lifetimeMs, settings }: TokenContext): boolean =>
  grantIsDead || lifetimeMs * RENEW_AT + failures * settings.renewalRetryMs >= lifetimeMs;
/** When a failed refresh is tried again. */
export const retryMs = ({ failure }: TokenContext): number =>
  Math.min(LONGEST_TIMER_MS, failure?.retryAfterMs ?? LONGEST_TIMER_MS);
/** Failed renewals are counted to the end of the session, however many they are. */
export const countFailedRenewal = ({ context }: In<unknown>): Patch => ({ failures: context.failures + 1 });

// ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
export const askedGeneration = ({ event }: In<{ readonly generation: number }>) => event.generation;
export const used = ({ event }: In<Delivered<TokenWorked>>) => event;

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────
const retryAt = ({ failure, failedAt }: TokenContext): number | null =>
  failure === null || failure.retryAfterMs === null ? null : failedAt + failure.retryAfterMs;
export const tell = (state: TokenChanged['state']) => {
  const tellAccount = ({ context }: In<unknown>) =>
    to('account', {
      type: 'TOKEN_CHANGED',
      state,
      generation: context.generation,
      visits: context.visits,
      reason: context.failure?.reason ?? null,
      message: context.failure?.message ?? null,
      retryAt: retryAt(context),
    });
  return send(tellAccount);
};
export const expiryDetected = ({ context, event }: In<Names>): LogEntry => ({
  level: 'warn',
  message: 'token expiry detected',
  fields: { generation: event.generation, current: context.generation, scope: event.scope },
});
export const leftAlone = ({ context }: In<unknown>): LogEntry => ({
  level: 'warn',
  message: 'the session is not renewed any more; the next call that the cloud refuses begins a new one',
  fields: { generation: context.generation, grantIsDead: context.grantIsDead },
});
export const refreshBegun = ({ context }: In<unknown>): LogEntry => ({
  level: 'info',
  message: 'refresh begun',
  fields: { why: context.why, generation: context.generation },
});
