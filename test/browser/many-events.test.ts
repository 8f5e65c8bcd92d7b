import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/io/inspector/wire.ts';
import { hasBrowser, openBrowser, type Visit, visit } from './support/browser.ts';
import { FakeServer } from './support/fake-server.ts';
import { expiry, household, recovery, type Script, TOKEN } from './support/scenario.ts';

const EVENTS = 10_000;
const LONGEST_TASK_MS = 100;
const ROUNDS = 3;
const MOST_NODES = 2_000;
const FIRST_PAINT_MS = 1_000;
const ASSETS_BYTES = 250 * 1024;

let browser: Browser;
let fake: FakeServer;
let guest: Visit;
let page: Page;
let script: Script;

/** Until there are so many. Answers those that are new. */
function commands(count: number): readonly Entry[] {
  const before = script.entries.length;
  for (let n = before; script.entries.length < before + count; n += 1) {
    recovery(expiry(script, n, `lock-${n}`), n, `lock-${n}`);
  }
  return script.entries.slice(before);
}

/** Loads the page anew and does everything that is much work. Answers the tasks longer than 50 ms. */
async function lookAround(): Promise<readonly number[]> {
  await page.goto('about:blank');
  await page.goto(`${fake.origin}/#view=sequence`);
  await page.locator('#sequence-count', { hasText: /^\d{4,} steps$/ }).waitFor();
  await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
  await page.locator(`[data-address="${TOKEN}"]`).click();
  for (let round = 0; round < 5; round += 1) {
    fake.tell(commands(400));
    for (const view of ['chart', 'sequence', 'health']) await page.locator(`#show-${view}`).click();
  }
  await page.locator('#show-sequence').click();
  await page.locator('#sequence-clear').click();
  await page.locator('#hops').press('Home');
  await page.locator('#hops').press('End');
  const { commandId } = script.entries.findLast((entry) => entry.type === 'bluelinkd.message') ?? {};
  await page.getByRole('searchbox').fill(String(commandId));
  await page.getByRole('searchbox').press('Enter');
  await expect.poll(() => page.locator('#sequence-title').innerText()).toContain(String(commandId));
  return longTasks();
}

/** Tasks longer than 50 ms since the page began, ms. */
const longTasks = () => page.evaluate<number[]>('globalThis.longTasks.splice(0)');
const nodesInLists = () => page.locator('[role=tree] *, [role=listbox] *').count();

beforeAll(async () => {
  if (!hasBrowser) return;
  browser = await openBrowser();
  script = household();
  commands(EVENTS);
  fake = await FakeServer.start(script.entries);
  guest = await visit(browser, fake.origin, { viewport: { width: 1440, height: 900 } });
  page = guest.page;
  await page.addInitScript({
    content: `globalThis.longTasks = [];
      new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)))
        .observe({ type: 'longtask', buffered: true });`,
  });
  await page.goto(`${fake.origin}/#view=sequence`);
  await page.locator('#sequence-count', { hasText: /^\d{4,} steps$/ }).waitFor({ timeout: 20_000 });
});
afterAll(async () => {
  await guest?.close();
  await browser?.close();
  await fake?.close();
});

describe.skipIf(!hasBrowser)('with 10,000 events', () => {
  it('the page paints within a second', async () => {
    const paints = await page.evaluate<number[]>(
      "performance.getEntriesByType('paint').map((entry) => entry.startTime)",
    );
    expect(paints.length).toBeGreaterThan(0);
    expect(Math.max(...paints)).toBeLessThan(FIRST_PAINT_MS);
  });

  it('no task is long: while it loads, while more come, while somebody looks around', async () => {
    const rounds: number[] = [];
    // What else runs on this machine makes tasks longer, never shorter: the quietest of three rounds tells what the page does.
    while (rounds.length < ROUNDS && Math.min(Number.POSITIVE_INFINITY, ...rounds) > LONGEST_TASK_MS) {
      rounds.push(Math.max(0, ...(await lookAround())));
    }
    expect(Math.min(...rounds), rounds.join(', ')).toBeLessThanOrEqual(LONGEST_TASK_MS);
    expect(guest.complaints).toEqual([]);
  });

  it('the lists have few nodes, wherever one scrolls', async () => {
    for (const view of ['sequence', 'health']) {
      await page.locator(`#show-${view}`).click();
      await page.locator(view === 'sequence' ? '#hops' : '#log-lines').press('PageUp');
      expect(await nodesInLists()).toBeLessThanOrEqual(MOST_NODES);
      expect(await nodesInLists()).toBeGreaterThan(100);
    }
  });
});

describe('what is sent to the browser', () => {
  it('is at most 250 KB in all, without the pictures', () => {
    const folder = join(import.meta.dirname, '../../dist/io/inspector/page');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map((entry) => join(entry.parentPath, entry.name));
    const bytes = paths.map((path) => statSync(path).size).reduce((sum, size) => sum + size, 0);
    const packed = gzipSync(Buffer.concat(paths.map((path) => readFileSync(path)))).length;
    expect(paths.length).toBeGreaterThan(20);
    expect(packed).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(ASSETS_BYTES);
  });
});
