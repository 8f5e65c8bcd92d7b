import { describe, expect } from 'vitest';
import type { LoggedCall } from '../../src/io/simulator/call-log.ts';
import type { Stage } from '../support/stage.ts';
import { PACE, paced, QUICK_PACE } from './pace.ts';
import { hosted as it, it as ownProcess } from './stage.ts';

const ANSWER_MS = 5_000;

/** Sends commands to every car, two dozen and more, until it is enough; all of them must end `failed` with this reason. */
async function hammer(stage: Stage, isEnough: () => boolean, reason: string): Promise<void> {
  let quickestMs = Number.POSITIVE_INFINITY;
  for (let sent = 0; sent < 24 || !isEnough(); sent += stage.cars.length) {
    const begun = performance.now();
    const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'lock')));
    quickestMs = Math.min(quickestMs, performance.now() - begun);
    expect(results.map((result) => [result.status, result.reason])).toEqual(results.map(() => ['failed', reason]));
  }
  // What holds this machine up adds to some, what the daemon waits for would add to all.
  expect(quickestMs).toBeLessThan(ANSWER_MS);
}

/** Resolves when the token has failed after so many messages: before that the last word on the account is an old one. */
const hasFailed = (stage: Stage, seen: number) =>
  stage.mqtt.on('bridge/account/main', ({ token }: { token: string }) => token === 'failed', undefined, seen);

/** ms between the arrivals of calls. */
const gaps = (calls: readonly LoggedCall[]) => calls.slice(1).map(({ at }, before) => at - (calls[before]?.at ?? at));

describe.concurrent(`a refresh that does not work (at ${PACE} times the usual pace)`, () => {
  ownProcess(
    'is answered clearly within 5 s, tried again at growing distances, and never by a storm of logins',
    async ({ aStage }) => {
      // The fifth failure opens the breaker, for good reason: until then there is time for all these commands.
      const outageRetryMs = 600;
      const environment = { ...QUICK_PACE, BLUELINKD_TIMING_OUTAGE_RETRY_MS: String(outageRetryMs) };
      const stage = await aStage({
        cars: 3,
        environment: { ...environment, BLUELINKD_TIMING_OUTAGE_RETRY_MAX_MS: '60000' },
      });
      const since = stage.mark;
      stage.cloud.revokeTokens();
      const fault = stage.cloud.faults.add({ type: 'breakRefresh', code: 500 });
      const first = await stage.mqtt.lock(stage.car);
      expect(first).toMatchObject({ status: 'failed', reason: 'refreshFailed', attempts: 1 });
      const view = await stage.mqtt.account(({ token }) => token === 'failed');
      expect(view).toMatchObject({ reason: 'refreshFailed', message: expect.stringMatching(/\w+ .*\./) });
      await hammer(stage, () => stage.refreshes(since).length >= 3, 'refreshFailed');
      // Each pause is twice the one before, and begins when the try before it has been answered; what holds this machine up
      // adds, but for the way of the earlier try to the cloud. So however long that took, there were no more tries than that.
      const pauses = gaps(stage.refreshes(since));
      expect(pauses.length).toBeGreaterThanOrEqual(2);
      for (const [at, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(outageRetryMs * 2 ** at * 0.7);
      expect(stage.logins(since)).toEqual([]);
      expect(stage.mqtt.accountViews().map(({ breaker }) => breaker)).not.toContain('open');
      fault.lift();
      await stage.mqtt.account(({ token }) => token === 'valid' || token === 'cooldown');
      expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded' });
    },
  );

  it('a refused grant costs one login, and then the daemon is in again', async ({ aStage }) => {
    const stage = await aStage();
    const since = stage.mark;
    stage.cloud.revokeTokens({ kinds: ['access', 'control', 'cci', 'refresh'] });
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded' });
    expect(stage.logins(since)).toHaveLength(1);
  });

  it('a grant refused again and again uses up the login budget and no more, whatever comes', async ({ aStage }) => {
    const stage = await aStage({ cars: 3, environment: QUICK_PACE });
    stage.cloud.faults.add({ type: 'refuseRefresh' });
    // The first login was that of the start.
    for (const logins of [2, 3]) {
      stage.cloud.revokeTokens();
      expect(await stage.lockAndSettle(stage.car)).toMatchObject({ status: 'succeeded' });
      await stage.mqtt.account(({ token, generation }) => token === 'valid' && generation === logins);
      expect(stage.logins()).toHaveLength(logins);
    }
    stage.cloud.revokeTokens();
    expect(await stage.mqtt.lock(stage.car, 'lock')).toMatchObject({
      status: 'failed',
      reason: 'loginBudget',
    });
    const since = stage.mark;
    const until = Date.now() + paced(40);
    await hammer(stage, () => Date.now() >= until, 'loginBudget');
    expect(stage.logins(since)).toEqual([]);
    // It waits for the day to be over, however slow this machine is.
    expect(stage.refreshes(since)).toEqual([]);
    expect(await stage.mqtt.account(({ reason }) => reason === 'loginBudget')).toMatchObject({ token: 'failed' });
  });

  it('a cloud that answers the refresh with a web page is an outage like any other', async ({ aStage }) => {
    const stage = await aStage({ environment: QUICK_PACE });
    const [since, seen] = [stage.mark, stage.mqtt.seen.all.length];
    stage.cloud.revokeTokens();
    const fault = stage.cloud.faults.add({ type: 'html200', match: { kind: 'cci.refresh,token.refresh' } });
    expect(await stage.mqtt.lock(stage.car, 'lock')).toMatchObject({
      status: 'failed',
      reason: 'refreshFailed',
    });
    expect(stage.logins(since)).toEqual([]);
    await hasFailed(stage, seen);
    fault.lift();
    await stage.mqtt.account(({ token }) => token === 'valid' || token === 'cooldown');
    expect(await stage.mqtt.lock(stage.car, 'lock')).toMatchObject({ status: 'succeeded' });
  });

  it('a refresh that hangs ends in its time, and whoever waited is told', async ({ aStage }) => {
    const timing = {
      BLUELINKD_TIMING_REFRESH_TIMEOUT_MS: '1500',
      BLUELINKD_TIMING_REFRESH_PERMIT_WAIT_MS: '500',
      BLUELINKD_TIMING_TOKEN_WAIT_MS: '2500',
    };
    const stage = await aStage({ cars: 2, environment: { ...QUICK_PACE, ...timing } });
    const seen = stage.mqtt.seen.all.length;
    stage.cloud.revokeTokens();
    const fault = stage.cloud.faults.add({ type: 'hang', match: { kind: 'cci.refresh' } });
    const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'lock')));
    expect(results.map(({ reason }) => reason)).toEqual(['refreshFailed', 'refreshFailed']);
    await hasFailed(stage, seen);
    fault.lift();
    await stage.mqtt.account(({ token }) => token === 'valid' || token === 'cooldown');
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
  });
});
