import { describe, expect } from 'vitest';
import type { CommandResult } from '../support/observer.ts';
import type { Stage } from '../support/stage.ts';
import { hosted as it, it as ownProcess } from './stage.ts';

/** What must be so whatever the cars did: one refresh, nobody gave up, and nothing was taken for an outage. */
function expectOneRefresh(stage: Stage, since: number, results: readonly CommandResult[]): void {
  expect(results.map(({ status }) => status)).toEqual(results.map(() => 'succeeded'));
  expect(Math.max(...results.map(({ attempts }) => attempts))).toBeLessThanOrEqual(2);
  expect(stage.refreshes(since)).toHaveLength(1);
  expect(stage.logins(since)).toEqual([]);
  expect(stage.mqtt.accountViews().map(({ breaker }) => breaker)).not.toContain('open');
  expect(stage.daemon.log.all.filter(({ msg }) => /breaker opened/.test(msg))).toEqual([]);
}

/** How often each car got a control. */
function deliveries(stage: Stage): readonly number[] {
  return stage.cars.map((car) => stage.cloud.car(car).deliveryCount);
}

describe.concurrent('a token that the server took back while our clock still trusts it', () => {
  ownProcess('ten commands at once on ten cars: one refresh, all succeed; three times in a row', async ({ aStage }) => {
    const stage = await aStage({ cars: 10 });
    for (const round of [1, 2, 3]) {
      const since = stage.mark;
      stage.cloud.revokeTokens();
      const action = round % 2 === 0 ? 'lock' : 'unlock';
      const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, action)));
      expectOneRefresh(stage, since, results);
      expect(deliveries(stage)).toEqual(stage.cars.map(() => round));
    }
  });

  it('ten commands at once on one car: one refresh, all succeed; three times in a row', async ({ aStage }) => {
    const stage = await aStage();
    for (const action of ['unlock', 'lock', 'unlock'] as const) {
      const since = stage.mark;
      stage.cloud.revokeTokens();
      const results = await Promise.all(Array.from({ length: 10 }, () => stage.mqtt.lock(stage.car, action)));
      expectOneRefresh(stage, since, results);
      expect(stage.cloud.car(stage.car).actual.locked).toBe(action === 'lock');
      expect(results.filter(({ joined }) => joined !== undefined).length).toBeGreaterThan(0);
    }
  });

  it('reads and controls of many kinds at once: one refresh', async ({ aStage }) => {
    const stage = await aStage({ cars: 4 });
    const since = stage.mark;
    stage.cloud.revokeTokens();
    const results = await Promise.all(
      stage.cars.flatMap((car) => [
        stage.mqtt.command(car, 'refresh', { action: 'force' }),
        stage.mqtt.lock(car, 'unlock'),
        stage.mqtt.command(car, 'refresh', { action: 'cached' }),
      ]),
    );
    expectOneRefresh(stage, since, results);
  });

  it('a token that runs out instead of being taken back is the same', async ({ aStage }) => {
    const stage = await aStage({ cars: 3 });
    const since = stage.mark;
    stage.cloud.expireTokens();
    expectOneRefresh(stage, since, await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car))));
  });

  it('says what happens in the log: expiry detected, refresh begun and done, retried', async ({ aStage }) => {
    const stage = await aStage({ cars: 2 });
    stage.cloud.revokeTokens();
    const since = stage.mark;
    // Both meet the old token before there is a new one.
    const refresh = stage.hold('token.refresh,cci.refresh');
    const locks = Promise.all([stage.mqtt.lock('c0'), stage.mqtt.lock('c1')]);
    for (const car of stage.cars)
      await stage.called('control', since, (call) => call.car === car && call.status === 401);
    refresh.letGo();
    const [{ id }] = await locks;
    const said = (level: string, text: RegExp) =>
      stage.daemon.log.all.filter((line) => line.level === level && text.test(line.msg));
    await stage.daemon.log.next('the retry', (line) => line.id === id && /retried/.test(line.msg));
    expect(said('warn', /expiry detected/)).toHaveLength(1);
    // The first is that of the start.
    expect(said('info', /refresh begun/)).toHaveLength(2);
    expect(said('info', /refresh done/)).toHaveLength(2);
    expect(said('info', /refresh done/)[1]).toMatchObject({ waited: 2, durationMs: expect.any(Number) });
    expect(said('info', /retried/).map((line) => line.id)).toContain(id);
  });
});

