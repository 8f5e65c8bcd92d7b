const HOUR_MS = 3_600_000;

/**
 * Central European time, in which classic cars of every European market report. Computed by the rule of the European
 * Union (summer time from the last Sunday of March to the last Sunday of October, 01:00 UTC), so that neither the
 * process's time zone nor the presence of zone data matters.
 */
export function berlinOffsetMs(utcMs: number): number {
  const year = new Date(utcMs).getUTCFullYear();
  const isSummer = utcMs >= lastSundayAtOne(year, 2) && utcMs < lastSundayAtOne(year, 9);
  return isSummer ? 2 * HOUR_MS : HOUR_MS;
}

/**
 * `yyyyMMddHHmmss` of Berlin to epoch ms; null if it is not such a time. Of the two readings in the hour that occurs
 * twice in October the earlier is taken: a state must not look newer than it is.
 */
export function parseBerlinTime(digits: string): number | null {
  const local = parseUtcTime(digits);
  if (local === null) return null;
  const asSummer = local - 2 * HOUR_MS;
  return berlinOffsetMs(asSummer) === 2 * HOUR_MS ? asSummer : local - HOUR_MS;
}

/** `yyyyMMddHHmmss` of UTC to epoch ms; null if it is not such a time. */
export function parseUtcTime(digits: string): number | null {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})/.exec(digits);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(time);
  const isReal =
    year >= 2000 &&
    back.getUTCMonth() === month - 1 &&
    back.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  return isReal ? time : null;
}

/** ISO 8601 UTC in whole seconds. */
export function isoSeconds(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

function lastSundayAtOne(year: number, month: number): number {
  const lastDay = new Date(Date.UTC(year, month + 1, 0, 1));
  return lastDay.getTime() - lastDay.getUTCDay() * 24 * HOUR_MS;
}
