import { describe, expect, it } from 'vitest';
import { Outage } from '../../../src/io/mqtt/outage.ts';

const START = Date.parse('2026-11-22T10:00:00Z');
const MINUTE_MS = 60_000;

function anOutage(): { readonly outage: Outage; readonly pass: (ms: number) => void } {
  let elapsed = 0;
  const clock = { now: () => START + elapsed, elapsed: () => elapsed };
  const outage = new Outage(clock, { reminderMinMs: MINUTE_MS, reminderMaxMs: 60 * MINUTE_MS });
  const pass = (ms: number) => {
    elapsed += ms;
  };
  return { outage, pass };
}

describe('a broker that stays away', () => {
  it('is spoken of at once, and again after 1, 2, 4 … minutes, at most an hour apart', () => {
    const { outage, pass } = anOutage();
    const reminders: number[] = [];
    expect(outage.failed('gone', true)).toMatchObject({ isNews: true, isReminder: false });
    for (let minute = 0.5; minute <= 300; minute += 0.5) {
      pass(MINUTE_MS / 2);
      const { isNews, isReminder } = outage.failed('gone', false);
      expect(isNews).toBe(false);
      if (isReminder) reminders.push(minute);
    }
    expect(reminders).toEqual([1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  it('is spoken of with the moment since when, and how often it was tried', () => {
    const { outage, pass } = anOutage();
    outage.failed('lost', true);
    pass(MINUTE_MS);
    outage.failed('gone', false);
    pass(MINUTE_MS);
    expect(outage.failed('gone', false)).toEqual({
      isNews: false,
      isReminder: true,
      tries: 2,
      since: '2026-11-22T10:00:00.000Z',
    });
  });

  it('for two reasons in turn is spoken of once for each, and then as if for one', () => {
    const { outage, pass } = anOutage();
    const said = [0, 1, 2, 3, 4, 5].map((n) => {
      const { isNews, isReminder } = outage.failed(n % 2 === 0 ? 'cut' : 'closed', false);
      pass(MINUTE_MS / 2);
      return isNews ? 'news' : isReminder ? 'reminder' : '';
    });
    expect(said).toEqual(['news', 'news', '', 'reminder', '', '']);
  });

  it('and came back in between is news again, and counts from the beginning', () => {
    const { outage, pass } = anOutage();
    outage.failed('gone', false);
    pass(5 * MINUTE_MS);
    expect(outage.failed('gone', false).isReminder).toBe(true);
    outage.over();
    expect(outage.failed('gone', false)).toEqual({
      isNews: true,
      isReminder: false,
      tries: 1,
      since: '2026-11-22T10:05:00.000Z',
    });
    pass(MINUTE_MS);
    expect(outage.failed('gone', false).isReminder).toBe(true);
  });
});
