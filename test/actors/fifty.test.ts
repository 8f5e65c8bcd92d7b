import { describe, expect, it } from 'vitest';
import type { Stepped } from '../../src/actors/observe/observation.ts';
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

type Pauses = Pick<
  Settings,
  | 'lookAfterMs'
  | 'lookEveryMs'
  | 'settleMs'
  | 'lockConfirmMs'
  | 'windowsConfirmMs'
  | 'climateConfirmMs'
  | 'otherConfirmMs'
>;

/** The pauses that the daemon makes by itself, divided; the deadlines stay. */
function faster(times: number): Pauses {
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

/** How long the commands of a car have kept each other waiting on purpose: between looks, and while the car settles, ms. */
function pausedMs(steps: readonly Stepped[], car: string, { lookAfterMs, lookEveryMs, settleMs }: Pauses): number {
  const pauseBefore = (look: number): number => {
    const at = lookAfterMs[look - 1];
    return at === undefined ? lookEveryMs : at - (lookAfterMs[look - 2] ?? 0);
  };
  return steps
    .filter(({ actor }) => `${actor.address}/`.includes(`/vehicle/${car}/`))
    .map(({ event, facts }) => {
      if (event.startsWith('xstate.after.nextLook') && facts.kind === 'command') return pauseBefore(facts.looks);
      return event.startsWith('xstate.after.settle') ? settleMs : 0;
    })
    .reduce((sum, ms) => sum + ms, 0);
}

/**
 * Fifty commands at once, five to each car, whose records come after `recordMs`.
 *
 * @returns the most that one car spent on pauses that were meant, ms: unlike the time on the clock it tells nothing of the
 *   machine.
 */
async function fifty(settings: Pauses, recordMs: number): Promise<number> {
  const steps: Stepped[] = [];
  const whole = await start({
    cars: CARS.map((id, n) => simCar(id, n % 2 === 0 ? 0 : 2, n)),
    settings,
    cloud: { timings: { controlDelayMs: recordMs } },
    observers: [(seen) => void (seen.type === 'stepped' && steps.push(seen))],
  });
  // These cars report as often as they are looked at. What the cloud keeps no record of is proved by a report that is
  // not of an earlier second than the cloud's answer: one that a car gave a tenth of a second after the call may be.
  whole.cloud.cloud.log.onCall(({ kind, car, outcome }) => {
    if (outcome === 'pending' && /^(status|ccs2)\./.test(kind) && car !== null) whole.car(car).reportNow();
  });
  const mark = whole.mark;
  steps.length = 0;
  const ends = await Promise.all(
    CARS.flatMap((car) => COMMANDS.map(([name, body]) => whole.command(car, name, body, 120_000))),
  );
  expect(ends.filter(({ status }) => status !== 'succeeded')).toEqual([]);
  expect(whole.calls('control', mark)).toHaveLength(50);
  for (const car of CARS) {
    expect(whole.car(car).deliveryCount).toBe(5);
    const looks = ['records', 'status', 'ccs2'].flatMap((kind) => whole.calls(kind, mark)).filter((c) => c.car === car);
    expect(looks.length).toBeLessThanOrEqual(5 * 3);
  }
  // Nobody's patience ends, and nobody waits for anything but the next look, its car, and the reading that follows.
  const timers = steps.map(({ event }) => event).filter((event) => /^xstate\.after\.|_OVER$|^NOT_FRESH$/.test(event));
  const pauses = new Set(timers.map((timer) => timer.replace(/^xstate\.after\.(\w+)\..*$/, '$1')));
  expect([...pauses].filter((pause) => !['nextLook', 'settle', 'readPause'].includes(pause))).toEqual([]);
  expect(pauses).toContain('nextLook');
  return Math.max(...CARS.map((car) => pausedMs(steps, car, settings)));
}

describe('fifty commands at once on ten cars', () => {
  it('all succeed, with three status calls for each at most, and a tenth of 20 s of pauses: ten times as fast as in life', async () => {
    const longestMs = await fifty(faster(10), 100);
    expect(longestMs).toBeGreaterThanOrEqual(5 * 200);
    expect(longestMs).toBeLessThanOrEqual(2_000);
  }, 120_000);
});
