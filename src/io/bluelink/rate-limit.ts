import type { IncomingHttpHeaders } from 'node:http';

/** The cloud's own count of our calls, as its last answer told it. */
export interface RateLimitState {
  readonly limit: number | null;
  readonly remaining: number | null;
  /** Epoch ms. */
  readonly resetAt: number | null;
}

/** Reads `x-ratelimit-*` (the reset is in unix seconds). */
export class RateLimit {
  #state: RateLimitState = { limit: null, remaining: null, resetAt: null };

  get state(): RateLimitState {
    return this.#state;
  }

  read(headers: IncomingHttpHeaders): void {
    const limit = numberOf(headers['x-ratelimit-limit']);
    if (limit === null) return;
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
