import type { IncomingHttpHeaders } from 'node:http';

/** The cloud's own count of our calls, as its last answer told it. */
export interface RateLimitState {
  readonly limit: number | null;
  readonly remaining: number | null;
  /** Epoch ms. */
  readonly resetAt: number | null;
}

const HOUR_MS = 3_600_000;
/** The cloud's resets lie up to a day ahead; whatever it says, one call asks again after that. */
const LONGEST_MS = 24 * HOUR_MS;

/**
 * Reads `x-ratelimit-*` (the reset is in unix seconds). That nothing remains is heeded until the reset that the same
 * answer names, or for an hour if that is none, and for a day at most. It is heeded no more where it proves to mean
 * nothing: when the limit itself is 0, or when a call is served after that time and again nothing is said to remain.
 */
export class RateLimit {
  #state: RateLimitState = { limit: null, remaining: null, resetAt: null };
  #readAt = 0;
  #blockedUntil: number | null = null;
  #meansNothing = false;

  get state(): RateLimitState {
    return this.#state;
  }

  /** For how long the cloud takes no more calls, by its own word; null if it takes them. */
  blockedForMs(now: number): number | null {
    // Before we heard of it: somebody has set the clock, and nobody knows how long it is.
    if (this.#blockedUntil === null || now < this.#readAt || now >= this.#blockedUntil) return null;
    return this.#blockedUntil - now;
  }

  /**
   * @param now epoch ms.
   * @param served whether the call was answered with HTTP 2xx.
   */
  read(headers: IncomingHttpHeaders, now: number, served: boolean): void {
    const limit = numberOf(headers['x-ratelimit-limit']);
    if (limit === null) return;
    const remaining = numberOf(headers['x-ratelimit-remaining']);
    const reset = numberOf(headers['x-ratelimit-reset']);
    const resetAt = reset === null ? null : reset * 1000;
    this.#state = { limit, remaining, resetAt };
    if (remaining !== 0 || limit === 0) {
      this.#blockedUntil = null;
      this.#meansNothing = false;
      return;
    }
    const wasOver = this.#blockedUntil !== null && now >= this.#blockedUntil;
    this.#meansNothing = served && (this.#meansNothing || wasOver);
    this.#readAt = now;
    this.#blockedUntil = this.#meansNothing ? null : Math.min(untilReset(resetAt, now), now + LONGEST_MS);
  }
}

function untilReset(resetAt: number | null, now: number): number {
  return resetAt !== null && resetAt > now ? resetAt : now + HOUR_MS;
}

function numberOf(value: string | string[] | undefined): number | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : null;
}
