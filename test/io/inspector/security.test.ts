import { request as ask } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { startInspector } from '../../../src/io/inspector/inspector.ts';
import { createSecrets } from '../../../src/io/log/secrets.ts';
import { clock } from '../../support/quiet.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { observedSystems } from './observed.ts';

const observed = observedSystems();
const TOKEN = 'correct-horse-battery';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** `fetch` does not let a test say its own Host. */
function send(
  url: string,
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = ask({ host: hostname, port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        // A stream would not end.
        if (response.headers['content-type']?.startsWith('text/event-stream') === true) response.destroy();
      });
      response.on('close', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Everything that comes until we are hung up on: the status, and the text. */
function answerTo(url: string, lines: readonly string[]): Promise<readonly [string, string]> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve([text.slice('HTTP/1.1 '.length).slice(0, 3), text]));
  });
}

const signIn = (url: string, token: string, headers: Record<string, string> = {}) =>
  send(url, '/sign-in', { method: 'POST', headers, body: JSON.stringify({ token }) });
const ROUTES = ['/', '/events', '/api/snapshot', '/api/recordings', '/api/journey/x', '/diagrams/token.svg'];

describe('who may ask', () => {
  it.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.evil.example:PORT',
    '192.168.1.2:PORT',
    '[::1%lo]:PORT',
  ])('is refused when he calls us %s', async (host) => {
    const { url } = await observed(['c1']);
    const { port } = new URL(url);
    for (const path of ROUTES) {
      const { status, text } = await send(url, path, { headers: { host: host.replace('PORT', port) } });
      expect([path, status]).toEqual([path, 421]);
      expect(text).not.toMatch(/sessionId|<html/);
    }
  });

  it('is refused when he calls us by two names, whichever is the first', async () => {
    const { url } = await observed(['c1']);
    const { host } = new URL(url);
    for (const hosts of [
      [host, 'evil.example'],
      ['evil.example', host],
      [host, host],
    ]) {
      const [status, text] = await answerTo(url, [
        'GET /api/snapshot HTTP/1.1',
        ...hosts.map((name) => `Host: ${name}`),
      ]);
      expect([hosts, status]).toEqual([hosts, '421']);
      expect(text).not.toContain('sessionId');
    }
    expect((await answerTo(url, ['GET /api/snapshot HTTP/1.1', `Host: ${host}`, 'Connection: close']))[0]).toBe('200');
  });

  it.each(['localhost:PORT', '127.0.0.1:PORT', '[::1]:PORT', 'LOCALHOST:PORT'])(
    'is heard when he calls us %s',
    async (host) => {
      const { url } = await observed(['c1']);
      const { status } = await send(url, '/api/snapshot', {
        headers: { host: host.replace('PORT', new URL(url).port) },
      });
      expect(status).toBe(200);
    },
  );

  it.each([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'http://localhost:PORT' },
    { origin: 'https://127.0.0.1:PORT' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
  ])('is refused when a page from elsewhere asks: %j', async (given) => {
    const { url } = await observed(['c1']);
    const headers = Object.fromEntries(
      Object.entries(given).map(([key, value]) => [key, value.replace('PORT', new URL(url).port)]),
    );
    for (const path of ['/events', '/api/snapshot']) expect((await send(url, path, { headers })).status).toBe(403);
  });

  it('may follow a link to the page, and ask from the page itself; nobody is told that others may', async () => {
    const { url } = await observed(['c1']);
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await send(url, '/', { headers: link })).status).toBe(200);
    const own = await send(url, '/api/snapshot', { headers: { origin: url, 'sec-fetch-site': 'same-origin' } });
    expect(own.status).toBe(200);
    expect(Object.keys(own.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('cannot change anything with %s', async (method) => {
    const { url } = await observed(['c1']);
    for (const path of ROUTES) expect((await send(url, path, { method, body: '{}' })).status).toBe(405);
  });

  it('gets the page and everything else under a policy that lets in nothing foreign and nothing inline', async () => {
    const { url } = await observed(['c1']);
    for (const path of [
      ...ROUTES,
      '/nowhere',
      '/assets/../../../package.json',
      '/api/recordings/..%2f..%2fetc%2fpasswd',
    ]) {
      const { headers, text } = await send(url, path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
      });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'",
      );
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(text).not.toContain('"bluelinkd",');
    }
  });
});

