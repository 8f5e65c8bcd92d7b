import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { final, ready } from '../../support/actor-system.ts';
import { serverSide } from '../../support/server-side.ts';
import { observedSystems } from './observed.ts';
import type { Told } from './stream.ts';
import { Stream } from './stream.ts';

const observed = observedSystems();
const CAR = 'account/main/vehicle/c1';

const ofType = (told: readonly Told[], type: string) => told.filter((one) => one.type === type);
const eventTypes = (told: readonly Told[], commandId: string) =>
  ofType(told, '@xstate.event')
    .filter((one) => one.commandId === commandId && one.sourceId !== one.sessionId)
    .map((one) => (one.event as { readonly type: string }).type);
const portsOf = (sockets: readonly net.Socket[]) => sockets.map(({ localPort }) => localPort ?? 0);

describe('the stream', () => {
  it('tells the story of a command that meets an expired token, in order and without a gap', async () => {
    const { bus, cloud, listen } = await observed(['c1']);
    await ready(bus, 'c1');
    const stream = await listen();
    await stream.told.next('the greeting', ({ type }) => type === 'bluelinkd.hello');
    cloud.revoke();
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'one' });
    await stream.told.next('the answer', ({ type, status }) => type === 'bluelinkd.message' && status === 'succeeded');
    const [, ...told] = stream.all;
    const [first] = told;
    expect(told.map(({ seq }) => seq)).toEqual(told.map((_, n) => (first?.seq ?? 0) + n));
    expect(stream.ids).toEqual(told.map(({ seq }) => String(seq)));
    expect(eventTypes(told, 'one').slice(0, 14)).toEqual([
      'COMMAND',
      'START',
      'REQUEST_TOKEN',
      'TOKEN_READY',
      'REQUEST_PERMIT',
      'PERMIT_GRANTED',
      'COMMAND_DISPATCHED',
      'COMMAND_UNDERWAY',
      'REPORT_IGNORED',
      'REFRESH',
      'TOKEN_READY',
      'REQUEST_PERMIT',
      'PERMIT_GRANTED',
      'REPORT_SUCCESS',
    ]);
    const calls = ofType(told, 'bluelinkd.call').filter(({ name }) => name === 'control' || name === 'sessionRefresh');
    expect(
      calls.map(({ name, phase, attempt, outcome, cause, answer }) => [name, phase, attempt, outcome, answer ?? cause]),
    ).toEqual([
      ['control', 'begun', 1, null, null],
      ['control', 'ended', 1, 'tokenRefused', 'HTTP 401'],
      ['sessionRefresh', 'begun', null, null, null],
      ['sessionRefresh', 'ended', null, 'ok', null],
      ['control', 'begun', 2, null, null],
      ['control', 'ended', 2, 'ok', 'accepted'],
    ]);
    expect(calls[1]).toMatchObject({
      carAddress: CAR,
      commandId: 'one',
      generation: 1,
      scope: 'access',
      account: 'main',
    });
    const messages = ofType(told, 'bluelinkd.message').filter(({ topic }) => String(topic).includes('/commands/lock'));
    expect(messages.map(({ direction, topic, status }) => [direction, topic, status])).toEqual([
      ['in', 'hyundai/c1/commands/lock', null],
      ['out', 'hyundai/c1/commands/lock/result', 'accepted'],
      ['out', 'hyundai/c1/commands/lock/result', 'succeeded'],
    ]);
  });

  it('has the names and shapes of XState’s protocol, and of the actors what may be seen', async () => {
    const { bus, json, listen } = await observed(['c1']);
    await ready(bus, 'c1');
    const stream = await listen('?since=0');
    const actor = await stream.told.next('the car', (one) => one.type === '@xstate.actor' && one.sessionId === CAR);
    expect(actor).toMatchObject({
      rootId: 'fleet',
      parentId: 'account/main',
      name: 'ev6',
      kind: 'vehicle',
      account: 'main',
      createdAt: String(actor.at),
      id: String(actor.seq),
      _version: expect.any(String),
      again: false,
    });
    const token = await stream.told.next(
      'the valid token',
      (one) => one.type === '@xstate.snapshot' && JSON.stringify(one.snapshot).includes('"valid"'),
    );
    expect(token).toMatchObject({
      sessionId: 'account/main/token',
      event: { type: expect.any(String) },
      snapshot: { status: 'active', value: 'valid', context: { generation: 1, waiting: 0 } },
      taken: expect.arrayContaining([{ source: 'token.refreshing', event: 'REFRESH_ENDED', targets: ['token.valid'] }]),
    });
    expect(token.deadlines).toContainEqual({ name: 'renewal', endsAt: expect.any(Number) });
    const { actors, entries, seq } = (await json('/api/snapshot')) as Record<string, readonly Told[]>;
    expect(
      actors
        ?.filter(({ type }) => type === '@xstate.actor')
        .map(({ sessionId }) => sessionId)
        .sort(),
    ).toEqual(['account/main', 'account/main/breaker', 'account/main/token', CAR, 'bridge', 'fleet']);
    expect(entries?.at(-1)?.seq).toBe(seq);
  });

  it('says the end of an actor, and goes on where somebody has left off', async () => {
    const { bus, listen } = await observed(['c1']);
    await ready(bus, 'c1');
    const first = await listen();
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'one' });
    const end = await first.told.next(
      'the end of the command',
      (one) => one.commandId === 'one' && JSON.stringify(one.snapshot ?? '').includes('"done"'),
    );
    expect(end).toMatchObject({
      event: { type: 'xstate.stop' },
      snapshot: { value: 'succeeded', context: { id: 'one' } },
    });
    const { seq } = end;
    const second = await listen('', { 'last-event-id': String(seq - 5) });
    const again = await second.told.count('message', 6);
    expect(again.slice(1, 6).map((one) => one.seq)).toEqual([seq - 4, seq - 3, seq - 2, seq - 1, seq]);
  });

  it('tells how everything is once a second, to whoever listens', async () => {
    const { bus, listen } = await observed(['c1']);
    await ready(bus, 'c1');
    const stream = await listen();
    // What went on before it was told for the first time is told then.
    const { seq } = await stream.told.next('health', ({ type }) => type === 'bluelinkd.health');
    const isNext = (one: { readonly type: string; readonly seq: number }) =>
      one.type === 'bluelinkd.health' && one.seq > seq;
    expect(await stream.told.next('health again', isNext)).toMatchObject({
      accounts: [
        {
          account: 'main',
          tokenState: 'valid',
          generation: 1,
          expiresAt: expect.any(Number),
          breakerState: 'closed',
          callsInFlight: 0,
          callsLeft: null,
          line: 0,
          waiting: 0,
          refreshesLastHour: 1,
        },
      ],
      queue: 0,
      commandsOpen: 0,
      brokerConnected: true,
      clients: 1,
      rssBytes: expect.any(Number),
      eventLoopDelayMs: expect.any(Number),
    });
  });
});

