import { describe, expect, it } from 'vitest';
import { berlinOffsetMs, isoSeconds, parseBerlinTime } from '../../../../src/io/bluelink/translate/berlin-time.ts';

const utc = (digits: string) => {
  const epochMs = parseBerlinTime(digits);
  return epochMs === null ? null : isoSeconds(epochMs);
};

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
    expect(utc(digits)).toBe(expected);
  });

  it('of the hour that comes twice is the earlier one', () => {
    expect(utc('20241027023000')).toBe('2024-10-27T00:30:00Z');
  });

  it.each(['', '20240720', '20241320120000', '20240230120000', '20240720250000', '00000000000000', 'yyyymmddhhmmss'])(
    '%j is none',
    (digits) => {
      expect(utc(digits)).toBeNull();
    },
  );

  it('agrees with the zone data of the platform over twenty years', () => {
    const format = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin', timeZoneName: 'longOffset' });
    for (let at = Date.UTC(2020, 0, 1); at < Date.UTC(2040, 0, 1); at += 86_400_000) {
      const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value;
      expect(name).toBe(berlinOffsetMs(at) === 7_200_000 ? 'GMT+02:00' : 'GMT+01:00');
    }
  });
});
