/** A time zone, in which the cars of a region write their times. */
export type Zone = 'Europe/Berlin' | 'Australia/Sydney';

const FORMATS: Readonly<Record<Zone, Intl.DateTimeFormat>> = {
  'Europe/Berlin': formatIn('Europe/Berlin'),
  'Australia/Sydney': formatIn('Australia/Sydney'),
};

function formatIn(timeZone: Zone): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
}

export interface LocalParts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

/** Wall-clock parts in a zone. */
export function localParts(zone: Zone, at: number): LocalParts {
  const parts = { year: '', month: '', day: '', hour: '', minute: '', second: '' };
  for (const { type, value } of FORMATS[zone].formatToParts(at)) {
    if (type in parts) parts[type as keyof typeof parts] = value;
  }
  return parts;
}

/** `yyyyMMddHHmmss` in a zone's local time. */
export function localDigits(zone: Zone, at: number): string {
  const { year, month, day, hour, minute, second } = localParts(zone, at);
  return `${year}${month}${day}${hour}${minute}${second}`;
}

/** A zone's distance from UTC in hours. */
export function offsetHours(zone: Zone, at: number): number {
  const { year, month, day, hour, minute, second } = localParts(zone, at);
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return Math.round((local - at) / 3_600_000);
}
