import { DEFAULT_SETTINGS } from '../../src/machines/domain/settings.ts';
import type { Environment } from '../support/test-daemon.ts';

/** Waits of the token and the breaker that a story lives through: all of them are made shorter by the same factor. */
const WAITS = [
  'cooldownMs',
  'visitWindowMs',
  'renewalRetryMs',
  'outageRetryMs',
  'outageRetryMaxMs',
  'refusedRetryMs',
  'refusedRetryMaxMs',
  'openMs',
  'openMaxMs',
  'listRetryMs',
  'listRetryMaxMs',
] as const;

/** How many times faster than by default the daemon lives: a minute is three seconds. */
export const PACE = 20;

/** The default waits divided by `PACE`, as environment. */
export const QUICK_PACE: Environment = Object.fromEntries(
  WAITS.map((wait) => [
    `BLUELINKD_TIMING_${wait.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
    String(Math.round(DEFAULT_SETTINGS[wait] / PACE)),
  ]),
);

/** What takes `seconds` by default takes so many ms at the quick pace. */
export const paced = (seconds: number): number => (seconds * 1_000) / PACE;
