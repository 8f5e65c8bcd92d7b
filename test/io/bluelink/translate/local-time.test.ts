import { describe, expect, it } from 'vitest';
import {
  BERLIN,
  isoSeconds,
  offsetMs,
  parseLocalTime,
  SYDNEY,
  type Zone,
} from '../../../../src/io/bluelink/translate/local-time.ts';

const utc = (zone: Zone, digits: string) => {
  const epochMs = parseLocalTime(zone, digits);
  return epochMs === null ? null : isoSeconds(epochMs);
};

const HOUR_MS = 3_600_000;

describe('the time of a car', () => {
  it.each([
    ['20240720120000', '2024-07-20T10:00:00Z'],
    ['20240120120000', '2024-01-20T11:00:00Z'],
    ['20240331015959', '2024-03-31T00:59:59Z'],
    ['20240331030000', '2024-03-31T01:00:00Z'],
    ['20241027015959', '2024-10-26T23:59:59Z'],
    ['20241027030000', '2024-10-27T02:00:00Z'],
    ['20240101003000', '2023-12-31T23:30:00Z'],
    ['20240720120000.123', '2024-07-20T10:00:00Z'],
  ])('%s of Berlin is %s', (digits, expected) => {
    expect(utc(BERLIN, digits)).toBe(expected);
  });

  it.each([
    ['20240720120000', '2024-07-20T02:00:00Z'],
    ['20240120120000', '2024-01-20T01:00:00Z'],
    ['20240407015959', '2024-04-06T14:59:59Z'],
    ['20240407030000', '2024-04-06T17:00:00Z'],
    ['20241006015959', '2024-10-05T15:59:59Z'],
    ['20241006030000', '2024-10-05T16:00:00Z'],
    ['20240101003000', '2023-12-31T13:30:00Z'],
  ])('%s of Sydney is %s', (digits, expected) => {
    expect(utc(SYDNEY, digits)).toBe(expected);
  });

  it('of the hour that comes twice is the earlier one', () => {
    expect(utc(BERLIN, '20241027023000')).toBe('2024-10-27T00:30:00Z');
    expect(utc(SYDNEY, '20240407023000')).toBe('2024-04-06T15:30:00Z');
  });

  it.each(['', '20240720', '20241320120000', '20240230120000', '20240720250000', '00000000000000', 'yyyymmddhhmmss'])(
    '%j is none',
    (digits) => {
      expect(utc(BERLIN, digits)).toBeNull();
    },
  );

  it.each([
    ['Europe/Berlin', BERLIN],
    ['Australia/Sydney', SYDNEY],
  ])('agrees with the data of the platform for %s over twenty years', (timeZone, zone) => {
    const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
    let before = 0;
    for (let at = Date.UTC(2020, 0, 1); at < Date.UTC(2040, 0, 1); at += 24 * HOUR_MS) {
      // Each of the 24 hours around a change, once a day else.
      const hours = offsetMs(zone, at) === before ? [0] : Array.from({ length: 25 }, (_, hour) => -hour);
      before = offsetMs(zone, at);
      for (const moment of hours.map((hour) => at + hour * HOUR_MS)) {
        const name = format.formatToParts(moment).find(({ type }) => type === 'timeZoneName')?.value;
        expect(name).toBe(`GMT+${String(offsetMs(zone, moment) / HOUR_MS).padStart(2, '0')}:00`);
      }
    }
  });
});
