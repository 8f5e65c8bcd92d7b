import { networkInterfaces } from 'node:os';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { observedSystems } from '../io/inspector/observed.ts';
import { ready } from '../support/actor-system.ts';
import { hasOpenssl } from '../support/self-signed.ts';
import { hasBrowser, OF_THE_BROWSER, openBrowser, type Visit, visit } from './support/browser.ts';
import { type ProxyManners, TlsProxy } from './support/tls-proxy.ts';

const PAGE = new URL('../../dist/io/inspector/page/', import.meta.url).pathname;
const TOKEN = 'a-long-token-1234';
const address = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

const observe = observedSystems();
let browser: Browser;
let proxy: TlsProxy;
let guest: Visit;

beforeAll(async () => {
  if (hasBrowser) browser = await openBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await guest?.close();
  await proxy?.close();
});

/** An inspector behind a proxy, and somebody who comes through it. */
async function behind(options: Parameters<typeof observe>[1] = {}, manners?: ProxyManners) {
  proxy = await TlsProxy.start(manners);
  const parts = await observe(['c1'], { token: TOKEN, names: [proxy.host], page: PAGE, ...options });
  const { port } = new URL(parts.url);
  proxy.target = options.host === '0.0.0.0' ? `http://${address}:${port}` : parts.url;
  guest = await visit(browser, proxy.origin, { ignoreHTTPSErrors: true });
  await guest.page.goto(proxy.origin);
  return parts;
}

async function signIn(): Promise<void> {
  await guest.page.getByLabel('Token').fill(TOKEN);
  await guest.page.getByRole('button', { name: 'Sign in' }).click();
}
const link = () => guest.page.locator('#link').innerText();

describe.skipIf(!hasBrowser || !hasOpenssl)('behind a proxy with a certificate', () => {
  it.each(address === undefined ? ['127.0.0.1'] : ['127.0.0.1', '0.0.0.0'])(
    'one signs in, sees what happens as it happens, and comes back: %s',
    async (host) => {
      const { bus } = await behind({ host });
      await ready(bus, 'c1');
      await signIn();
      await expect.poll(link).toBe('Live');
      const [cookie, ...others] = await guest.context.cookies();
      expect(others).toEqual([]);
      expect(cookie).toMatchObject({ domain: 'car.localhost', secure: true, httpOnly: true, sameSite: 'Strict' });
      // Nothing on the way keeps the stream back.
      bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'through-the-proxy' });
      await guest.page.locator('#show-sequence').click();
      await expect.poll(() => guest.page.locator('.hop', { hasText: 'through-the-proxy' }).count()).toBeGreaterThan(0);
      // The daemon goes, the proxy stays; then it comes back.
      const { target } = proxy;
      proxy.target = 'http://127.0.0.1:1';
      proxy.cut();
      await expect.poll(link).toBe('Disconnected');
      proxy.target = target;
      await expect.poll(link).toBe('Live');
      expect(guest.foreign).toEqual([]);
      // The browser itself writes down what was refused: before the sign-in, and while there was no daemon.
      expect(
        guest.complaints.filter((text) => !/status of (401|502)/.test(text) && !OF_THE_BROWSER.test(text)),
      ).toEqual([]);
    },
  );

  it('that is not named in inspector.names is refused, with a sentence', async () => {
    await behind({ names: ['other.example'] });
    expect(await guest.page.locator('body').innerText()).toContain('Other names belong into inspector.names.');
  });

  it('and has no token is refused, whatever name it calls the inspector by', async () => {
    await behind({ token: null, names: [] }, { keepsHost: false, saysTls: false });
    expect(await guest.page.locator('body').innerText()).toContain('that demands inspector.token');
  });
});
