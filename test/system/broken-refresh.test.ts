import { describe, expect } from 'vitest';
import type { LoggedCall } from '../../src/io/simulator/call-log.ts';
import type { Stage } from '../support/stage.ts';
import { PACE, paced, QUICK_PACE } from './pace.ts';
import { hosted as it, it as ownProcess } from './stage.ts';

const ANSWER_MS = 5_000;

/** Sends a command to every car, again and again for so long; all of them must end `failed` with this reason. */
async function hammer(stage: Stage, forMs: number, reason: string): Promise<number> {
  const until = Date.now() + forMs;
  let sent = 0;
  while (Date.now() < until) {
    const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'lock', ANSWER_MS)));
    expect(results.map((result) => [result.status, result.reason])).toEqual(results.map(() => ['failed', reason]));
    sent += results.length;
  }
  return sent;
}

/** ms between the arrivals of calls. */
const gaps = (calls: readonly LoggedCall[]) => calls.slice(1).map(({ at }, before) => at - (calls[before]?.at ?? at));

describe.concurrent(`a refresh that does not work (at ${PACE} times the usual pace)`, () => {
  ownProcess(
    'is answered clearly within 5 s, tried again at growing distances, and never by a storm of logins',
    async ({ aStage }) => {
      const stage = await aStage({ cars: 3, environment: QUICK_PACE });
      const since = stage.mark;
      stage.cloud.revokeTokens();
      const fault = stage.cloud.faults.add({ type: 'breakRefresh', code: 500 });
      const first = await stage.mqtt.lock(stage.car, 'lock', ANSWER_MS);
      expect(first).toMatchObject({ status: 'failed', reason: 'refreshFailed', attempts: 1 });
      const view = await stage.mqtt.account(({ token }) => token === 'failed');
      expect(view).toMatchObject({ reason: 'refreshFailed', message: expect.stringMatching(/\w+ .*\./) });
      const sent = await hammer(stage, paced(40), 'refreshFailed');
      expect(sent).toBeGreaterThan(20);
      // After 5, 15 and 35 s, and then nobody knows.
      const tries = stage.refreshes(since);
      expect(tries.length).toBeGreaterThanOrEqual(2);
      expect(tries.length).toBeLessThanOrEqual(4);
      const pauses = gaps(tries);
      expect(pauses[0]).toBeGreaterThanOrEqual(paced(5) * 0.7);
      for (const [at, pause] of pauses.slice(1).entries()) expect(pause).toBeGreaterThan((pauses[at] ?? 0) * 1.2);
      expect(stage.logins(since)).toEqual([]);
      expect(stage.mqtt.accountViews().map(({ breaker }) => breaker)).not.toContain('open');
      fault.lift();
      await stage.mqtt.account(({ token }) => token === 'valid' || token === 'cooldown');
      expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded' });
    },
  );

  it('a refused grant costs one login, and then the daemon is in again', async ({ aStage }) => {
    const stage = await aStage({ environment: QUICK_PACE });
    const since = stage.mark;
    stage.cloud.revokeTokens({ kinds: ['access', 'control', 'cci', 'refresh'] });
    expect(await stage.mqtt.lock(stage.car, 'unlock', ANSWER_MS)).toMatchObject({ status: 'succeeded' });
    expect(stage.logins(since)).toHaveLength(1);
  });

  it('a grant refused again and again uses up the login budget and no more, whatever comes', async ({ aStage }) => {
    const stage = await aStage({ cars: 3, environment: QUICK_PACE });
    stage.cloud.faults.add({ type: 'refuseRefresh' });
    // The first login was that of the start.
    for (const logins of [2, 3]) {
      stage.cloud.revokeTokens();
      expect(await stage.mqtt.lock(stage.car, 'lock', ANSWER_MS)).toMatchObject({ status: 'succeeded' });
      await stage.mqtt.account(({ token }) => token === 'valid');
      expect(stage.logins()).toHaveLength(logins);
    }
    stage.cloud.revokeTokens();
    expect(await stage.mqtt.lock(stage.car, 'lock', ANSWER_MS)).toMatchObject({
      status: 'failed',
      reason: 'loginBudget',
    });
    const since = stage.mark;
    await hammer(stage, paced(40), 'loginBudget');
    expect(stage.logins(since)).toEqual([]);
    expect(stage.refreshes(since).length).toBeLessThanOrEqual(2);
    expect(await stage.mqtt.account(({ reason }) => reason === 'loginBudget')).toMatchObject({ token: 'failed' });
  });

  it('a cloud that answers the refresh with a web page is an outage like any other', async ({ aStage }) => {
    const stage = await aStage({ environment: QUICK_PACE });
    const since = stage.mark;
    stage.cloud.revokeTokens();
    const fault = stage.cloud.faults.add({ type: 'html200', match: { kind: 'cci.refresh,token.refresh' } });
    expect(await stage.mqtt.lock(stage.car, 'lock', ANSWER_MS)).toMatchObject({
      status: 'failed',
      reason: 'refreshFailed',
    });
    expect(stage.logins(since)).toEqual([]);
    fault.lift();
    await stage.mqtt.account(({ token }) => token === 'valid' || token === 'cooldown');
    expect(await stage.mqtt.lock(stage.car, 'lock', ANSWER_MS)).toMatchObject({ status: 'succeeded' });
  });

  it('a refresh that hangs ends in its time, and whoever waited is told', async ({ aStage }) => {
    const timing = {
      BLUELINKD_TIMING_REFRESH_TIMEOUT_MS: '1500',
      BLUELINKD_TIMING_REFRESH_PERMIT_WAIT_MS: '500',
      BLUELINKD_TIMING_TOKEN_WAIT_MS: '2500',
    };
    const stage = await aStage({ cars: 2, environment: { ...QUICK_PACE, ...timing } });
    stage.cloud.revokeTokens();
    const fault = stage.cloud.faults.add({ type: 'hang', match: { kind: 'cci.refresh' } });
    const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'lock', ANSWER_MS)));
    expect(results.map(({ reason }) => reason)).toEqual(['refreshFailed', 'refreshFailed']);
    fault.lift();
    await stage.mqtt.account(({ token }) => token === 'valid' || token === 'cooldown');
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
  });
});
