import { describe, expect } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { PACE, paced, QUICK_PACE } from './pace.ts';
import { hosted as it } from './stage.ts';

/** So long may a sender wait for a clear answer. Not shortened. */
const ANSWER_MS = 5_000;

/** Visits to `refreshing` that were shown after so many messages. */
const visitsShown = (stage: Stage, since: number) =>
  stage.mqtt.seen.all
    .slice(since)
    .filter(({ topic }) => topic === 'hyundai/bridge/account/main')
    .filter(({ json }) => (json as { token: string }).token === 'refreshing');

describe.concurrent(`a cloud that refuses every fresh token (at ${PACE} times the usual pace)`, () => {
  it('one command makes two control calls at most and ends failed, with a reason, within 5 s', async ({ aStage }) => {
    const stage = await aStage({ environment: QUICK_PACE });
    const since = stage.mark;
    stage.cloud.faults.add({ type: 'rejectFreshTokens' });
    const result = await stage.mqtt.lock(stage.car, 'lock', ANSWER_MS);
    expect(result.status).toBe('failed');
    expect(['tokenRejectedAfterRefresh', 'freshTokenRejected']).toContain(result.reason);
    expect(result.message).not.toBe('');
    expect(stage.calls('control', since).length).toBeLessThanOrEqual(2);
    expect(stage.refreshes(since).length + stage.logins(since).length).toBe(1);
    const view = await stage.mqtt.account(({ reason }) => reason === 'freshTokenRejected', 'main', ANSWER_MS);
    expect(view).toMatchObject({ breaker: 'closed', message: expect.stringMatching(/token/) });
    expect(Date.parse(view.retry_at ?? '')).toBeGreaterThan(Date.now() - 1_000);
  });

  it('the cloud is not hammered in the next minute, however many commands come, and all of them are answered', async ({
    aStage,
  }) => {
    const stage = await aStage({ cars: 3, environment: QUICK_PACE });
    stage.cloud.faults.add({ type: 'rejectFreshTokens' });
    await stage.mqtt.lock(stage.car, 'lock', ANSWER_MS);
    const [since, seen] = [stage.mark, stage.mqtt.seen.all.length];
    const until = Date.now() + paced(60);
    let sent = 0;
    while (Date.now() < until) {
      const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'unlock', ANSWER_MS)));
      expect(results.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
      sent += results.length;
    }
    expect(sent).toBeGreaterThan(20);
    expect(visitsShown(stage, seen).length).toBeLessThanOrEqual(2);
    expect(stage.logins(since).length).toBeLessThanOrEqual(2);
    expect(stage.cars.map((car) => stage.cloud.car(car).deliveryCount)).toEqual([0, 0, 0]);
    expect(stage.mqtt.accountViews().map(({ breaker }) => breaker)).not.toContain('open');
  });

  it('it recovers by itself when tokens work again', async ({ aStage }) => {
    const stage = await aStage({ environment: QUICK_PACE });
    const fault = stage.cloud.faults.add({ type: 'rejectFreshTokens' });
    await stage.mqtt.lock(stage.car, 'lock', ANSWER_MS);
    await stage.mqtt.account(({ reason }) => reason === 'freshTokenRejected');
    fault.lift();
    await stage.mqtt.account(({ token, reason }) => token === 'valid' || (token === 'cooldown' && reason === null));
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(stage.logins()).toHaveLength(2);
  });

  it('refuses one car only: that one fails, the others go on, and nobody logs in', async ({ aStage }) => {
    const stage = await aStage({ cars: 2, environment: QUICK_PACE });
    const since = stage.mark;
    stage.cloud.faults.add({ type: 'rejectFreshTokens', match: { car: 'c0' } });
    expect(await stage.mqtt.lock('c0', 'lock', ANSWER_MS)).toMatchObject({ status: 'failed', attempts: 2 });
    expect(await stage.mqtt.lock('c1', 'unlock', ANSWER_MS)).toMatchObject({ status: 'succeeded' });
    expect(stage.logins(since)).toEqual([]);
    expect(stage.refreshes(since)).toHaveLength(1);
  });
});
