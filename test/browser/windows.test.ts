import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, openBrowser } from './support/browser.ts';
import { FakeServer } from './support/fake-server.ts';
import { household } from './support/scenario.ts';

const WINDOWS = 9;
/** As many as turns.ts allows. */
const LISTENING = 4;

let browser: Browser;
let context: BrowserContext;
let fake: FakeServer;

beforeAll(async () => {
  if (hasBrowser) browser = await openBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await context.close();
  await fake.close();
});

const linkOf = (page: Page) => page.locator('#link').innerText();

/** Windows of one browser: it has six connections to one host for all of them. */
describe.skipIf(!hasBrowser)('many windows of one browser', () => {
  it('all of them load; the four looked at last listen, the others say that they are paused', async () => {
    fake = await FakeServer.start(household().entries);
    context = await browser.newContext();
    const pages: Page[] = [];
    for (let n = 0; n < WINDOWS; n += 1) {
      const page = await context.newPage();
      pages.push(page);
      await page.goto(fake.origin);
      await expect.poll(() => linkOf(page), { message: `window ${n}` }).toBe('Live');
    }
    const live = async () => {
      const links = await Promise.all(pages.map(linkOf));
      return links.flatMap((link, n) => (link === 'Live' ? [n] : []));
    };
    await expect.poll(live).toEqual([5, 6, 7, 8]);
    await expect.poll(() => fake.listeners).toBe(LISTENING);
    const [first, second] = pages;
    if (first === undefined || second === undefined) throw new Error('no windows');
    expect(await linkOf(first)).toBe('Paused');
    expect(await first.locator('#notice').innerText()).toContain('open in other windows');
    // Whoever is looked at goes on, in place of the one that was looked at longest ago.
    await first.locator('#notice').click();
    await expect.poll(live).toEqual([0, 6, 7, 8]);
    // When one is closed, the next goes on.
    await pages.pop()?.close();
    await expect.poll(live).toEqual([0, 5, 6, 7]);
    await expect.poll(() => fake.listeners).toBe(LISTENING);
  });
});
