import { describe, expect } from 'vitest';
import { QUICK_PACE } from './pace.ts';
import { BASE, hosted as it, it as ownProcess } from './stage.ts';

describe.concurrent('a broker that goes away', () => {
  it('and comes back: the daemon reconnects, says everything again and takes commands', async ({ aStage }) => {
    const stage = await aStage({ cars: 2 });
    await stage.broker.stop();
    await stage.daemon.log.next('a word about it', ({ level, msg }) => level === 'warn' && /broker/i.test(msg));
    const since = stage.mqtt.seen.all.length;
    await stage.broker.restart();
    // The broker has forgotten everything: what is retained must be there again.
    await stage.mqtt.on('bridge/state', (_, { text }) => text === 'online', undefined, since);
    await stage.ready(undefined, since);
    for (const topic of ['bridge/info', 'bridge/account/main', 'c0/battery/level', 'c1/status/doors/locked']) {
      await stage.mqtt.on(topic, () => true, undefined, since);
    }
    expect(await stage.mqtt.lock('c1', 'unlock')).toMatchObject({ status: 'succeeded' });
    expect(stage.logins()).toHaveLength(1);
  });

  it('while a command is on its way: its result is told when the broker is back', async ({ aStage }) => {
    const stage = await aStage();
    const control = stage.hold('control');
    const since = stage.mark;
    const id = await stage.mqtt.send(stage.car, 'lock', { action: 'unlock' });
    await stage.called('control.door', since);
    await stage.broker.stop();
    control.letGo();
    await stage.called('records', since, ({ outcome }) => outcome !== 'pending');
    await stage.broker.restart();
    // On the retained topic: we may be back later than the daemon.
    const isItsEnd = (last: { id: string; status: string }) => last.id === id && last.status !== 'accepted';
    expect((await stage.mqtt.on(`${stage.car}/command`, isItsEnd)).json).toMatchObject({ status: 'succeeded' });
    expect(stage.calls('control', since)).toHaveLength(1);
  });

  it('is not there at the start: the daemon waits for it, and then works', async ({ aStage }) => {
    const stage = await aStage({ start: false });
    await stage.broker.stop();
    stage.start();
    await stage.daemon.log.next('a word about it', ({ level, msg }) => level === 'warn' && /broker/i.test(msg));
    const since = stage.mqtt.seen.all.length;
    await stage.broker.restart();
    await stage.ready(undefined, since);
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
  });

  ownProcess('without a word (the daemon is killed): the last will says offline', async ({ aStage }) => {
    const stage = await aStage();
    stage.daemon.signal('SIGKILL');
    await stage.mqtt.on('bridge/state', (_, { text, retain }) => text === 'offline' && retain);
    const seen = stage.mqtt.seen.all.length;
    stage.start();
    await stage.mqtt.on('bridge/state', (_, { text }) => text === 'online', undefined, seen);
    await stage.ready(undefined, seen);
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
    expect(stage.logins()).toHaveLength(1);
  });
});

describe.concurrent('a cloud that goes away', () => {
  it('and comes back: commands fail clearly meanwhile, and work again by themselves', async ({ aStage }) => {
    const stage = await aStage({ cars: 6, environment: QUICK_PACE });
    await stage.cloud.goOffline();
    for (const car of stage.cars) {
      const result = await stage.mqtt.lock(car, 'unlock');
      expect(result).toMatchObject({ status: 'failed', reason: 'cloudUnavailable' });
    }
    await stage.mqtt.account(({ breaker }) => breaker === 'open');
    await stage.mqtt.on('c0/state', ({ stale }: { stale: boolean }) => stale);
    await stage.cloud.goOnline();
    await stage.mqtt.account(({ breaker }) => breaker === 'closed');
    expect(await stage.mqtt.lock('c0', 'unlock')).toMatchObject({ status: 'succeeded' });
    await stage.mqtt.on('c0/state', ({ stale, locked }: { stale: boolean; locked: boolean }) => !stale && !locked);
    expect(stage.logins()).toHaveLength(1);
  });

  // The breaker's usual minute is too long for every run.
  const slow = process.env.BLUELINKD_TEST_SLOW === '1' ? it : it.skip;
  slow(
    'for less than a minute, at the usual pace: a command works at most 65 s later',
    async ({ aStage }) => {
      const stage = await aStage({ cars: 5 });
      await stage.cloud.goOffline();
      for (const car of stage.cars) await stage.mqtt.lock(car, 'unlock');
      await stage.mqtt.account(({ breaker }) => breaker === 'open');
      await stage.cloud.goOnline();
      await stage.mqtt.account(({ breaker }) => breaker === 'closed', 'main', 65_000);
      expect(await stage.mqtt.lock('c0', 'unlock')).toMatchObject({ status: 'succeeded' });
    },
    90_000,
  );

  it('is not there at the start: said on the account, waited for, and an early command is executed once', async ({
    aStage,
  }) => {
    const stage = await aStage({ start: false });
    await stage.cloud.goOffline();
    stage.start(QUICK_PACE);
    const view = await stage.mqtt.account(({ reason }) => reason !== null);
    expect(view).toMatchObject({ token: 'failed', reason: 'refreshFailed', retry_at: expect.any(String) });
    const id = await stage.mqtt.send(stage.car, 'lock', { action: 'unlock' });
    await stage.cloud.goOnline();
    await stage.ready();
    expect(await stage.mqtt.result(id)).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(stage.logins()).toHaveLength(1);
  });

  it('and the token with it: one refresh when it is back', async ({ aStage }) => {
    const stage = await aStage({ cars: 3, environment: QUICK_PACE });
    const since = stage.mark;
    stage.cloud.revokeTokens();
    await stage.cloud.goOffline();
    const results = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'lock')));
    expect(results.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
    await stage.cloud.goOnline();
    const again = await Promise.all(stage.cars.map((car) => stage.mqtt.lock(car, 'unlock')));
    expect(again.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(stage.refreshes(since)).toHaveLength(1);
    expect(stage.logins(since)).toEqual([]);
  });
});

describe('two daemons at one broker', () => {
  it('with a base topic each do not hear each other', async ({ aStage }) => {
    const stage = await aStage();
    const other = stage.start({ MQTT_BASE_TOPIC: 'garage/north', BLUELINKD_STATE_DIR: `${stage.folder}/north` });
    await other.log.next('its connection', ({ msg }) => msg === 'Connected to the broker.');
    const isItsState = ({ topic }: { topic: string }) => topic === 'garage/north/c0/state';
    await stage.mqtt.seen.next('the state of its car', isItsState);
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
    const answers = stage.mqtt.seen.all.filter(({ topic }) => topic.endsWith('/result'));
    expect(answers.every(({ topic }) => topic.startsWith(`${BASE}/`))).toBe(true);
  });
});
