import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Guard, isPrivateWay } from '../../../src/io/inspector/guard.ts';

/** A request as it comes to an inspector on port 9465 of this machine, from a proxy beside it. */
function proxied(headers: Readonly<Record<string, string>>, remoteAddress = '127.0.0.1'): IncomingMessage {
  const socket = { localAddress: '127.0.0.1', localPort: 9465, remoteAddress };
  const all = { host: 'car.example', ...headers };
  const headersDistinct = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]]));
  return { headers: all, headersDistinct, socket, method: 'GET', url: '/api/snapshot' } as never;
}

const named = new Guard({ host: '127.0.0.1', names: ['car.example', 'car.example:8443'], isOpen: false });
const open = new Guard({ host: '127.0.0.1', names: [], isOpen: true });

describe('who comes through a proxy', () => {
  it.each([
    [{ origin: 'https://car.example' }],
    [{ origin: 'https://car.example:8443', host: 'car.example:8443' }],
    [{ origin: 'https://car.example', host: 'CAR.example' }],
    [{ origin: 'https://car.example', 'sec-fetch-site': 'same-origin' }],
  ])('is heard under a name of inspector.names, if the proxy says that it came by TLS: %j', (headers) => {
    expect(named.refusal(proxied({ ...headers, 'x-forwarded-proto': 'https' }))).toBeNull();
    const message = 'This page came over TLS, and the proxy in between does not say so: it must set X-Forwarded-Proto.';
    expect(named.refusal(proxied(headers))).toEqual({ status: 403, message });
    expect(named.refusal(proxied({ ...headers, 'x-forwarded-proto': 'http' }))).toEqual({ status: 403, message });
  });

  it('is heard in the open, too, where the page came so; a page that came otherwise is another one', () => {
    expect(named.refusal(proxied({ origin: 'http://car.example' }))).toBeNull();
    const mixed = { origin: 'http://car.example', 'x-forwarded-proto': 'https' };
    expect(named.refusal(proxied(mixed))).toMatchObject({ status: 403, message: 'Pages from elsewhere may not ask.' });
    expect(named.refusal(proxied({ origin: 'ftp://car.example' }))?.status).toBe(403);
  });

  it.each([
    [{ host: 'other.example' }, 421],
    [{ host: 'car.example:8444' }, 421],
    [{ origin: 'https://other.example' }, 403],
    [{ origin: 'https://car.example:8443' }, 403],
    // Whoever calls us by our own address must be there himself.
    [{ origin: 'https://car.example', host: '127.0.0.1:9465' }, 403],
  ])('is refused under another: %j', (headers, status) => {
    expect(named.refusal(proxied(headers))?.status).toBe(status);
  });

  it.each([
    'forwarded',
    'via',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-prefix',
    'x-original-url',
    'x-real-ip',
    'x-client-ip',
    'true-client-ip',
    'x-azure-clientip',
    'x-envoy-external-address',
    'cf-connecting-ip',
    'cf-ray',
    'cdn-loop',
  ])('is refused where no token is asked for, and is known by %s', (name) => {
    const host = '127.0.0.1:9465';
    expect(open.refusal(proxied({ host }))).toBeNull();
    expect(open.refusal(proxied({ host, [name]: 'x' }))).toEqual({
      status: 403,
      message: 'This came through a proxy: that demands inspector.token.',
    });
  });

  it('may send a token from this machine, or if the proxy says that it came by TLS; from elsewhere in the open not', () => {
    expect(isPrivateWay(proxied({}))).toBe(true);
    expect(isPrivateWay(proxied({}, '192.168.1.2'))).toBe(false);
    expect(isPrivateWay(proxied({ 'x-forwarded-proto': 'http' }, '192.168.1.2'))).toBe(false);
    expect(isPrivateWay(proxied({ 'x-forwarded-proto': 'https, http' }, '192.168.1.2'))).toBe(true);
  });
});
