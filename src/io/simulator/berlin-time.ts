const BERLIN = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Berlin',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

export interface BerlinParts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

/** Wall-clock parts in Berlin, the zone in which every European car writes its times, whatever its market. */
export function berlinParts(at: number): BerlinParts {
  const parts = { year: '', month: '', day: '', hour: '', minute: '', second: '' };
  for (const { type, value } of BERLIN.formatToParts(at)) {
    if (type in parts) parts[type as keyof typeof parts] = value;
  }
  return parts;
}

/** `yyyyMMddHHmmss` in Berlin's local time. */
export function berlinDigits(at: number): string {
  const { year, month, day, hour, minute, second } = berlinParts(at);
  return `${year}${month}${day}${hour}${minute}${second}`;
}

/** Berlin's distance from UTC in hours: 1 in winter, 2 in summer. */
export function berlinOffsetHours(at: number): number {
  const { year, month, day, hour, minute, second } = berlinParts(at);
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return Math.round((local - at) / 3_600_000);
}
