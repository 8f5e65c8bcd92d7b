import type { Weekday } from '../../../machines/domain/vehicle-state.ts';

/** Times of day and days as the cars' timers have them, which are local: the cars do not say in which zone. */

/** `HH:MM`; null for what is no time, as the 31:70 of a timer that nobody has set. */
export function timeOfDay(hour: number | null, minute: number | null): string | null {
  if (hour === null || minute === null) return null;
  if (!Number.isInteger(hour) || !Number.isInteger(minute)) return null;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return null;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/**
 * `0740` in the half of the day that the section names: 0 is before noon, 1 after. `1200` before noon is midnight; an hour
 * above 12 needs no section; `0000` is a timer that nobody has set.
 */
export function halfDayTime(digits: string | null, section: number | null): string | null {
  const match = /^(\d\d)(\d\d)$/.exec(digits ?? '');
  if (match === null || digits === '0000') return null;
  const hour = Number(match[1]);
  if (hour > 12) return timeOfDay(hour, Number(match[2]));
  return section === 0 || section === 1 ? timeOfDay((hour % 12) + 12 * section, Number(match[2])) : null;
}

const FROM_SUNDAY: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** 0 is Sunday; 9 is no day. */
export function daysOf(numbers: readonly number[]): readonly Weekday[] {
  return numbers.flatMap((day) => FROM_SUNDAY[day] ?? []);
}
