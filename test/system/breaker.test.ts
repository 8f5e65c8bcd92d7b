import { describe, expect } from 'vitest';
import type { FaultInput } from '../../src/io/simulator/faults/schema.ts';
import type { Stage } from '../support/stage.ts';
import { PACE, QUICK_PACE } from './pace.ts';
import { hosted as it } from './stage.ts';

const HTML = '<html><body><h1>503 Service Unavailable</h1></body></html>';

/** The daemon's minute is not shortened: whatever holds this machine up, nothing may be sent meanwhile. */
const USUAL_OPEN = { ...QUICK_PACE, BLUELINKD_TIMING_OPEN_MS: '60000', BLUELINKD_TIMING_OPEN_MAX_MS: '300000' };

/** Sends one lock after another, each to the next car, until the breaker is open. Answers how often the cloud was called. */
async function lockUntilOpen(stage: Stage): Promise<number> {
  const since = stage.mark;
  for (const car of stage.cars) {
    if (stage.mqtt.accountViews().at(-1)?.breaker === 'open') break;
    const result = await stage.mqtt.lock(car, 'lock');
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
  it.for(outages)('answers %s: after five failures nothing is sent', async ([, input], { aStage }) => {
    const stage = await aStage({ cars: 8, environment: USUAL_OPEN });
    stage.cloud.faults.add(input);
    expect(await lockUntilOpen(stage)).toBe(5);
    const open = await stage.mqtt.account(({ breaker }) => breaker === 'open');
    expect(open).toMatchObject({ reason: 'cloudUnavailable', message: expect.stringMatching(/\w+ .*\./) });
    expect(Date.parse(open.retry_at ?? '')).toBeGreaterThan(Date.now());
    const since = stage.mark;
    const refused = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'unlock')));
    expect(refused.map(({ reason, attempts }) => [reason, attempts])).toEqual(
      refused.map(() => ['cloudUnavailable', 0]),
    );
    expect(stage.cloud.log.filter(({ n }) => n > since)).toEqual([]);
    const opened = await stage.daemon.log.next('the word about it', ({ msg }) => /breaker.*open/.test(msg));
    expect(opened).toMatchObject({ level: 'warn' });
  });

  it.for(outages)('answers %s: one probe tries, and all is well again', async ([, input], { aStage }) => {
    const stage = await aStage({ cars: 8, environment: { ...QUICK_PACE, BLUELINKD_TIMING_OPEN_MS: '500' } });
    const fault = stage.cloud.faults.add(input);
    const since = stage.mark;
    // What begins while another call is under way.
    const beside: string[] = [];
    let isProbed = false;
    stage.cloud.onCall((call) => {
      if (call.kind === 'list') isProbed = call.outcome !== 'pending';
      else if (!isProbed && call.outcome === 'pending' && stage.calls('list', since).length > 0) beside.push(call.kind);
    });
    await Promise.all(stage.cars.slice(0, 5).map((car) => stage.mqtt.lock(car)));
    await stage.mqtt.on('bridge/account/main', ({ breaker }: { breaker: string }) => breaker === 'open');
    fault.lift();
    await stage.mqtt.account(({ breaker }) => breaker === 'closed');
    // The probe was the daemon's own: one read of the list, and nothing else before it had been answered.
    expect(stage.calls('control', since)).toHaveLength(5);
    expect(stage.cloud.log.filter(({ n, kind }) => n > since && !kind.startsWith('control'))[0]?.kind).toBe('list');
    expect(stage.calls('list', since)).toHaveLength(1);
    expect(beside).toEqual([]);
    expect(await stage.mqtt.lock('c7', 'unlock')).toMatchObject({ status: 'succeeded' });
    const isAbout = ({ msg }: { msg: string }) => /breaker/.test(msg);
    const said = await stage.daemon.log.count('words about the breaker', 3, isAbout);
    expect(said.map(({ level }) => level)).toEqual(['warn', 'info', 'info']);
  });

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
    await stage.cloud.waitFor(() => probes().length >= 4, 30_000, since);
    expect(probes().map(({ kind }) => kind)).toEqual(probes().map(() => 'list'));
    // From one arrival to the next: its answer, and then the wait. Whatever holds this machine up only adds.
    const [first = 0, second = 0, third = 0] = probes()
      .slice(1)
      .map(({ at }, before) => at - (probes()[before]?.at ?? at));
    expect(first).toBeGreaterThanOrEqual(2 * openMs - 50);
    expect(second).toBeGreaterThanOrEqual(openMaxMs - 50);
    expect(third).toBeGreaterThanOrEqual(openMaxMs - 50);
    fault.lift();
    await stage.mqtt.account(({ breaker }) => breaker === 'closed');
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
  });

  it('a command that comes at the probe time is the probe, and opens the way for the others', async ({ aStage }) => {
    const stage = await aStage({ cars: 7, environment: QUICK_PACE });
    const fault = stage.cloud.faults.add({ type: 'status', code: 503, match: { kind: 'control' } });
    await lockUntilOpen(stage);
    fault.lift();
    await stage.mqtt.account(({ breaker }) => breaker === 'halfOpen' || breaker === 'closed');
    const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'unlock')));
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'succeeded'));
  });

  it('is not what a sleeping car is: with 5031 the breaker stays closed', async ({ aStage }) => {
    const stage = await aStage({ cars: 7 });
    stage.cloud.faults.add({ type: 'carAsleep', variant: 'unavailable', match: { kind: 'control' } });
    for (const car of stage.cars) {
      expect(await stage.mqtt.lock(car, 'lock')).toMatchObject({
        status: 'failed',
        reason: 'carUnreachable',
      });
    }
    expect(stage.mqtt.accountViews().map(({ breaker }) => breaker)).not.toContain('open');
    expect(stage.calls('control')).toHaveLength(7);
  });

  it('has had enough of us (5091): nothing is sent until its own reset time, and that is said', async ({ aStage }) => {
    const stage = await aStage({ cars: 2, environment: QUICK_PACE });
    const resetS = 600;
    const begun = Date.now();
    stage.cloud.faults.add({ type: 'rateLimited', resetS, times: 1, match: { kind: 'control' } });
    expect(await stage.mqtt.lock('c0', 'lock')).toMatchObject({ status: 'failed', reason: 'rateLimited' });
    const view = await stage.mqtt.account(({ breaker }) => breaker === 'open');
    const retryAt = Date.parse(view.retry_at ?? '');
    expect(retryAt).toBeGreaterThan(begun + (resetS - 2) * 1_000);
    expect(retryAt).toBeLessThan(Date.now() + (resetS + 2) * 1_000);
    const since = stage.mark;
    expect(await stage.mqtt.lock('c1', 'lock')).toMatchObject({ status: 'failed', attempts: 0 });
    expect(stage.cloud.log.filter(({ n }) => n > since)).toEqual([]);
  });

  it('has had enough of us (5091): its reset time is waited for, and then all is well', async ({ aStage }) => {
    const stage = await aStage({ cars: 2, environment: QUICK_PACE });
    const resetS = 3;
    stage.cloud.faults.add({ type: 'rateLimited', resetS, times: 1, match: { kind: 'control' } });
    const since = stage.mark;
    expect(await stage.mqtt.lock('c0', 'lock')).toMatchObject({ status: 'failed', reason: 'rateLimited' });
    await stage.mqtt.on('bridge/account/main', ({ breaker }: { breaker: string }) => breaker === 'open');
    await stage.mqtt.account(({ breaker }) => breaker === 'closed');
    const [refused, next] = stage.cloud.log.filter(({ n }) => n > since);
    // The cloud counts in whole seconds, and ours may be half of one beside.
    expect((next?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThan((resetS - 1) * 1_000);
    expect(await stage.mqtt.lock('c1')).toMatchObject({ status: 'succeeded' });
  });
});
