import type { Purpose } from '../../machines/domain/command.ts';

/** The days of a budget are those of UTC; `now` in epoch ms. */

export const DAY_MS = 86_400_000;
/** %, of the day's calls: up to this reads go on that somebody asked for, and those that nobody asked for. */
const ASKED_PCT = 75;
const OWN_PCT = 60;
/**
 * %: polling may use so much at once, and so much by the end of the day: what is left is spread over it, and over the
 * cars, who take turns.
 */
const POLL_PCT = { atOnce: 10, byNight: 50 };

/** `2026-11-07` */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** ms */
export function untilTomorrow(now: number): number {
  return DAY_MS - (now % DAY_MS);
}

/** Up to which share of the day's calls a read goes on, %. */
export function shareOf(purpose: Exclude<Purpose, 'needed'>, now: number): number {
  if (purpose === 'asked') return ASKED_PCT;
  if (purpose === 'own') return OWN_PCT;
  const { atOnce, byNight } = POLL_PCT;
  return atOnce + ((byNight - atOnce) * (now % DAY_MS)) / DAY_MS;
}
