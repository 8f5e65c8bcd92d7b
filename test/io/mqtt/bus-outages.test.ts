import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { availableBrokers, freePort } from '../../support/brokers.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import { busFixture, COMMANDS, QUICK } from './bus-fixture.ts';
import { recordingListener, text } from './mailbox.ts';

const { aBroker, aBus, aConnectedBus, aPeer, cleanUps } = busFixture();

/** @returns the port of a server that does with its clients what it is told. */
async function aServer(meet: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    meet(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(() => resolve())));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Welcomes everybody (an MQTT 5 CONNACK) and then says nothing more. */
function aMuteBroker(): Promise<number> {
  return aServer((socket) => {
    socket.once('data', () => socket.write(Buffer.from([0x20, 3, 0, 0, 0])));
    socket.on('data', () => undefined);
  });
}

describe.each(availableBrokers())('the bus at %s, through outages,', (kind) => {
  it('starts without a broker and connects once there is one', async () => {
    const broker = await aBroker(kind);
    await broker.stop();
    const bus = aBus(broker.port);
    const heard = recordingListener();
    bus.start(heard.listener, COMMANDS);
    bus.publish({ topic: 'base/car/state', payload: 'early', qos: 1, retain: true });
    bus.publish({ topic: 'base/car/commands/lock/result', payload: 'kept', qos: 1, retain: false });
    bus.publish({ topic: 'base/car/speed', payload: 'pointless later', qos: 0, retain: false });
    expect(await heard.losses.next('a loss')).toBe(
      `No broker answers at 127.0.0.1:${broker.port} (connection refused).`,
    );
    await broker.restart();
    await heard.connections.next('a connection');
    const peer = await aPeer(broker);
    await peer.subscribe('base/#');
    const state = await peer.received.next('the state', (packet) => packet.topic === 'base/car/state');
    expect(String(state.payload)).toBe('early');
    expect(heard.losses.all).toHaveLength(1);
  });

  it('resubscribes and repeats the last value of every retained topic when the broker comes back empty', async () => {
    const broker = await aBroker(kind);
    const { bus, heard } = await aConnectedBus(broker);
    bus.publish({ topic: 'base/a', payload: 'old', qos: 1, retain: true });
    bus.publish({ topic: 'base/a', payload: 'new', qos: 1, retain: true });
    bus.publish({ topic: 'base/b', payload: 'before', qos: 0, retain: true });
    await broker.stop();
    await heard.losses.next('a loss');
    bus.publish({ topic: 'base/b', payload: 'meanwhile', qos: 0, retain: true });
    await broker.restart();
    await heard.connections.count('connection', 2);
    const peer = await aPeer(broker);
    await peer.subscribe('base/#');
    await peer.received.next('b', (packet) => packet.topic === 'base/b');
    await peer.received.next('a', (packet) => packet.topic === 'base/a');
    expect(peer.received.all.map((packet) => `${packet.topic}=${packet.payload}`).sort()).toEqual([
      'base/a=new',
      'base/b=meanwhile',
    ]);
    await peer.publish('base/car/commands/lock', 'after');
    expect(text(await heard.messages.next('a command after the restart'))).toBe('after');
  });

  it('keeps results that were published while the broker was away', async () => {
    const broker = await aBroker(kind);
    const nowhere = await freePort();
    let isThere = true;
    const openStream = () => connect({ port: isThere ? broker.port : nowhere, host: '127.0.0.1', noDelay: true });
    const { bus, heard } = await aConnectedBus(broker, { openStream });
    isThere = false;
    await broker.stop();
    await heard.losses.next('a loss');
    for (const payload of ['1', '2', '3']) bus.publish({ topic: 'base/result', payload, qos: 1, retain: false });
    await broker.restart();
    const peer = await aPeer(broker);
    await peer.subscribe('base/#');
    // Not before somebody hears them: nobody keeps what is not retained.
    isThere = true;
    await peer.received.next('the last result', (packet) => String(packet.payload) === '3');
    expect(peer.received.all.map((packet) => String(packet.payload))).toEqual(['1', '2', '3']);
  });

  it('gets from the session what was sent while it was away for a moment', async () => {
    const broker = await aBroker(kind);
    const { bus: first } = await aConnectedBus(broker);
    await first.close(null);
    const peer = await aPeer(broker);
    await peer.publish('base/car/commands/lock', 'while away');
    const second = aBus(broker.port);
    const heardLater = recordingListener();
    second.start(heardLater.listener, COMMANDS);
    const message = await heardLater.messages.next('the command');
    expect(text(message)).toBe('while away');
    expect(message.retain).toBe(false);
  });

  it('is not given a stored message again when its session goes on', async () => {
    const broker = await aBroker(kind);
    const peer = await aPeer(broker);
    await peer.publish('base/car/commands/lock', 'stored', { qos: 1, retain: true });
    const first = aBus(broker.port);
    const heard = recordingListener();
    first.start(heard.listener, COMMANDS);
    await heard.messages.next('the stored message');
    await heard.connections.next('a connection');
    await first.close(null);
    const { heard: heardLater } = await aConnectedBus(broker);
    await peer.publish('base/car/commands/lock', 'fence');
    await heardLater.messages.next('the fence', (message) => text(message) === 'fence');
    expect(heardLater.messages.all.map(text)).toEqual(['fence']);
  });

  it('leaves its last message at the broker when it closes, and not the will', async () => {
    const broker = await aBroker(kind);
    const peer = await aPeer(broker);
    await peer.subscribe('base/bridge/state');
    const { bus, heard } = await aConnectedBus(broker, { timing: { ...QUICK, closeMs: 15_000 } });
    await bus.close({ topic: 'base/bridge/state', payload: 'goodbye', qos: 1, retain: true });
    bus.publish({ topic: 'base/bridge/state', payload: 'too late', qos: 1, retain: true });
    await peer.received.next('the last message');
    await peer.publish('base/bridge/state', 'fence');
    await peer.received.next('the fence', (packet) => String(packet.payload) === 'fence');
    expect(peer.received.all.map((packet) => String(packet.payload))).toEqual(['goodbye', 'fence']);
    expect(heard.losses.all).toEqual([]);
  });

  it('is declared dead by its will when its connection is cut', async () => {
    const broker = await aBroker(kind);
    const peer = await aPeer(broker);
    await peer.subscribe('base/bridge/state');
    const bus = aBus(broker.port, { timing: { ...QUICK, reconnectMinMs: 60_000, reconnectMaxMs: 60_000 } });
    const heard = recordingListener();
    bus.start(heard.listener, []);
    await heard.connections.next('a connection');
    // Another client under the same id: the broker cuts ours off.
    await aPeer(broker, { clientId: 'bluelinkd-test' });
    const reason = await heard.losses.next('the loss');
    // Mosquitto 2.0 says nothing before it hangs up.
    expect(reason).toMatch(
      kind === 'aedes' ? /ended the connection: another client connected under our client id\.$/ : /ended|closed/,
    );
    expect(String((await peer.received.next('the will')).payload)).toBe('offline');
  });

  it('says when the broker refuses the login, without the password, and keeps trying', async () => {
    const broker = await aBroker(kind, { username: 'driver', password: 'correct' });
    const { log, lines, said } = recordingLog();
    const bus = aBus(broker.port, { username: 'driver', password: 'S3cret-wrong', log });
    const heard = recordingListener();
    bus.start(heard.listener, COMMANDS);
    expect(await heard.losses.next('the refusal')).toMatch(
      /^The broker at 127\.0\.0\.1:\d+ refuses the (login|user name or password)/,
    );
    await said.count('refusal', 2, ({ message }) => message.includes('refuses'));
    expect(heard.losses.all).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('S3cret');
  });
});

