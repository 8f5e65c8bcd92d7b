import { describe, expect, it } from 'vitest';
import { availableBrokers } from '../../support/brokers.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import { busFixture, COMMANDS } from './bus-fixture.ts';
import { recordingListener, text } from './mailbox.ts';

const { aBroker, aBus, aConnectedBus, aPeer } = busFixture();

describe.each(availableBrokers())('the bus at %s', (kind) => {
  it('connects with MQTT 5 and receives what it subscribed to, at QoS 1', async () => {
    const broker = await aBroker(kind);
    const bus = aBus(broker.port);
    const heard = recordingListener();
    bus.start(heard.listener, COMMANDS);
    expect(await heard.connections.next('a connection')).toBe(5);
    const peer = await aPeer(broker);
    await peer.publish('base/car/commands/lock', 'lock');
    const message = await heard.messages.next('the command');
    expect(text(message)).toBe('lock');
    expect(message).toMatchObject({
      topic: 'base/car/commands/lock',
      retain: false,
      dup: false,
      qos: 1,
      messageExpiryS: null,
      responseTopic: null,
      correlationData: null,
    });
    expect(Math.abs(Date.now() - message.receivedAt)).toBeLessThan(10_000);
  });

  it('hands on message expiry, response topic and correlation data', async () => {
    const broker = await aBroker(kind);
    const { heard } = await aConnectedBus(broker);
    const peer = await aPeer(broker);
    const properties = {
      messageExpiryInterval: 30,
      responseTopic: 'answers/me',
      correlationData: Buffer.from([1, 2, 255]),
    };
    await peer.publish('base/car/commands/lock', 'lock', { qos: 1, properties });
    const message = await heard.messages.next('the command');
    expect(message.messageExpiryS).toBe(30);
    expect(message.responseTopic).toBe('answers/me');
    expect([...(message.correlationData ?? [])]).toEqual([1, 2, 255]);
  });

  it('tells a stored message from a live one that its sender marked retained', async () => {
    const broker = await aBroker(kind);
    const peer = await aPeer(broker);
    await peer.publish('base/car/commands/lock', 'stored', { qos: 1, retain: true });
    const bus = aBus(broker.port);
    const heard = recordingListener();
    bus.start(heard.listener, COMMANDS);
    const stored = await heard.messages.next('the stored message', (message) => text(message) === 'stored');
    await heard.connections.next('a connection');
    await peer.publish('base/car/commands/lock', 'live', { qos: 1, retain: true });
    const live = await heard.messages.next('the live message', (message) => text(message) === 'live');
    expect(stored.retain).toBe(true);
    expect(live.retain).toBe(false);
  });

  it('publishes with QoS, retain flag and correlation data', async () => {
    const broker = await aBroker(kind);
    const peer = await aPeer(broker);
    await peer.subscribe('#');
    const { bus } = await aConnectedBus(broker);
    bus.publish({ topic: 'base/car/state', payload: '{}', qos: 1, retain: true });
    bus.publish({ topic: 'base/car/speed', payload: '7', qos: 0, retain: false });
    bus.publish({ topic: 'answers/me', payload: 'ok', qos: 1, retain: false, correlationData: Buffer.from('abc') });
    const answer = await peer.received.next('the answer', (packet) => packet.topic === 'answers/me');
    expect(answer.properties?.correlationData?.toString()).toBe('abc');
    expect(peer.received.all.find((packet) => packet.topic === 'base/car/state')).toMatchObject({
      qos: 1,
      retain: true,
    });
    expect(peer.received.all.find((packet) => packet.topic === 'base/car/speed')).toMatchObject({
      qos: 0,
      retain: false,
    });
  });

  it('publishes at QoS 0 only when that is the ceiling', async () => {
    const broker = await aBroker(kind);
    const peer = await aPeer(broker);
    await peer.subscribe('#');
    const { bus } = await aConnectedBus(broker, { qosCeiling: 0 });
    bus.publish({ topic: 'base/car/state', payload: '{}', qos: 1, retain: true });
    const state = await peer.received.next('the state', (packet) => packet.topic === 'base/car/state');
    expect(state.qos).toBe(0);
  });

  it('logs in with user name and password, also from the URL', async () => {
    const broker = await aBroker(kind, { username: 'driver', password: 'p@ss word' });
    const bus = aBus(broker.port, { broker: { url: `mqtt://driver:p%40ss%20word@127.0.0.1:${broker.port}` } });
    const heard = recordingListener();
    bus.start(heard.listener, COMMANDS);
    expect(await heard.connections.next('a connection')).toBe(5);
  });

  it('survives a listener that throws at every call', async () => {
    const broker = await aBroker(kind);
    const { log, lines, said } = recordingLog();
    const bus = aBus(broker.port, { log });
    const heard = recordingListener();
    const failing = (): never => {
      throw new Error('secret of the listener');
    };
    bus.start(
      {
        connected: failing,
        lost: failing,
        message: (message) => {
          heard.messages.add(message);
          failing();
        },
      },
      COMMANDS,
    );
    await said.next('the complaint', ({ level }) => level === 'error');
    expect(lines.filter((line) => line.level === 'error')).toHaveLength(1);
    const peer = await aPeer(broker);
    await peer.publish('base/car/commands/lock', 'one');
    await peer.publish('base/car/commands/lock', 'two');
    await heard.messages.count('message', 2);
    expect(heard.messages.all.map(text)).toEqual(['one', 'two']);
    expect(JSON.stringify(lines)).not.toContain('secret of the listener');
  });

  it('carries a megabyte in, and two thousand messages out in order', async () => {
    const broker = await aBroker(kind);
    const { bus, heard } = await aConnectedBus(broker);
    const peer = await aPeer(broker);
    await peer.publish('base/car/commands/lock', Buffer.alloc(1_000_000, 'x'));
    expect((await heard.messages.next('the big one')).payload.byteLength).toBe(1_000_000);
    await peer.subscribe('out/#');
    for (let i = 0; i < 2_000; i += 1) bus.publish({ topic: 'out/result', payload: String(i), qos: 1, retain: false });
    await peer.received.next('the last one', (packet) => String(packet.payload) === '1999');
    expect(peer.received.all.map((packet) => Number(packet.payload))).toEqual(
      Array.from({ length: 2_000 }, (_, i) => i),
    );
  });

  it('refuses topics that cannot be published to, and goes on', async () => {
    const broker = await aBroker(kind);
    const { log, lines } = recordingLog();
    const { bus, heard } = await aConnectedBus(broker, { log });
    const peer = await aPeer(broker);
    await peer.subscribe('base/#');
    for (const topic of ['', 'a/+/b', 'a/#', 'a\0b']) bus.publish({ topic, payload: 'x', qos: 1, retain: false });
    bus.publish({ topic: 'base/good', payload: 'y', qos: 1, retain: false });
    await peer.received.next('the good one');
    expect(lines.filter((line) => line.level === 'error')).toHaveLength(4);
    expect(heard.losses.all).toEqual([]);
  });
});
