import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BusListener, InboundMessage } from '../../../src/actors/ports.ts';
import { Acknowledgements } from '../../../src/io/mqtt/acknowledgements.ts';
import { availableBrokers } from '../../support/brokers.ts';
import { Happenings } from '../../support/happenings.ts';
import { busFixture, COMMANDS, QUICK } from './bus-fixture.ts';
import { text } from './mailbox.ts';

describe('the line of acknowledgements', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const deferred = () => {
    let resolve = () => {};
    let reject = () => {};
    const promise = new Promise<void>((yes, no) => {
      resolve = yes;
      reject = () => no(new Error('planted'));
    });
    return { promise, resolve: () => resolve(), reject: () => reject() };
  };
  function aLine() {
    const sent: string[] = [];
    const leftOut = vi.fn();
    const line = new Acknowledgements(1_000, leftOut);
    const add = (name: string, kept?: Promise<unknown>) => line.add(kept, () => sent.push(name));
    return { line, sent, leftOut, add };
  }

  it('lets pass at once what nobody has to keep', () => {
    const { add, sent } = aLine();
    expect(add('a')).toBe(true);
    expect(sent).toEqual([]);
  });

  it('keeps the order of arrival, whoever is ready first', async () => {
    const { add, sent } = aLine();
    const [a, b] = [deferred(), deferred()];
    expect([add('a', a.promise), add('b', b.promise), add('c')]).toEqual([false, false, false]);
    b.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([]);
    a.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('goes on without what cannot be kept, and acknowledges that out of turn when it is over', async () => {
    const { add, sent, leftOut } = aLine();
    const [unkept, good, over] = [deferred(), deferred(), deferred()];
    add(
      'unkept',
      unkept.promise.then(() => ({ over: over.promise })),
    );
    add('good', good.promise);
    add('last');
    good.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([]);
    unkept.resolve();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sent).toEqual(['good', 'last']);
    over.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(['good', 'last', 'unkept']);
    expect(leftOut).not.toHaveBeenCalled();
  });

  it('forgets what cannot be kept when the connection is over', async () => {
    const { line, add, sent } = aLine();
    const [unkept, over] = [deferred(), deferred()];
    add('before', Promise.resolve({ over: over.promise }));
    add(
      'after',
      unkept.promise.then(() => ({ over: over.promise })),
    );
    await vi.advanceTimersByTimeAsync(0);
    line.clear();
    unkept.resolve();
    over.resolve();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sent).toEqual([]);
  });

  it('leaves out what was not kept in time, or not at all, and goes on; what is kept later comes out of turn', async () => {
    const { add, sent, leftOut } = aLine();
    const [slow, failed, good] = [deferred(), deferred(), deferred()];
    add('slow', slow.promise);
    add('failed', failed.promise);
    add('good', good.promise);
    failed.reject();
    good.resolve();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual(['good']);
    slow.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(['good', 'slow']);
    expect(leftOut).toHaveBeenCalledTimes(2);
  });

  it('forgets everybody when the connection is over', async () => {
    const { line, add, sent, leftOut } = aLine();
    const [a, late] = [deferred(), deferred()];
    add('late', late.promise);
    await vi.advanceTimersByTimeAsync(1_000);
    add('a', a.promise);
    line.clear();
    for (const { resolve } of [a, late]) resolve();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sent).toEqual([]);
    expect(leftOut).toHaveBeenCalledTimes(1);
  });
});

const { aBroker, aBus, aPeer } = busFixture();
const PINGRESP = Buffer.from([0xd0, 0]);

describe.each(availableBrokers())('what is not acknowledged, at %s', (kind) => {
  /** Keeps what comes when the test says so. */
  function keepingListener() {
    const connections = new Happenings<number>();
    const messages = new Happenings<InboundMessage>();
    let keep = () => {};
    const kept = new Promise<void>((resolve) => {
      keep = () => resolve();
    });
    const listener: BusListener = {
      connected: ({ protocolVersion }) => connections.add(protocolVersion),
      lost: () => {},
      message: (message) => {
        messages.add(message);
        return kept;
      },
    };
    return { listener, connections, messages, keep };
  }

  it('is delivered again, marked as such, and in order; what was acknowledged is not', async () => {
    const broker = await aBroker(kind);
    const first = keepingListener();
    const bus = aBus(broker.port);
    bus.start(first.listener, COMMANDS);
    await first.connections.next('a connection');
    const peer = await aPeer(broker);
    for (const word of ['one', 'two']) await peer.publish('base/car/commands/lock', word);
    await first.messages.count('message', 2);
    await bus.close(null);
    const second = keepingListener();
    const next = aBus(broker.port);
    next.start(second.listener, COMMANDS);
    await second.messages.count('message', 2);
    // Aedes forgets to mark what it delivers again.
    const isMarked = kind === 'mosquitto';
    expect(second.messages.all.map((message) => [text(message), message.dup])).toEqual([
      ['one', isMarked],
      ['two', isMarked],
    ]);
    second.keep();
    await peer.publish('base/car/commands/lock', 'three');
    await second.messages.count('message', 3);
    // What is acknowledged is gone when an answer to something later has come.
    await second.connections.next('a connection');
    await next.close({ topic: 'base/bridge/state', payload: 'offline', qos: 1, retain: true });
    const third = keepingListener();
    const last = aBus(broker.port);
    last.start(third.listener, COMMANDS);
    await third.connections.next('a connection');
    await peer.publish('base/car/commands/lock', 'four');
    await third.messages.next('the last', (message) => text(message) === 'four');
    expect(third.messages.all.map(text)).toEqual(['four']);
  });

  /** Five messages that are never kept, and the pings after them. @returns what came, and how many connections that took. */
  async function waitedThrough(keepaliveS: number) {
    const broker = await aBroker(kind);
    const heard = keepingListener();
    const signsOfLife = new Happenings<Buffer>();
    const openStream = () => {
      const socket = net.connect({ port: broker.port, host: '127.0.0.1', noDelay: true });
      // On an idle connection a packet is a chunk.
      return socket.on('data', (bytes) => bytes.equals(PINGRESP) && signsOfLife.add(bytes));
    };
    const bus = aBus(broker.port, { timing: { ...QUICK, keepaliveS }, openStream });
    bus.start(heard.listener, COMMANDS);
    await heard.connections.next('a connection');
    const peer = await aPeer(broker);
    await peer.subscribe('out');
    for (let n = 0; n < 5; n += 1) await peer.publish('base/car/commands/lock', String(n));
    await heard.messages.count('message', 5);
    // One a keep-alive: by the second, broker and mqtt.js have waited longer than they wait in vain.
    await signsOfLife.count('answered ping', signsOfLife.all.length + 2);
    bus.publish({ topic: 'out', payload: 'alive', qos: 1, retain: false });
    await peer.received.next('a sign of life', (packet) => packet.topic === 'out');
    return { connections: heard.connections.all.length, messages: heard.messages.all.map(text) };
  }

  it('holds up neither the messages after it nor the keep-alive', async () => {
    const tries: Awaited<ReturnType<typeof waitedThrough>>[] = [];
    // The broker hangs up on whoever is silent for one and a half keep-alives, also when it was the machine that stood still.
    for (const keepaliveS of [1, 2, 4]) {
      tries.push(await waitedThrough(keepaliveS));
      if (tries.at(-1)?.connections === 1) break;
    }
    const messages = ['0', '1', '2', '3', '4'];
    expect(tries.at(-1), `all tries: ${JSON.stringify(tries)}`).toEqual({ connections: 1, messages });
  });
});
