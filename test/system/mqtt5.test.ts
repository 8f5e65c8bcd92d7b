import { describe, expect } from 'vitest';
import { BASE, hosted as it } from './stage.ts';

describe.concurrent('what MQTT 5 adds', () => {
  it('an answer to the topic that the sender named, with its correlation data, if that is allowed', async ({
    aStage,
  }) => {
    const stage = await aStage({ environment: { BLUELINKD_MQTT_RESPONSE_TOPICS: 'answers' } });
    const correlationData = Buffer.from('ticket-1');
    await stage.mqtt.send(stage.car, 'lock', 'unlock', {
      properties: { responseTopic: 'answers/me', correlationData },
    });
    const isFinal = (message: { topic: string; json: unknown }) =>
      message.topic === 'answers/me' && (message.json as { status: string }).status === 'succeeded';
    const answer = await stage.mqtt.seen.next('the answer', isFinal);
    expect(answer.properties?.correlationData?.toString()).toBe('ticket-1');
    // Without an id of the sender the correlation data is the id.
    expect(answer.json).toMatchObject({ id: 'ticket-1' });
    expect(await stage.mqtt.result('ticket-1')).toMatchObject({ status: 'succeeded' });
  });

  it('no answer to a topic that is not allowed, and the result says so', async ({ aStage }) => {
    const stage = await aStage({ environment: { BLUELINKD_MQTT_RESPONSE_TOPICS: 'answers' } });
    const wanted = ['elsewhere/me', `${BASE}/${stage.car}/state`, 'homeassistant/x', '$SYS/x', 'answersme'];
    for (const [n, responseTopic] of wanted.entries()) {
      const id = `r${n}`;
      await stage.mqtt.send(stage.car, 'refresh', { action: 'cached', id }, { properties: { responseTopic } });
      const result = await stage.mqtt.result(id);
      expect(result.status).toBe('succeeded');
      expect(result.hint, responseTopic).toMatch(/response topic/i);
    }
    await stage.mqtt.caughtUp();
    const strayed = stage.mqtt.seen.all.filter(({ topic }) =>
      /^(elsewhere|homeassistant|\$SYS\/x|answersme)/.test(topic),
    );
    expect(strayed).toEqual([]);
    const states = stage.mqtt.seen.all.filter(({ topic }) => topic === `${BASE}/${stage.car}/state`);
    expect(states.every(({ json }) => (json as { id: string }).id === stage.car)).toBe(true);
  });

  it('a command that its sender marked retained runs once, and never again', async ({ aStage }) => {
    const stage = await aStage();
    await stage.mqtt.send(stage.car, 'lock', { action: 'unlock', id: 'kept' }, { retain: true });
    const result = await stage.mqtt.result('kept');
    expect(result).toMatchObject({ status: 'succeeded', attempts: 1 });
    const before = stage.cloud.car(stage.car).deliveryCount;
    await stage.daemon.stop();
    const seen = stage.mqtt.seen.all.length;
    stage.start();
    await stage.ready(undefined, seen);
    await stage.mqtt.caughtUp();
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
    expect(stage.cloud.car(stage.car).deliveryCount).toBe(before + 1);
  });

  it('a message whose time is over when its turn comes is expired', async ({ aStage }) => {
    const stage = await aStage();
    const control = stage.hold('control');
    const since = stage.mark;
    const first = await stage.mqtt.send(stage.car, 'lock', { action: 'unlock' });
    await stage.called('control.door', since);
    const properties = { messageExpiryInterval: 2 };
    const second = await stage.mqtt.send(stage.car, 'lock', { action: 'lock' }, { properties });
    expect(await stage.mqtt.answered(second)).toMatchObject({ status: 'accepted' });
    // Its time is over when this has passed since the daemon had it.
    setTimeout(control.letGo, 2_100);
    expect(await stage.mqtt.result(first)).toMatchObject({ status: 'succeeded' });
    expect(await stage.mqtt.result(second)).toMatchObject({ status: 'expired', attempts: 0 });
    expect(stage.calls('control', since)).toHaveLength(1);
  });

  it('what was sent while the daemon was away for a moment is executed when it is back', async ({ aStage }) => {
    const stage = await aStage();
    await stage.daemon.stop();
    const seen = stage.mqtt.seen.all.length;
    const id = await stage.mqtt.send(stage.car, 'lock', { action: 'unlock' });
    stage.start();
    await stage.ready(undefined, seen);
    expect(await stage.mqtt.result(id)).toMatchObject({ status: 'succeeded' });
    expect(stage.cloud.car(stage.car).deliveryCount).toBe(1);
  });
});

describe.concurrent('a broker that knows only MQTT 3.1.1', () => {
  it.for([0x01, 0x84] as const)(
    '(refusing with %i) is spoken to in that, and info says so',
    async (code, { aStage }) => {
      const stage = await aStage({ oldBroker: code });
      expect((await stage.mqtt.on('bridge/info')).json).toMatchObject({ mqtt: '3.1.1' });
      expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded' });
    },
  );
});