describe('with a token', () => {
  it('nothing is told without it; the page itself comes with 401, so that one can sign in', async () => {
    const { url } = await observed(['c1'], { token: TOKEN });
    const answers = await Promise.all(ROUTES.map((path) => send(url, path)));
    expect(answers.map(({ status }) => status)).toEqual(ROUTES.map(() => 401));
    for (const { text } of answers) expect(text).not.toMatch(/sessionId|account\/main/);
    for (const authorization of ['Bearer wrong', `Basic ${TOKEN}`, 'Bearer', `Bearer ${TOKEN}x`]) {
      expect((await send(url, '/api/snapshot', { headers: { authorization } })).status).toBe(401);
    }
    expect((await send(url, `/api/snapshot?token=${TOKEN}`)).status).toBe(401);
  });

  it('it is taken in a header, or once for a cookie that scripts and other sites never see', async () => {
    const { url } = await observed(['c1'], { token: TOKEN });
    const authorization = `Bearer ${TOKEN}`;
    expect((await send(url, '/api/snapshot', { headers: { authorization } })).status).toBe(200);
    const { status, headers, text } = await signIn(url, TOKEN);
    expect([status, text]).toEqual([204, '']);
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^bluelinkd-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    const [pair = ''] = cookie.split(';');
    for (const path of ['/', '/events', '/api/snapshot', '/diagrams/token.svg']) {
      expect((await send(url, path, { headers: { cookie: `other=1; ${pair}` } })).status).toBe(200);
    }
    expect((await send(url, '/api/snapshot', { headers: { cookie: pair.replace(/.$/, '_') } })).status).toBe(401);
    const secure = await signIn(url, TOKEN, { 'x-forwarded-proto': 'https' });
    expect(String(secure.headers['set-cookie'])).toContain('; Secure');
  });

  it('it cannot be guessed in a hurry, and who is in stays in', async () => {
    const { url } = await observed(['c1'], { token: TOKEN });
    const { headers } = await signIn(url, TOKEN);
    const cookie = String(headers['set-cookie']).split(';')[0] ?? '';
    const tries: number[] = [];
    for (let n = 0; n < 5; n += 1) tries.push((await signIn(url, `guess-${n}-------`)).status);
    expect(tries).toEqual([401, 401, 401, 401, 401]);
    const late = await signIn(url, TOKEN);
    expect([late.status, late.headers['retry-after']]).toEqual([429, '60']);
    expect((await send(url, '/api/snapshot', { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(429);
    expect((await send(url, '/api/snapshot', { headers: { cookie } })).status).toBe(200);
  });

  it('it may be tried again after a minute, also when the clock is set back meanwhile', async () => {
    const time = { now: Date.parse('2026-11-22T10:00:00Z'), elapsed: 0 };
    const watch = { now: () => time.now, elapsed: () => time.elapsed };
    const { url } = await observed(['c1'], { token: TOKEN, clock: watch });
    for (let n = 0; n < 5; n += 1) await signIn(url, `guess-${n}-------`);
    time.now -= 3_600_000;
    time.elapsed = 59_999;
    expect((await signIn(url, TOKEN)).status).toBe(429);
    time.elapsed = 60_000;
    expect((await signIn(url, TOKEN)).status).toBe(204);
  });

  it.each(['', '{}', '{"token":1}', 'token=correct-horse-battery'])('a sign-in of %j is refused', async (body) => {
    const { url } = await observed(['c1'], { token: TOKEN });
    expect((await send(url, '/sign-in', { method: 'POST', body })).status).toBe(400);
  });

  it('a sign-in of a hundred thousand bytes is refused, or cut off', async () => {
    const { url } = await observed(['c1'], { token: TOKEN });
    const body = 'x'.repeat(100_000);
    // Who still sends when it is hung up on may not come to read the answer.
    const answer = await send(url, '/sign-in', { method: 'POST', body }).catch(() => ({ status: 413 }));
    expect(answer.status).toBe(413);
  });

  it('it is not taken from a page from elsewhere, and there is nothing to sign in to without one', async () => {
    const { url } = await observed(['c1'], { token: TOKEN });
    expect((await signIn(url, TOKEN, { origin: 'http://evil.example' })).status).toBe(403);
    const open = await observed(['c1']);
    expect((await signIn(open.url, TOKEN)).status).toBe(404);
  });
});

describe('on another address than loopback', () => {
  const address = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

  if (address === undefined)
    process.stdout.write('Skipped: the inspector on another address, of which there is none.\n');

  it.skipIf(address === undefined)('the token is demanded, and the names are checked all the same', async () => {
    const { url } = await observed(['c1'], { host: '0.0.0.0', token: TOKEN, names: ['car.example'] });
    const { port } = new URL(url);
    const elsewhere = `http://${address}:${port}`;
    const authorization = `Bearer ${TOKEN}`;
    expect((await send(elsewhere, '/api/snapshot')).status).toBe(401);
    expect((await send(elsewhere, '/api/snapshot', { headers: { authorization } })).status).toBe(200);
    const as = (host: string) => send(elsewhere, '/api/snapshot', { headers: { authorization, host } });
    expect((await as('evil.example')).status).toBe(421);
    expect((await as('car.example')).status).toBe(200);
    expect((await as(`0.0.0.0:${port}`)).status).toBe(421);
  });
});

it('says in a sentence that the port is taken', async () => {
  const { url } = await observed(['c1']);
  const port = Number(new URL(url).port);
  const again = startInspector({
    host: '127.0.0.1',
    port,
    names: [],
    token: null,
    accounts: [],
    baseTopic: 'b',
    carNames: new Map(),
    secrets: createSecrets({ showPrivate: false }),
    logLevel: 'info',
    recordings: { folder: '/nonexistent', keep: 0 },
    version: '0.0.0',
    simulated: false,
    clock,
    log: quietLog,
  });
  await expect(again).rejects.toThrow(`cannot listen on 127.0.0.1, port ${port}: somebody else listens there.`);
});