describe('a token taken back by a slow cloud', () => {
  ownProcess(
    'recovers twenty cars of a slow cloud in the time of their calls, not one after another',
    async ({ aStage }) => {
      const [cars, atOnce] = [20, 4];
      const stage = await aStage({ cars });
      const since = stage.mark;
      const control = stage.hold('control');
      stage.cloud.revokeTokens();
      const locks = Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'unlock', 50_000)));
      const calls = () => stage.calls('control', since);
      const waiting = () => calls().filter(({ outcome }) => outcome === 'pending');
      const left = () => cars - calls().filter(({ status }) => status === 200).length;
      // The cloud answers when it has as many calls as may be in flight. (The PIN has met the old token before.)
      let waves = 0;
      while (left() > 0) {
        await stage.cloud.waitFor(() => waiting().length === Math.min(atOnce, left()), 30_000);
        const numbers = waiting().map(({ n }) => n);
        control.letThese();
        const isOver = (n: number) => stage.cloud.waitFor((call) => call.n === n && call.outcome !== 'pending', 30_000);
        await Promise.all(numbers.map(isOver));
        waves += 1;
      }
      expect(waves).toBe(cars / atOnce);
      control.letGo();
      expectOneRefresh(stage, since, await locks);
      expect(mostAtOnce(calls())).toBe(atOnce);
      expect(deliveries(stage)).toEqual(stage.cars.map(() => 1));
    },
  );
});

describe('the repeated call', () => {
  it('has the same path and, byte for byte, the same body', async ({ aStage }) => {
    const stage = await aStage();
    await stage.lockAndSettle(stage.car);
    const since = stage.mark;
    stage.cloud.revokeTokens({ kinds: ['access'] });
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded', attempts: 2 });
    const [refused, repeated, ...more] = stage.calls('control', since);
    expect(more).toEqual([]);
    expect(refused).toMatchObject({ status: 401, effect: null });
    expect(repeated?.status).toBe(200);
    expect(repeated?.path).toBe(refused?.path);
    expect(repeated?.bodySha256).toMatch(/^[0-9a-f]{64}$/);
    expect(repeated?.bodySha256).toBe(refused?.bodySha256);
    expect(repeated?.token).toBeGreaterThan(refused?.token ?? Number.POSITIVE_INFINITY);
  });
});

describe.concurrent('a token taken back at another moment', () => {
  it('before the vehicle list: recovered by one refresh', async ({ aStage }) => {
    const stage = await aStage({ start: false });
    const stop = stage.cloud.onCall((call) => {
      if (call.kind !== 'device.register' || call.outcome === 'pending') return;
      stop();
      stage.cloud.revokeTokens();
    });
    stage.start();
    await stage.ready();
    expect(stage.calls('list').map(({ status }) => status)).toEqual([401, 200]);
    expect(stage.refreshes()).toHaveLength(1);
    expect(stage.logins()).toHaveLength(1);
  });

  it('before a look at the action records: recovered by one refresh, and the control is sent once', async ({
    aStage,
  }) => {
    const stage = await aStage();
    await stage.lockAndSettle(stage.car);
    const since = stage.mark;
    const stop = stage.cloud.onCall((call) => {
      if (call.kind !== 'control.door' || call.outcome === 'pending') return;
      stop();
      stage.cloud.revokeTokens();
    });
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(stage.calls('control', since)).toHaveLength(1);
    const looks = stage.calls('records', since).map(({ status }) => status);
    expect(looks.slice(0, 2)).toEqual([401, 200]);
    expect(looks.slice(2)).not.toContain(401);
    expect(stage.refreshes(since)).toHaveLength(1);
  });

  it('before the PIN is shown: recovered by one refresh', async ({ aStage }) => {
    const stage = await aStage();
    const since = stage.mark;
    stage.cloud.revokeTokens();
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded' });
    expect(stage.calls('pin', since).map(({ status }) => status)).toEqual([401, 200]);
    expect(stage.refreshes(since)).toHaveLength(1);
    expect(stage.cloud.car(stage.car).deliveryCount).toBe(1);
  });
});

/** How many of these calls were under way at the same time. */
function mostAtOnce(calls: readonly { readonly at: number; readonly durationMs: number | null }[]): number {
  const ends = calls.map(({ at, durationMs }) => ({ from: at, to: at + (durationMs ?? 0) }));
  return Math.max(...ends.map(({ from }) => ends.filter((other) => other.from <= from && from < other.to).length));
}
