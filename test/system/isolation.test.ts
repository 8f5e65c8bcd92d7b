import { describe, expect } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { hosted as it, it as ownProcess } from './stage.ts';

/** What hangs is let go of soon when the test is over. */
const QUICK_END = { BLUELINKD_TIMING_SHUTDOWN_MS: '300' };
/** What people are promised. */
const PROMISED_MS = 100;
/** What is asserted: these tests share two cores with each other. The measured time is printed when it is above the promise. */
const ASSERTED_MS = 500;

/** ms from publishing a lock until the cloud hears of it. */
async function reachesCloudAfterMs(stage: Stage, car: string): Promise<number> {
  const since = stage.mark;
  const begun = performance.now();
  const arrival = stage.cloud.waitFor((call) => call.kind === 'control.door' && call.car === car, 5_000, since);
  const id = await stage.mqtt.send(car, 'lock', { action: 'lock' });
  await arrival;
  const tookMs = performance.now() - begun;
  if (tookMs > PROMISED_MS) process.stdout.write(`A lock took ${Math.round(tookMs)} ms to the cloud.\n`);
  expect(await stage.mqtt.result(id)).toMatchObject({ status: 'succeeded' });
  return tookMs;
}

describe('a car that hangs', () => {
  ownProcess(
    'delays no other: with six forced reads hanging, a lock on a seventh car reaches the cloud at once',
    async ({ aStage }) => {
      const stage = await aStage({ cars: 7, environment: QUICK_END });
      await stage.mqtt.lockAndSettle('c6', 'unlock');
      stage.cloud.faults.add({ type: 'hang', match: { kind: 'status.forced' } });
      const sleepers = stage.cars.slice(0, 6);
      const since = stage.mark;
      const ids = await Promise.all(sleepers.map((car) => stage.mqtt.send(car, 'refresh', { action: 'force' })));
      for (const car of sleepers) {
        await stage.cloud.waitFor((call) => call.kind === 'status.forced' && call.car === car, 5_000, since);
      }
      expect(await reachesCloudAfterMs(stage, 'c6')).toBeLessThan(ASSERTED_MS);
      expect(stage.mqtt.results().filter(({ id, status }) => ids.includes(id) && status !== 'accepted')).toEqual([]);
      // Its own forced read does not keep a car from being locked either.
      expect(await reachesCloudAfterMs(stage, 'c0')).toBeLessThan(ASSERTED_MS);
    },
  );

  ownProcess(
    "delays no other: while a car's lock call hangs, another car's lock reaches the cloud at once",
    async ({ aStage }) => {
      const stage = await aStage({ cars: 3, environment: QUICK_END });
      await stage.mqtt.lockAndSettle('c2', 'unlock');
      stage.cloud.faults.add({ type: 'hang', match: { kind: 'control', car: 'c0' } });
      const since = stage.mark;
      await stage.mqtt.send('c0', 'lock', { action: 'lock' });
      await stage.cloud.waitFor((call) => call.kind === 'control.door' && call.car === 'c0', 5_000, since);
      expect(await reachesCloudAfterMs(stage, 'c2')).toBeLessThan(ASSERTED_MS);
    },
  );
});

describe.concurrent('a car in trouble', () => {
  it('is told from the cloud: forced reads that time out do not open the breaker', async ({ aStage }) => {
    const timing = {
      BLUELINKD_TIMING_FORCED_READ_TIMEOUT_MS: '1500',
      BLUELINKD_TIMING_CALL_TIMEOUT_MS: '5000',
    };
    const stage = await aStage({ cars: 7, environment: timing });
    stage.cloud.faults.add({ type: 'hang', match: { kind: 'status.forced' } });
    const results = await Promise.all(stage.cars.map((car) => stage.mqtt.command(car, 'refresh', { action: 'force' })));
    expect(results.map(({ status, reason }) => [status, reason])).toEqual(
      results.map(() => ['timedOut', 'carUnreachable']),
    );
    expect(stage.mqtt.accountViews().map(({ breaker }) => breaker)).not.toContain('open');
    // The car was woken once: nobody repeats it in silence.
    expect(stage.cars.map((car) => stage.cloud.car(car).wakes)).toEqual(stage.cars.map(() => 1));
  });

  it('in doubt is never locked twice: a lock call that is cut after it took effect is confirmed, not repeated', async ({
    aStage,
  }) => {
    const stage = await aStage();
    await stage.mqtt.lockAndSettle(stage.car, 'unlock');
    const since = stage.mark;
    stage.cloud.faults.add({ type: 'cutAfter', times: 1, match: { kind: 'control' } });
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(stage.calls('control', since)).toHaveLength(1);
  });

  it('a lock call that never arrived and cannot be confirmed ends unknown, and says so', async ({ aStage }) => {
    const stage = await aStage({ environment: { BLUELINKD_TIMING_LOCK_CONFIRM_MS: '1500' } });
    await stage.mqtt.lockAndSettle(stage.car, 'unlock');
    stage.cloud.faults.add({ type: 'cutBefore', match: { kind: 'control' } });
    const result = await stage.mqtt.lock(stage.car);
    expect(result).toMatchObject({ status: 'unknown', reason: 'noConfirmation', attempts: 1 });
    expect(stage.cloud.car(stage.car).actual.locked).toBe(false);
  });
});