describe('too many, too slow, too odd', () => {
  it('the ninth listener is told so, and gets in when another has left', async () => {
    const { bus, listen, url } = await observed(['c1']);
    await ready(bus, 'c1');
    const connections = serverSide();
    const eight = await Promise.all(Array.from({ length: 8 }, () => listen()));
    await expect(Stream.open(`${url}/events`)).rejects.toThrow(
      '503 {"error":"8 pages listen already: close one of them."}',
    );
    const [first] = eight;
    first?.close();
    await connections.gone([first?.port ?? 0]);
    const next = await listen();
    await next.told.next('the greeting', ({ type }) => type === 'bluelinkd.hello');
  });

  it('a listener that is too slow is told how many it missed and goes on with the newest; who reads misses nothing', async () => {
    const { bus, inspector, listen } = await observed(['c1'], { limits: { count: 300, bytes: 1e9 } });
    await ready(bus, 'c1');
    const [slow, reader] = [await listen(), await listen()];
    slow.pause();
    const { feed } = inspector.inspection;
    // More than the sockets on the way can hold.
    const message = 'x'.repeat(100_000);
    const begin = feed.last;
    for (let round = 0; round < 10; round += 1) {
      for (let n = 0; n < 20; n += 1) feed.add({ type: 'log', level: 'info', message, fields: {} }, 0);
      const { last } = feed;
      await reader.told.next('the newest', ({ seq }) => seq === last);
    }
    for (let n = 0; n < 500; n += 1) feed.add({ type: 'log', level: 'info', message: 'short', fields: {} }, 0);
    const { last } = feed;
    slow.resume();
    const dropped = await slow.told.next('what was dropped', ({ type }) => type === 'bluelinkd.dropped');
    await slow.told.next('the newest', ({ seq }) => seq >= last);
    const { count, sinceSeq } = dropped as unknown as { readonly count: number; readonly sinceSeq: number };
    const seqs = slow.all.filter(({ type }) => type === 'bluelinkd.log').map(({ seq }) => seq);
    expect(Math.max(...seqs.filter((seq) => seq <= sinceSeq))).toBe(sinceSeq);
    expect(Math.min(...seqs.filter((seq) => seq > sinceSeq))).toBe(sinceSeq + count + 1);
    expect(count).toBeGreaterThan(100);
    const read = reader.all.filter(({ seq }) => seq > begin && seq <= begin + 200).map(({ seq }) => seq);
    expect(new Set(read).size).toBe(200);
  });

  it('200 connections that never ask, 200 that never read and one that sends garbage cost no memory and no command', async () => {
    const { bus, inspector, url } = await observed(['c1']);
    await ready(bus, 'c1');
    const port = Number(new URL(url).port);
    const connections = serverSide();
    const sockets: net.Socket[] = [];
    const connect = (text: string) =>
      new Promise<void>((resolve) => {
        const socket = net.connect(port, '127.0.0.1', () => {
          socket.pause();
          socket.write(text, () => resolve());
        });
        socket.on('error', () => resolve());
        sockets.push(socket);
      });
    await Promise.all(Array.from({ length: 200 }, () => connect('')));
    await Promise.all(
      Array.from({ length: 200 }, () => connect(`GET /events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)),
    );
    await connect(`\u0000\u0001GARBAGE ${'\r\n'.repeat(10_000)}`);
    for (const id of ['one', 'two', 'three']) {
      bus.send('hyundai/c1/commands/lock', { action: 'lock', id });
      expect(await final(bus, 'c1', id)).toMatchObject({ status: 'succeeded' });
    }
    expect(inspector.inspection.feed.bytes).toBeLessThan(24 * 1024 * 1024);
    const ports = portsOf(sockets);
    for (const socket of sockets) socket.destroy();
    await connections.gone(ports);
    expect((await fetch(`${url}/api/recordings`)).status).toBe(200);
  });

  it('those who ask for much and read nothing are a few at most, and the others are told so', async () => {
    const { bus, inspector, url } = await observed(['c1']);
    await ready(bus, 'c1');
    const fields = { long: 'x'.repeat(8_000) };
    for (let n = 0; n < 2_000; n += 1)
      inspector.inspection.feed.add({ type: 'log', level: 'info', message: 'm', fields }, 0);
    const { port } = new URL(url);
    const connections = serverSide();
    const lazy = await Promise.all(
      Array.from(
        { length: 8 },
        () =>
          new Promise<net.Socket>((resolve) => {
            const socket = net.connect(Number(port), '127.0.0.1', () => {
              socket.write(`GET /api/snapshot HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
            });
            // The answer has begun.
            socket.once('readable', () => resolve(socket));
          }),
      ),
    );
    const refused = await fetch(`${url}/api/snapshot`);
    expect([refused.status, await refused.json()]).toEqual([503, { error: 'Too many ask at the same time.' }]);
    const ports = portsOf(lazy);
    for (const socket of lazy) socket.destroy();
    await connections.gone(ports);
    expect((await fetch(`${url}/api/snapshot`)).status).toBe(200);
  });
});
