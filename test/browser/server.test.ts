import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { observedSystems } from '../io/inspector/observed.ts';
import { hasBrowser, openBrowser, type Visit, visit } from './support/browser.ts';

const PAGE = new URL('../../dist/io/inspector/page/', import.meta.url).pathname;
const LISTENERS = 8;

const observe = observedSystems();
const guests: Visit[] = [];
let browser: Browser;

beforeAll(async () => {
  if (hasBrowser) browser = await openBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  for (const guest of guests.splice(0)) await guest.close();
});

async function come(url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const guest = await visit(browser, url, options);
  guests.push(guest);
  await guest.page.goto(url);
  return guest;
}

const linkOf = ({ page }: Visit) => page.locator('#link').innerText();

describe.skipIf(!hasBrowser)('the page and the real server', () => {
  it('a token is asked for, a wrong one refused, the right one let in, for the whole browser', async () => {
    const { url } = await observe(['c1'], { token: 'a-long-token-1234', page: PAGE });
    const guest = await come(url);
    const { page } = guest;
    await page.getByLabel('Token').fill('another-long-token');
    await page.getByLabel('Token').press('Enter');
    await expect.poll(() => page.getByRole('alert').innerText()).toBe('That is not the token.');
    expect(await page.locator('#tree [role=treeitem]:visible').count()).toBe(0);
    await page.getByLabel('Token').fill('a-long-token-1234');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => linkOf(guest)).toBe('Live');
    await page.reload();
    await expect.poll(() => linkOf(guest)).toBe('Live');
    // The browser itself writes down what was refused; nothing else may be there.
    expect(guest.complaints.filter((text) => !text.includes('401'))).toEqual([]);
    expect(guest.foreign).toEqual([]);
  });

  it('a password manager finds what it looks for in the form', async () => {
    const { url } = await observe(['c1'], { token: 'a-long-token-1234', page: PAGE });
    const guest = await visit(browser, url);
    guests.push(guest);
    const said: string[] = [];
    guest.page.on('console', (message) => said.push(message.text()));
    await guest.page.goto(url);
    await guest.page.getByLabel('Token').waitFor();
    const fields = await guest.page
      .locator('#sign-in input')
      .evaluateAll((inputs) => inputs.map((input) => [input.getAttribute('name'), input.getAttribute('autocomplete')]));
    expect(fields).toEqual([
      ['username', 'username'],
      ['password', 'current-password'],
    ]);
    // Chromium gives hints about forms that its own manager does not understand.
    expect(said.filter((text) => text.includes('[DOM]'))).toEqual([]);
  });

  it('eight look on, the ninth is told so, and comes in when one leaves', async () => {
    const { url } = await observe(['c1'], { page: PAGE });
    for (let n = 0; n < LISTENERS; n += 1) {
      const guest = await come(url);
      await expect.poll(() => linkOf(guest)).toBe('Live');
    }
    const ninth = await come(url);
    await expect.poll(() => linkOf(ninth)).toBe('Too many inspectors');
    await expect.poll(() => ninth.page.locator('#notice').innerText()).toContain('close one of them');
    await guests[0]?.close();
    await expect.poll(() => linkOf(ninth)).toBe('Live');
  });
});
