import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../../src/machines/domain/settings.ts';
import { simCar, wholeSystems } from '../support/whole-system.ts';

const start = wholeSystems();
const CARS = Array.from({ length: 10 }, (_, n) => `c${n}`);
const COMMANDS = [
  ['lock', { action: 'lock' }],
  ['climate', { action: 'start', set_temp: 21.5 }],
  ['charge_limits', { ac: 90, dc: 80 }],
  ['charge_port', { action: 'open' }],
  ['windows', { front_left: 2, front_right: 2, back_left: 2, back_right: 2 }],
] as const;

/** The pauses that the daemon makes by itself, divided; the deadlines stay. */
function faster(times: number): Partial<Settings> {
  const { lookAfterMs, lookEveryMs, settleMs, lockConfirmMs, windowsConfirmMs, climateConfirmMs, otherConfirmMs } =
    DEFAULT_SETTINGS;
  return {
    lookAfterMs: lookAfterMs.map((ms) => ms / times),
    lookEveryMs: lookEveryMs / times,
    settleMs: settleMs / times,
    lockConfirmMs,
    windowsConfirmMs,
    climateConfirmMs,
    otherConfirmMs,
  };
}

/** Fifty commands at once, five to each car, whose records come after `recordMs`. Answers how long all of it took, ms. */
async function fifty(settings: Partial<Settings>, recordMs: number): Promise<number> {
  const whole = await start({
    cars: CARS.map((id, n) => simCar(id, n % 2 === 0 ? 0 : 2, n)),
    settings,
    cloud: { timings: { controlDelayMs: recordMs } },
  });
  const mark = whole.mark;
  const begun = performance.now();
  const ends = await Promise.all(
    CARS.flatMap((car) => COMMANDS.map(([name, body]) => whole.command(car, name, body, 60_000))),
  );
  const tookMs = performance.now() - begun;
  expect(ends.filter(({ status }) => status !== 'succeeded')).toEqual([]);
  expect(whole.calls('control', mark)).toHaveLength(50);
  for (const car of CARS) {
    expect(whole.car(car).deliveryCount).toBe(5);
    const looks = ['records', 'status', 'ccs2'].flatMap((kind) => whole.calls(kind, mark)).filter((c) => c.car === car);
    expect(looks.length).toBeLessThanOrEqual(5 * 3);
  }
  return tookMs;
}

describe('fifty commands at once on ten cars', () => {
  it('all succeed, with three status calls for each at most: ten times as fast as in life', async () => {
    expect(await fifty(faster(10), 100)).toBeLessThan(10_000);
  });

  // It takes a quarter of a minute.
  const slow = process.env.BLUELINKD_TEST_SLOW === '1' ? it : it.skip;
  slow(
    'all succeed within 20 s, with three status calls for each at most, when records come after 1 s',
    async () => {
      expect(await fifty(faster(1), 1_000)).toBeLessThan(20_000);
    },
    60_000,
  );
});
