import { describe, expect, it } from 'vitest';
import { CloudClock } from '../../../src/io/bluelink/cloud-clock.ts';
import { createMemoryLog } from './support/account.ts';

const NOON = Date.parse('2026-11-07T12:00:00Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A cloud whose clock is right, and a machine whose clock is `wrongMs` ahead of it. */
function world({ wrongMs = 0, at = NOON } = {}) {
  const time = { true: at, wrongMs, asleepMs: 0 };
  const clock = { now: () => time.true + time.wrongMs, elapsed: () => time.true - at - time.asleepMs };
  const log = createMemoryLog();
  const cloudClock = new CloudClock(clock, log);
  return {
    time,
    cloudClock,
    /** What our clock says of the cloud's is too late by so much. */
    errorMs: () => cloudClock.now() - time.true,
    /** An answer that took so long there and back. */
    answer(headers: Readonly<Record<string, string>> = {}, thereMs = 100, backMs = 100): void {
      const askedAt = clock.elapsed();
      time.true += thereMs;
      const date = new Date(time.true).toUTCString();
      time.true += backMs;
      cloudClock.hear({ date, ...headers }, askedAt);
    },
    warnings: () => log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message),
  };
}

describe("the cloud's time", () => {
  it('is ours while no answer has told any', () => {
    const { cloudClock, answer } = world({ wrongMs: -10 * MINUTE_MS });
    expect(cloudClock.now()).toBe(NOON - 10 * MINUTE_MS);
    for (const date of ['', 'noon', '0', '-1', new Date(0).toUTCString(), 'Thu, 01 Jan 2150 00:00:00 GMT']) {
      answer({ date });
    }
    cloudClock.hear({}, 0);
    expect(cloudClock.aheadMs()).toBe(0);
  });

  it.each([0, 900, -900])('is exactly ours where the clocks differ by less than a second (%i ms)', (wrongMs) => {
    const { cloudClock, time, answer } = world({ wrongMs, at: NOON + 950 });
    for (let count = 0; count < 50; count += 1) {
      answer();
      time.true += 777;
      expect(cloudClock.aheadMs()).toBe(0);
    }
  });

  it.each([
    ['three seconds behind', -3_000],
    ['behind', -10 * MINUTE_MS],
    ['ahead', 10 * MINUTE_MS],
    ['years behind', -20 * 365 * DAY_MS],
  ])('is known when our clock is %s: never too early, and soon not two seconds too late', (_, wrongMs) => {
    const { time, answer, errorMs } = world({ wrongMs });
    for (let count = 0; count < 50; count += 1) {
      answer();
      expect(errorMs()).toBeGreaterThanOrEqual(0);
      expect(errorMs()).toBeLessThanOrEqual(2_200);
      time.true += 1_237;
    }
    expect(errorMs()).toBeLessThanOrEqual(1_300);
  });

  it('is not taken from a page that was kept', () => {
    const { cloudClock, answer } = world();
    const date = new Date(NOON - DAY_MS).toUTCString();
    for (let count = 0; count < 3; count += 1) answer({ date, age: '86400' });
    expect(cloudClock.aheadMs()).toBe(0);
    answer({ age: '0' });
    answer({ date });
    expect(cloudClock.aheadMs()).toBe(0);
  });

  it('goes on when nothing is heard for a day, and stays on the safe side', () => {
    const { time, answer, errorMs } = world({ wrongMs: -10 * MINUTE_MS });
    answer();
    time.true += DAY_MS;
    expect(errorMs()).toBeGreaterThanOrEqual(0);
    expect(errorMs()).toBeLessThanOrEqual(2_200 + DAY_MS / 10_000);
  });
});

describe("the cloud's time, when our clock is set", () => {
  it('stays as it is when it is set right, or back', () => {
    for (const jumpMs of [10 * MINUTE_MS, -10 * MINUTE_MS]) {
      const { time, answer, errorMs } = world({ wrongMs: -10 * MINUTE_MS });
      answer();
      time.wrongMs += jumpMs;
      expect(errorMs()).toBeGreaterThanOrEqual(0);
      expect(errorMs()).toBeLessThanOrEqual(2_200);
    }
  });

  it('is too late at most until the next answer when it is set to a later time', () => {
    const { time, answer, errorMs } = world();
    answer();
    time.wrongMs += 70 * MINUTE_MS;
    expect(errorMs()).toBeGreaterThanOrEqual(0);
    answer();
    expect(errorMs()).toBeGreaterThanOrEqual(0);
    expect(errorMs()).toBeLessThanOrEqual(2_200);
  });

  it('counts the time for which the machine slept', () => {
    for (const wrongMs of [0, -10 * MINUTE_MS]) {
      const { time, answer, errorMs } = world({ wrongMs });
      answer();
      time.true += DAY_MS;
      time.asleepMs += DAY_MS;
      expect(errorMs()).toBeGreaterThanOrEqual(0);
      answer();
      expect(errorMs()).toBeGreaterThanOrEqual(0);
      expect(errorMs()).toBeLessThanOrEqual(2_200);
    }
  });
});

describe('an answer that contradicts those before', () => {
  const dated = (at: number) => ({ date: new Date(at).toUTCString() });

  it('is believed at once when it makes the time later', () => {
    const { answer, errorMs } = world();
    answer();
    answer(dated(NOON + 5 * MINUTE_MS));
    expect(errorMs()).toBeGreaterThanOrEqual(5 * MINUTE_MS - 1_000);
  });

  it('is believed the second time when it makes it earlier', () => {
    const { time, answer, errorMs } = world();
    answer(dated(NOON + 5 * MINUTE_MS));
    answer();
    expect(errorMs()).toBeGreaterThan(4 * MINUTE_MS);
    time.true += 3_000;
    answer();
    expect(errorMs()).toBe(0);
  });

  it('is not believed when the next one says something else', () => {
    const { answer, cloudClock } = world();
    answer();
    for (const minutes of [5, 10, 15]) answer(dated(NOON - minutes * MINUTE_MS));
    answer(dated(NOON - 5 * MINUTE_MS));
    answer();
    answer(dated(NOON - 5 * MINUTE_MS));
    expect(cloudClock.aheadMs()).toBe(0);
  });
});

describe('the log', () => {
  it.each([
    [-10 * MINUTE_MS, /^The clock of this machine is (599|600|601) s behind the cloud's\.$/],
    [10 * MINUTE_MS, /^The clock of this machine is (599|600|601) s ahead of the cloud's\.$/],
  ])('says once that the clocks differ (%i ms), and again when they did not meanwhile', (wrongMs, sentence) => {
    const { time, answer, warnings } = world({ wrongMs });
    for (let count = 0; count < 5; count += 1) answer();
    expect(warnings()).toEqual([expect.stringMatching(sentence)]);
    time.wrongMs = 0;
    answer();
    time.wrongMs = wrongMs;
    answer();
    expect(warnings()).toEqual([expect.stringMatching(sentence), expect.stringMatching(sentence)]);
  });

  it('says nothing of some seconds', () => {
    const { answer, warnings } = world({ wrongMs: -28_000 });
    answer();
    expect(warnings()).toEqual([]);
  });
});
