import type { Reading, VehicleState } from './vehicle-state.ts';

/**
 * What is known of a car after one more reading. Older data never replaces newer, group by group:
 *
 * - *Status* (everything that is not named below, the car's time included): as the newer reading says it, `null`
 *   included: what the newest payload leaves unknown is unknown. Which one is newer is told by the car's own time; a
 *   forced read without one was answered by the car just now, so the moment of the fetch stands for it; a cached read
 *   without one is newer if it was fetched later. At the same time the later fetch wins. A reading that is older keeps
 *   `source` and `fetchedAt` of the known one.
 * - *Odometer* and *next service*, which a forced read does not tell: the newer reading's, else what was known.
 * - *Location and speed*, which a forced read does not tell either: the one with the later time of its own; without two
 *   times, that of the newer reading; none at all keeps what was known.
 */
export function mergeReadings(previous: Reading | null, next: Reading): Reading {
  if (previous === null) return next;
  const isOlder = isOlderThan(next, previous);
  const [newer, older] = isOlder ? [previous, next] : [next, previous];
  const located = locatedBy(previous.state, next.state, isOlder);
  return {
    source: newer.source,
    fetchedAt: newer.fetchedAt,
    state: {
      ...newer.state,
      odometer_km: newer.state.odometer_km ?? older.state.odometer_km,
      location: located.location,
      detail: {
        ...newer.state.detail,
        next_service_km: newer.state.detail.next_service_km ?? older.state.detail.next_service_km,
        speed_kmh: located.detail.speed_kmh,
      },
    },
  };
}

function isOlderThan(next: Reading, previous: Reading): boolean {
  const nextAt = stateTime(next);
  const previousAt = stateTime(previous);
  return nextAt === null || previousAt === null ? next.fetchedAt < previous.fetchedAt : nextAt < previousAt;
}

/**
 * Whether a forced read brought what the car says now, or only what the cloud remembered.
 *
 * @param knownAt the time of the state that was known when the car was woken, epoch ms; null if none was.
 * @param wokenAt epoch ms.
 */
export function isNews(reading: Reading, knownAt: number | null, wokenAt: number): boolean {
  const at = stateTime(reading);
  if (at === null || knownAt === null || at > knownAt) return true;
  // Cars give whole seconds: woken twice within one, the car gives the same time and has answered all the same.
  return at >= Math.floor(wokenAt / 1_000) * 1_000;
}

/** When the state was true, epoch ms; null when nothing tells. */
export function stateTime({ state, source, fetchedAt }: Reading): number | null {
  const carTime = state.last_updated_utc === null ? Number.NaN : Date.parse(state.last_updated_utc);
  if (!Number.isNaN(carTime)) return carTime;
  // Cars give whole seconds: a fetch within the same second is not later.
  return source === 'forced' ? Math.floor(fetchedAt / 1_000) * 1_000 : null;
}

function locatedBy(previous: VehicleState, next: VehicleState, isOlder: boolean): VehicleState {
  if (next.location === null) return previous;
  if (previous.location === null) return next;
  const previousTime = previous.location.time_utc;
  const nextTime = next.location.time_utc;
  if (previousTime === null || nextTime === null) return isOlder ? previous : next;
  return Date.parse(nextTime) < Date.parse(previousTime) ? previous : next;
}
