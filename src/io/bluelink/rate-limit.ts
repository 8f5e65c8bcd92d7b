import type { IncomingHttpHeaders } from 'node:http';

/** The cloud's own count of our calls, as its last answer told it. */
export interface RateLimitState {
  readonly limit: number | null;
  readonly remaining: number | null;
  /** Epoch ms. */
  readonly resetAt: number | null;
}

const HOUR_MS = 3_600_000;
const LONGEST_MS = 48 * HOUR_MS;

/** Reads `x-ratelimit-*` (the reset is in unix seconds). */
export class RateLimit {
  #state: RateLimitState = { limit: null, remaining: null, resetAt: null };
  #readAt = 0;

  get state(): RateLimitState {
    return this.#state;
  }

  /** For how long the cloud takes no more calls, by its own word; null if it takes them. */
  blockedForMs(now: number): number | null {
    const { remaining, resetAt } = this.#state;
    if (remaining !== 0) return null;
    // Without a time of the cloud's own, one call an hour asks again.
    const leftMs = (resetAt !== null && resetAt > this.#readAt ? resetAt : this.#readAt + HOUR_MS) - now;
    return leftMs > 0 ? Math.min(leftMs, LONGEST_MS) : null;
  }

  /** @param now epoch ms. */
  read(headers: IncomingHttpHeaders, now: number): void {
    const limit = numberOf(headers['x-ratelimit-limit']);
    if (limit === null) return;
    this.#readAt = now;
    const reset = numberOf(headers['x-ratelimit-reset']);
    this.#state = {
      limit,
      remaining: numberOf(headers['x-ratelimit-remaining']),
      resetAt: reset === null ? null : reset * 1000,
    };
  }
}

function numberOf(value: string | string[] | undefined): number | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : null;
}
