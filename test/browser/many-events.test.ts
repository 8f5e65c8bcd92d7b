import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/io/inspector/wire.ts';
import { hasBrowser, openBrowser, type Visit, visit } from './support/browser.ts';
import { FakeServer } from './support/fake-server.ts';
import { expiry, household, recovery, type Script, TOKEN } from './support/scenario.ts';
import { tasksOf } from './support/tasks.ts';

const EVENTS = 10_000;
/** Time of the processor. */
const LONGEST_TASK_MS = 100;
const ROUNDS = 3;
const TRIES = 5;
const MOST_NODES = 2_000;
const FIRST_PAINT_MS = 1_000;
const ASSETS_BYTES = 250 * 1024;
const SIZE = { viewport: { width: 1440, height: 900 } };

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

/** Loads the page anew and does everything that is much work. */
async function lookAround(): Promise<void> {
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
  const search = page.getByRole('searchbox');
  await search.fill(String(commandId));
  const found = async () => {
    // A page that is still busy with what came before does not know the newest command yet: then one asks again.
    await search.press('Enter');
    return page.locator('#sequence-title').innerText();
  };
  await expect.poll(found, { interval: 250 }).toContain(String(commandId));
}

/** When somebody new sees something, ms after he began to load the page. */
async function firstPaint(): Promise<number> {
  const stranger = await visit(browser, fake.origin, SIZE);
  try {
    await stranger.page.goto(`${fake.origin}/#view=sequence`);
    await stranger.page.locator('#sequence-count', { hasText: /^\d{4,} steps$/ }).waitFor();
    const paints = await stranger.page.evaluate<number[]>(
      "performance.getEntriesByType('paint').map((entry) => entry.startTime)",
    );
    expect(paints.length).toBeGreaterThan(0);
    return Math.max(...paints);
  } finally {
    await stranger.close();
  }
}

/**
 * The least of some tries, and all of them in words. What else runs on this machine makes things slower, never quicker:
 * so the best try says what the page does, and those after it need not be made.
 */
async function best(tries: number, enough: number, once: () => Promise<number>) {
  const all: number[] = [];
  while (all.length < tries && !all.some((one) => one <= enough)) all.push(await once());
  return {
    least: Math.min(...all),
    words: `in ms, one try after the other: ${all.map((one) => one.toFixed(1)).join(', ')}`,
  };
}

const nodesInLists = () => page.locator('[role=tree] *, [role=listbox] *').count();

beforeAll(async () => {
  if (!hasBrowser) return;
  browser = await openBrowser();
  script = household();
  commands(EVENTS);
  fake = await FakeServer.start(script.entries);
  guest = await visit(browser, fake.origin, SIZE);
  page = guest.page;
  await page.goto(`${fake.origin}/#view=sequence`);
  await page.locator('#sequence-count', { hasText: /^\d{4,} steps$/ }).waitFor();
});
afterAll(async () => {
  await guest?.close();
  await browser?.close();
  await fake?.close();
});

describe.skipIf(!hasBrowser)('with 10,000 events', () => {
  it('the page paints within a second', async () => {
    const { least, words } = await best(TRIES, FIRST_PAINT_MS, firstPaint);
    expect(least, words).toBeLessThan(FIRST_PAINT_MS);
  });

  it('no task is long: while it loads, while more come, while somebody looks around', async () => {
    const longest = async () => {
      const tasks = await tasksOf(browser, page, lookAround);
      // A trace that tells of the page has hundreds, and among them the frames with the new rows.
      expect(tasks.length).toBeGreaterThan(100);
      expect(tasks[0]).toBeGreaterThan(1);
      return tasks[0] ?? Number.NaN;
    };
    const { least, words } = await best(ROUNDS, LONGEST_TASK_MS, longest);
    expect(least, words).toBeLessThanOrEqual(LONGEST_TASK_MS);
    expect(guest.complaints).toEqual([]);
  });

  it('the lists have few nodes, wherever one scrolls', async () => {
    for (const view of ['sequence', 'health']) {
      await page.locator(`#show-${view}`).click();
      await page.locator(view === 'sequence' ? '#hops' : '#log-lines').press('PageUp');
      await expect.poll(nodesInLists).toBeGreaterThan(100);
      expect(await nodesInLists()).toBeLessThanOrEqual(MOST_NODES);
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
