import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, openBrowser, type Visit, visit } from './support/browser.ts';
import { FakeServer } from './support/fake-server.ts';
import { BREAKER, expiry, household, recovery, TOKEN } from './support/scenario.ts';

const VIEWS = ['actors', 'chart', 'sequence', 'health', 'recordings'];
/** Fleet, bridge, account, token, breaker, vehicle, two commands. */
const ACTORS = 8;
/** Evaluated in the page. */
const FOCUSED = 'document.activeElement.id || document.activeElement.className || document.activeElement.tagName';

let browser: Browser;
let fake: FakeServer;
let guest: Visit;

beforeAll(async () => {
  if (!hasBrowser) return;
  browser = await openBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await guest?.close();
  await fake?.close();
});

async function come(width: number, colorScheme: 'light' | 'dark', hash = ''): Promise<Page> {
  // For everyone anew: actors that ended are shown for a minute only.
  const script = expiry(recovery(expiry(household(), 1, 'lock-1'), 1, 'lock-1'), 2, 'lock-2');
  fake = await FakeServer.start(script.entries, { recordings: { 'one.jsonl': '' } });
  guest = await visit(browser, fake.origin, { viewport: { width, height: 740 }, colorScheme });
  await guest.page.goto(`${fake.origin}/${hash}`);
  await expect.poll(() => guest.page.locator('#link').innerText()).toBe('Live');
  return guest.page;
}

/** What axe finds, with the elements that it finds fault with. */
async function violations(page: Page): Promise<readonly string[]> {
  // By the debugger: the page itself would not let it in.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    interface Found {
      readonly id: string;
      readonly nodes: readonly { readonly target: unknown; readonly failureSummary: string }[];
    }
    const { axe: inPage } = globalThis as unknown as {
      readonly axe: { run(): Promise<{ readonly violations: readonly Found[] }> };
    };
    const { violations: found } = await inPage.run();
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${String(target)}: ${failureSummary}`),
    );
  });
}

describe.skipIf(!hasBrowser)('the page is for everybody', () => {
  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      it(`axe finds nothing: ${scheme}, ${width} px, every view`, async () => {
        const page = await come(width, scheme, `#view=chart&actor=${TOKEN}`);
        for (const view of VIEWS) {
          if (view === 'actors' && width > 960) continue;
          await page.locator(`#show-${view}`).click();
          await expect.poll(() => page.locator('body').getAttribute('data-view')).toBe(view);
          expect(await violations(page), view).toEqual([]);
        }
      });
    }
  }

  it('nothing is wider than 360 px, in any view', async () => {
    const page = await come(360, 'light', `#view=chart&actor=${TOKEN}`);
    for (const view of VIEWS) {
      await page.locator(`#show-${view}`).click();
      await expect.poll(() => page.locator('body').getAttribute('data-view')).toBe(view);
      const [wanted, room] = await page.evaluate<[number, number]>(
        '[Math.max(document.documentElement.scrollWidth, document.body.scrollWidth), document.documentElement.clientWidth]',
      );
      expect(wanted, view).toBeLessThanOrEqual(room);
      expect(room).toBe(360);
    }
  });

  it.each([360, 1280])('no label of the sequence is cut off at %i px', async (width) => {
    const page = await come(width, 'light', '#view=sequence');
    await expect.poll(() => page.locator('.hop:visible').count()).toBeGreaterThan(10);
    const cut = () =>
      page.evaluate<string[]>(`[...document.querySelectorAll('.hop:not([hidden]) svg')].flatMap((svg) => {
        const { x, width } = svg.querySelector('text').getBBox();
        return x < 0 || x + width > svg.clientWidth ? [svg.textContent] : [];
      })`);
    await expect.poll(cut).toEqual([]);
    await page.locator('#hops').press('Home');
    await expect.poll(() => page.locator('.hop:visible').first().getAttribute('data-index')).toBe('0');
    await expect.poll(cut).toEqual([]);
  });

  it('everything is reached by keyboard, and left again', async () => {
    const page = await come(1280, 'light');
    const rows = page.locator('#tree [role=treeitem]:visible');
    await expect.poll(() => rows.count()).toBe(ACTORS);
    const focused = () => page.evaluate<string>(FOCUSED);
    const stops: unknown[] = [];
    for (let n = 0; n < 40; n += 1) {
      await page.keyboard.press('Tab');
      const stop = await focused();
      if (stops.includes(stop) || stop === 'BODY') break;
      stops.push(stop);
    }
    expect(stops).toEqual([
      'skip',
      'show-chart',
      'show-sequence',
      'show-health',
      'show-recordings',
      'theme',
      'search',
      'tree',
      'chart-begin',
    ]);
    await page.locator('#tree').focus();
    await page.keyboard.press('Home');
    for (let n = 0; n < 3; n += 1) await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.locator('#chart-title').innerText()).toBe('token');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.locator('#chart-title').innerText()).toBe('breaker');
    const active = async () => {
      const id = await page.locator('#tree').getAttribute('aria-activedescendant');
      return page.locator(`#${id}`).getAttribute('data-address');
    };
    await expect.poll(active).toBe(BREAKER);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.locator('#chart-title').innerText()).toBe('account demo');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => rows.count()).toBe(3);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => rows.count()).toBe(ACTORS);
  });

  it('a command is found and chosen without a mouse', async () => {
    const page = await come(1280, 'light', '#view=sequence');
    await expect.poll(() => page.locator('.hop:visible').count()).toBeGreaterThan(5);
    await page.locator('#hops').focus();
    // What came before the page did is filled in bit by bit: the end is where the token is renewed for the second command.
    const isAtTheEnd = async () => {
      await page.keyboard.press('End');
      const last = await page.locator('.hop.active').innerText();
      const seen = await page.locator('.hop:visible', { hasText: 'command to token: REFRESH' }).allInnerTexts();
      return last.includes('refreshing.awaitingPermit') && seen.some((text) => text.includes('command lock-2'));
    };
    await expect.poll(isAtTheEnd).toBe(true);
    await page.keyboard.press('ArrowUp');
    for (let n = 0; n < 6; n += 1) await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('#sequence-title').innerText()).toBe('Journey of command lock-2');
    // Of a list in which one thing can be chosen, one is.
    const chosen = () => page.locator('#hops [aria-selected=true]:visible').count();
    await expect.poll(chosen).toBe(0);
    await page.keyboard.press('ArrowDown');
    await expect.poll(chosen).toBe(1);
    await page.keyboard.press('Shift+Tab');
    await expect.poll(() => page.evaluate<string>(FOCUSED)).toBe('save-json');
  });

  it('follows the system’s theme until somebody chooses another, and remembers it', async () => {
    const page = await come(1280, 'dark');
    const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const dark = await paper();
    await page.getByRole('button', { name: 'Theme: auto' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).waitFor();
    await expect.poll(paper).not.toBe(dark);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: light' }).click();
    await expect.poll(paper).toBe(dark);
  });
});
