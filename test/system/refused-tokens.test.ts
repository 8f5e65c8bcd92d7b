import { describe, expect } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { PACE, paced, QUICK_PACE } from './pace.ts';
import { hosted as it } from './stage.ts';

/** So long may a sender wait for a clear answer. Not shortened. */
const ANSWER_MS = 5_000;
/** What holds this machine up adds to some answers, what the daemon waits for would add to all. */
const TRIES = 3;

describe.concurrent('a cloud that refuses every fresh token', () => {
  it('one command makes two control calls at most and ends failed, with a reason, within 5 s', async ({ aStage }) => {
    let tookMs = Number.POSITIVE_INFINITY;
    for (let n = 0; n < TRIES && tookMs >= ANSWER_MS; n += 1) {
      const stage = await aStage();
      const begun = performance.now();
      await expectClearAnswer(stage);
      tookMs = performance.now() - begun;
    }
    expect(tookMs).toBeLessThan(ANSWER_MS);
  });

  async function expectClearAnswer(stage: Stage): Promise<void> {
    const since = stage.mark;
    stage.cloud.faults.add({ type: 'rejectFreshTokens' });
    const result = await stage.mqtt.lock(stage.car);
    expect(result.status).toBe('failed');
    expect(['tokenRejectedAfterRefresh', 'freshTokenRejected']).toContain(result.reason);
    expect(result.message).not.toBe('');
    expect(stage.calls('control', since).length).toBeLessThanOrEqual(2);
    expect(stage.refreshes(since).length + stage.logins(since).length).toBe(1);
    const view = await stage.mqtt.account(({ reason }) => reason === 'freshTokenRejected');
    expect(view).toMatchObject({ breaker: 'closed', message: expect.stringMatching(/token/) });
    expect(Date.parse(view.retry_at ?? '')).toBeGreaterThan(Date.now() - 1_000);
  }

  it('refuses one car only: that one fails, the others go on, and nobody logs in', async ({ aStage }) => {
    const stage = await aStage({ cars: 2 });
    const since = stage.mark;
    stage.cloud.faults.add({ type: 'rejectFreshTokens', match: { car: 'c0' } });
    expect(await stage.mqtt.lock('c0', 'lock')).toMatchObject({ status: 'failed', attempts: 2 });
    expect(await stage.mqtt.lock('c1', 'unlock')).toMatchObject({ status: 'succeeded' });
    expect(stage.logins(since)).toEqual([]);
    expect(stage.refreshes(since)).toHaveLength(1);
  });
});

describe.concurrent(`a cloud that refuses every fresh token (at ${PACE} times the usual pace)`, () => {
  it('the cloud is not hammered in the next minute, however many commands come, and all of them are answered', async ({
    aStage,
  }) => {
    const stage = await aStage({ cars: 3, environment: QUICK_PACE });
    stage.cloud.faults.add({ type: 'rejectFreshTokens' });
    const since = stage.mark;
    await stage.mqtt.lock(stage.car);
    const begun = Date.now();
    for (let sent = 0; sent < 24 || Date.now() < begun + paced(60); sent += stage.cars.length) {
      const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'unlock')));
      expect(results.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
    }
    // However long that took: from one visit to the token endpoints to the next there is half a minute at least, so two
    // in a minute. From one arrival to the next is its answer, and then the wait; what holds this machine up only adds.
    const visits = [...stage.refreshes(since), ...stage.logins(since)].toSorted((a, b) => a.n - b.n);
    expect(visits.length).toBeGreaterThanOrEqual(1);
    const gaps = visits.slice(1).map(({ at }, before) => at - (visits[before]?.at ?? at));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(paced(30) - 50);
    expect(stage.cars.map((car) => stage.cloud.car(car).deliveryCount)).toEqual([0, 0, 0]);
    expect(stage.mqtt.accountViews().map(({ breaker }) => breaker)).not.toContain('open');
  });

  it('it recovers by itself when tokens work again', async ({ aStage }) => {
    const stage = await aStage({ environment: QUICK_PACE });
    const fault = stage.cloud.faults.add({ type: 'rejectFreshTokens' });
    await stage.mqtt.lock(stage.car);
    await stage.mqtt.on('bridge/account/main', ({ reason }: { reason: string }) => reason === 'freshTokenRejected');
    fault.lift();
    await stage.mqtt.account(({ token, reason }) => token === 'valid' || (token === 'cooldown' && reason === null));
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(stage.logins()).toHaveLength(2);
  });
});
