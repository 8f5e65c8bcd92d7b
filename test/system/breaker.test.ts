import { describe, expect } from 'vitest';
import type { FaultInput } from '../../src/io/simulator/faults/schema.ts';
import type { Stage } from '../support/stage.ts';
import { PACE, paced, QUICK_PACE } from './pace.ts';
import { hosted as it } from './stage.ts';

const ANSWER_MS = 5_000;
const HTML = '<html><body><h1>503 Service Unavailable</h1></body></html>';

/** Sends one lock after another, each to the next car, until the breaker is open. Answers how often the cloud was called. */
async function lockUntilOpen(stage: Stage): Promise<number> {
  const since = stage.mark;
  for (const car of stage.cars) {
    if (stage.mqtt.accountViews().at(-1)?.breaker === 'open') break;
    const result = await stage.mqtt.lock(car, 'lock', ANSWER_MS);
    expect(result).toMatchObject({ status: 'failed', reason: 'cloudUnavailable' });
    await stage.mqtt.caughtUp();
  }
  return stage.calls('control', since).length;
}

const outages: readonly (readonly [string, FaultInput])[] = [
  ['503 with a web page', { type: 'status', code: 503, body: HTML, match: { kind: 'control' } }],
  ['503 with nothing', { type: 'status', code: 503, match: { kind: 'control' } }],
];

describe.concurrent(`a cloud out of order (at ${PACE} times the usual pace)`, () => {
  it.for(outages)(
    'answers %s: after five failures nothing is sent, one probe tries, and all is well again',
    async ([, input], { aStage }) => {
      const stage = await aStage({ cars: 8, environment: QUICK_PACE });
      const fault = stage.cloud.faults.add(input);
      expect(await lockUntilOpen(stage)).toBe(5);
      const open = await stage.mqtt.account(({ breaker }) => breaker === 'open');
      expect(open).toMatchObject({ reason: 'cloudUnavailable', message: expect.stringMatching(/\w+ .*\./) });
      expect(Date.parse(open.retry_at ?? '')).toBeGreaterThan(Date.now());
      const since = stage.mark;
      const refused = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'unlock', ANSWER_MS)));
      expect(refused.map(({ reason, attempts }) => [reason, attempts])).toEqual(
        refused.map(() => ['cloudUnavailable', 0]),
      );
      expect(stage.cloud.log.filter(({ n }) => n > since)).toEqual([]);
      const opened = stage.daemon.log.all.find(({ msg }) => /breaker.*open/.test(msg));
      expect(opened).toMatchObject({ level: 'warn' });
      fault.lift();
      await stage.mqtt.account(({ breaker }) => breaker === 'closed', 'main', paced(65));
      // The probe was the daemon's own: one read of the list.
      const probes = stage.cloud.log.filter(({ n }) => n > since);
      expect(probes.map(({ kind }) => kind)).toEqual(['list']);
      expect(await stage.mqtt.lock('c7', 'unlock', ANSWER_MS)).toMatchObject({ status: 'succeeded' });
      const said = stage.daemon.log.all.filter(({ msg }) => /breaker/.test(msg));
      expect(said.map(({ level }) => level)).toEqual(['warn', 'info', 'info']);
    },
  );

  it('stays out of order: one probe at a time, at growing distances', async ({ aStage }) => {
    const [openMs, openMaxMs] = [500, 1_500];
    const stage = await aStage({
      cars: 6,
      environment: {
        ...QUICK_PACE,
        BLUELINKD_TIMING_OPEN_MS: String(openMs),
        BLUELINKD_TIMING_OPEN_MAX_MS: String(openMaxMs),
      },
    });
    const fault = stage.cloud.faults.add({ type: 'status', code: 503, body: HTML });
    await lockUntilOpen(stage);
    const since = stage.mark;
    const probes = () => stage.cloud.log.filter(({ n }) => n > since);
    await stage.cloud.waitFor(() => probes().length === 4, 10_000, since);
    expect(probes().map(({ kind }) => kind)).toEqual(['list', 'list', 'list', 'list']);
    const [first = 0, second = 0, third = 0] = probes()
      .slice(1)
      .map(({ at }, before) => at - (probes()[before]?.at ?? at));
    expect(first).toBeGreaterThanOrEqual(2 * openMs - 50);
    expect(second).toBeGreaterThanOrEqual(openMaxMs - 50);
    expect(third).toBeGreaterThanOrEqual(openMaxMs - 50);
    fault.lift();
    await stage.mqtt.account(({ breaker }) => breaker === 'closed', 'main', 2 * openMaxMs);
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
  });

  it('a command that comes at the probe time is the probe, and opens the way for the others', async ({ aStage }) => {
    const stage = await aStage({ cars: 7, environment: QUICK_PACE });
    const fault = stage.cloud.faults.add({ type: 'status', code: 503, match: { kind: 'control' } });
    await lockUntilOpen(stage);
    fault.lift();
    await stage.mqtt.account(({ breaker }) => breaker === 'halfOpen' || breaker === 'closed', 'main', paced(70));
    const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'unlock', ANSWER_MS)));
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'succeeded'));
  });

  it('is not what a sleeping car is: with 5031 the breaker stays closed', async ({ aStage }) => {
    const stage = await aStage({ cars: 7 });
    stage.cloud.faults.add({ type: 'carAsleep', variant: 'unavailable', match: { kind: 'control' } });
    for (const car of stage.cars) {
      expect(await stage.mqtt.lock(car, 'lock', ANSWER_MS)).toMatchObject({
        status: 'failed',
        reason: 'carUnreachable',
      });
    }
    expect(stage.mqtt.accountViews().map(({ breaker }) => breaker)).not.toContain('open');
    expect(stage.calls('control')).toHaveLength(7);
  });

  it('has had enough of us (5091): nothing is sent until its own reset time, and that is said', async ({ aStage }) => {
    const stage = await aStage({ cars: 2, environment: QUICK_PACE });
    stage.cloud.faults.add({ type: 'rateLimited', resetS: 4, times: 1, match: { kind: 'control' } });
    expect(await stage.mqtt.lock('c0', 'lock', ANSWER_MS)).toMatchObject({ status: 'failed', reason: 'rateLimited' });
    const view = await stage.mqtt.account(({ breaker }) => breaker === 'open');
    expect(Date.parse(view.retry_at ?? '')).toBeGreaterThan(Date.now());
    const since = stage.mark;
    expect(await stage.mqtt.lock('c1', 'lock', ANSWER_MS)).toMatchObject({ status: 'failed', attempts: 0 });
    expect(stage.cloud.log.filter(({ n }) => n > since)).toEqual([]);
    await stage.mqtt.account(({ breaker }) => breaker === 'closed', 'main', 7_000);
    expect(await stage.mqtt.lock('c1')).toMatchObject({ status: 'succeeded' });
  });
});