describe.each([0x01, 0x84] as const)('a broker that answers MQTT 5 with code %i', (code) => {
  it('is spoken to in MQTT 3.1.1 from then on, also after a restart of the broker', async () => {
    const broker = await aBroker('aedes', { refuseMqtt5With: code });
    const bus = aBus(broker.port);
    const heard = recordingListener();
    bus.start(heard.listener, COMMANDS);
    expect(await heard.connections.next('a connection')).toBe(4);
    expect(heard.losses.all).toEqual([]);
    const peer = await aPeer(broker, { protocolVersion: 4 });
    await peer.publish('base/car/commands/lock', 'lock');
    expect(await heard.messages.next('the command')).toMatchObject({ responseTopic: null, messageExpiryS: null });
    bus.publish({ topic: 'answers/me', payload: 'ok', qos: 1, retain: false, correlationData: Buffer.from('abc') });
    await broker.restart();
    await heard.connections.count('connection', 2);
    expect(heard.connections.all).toEqual([4, 4]);
  });
});

describe('the bus without a broker', () => {
  it('closes at once, and publishing after that does nothing', async () => {
    const broker = await aBroker('aedes');
    await broker.stop();
    const bus = aBus(broker.port);
    const heard = recordingListener();
    bus.start(heard.listener, COMMANDS);
    await heard.losses.next('a loss');
    await bus.close({ topic: 'base/bridge/state', payload: 'offline', qos: 1, retain: true });
    bus.publish({ topic: 'base/a', payload: 'x', qos: 1, retain: true });
    await broker.restart();
    const peer = await aPeer(broker);
    await peer.subscribe('base/#');
    // Whoever still tries comes within 100 ms: sooner than one at the same pace finds for the sixth time that nobody is there.
    const { log, said } = recordingLog();
    aBus(await freePort(), { clientId: 'another', log }).start(recordingListener().listener, COMMANDS);
    await said.count('failure', 6);
    expect(heard.connections.all).toEqual([]);
    expect(peer.received.all).toEqual([]);
  });

  it('says after a while that it still tries, since when, and how often', async () => {
    const broker = await aBroker('aedes');
    await broker.stop();
    const { log, said } = recordingLog();
    const bus = aBus(broker.port, { log, timing: { ...QUICK, reminderMinMs: 50, reminderMaxMs: 50 } });
    const heard = recordingListener();
    bus.start(heard.listener, COMMANDS);
    const isReminder = ({ level, message }: { readonly level: string; readonly message: string }) =>
      level === 'warn' &&
      /refused\)\. Not connected since 20\d\d-[\d-]+T[\d:.]+Z, [2-9]\d* tries so far\.$/.test(message);
    await said.count('reminder', 2, isReminder);
    expect(heard.losses.all).toHaveLength(1);
  });

  it('drops the oldest messages beyond its bound and says how many once the broker is back', async () => {
    const broker = await aBroker('aedes');
    await broker.stop();
    const { log, lines } = recordingLog();
    const bus = aBus(broker.port, { log, timing: { ...QUICK, awayLimit: 3 } });
    const heard = recordingListener();
    for (let i = 0; i < 10; i += 1) bus.publish({ topic: 'base/result', payload: String(i), qos: 1, retain: false });
    bus.start(heard.listener, COMMANDS);
    await broker.restart();
    await heard.connections.next('a connection');
    expect(
      lines.filter((line) => line.level === 'warn' && line.message.includes('dropped')).map((line) => line.fields),
    ).toEqual([{ waiting: 3 }, { dropped: 7 }]);
  });

  it('gives up on a port where nobody speaks, and tries again', async () => {
    const port = await aServer((socket) => socket.resume());
    const bus = aBus(port, { timing: { ...QUICK, connectTimeoutMs: 50 } });
    const heard = recordingListener();
    bus.start(heard.listener, COMMANDS);
    expect(await heard.losses.next('a loss')).toBe(`The broker at 127.0.0.1:${port} did not answer in time (CONNACK).`);
  });

  it.each([
    ['hangs up at once', (socket: Socket) => socket.destroy(), /^The broker at \S+ cut the connection before it said/],
    [
      'speaks something else',
      (socket: Socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      /^What answers at \S+ does not speak MQTT; check the port and mqtt\.tls\.$/,
    ],
  ])('says what may be wrong with a port where somebody %s', async (_, meet, sentence) => {
    const bus = aBus(await aServer(meet));
    const heard = recordingListener();
    bus.start(heard.listener, COMMANDS);
    expect(await heard.losses.next('a loss')).toMatch(sentence);
  });

  it('does not repeat a URL that cannot be read', () => {
    expect(() => aBus(1, { broker: { url: 'http://me:hunter2@host' } })).toThrow(
      /^The broker's URL begins with "http:"/,
    );
    expect(() => aBus(1, { broker: { url: 'mqtt://me:hunter2@' } })).toThrow(/^(?!.*hunter2)/);
  });

  it('cuts a connection on which acknowledgements do not come, and tries again', async () => {
    const port = await aMuteBroker();
    const bus = aBus(port, { timing: { ...QUICK, ackTimeoutMs: 50 } });
    const heard = recordingListener();
    bus.start(heard.listener, COMMANDS);
    expect(await heard.losses.next('a loss')).toBe(
      `The broker at 127.0.0.1:${port} did not answer in time (acknowledgement).`,
    );
    expect(heard.connections.all).toEqual([]);
  });

  it('closes although its last message is not acknowledged', async () => {
    const port = await aMuteBroker();
    const bus = aBus(port, { timing: { ...QUICK, closeMs: 50 } });
    const heard = recordingListener();
    bus.start(heard.listener, []);
    await heard.connections.next('a connection');
    await bus.close({ topic: 'base/bridge/state', payload: 'offline', qos: 1, retain: true });
    expect(heard.losses.all).toEqual([]);
  });
});
