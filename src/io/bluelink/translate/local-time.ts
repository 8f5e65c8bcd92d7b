const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The local time in which the cars of a region report, by the rule of its law: so neither the process's time zone nor
 * the presence of zone data matters.
 */
export interface Zone {
  readonly standardMs: number;
  readonly summerMs: number;
  isSummer(utcMs: number): boolean;
}

/**
 * Central European time, in which classic cars of every European market report: summer time from the last Sunday of
 * March to the last Sunday of October, 01:00 UTC.
 */
export const BERLIN: Zone = {
  standardMs: HOUR_MS,
  summerMs: 2 * HOUR_MS,
  isSummer(utcMs) {
    const year = new Date(utcMs).getUTCFullYear();
    return utcMs >= lastSunday(year, 2) + HOUR_MS && utcMs < lastSunday(year, 9) + HOUR_MS;
  },
};

/**
 * The time of Sydney, in which the Australian cloud reports, whatever the state (or New Zealand): summer time from the
 * first Sunday of October to the first Sunday of April, both at 02:00 standard time.
 */
export const SYDNEY: Zone = {
  standardMs: 10 * HOUR_MS,
  summerMs: 11 * HOUR_MS,
  isSummer(utcMs) {
    const standard = utcMs + 10 * HOUR_MS;
    const year = new Date(standard).getUTCFullYear();
    return standard < firstSunday(year, 3) + 2 * HOUR_MS || standard >= firstSunday(year, 9) + 2 * HOUR_MS;
  },
};

export function offsetMs(zone: Zone, utcMs: number): number {
  return zone.isSummer(utcMs) ? zone.summerMs : zone.standardMs;
}

/**
 * `yyyyMMddHHmmss` of a zone to epoch ms; null if it is not such a time. Of the two readings in the hour that occurs
 * twice in autumn the earlier is taken: a state must not look newer than it is.
 */
export function parseLocalTime(zone: Zone, digits: string): number | null {
  const local = parseUtcTime(digits);
  if (local === null) return null;
  const asSummer = local - zone.summerMs;
  return zone.isSummer(asSummer) ? asSummer : local - zone.standardMs;
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

/** Its first moment, as if it were UTC. Months from 0. */
function lastSunday(year: number, month: number): number {
  const lastDay = Date.UTC(year, month + 1, 0);
  return lastDay - new Date(lastDay).getUTCDay() * DAY_MS;
}

function firstSunday(year: number, month: number): number {
  const firstDay = Date.UTC(year, month, 1);
  return firstDay + ((7 - new Date(firstDay).getUTCDay()) % 7) * DAY_MS;
}
