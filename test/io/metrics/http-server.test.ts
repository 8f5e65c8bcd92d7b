import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type PageServer, servePages } from '../../../src/io/metrics/http-server.ts';
import { serverSide } from '../../support/server-side.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(host = '127.0.0.1'): Promise<PageServer> {
  const server = await servePages({
    host,
    port: 0,
    pages: {
      '/page': () => ({ status: 200, contentType: 'text/plain', body: 'hello\n' }),
      '/broken': () => {
        throw new Error('with a secret');
      },
    },
  });
  open.push(server);
  return server;
}

const portOf = ({ url }: PageServer): number => Number(new URL(url).port);

/** What comes back for these bytes, until the server closes the connection. */
function raw(server: PageServer, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = net.connect(portOf(server), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => {
      heard += data.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}

const request = (line: string, ...headers: readonly string[]) =>
  `${[line, 'Host: 127.0.0.1', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`;

describe('the page server', () => {
  it('answers GET, and HEAD without a body, whatever the query', async () => {
    const server = await serve();
    const response = await fetch(`${server.url}/page?x=1`);
    expect([response.status, await response.text()]).toEqual([200, 'hello\n']);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const head = await fetch(`${server.url}/page`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '6', '']);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const server = await serve();
    const body = method === 'OPTIONS' ? {} : { body: 'x'.repeat(100_000) };
    const response = await fetch(`${server.url}/page`, { method, ...body });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('knows no other path, also none that JavaScript knows', async () => {
    const server = await serve();
    for (const path of ['/', '/pages', '/../page', '/__proto__', '/constructor', '/toString']) {
      expect(await raw(server, request(`GET ${path} HTTP/1.1`))).toContain('404 Not Found');
    }
  });

  it('says nothing of what went wrong inside', async () => {
    const server = await serve();
    const response = await fetch(`${server.url}/broken`);
    expect([response.status, await response.text()]).toEqual([500, 'That could not be told.\n']);
  });

  it('answers on a loopback address only who calls it by a loopback name', async () => {
    const server = await serve();
    const asked = (host: string) => raw(server, `GET /page HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    for (const host of [`127.0.0.1:${portOf(server)}`, 'localhost', '[::1]:9464', 'LOCALHOST:1']) {
      expect(await asked(host)).toContain('200 OK');
    }
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:9464', '10.0.0.1', '']) {
      const answer = await asked(host);
      expect(answer).toContain('421');
      expect(answer).not.toContain('hello');
    }
    expect(await asked('127.0.0.1\r\nHost: evil.example')).toContain('421');
  });

  it('answers on other addresses whoever reaches it', async () => {
    const server = await serve('0.0.0.0');
    expect(await raw(server, 'GET /page HTTP/1.1\r\nHost: metrics.lan\r\nConnection: close\r\n\r\n')).toContain(
      '200 OK',
    );
  });

  it('survives garbage', async () => {
    const server = await serve();
    const garbage = [
      '\0\0\0\0',
      'GET\r\n\r\n',
      'GET /page HTTP/9.9\r\n\r\n',
      `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
      request('GET /page HTTP/1.1', `X: ${'y'.repeat(20_000)}`),
      request('GET /page HTTP/1.1', 'Upgrade: websocket', 'Connection: Upgrade'),
      'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
      Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    ];
    for (const bytes of garbage) expect(await raw(server, bytes)).not.toContain('hello');
    expect((await fetch(`${server.url}/page`)).status).toBe(200);
  });

  it('takes no more connections than it can bear, and serves again when they are gone', async () => {
    const server = await serve();
    const connections = serverSide();
    const sockets = await Promise.all(
      Array.from(
        { length: 60 },
        () =>
          new Promise<{ socket: net.Socket; closed: Promise<void> }>((resolve) => {
            const socket = net.connect(portOf(server), '127.0.0.1');
            socket.on('error', () => undefined);
            const closed = new Promise<void>((gone) => socket.once('close', () => gone()));
            socket.once('connect', () => resolve({ socket, closed }));
          }),
      ),
    );
    let turnedAway = 0;
    for (const { closed } of sockets) void closed.then(() => (turnedAway += 1));
    await Promise.race(sockets.map(({ closed }) => closed));
    expect(turnedAway).toBeGreaterThan(0);
    const ports = sockets.map(({ socket }) => socket.localPort ?? 0);
    for (const { socket } of sockets) socket.destroy();
    await connections.gone(ports);
    expect((await fetch(`${server.url}/page`)).status).toBe(200);
  });

  it('closes although somebody is in the middle of a request', async () => {
    const server = await serve();
    const answer = raw(server, 'GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
    await server.close();
    expect(await answer).not.toContain('hello');
  });

  it('says in a sentence that the port is taken', async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);
    await expect(servePages({ host: '127.0.0.1', port, pages: {} })).rejects.toThrow(
      `cannot listen on 127.0.0.1, port ${port}: somebody else listens there.`,
    );
  });
});
