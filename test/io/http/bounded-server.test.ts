import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type BoundedServer, openBoundedServer } from '../../../src/io/http/bounded-server.ts';
import { serverSide } from '../../support/server-side.ts';

const REQUEST_MS = 500;
/** Whoever sends nothing, though nobody waits for a request of his, is left alone for longer than that. */
const LATEST_MS = REQUEST_MS * 10;

const open: BoundedServer[] = [];
const sockets: net.Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** @param requestMs the usual, unless it is what the test is about. */
async function serve(requestMs?: number): Promise<BoundedServer> {
  const server = await openBoundedServer(
    { host: '127.0.0.1', port: 0, connections: 4, ...(requestMs === undefined ? {} : { requestMs }) },
    (_request, response) => void response.end('hello'),
  );
  open.push(server);
  return server;
}

interface Client {
  readonly socket: net.Socket;
  /** All that came, and how long the connection lasted, ms. */
  readonly over: Promise<{ readonly heard: string; readonly lastedMs: number }>;
}

function connect({ port }: BoundedServer, text = ''): Client {
  const since = performance.now();
  let heard = '';
  const socket = net.connect(port, '127.0.0.1');
  sockets.push(socket);
  // Now, and not when it is connected: whatever is written after this must come after it.
  if (text !== '') socket.write(text);
  socket.on('data', (data) => {
    heard += data.toString('latin1');
  });
  socket.on('error', () => undefined);
  const over = new Promise<{ heard: string; lastedMs: number }>((resolve) => {
    socket.once('close', () => resolve({ heard, lastedMs: performance.now() - since }));
  });
  return { socket, over };
}

describe('a bounded server', () => {
  it.each([
    ['\u0000\u0001GARBAGE\r\n\r\n', '400 Bad Request'],
    ['GET / SPDY/3\r\n\r\n', '400 Bad Request'],
    ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: minus one\r\n\r\n', '400 Bad Request'],
    [`GET / HTTP/1.1\r\nX: ${'x'.repeat(10_000)}`, '431 Request Header Fields Too Large'],
  ])('tells who sends %.30j that it is none, and hangs up', async (text, status) => {
    const server = await serve();
    const { heard } = await connect(server, text).over;
    expect(heard).toBe(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    expect(await (await fetch(server.url)).text()).toBe('hello');
  });

  it('cuts off who never ends his headers, also when more of them comes all the time', async () => {
    const server = await serve(REQUEST_MS);
    const { socket, over } = connect(server, 'GET / HTTP/1.1\r\nHost: x\r\n');
    const dribble = setInterval(() => socket.write('X-More: y\r\n'), 20);
    const { heard, lastedMs } = await over;
    clearInterval(dribble);
    expect(heard).toMatch(/^HTTP\/1\.1 408 /);
    expect(lastedMs).toBeGreaterThanOrEqual(REQUEST_MS - 50);
    expect(lastedMs).toBeLessThan(LATEST_MS);
  });

  it('cuts off who never says anything, and who never sends the body that he promised', async () => {
    const server = await serve(REQUEST_MS);
    const silent = connect(server);
    const promised = connect(server, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345');
    const ends = await Promise.all([silent.over, promised.over]);
    expect(ends.map(({ heard }) => heard.slice(0, 12))).toEqual(['HTTP/1.1 408', 'HTTP/1.1 200']);
    for (const { lastedMs } of ends) expect(lastedMs).toBeLessThan(LATEST_MS);
  });

  it('has room for so many, and closes whoever comes besides', async () => {
    const server = await serve();
    const connections = serverSide();
    const kept = Array.from({ length: 4 }, () => connect(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    await Promise.all(kept.map(({ socket }) => new Promise((resolve) => socket.once('data', resolve))));
    const { heard } = await connect(server, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n').over;
    expect(heard).toBe('');
    const [first] = kept;
    const port = first?.socket.localPort ?? 0;
    first?.socket.end();
    await connections.gone([port]);
    expect(await (await fetch(server.url)).text()).toBe('hello');
  });
});
