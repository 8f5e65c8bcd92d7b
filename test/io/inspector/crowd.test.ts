import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { final, ready } from '../../support/actor-system.ts';
import { observedSystems } from './observed.ts';
import { Stream } from './stream.ts';

/** For what should come at once; long, because the machine may be busy. */
const DEADLINE_MS = 15_000;
const CROWD = 200;
const LISTENERS = 8;
const CONNECTIONS = 64;

const observed = observedSystems();
const crowd: Comer[] = [];
afterEach(() => {
  for (const { socket } of crowd.splice(0)) socket.destroy();
});

interface Comer {
  readonly socket: net.Socket;
  isOver: boolean;
}

/** Resolves when the connection stands and the text is on its way. It reads nothing before it is told to. */
function come(url: string, text: string): Promise<Comer> {
  const { port } = new URL(url);
  return new Promise((resolve) => {
    const socket = net.connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
    const comer: Comer = { socket, isOver: false };
    crowd.push(comer);
    socket.once('connect', () => socket.write(text, () => resolve(comer)));
    socket.on('error', () => resolve(comer));
    socket.once('close', () => {
      comer.isOver = true;
    });
  });
}

/** What was answered, in a word: `200`, `503`, or nothing. */
function answerOf({ socket }: Comer): string {
  const [, status = 'closed'] = String(socket.read() ?? '').match(/^HTTP\/1\.1 (\d+)/) ?? [];
  return status;
}

describe('200 who come at the same time, ask for the stream and never read it', () => {
  it('are eight who listen, and the others are told that there is no room, or are not let in at all', async () => {
    const { bus, url } = await observed(['c1']);
    await ready(bus, 'c1');
    const ask = `GET /events HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`;
    const all = await Promise.all(Array.from({ length: CROWD }, () => come(url, ask)));
    const turnedAway = () => all.filter(({ isOver, socket }) => isOver || socket.readableLength > 0).length;
    for (const { socket } of all) socket.once('readable', () => undefined);
    await expect.poll(turnedAway, { timeout: DEADLINE_MS }).toBe(CROWD);
    const answers = all.map(answerOf);
    // Nobody who was told to go keeps his connection.
    for (const comer of all.filter((_, n) => answers[n] === '503')) comer.socket.resume();
    await expect.poll(() => all.filter(({ isOver }) => !isOver).length, { timeout: DEADLINE_MS }).toBe(LISTENERS);
    const count = (answer: string) => answers.filter((each) => each === answer).length;
    expect(count('200')).toBe(LISTENERS);
    expect(count('503')).toBeGreaterThan(0);
    expect(count('closed')).toBe(CROWD - count('200') - count('503'));
    for (const id of ['one', 'two', 'three']) {
      bus.send('hyundai/c1/commands/lock', { action: 'lock', id });
      expect(await final(bus, 'c1', id)).toMatchObject({ status: 'succeeded' });
    }
  });

  it('leave room at once: who is told to go is hung up on, and the next who asks is heard', async () => {
    const { url, listen } = await observed(['c1']);
    await Promise.all(Array.from({ length: LISTENERS }, () => listen()));
    const { host } = new URL(url);
    // As many as there is room for besides; they read what they are told, and would keep their connection.
    const rest = Array.from({ length: CONNECTIONS - LISTENERS }, (_, n) =>
      come(url, `GET /events HTTP/1.1\r\nHost: ${n % 2 === 0 ? host : 'evil.example'}\r\n\r\n`),
    );
    for (const comer of await Promise.all(rest)) {
      const { socket } = comer;
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      await expect.poll(() => comer.isOver, { timeout: DEADLINE_MS }).toBe(true);
      // Not only after a while, as whoever is idle.
      expect(text).toMatch(/^HTTP\/1\.1 (?:503|421) [\s\S]*\r\nconnection: close\r\n/i);
    }
    expect((await fetch(`${url}/api/snapshot`)).status).toBe(200);
  });

  it('the ninth is told so, garbage is answered 400, and both are over with that', async () => {
    const { url, listen } = await observed(['c1']);
    await Promise.all(Array.from({ length: LISTENERS }, () => listen()));
    await expect(Stream.open(`${url}/events`)).rejects.toThrow('503 {"error":"8 pages listen already');
    const garbage = await come(url, `\u0000\u0001GARBAGE ${'\r\n'.repeat(10_000)}`);
    await new Promise((resolve) => garbage.socket.once('readable', resolve));
    expect(answerOf(garbage)).toBe('400');
    garbage.socket.resume();
    await expect.poll(() => garbage.isOver, { timeout: DEADLINE_MS }).toBe(true);
  });
});
