import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/brokers.ts';
import { DaemonProcess } from '../support/daemon-process.ts';
import { Observer } from '../support/observer.ts';
import { openBrowser, visit } from './support/browser.ts';

/** Writes the pictures of docs/inspector.md: `npm run screenshots`. Takes them in the demo, of the story that it tells. */
const IMAGES = join(import.meta.dirname, '../../docs/images');
const CARS = ['ioniq-5', 'kona', 'ioniq-6'];
const TOKEN = 'account/demo/token';
const ROW_PX = 40;
const REFRESH_MS = 4_000;
const SIZES = [
  ['wide', 1280, 800],
  ['narrow', 360, 740],
] as const;

let folder: string;
let demo: DaemonProcess;
let mqtt: Observer;
let browser: Browser;
let origin: string;
let cloud: string;

beforeAll(async () => {
  if (process.env.BLUELINKD_SCREENSHOTS !== '1') return;
  folder = mkdtempSync(join(tmpdir(), 'bluelinkd-pictures-'));
  const [port, inspector, cloudPort] = [await freePort(), await freePort(), await freePort()];
  cloud = `http://127.0.0.1:${cloudPort}`;
  origin = `http://127.0.0.1:${inspector}`;
  demo = new DaemonProcess({
    words: ['demo', '--cloud-port', String(cloudPort)],
    folder,
    environment: { MQTT_BROKER_PORT: String(port), BLUELINKD_INSPECTOR_PORT: String(inspector), LOG_LEVEL: 'info' },
  });
  await demo.log.next('the start', ({ msg }) => msg === 'Connected to the broker.');
  mqtt = await Observer.connect(port, 'demo');
  for (const car of CARS) await mqtt.on(`${car}/state`);
  browser = await openBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await mqtt?.end();
  await demo?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** The next refresh takes so long that there is a picture of it. */
async function slowRefresh(): Promise<void> {
  const fault = { type: 'latency', ms: REFRESH_MS, times: 1, match: { kind: 'cci.refresh' } };
  const { status } = await fetch(`${cloud}/__sim/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  expect(status).toBe(201);
}

/** Scrolls down to the first row that says so, with a little before it. */
async function showRow(page: Page, words: string): Promise<void> {
  const list = page.locator('#hops');
  const row = page.locator('.hop:visible', { hasText: words }).first();
  for (let n = 0; n < 20 && (await row.count()) === 0; n += 1) await list.press('PageDown');
  const index = Number(await row.getAttribute('data-index'));
  await list.evaluate(
    (element, top) => {
      (element as unknown as { scrollTop: number }).scrollTop = top;
    },
    (index - 4) * ROW_PX,
  );
  await row.waitFor();
  await page.locator('#sequence-title').click();
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(IMAGES, `inspector-${name}.png`) });
}

describe.skipIf(process.env.BLUELINKD_SCREENSHOTS !== '1')('the pictures of the inspector', () => {
  for (const scheme of ['light', 'dark'] as const) {
    for (const [size, width, height] of SIZES) {
      it(`${scheme}, ${size}`, { timeout: 60_000 }, async () => {
        mkdirSync(IMAGES, { recursive: true });
        const guest = await visit(browser, origin, {
          viewport: { width, height },
          colorScheme: scheme,
          // Pictures of nothing half-way.
          reducedMotion: 'reduce',
        });
        const { page } = guest;
        await page.goto(`${origin}/#view=chart&actor=${TOKEN}`);
        await page.locator('g.state.active[data-state="token.valid"]').waitFor({ state: 'attached' });
        await slowRefresh();
        await mqtt.publish('demo/bridge/request/demo_expire', 'now');
        await mqtt.seen.next('the answer', ({ topic }) => topic.endsWith('response/demo_expire'));
        const id = `${scheme}-${size}`;
        for (let n = 0; n < 10; n += 1) {
          const action = n % 2 === 0 ? 'lock' : 'unlock';
          await mqtt.send(CARS[n % CARS.length] ?? '', 'lock', { id: n === 0 ? id : `${id}-${n}`, action });
        }
        // In the middle of it, where the token is renewed.
        await page
          .locator('g.state.active[data-state="token.refreshing.calling.renewing"]')
          .waitFor({ state: 'attached' });
        // The words beside it, and in the tree, say the same: all commands wait.
        await expect.poll(() => page.locator('#chart-state').innerText()).toContain('refreshing.calling.renewing');
        await expect.poll(() => page.locator('#facts').innerText()).toMatch(/waiting\s+3/);
        await take(page, `chart-${size}-${scheme}`);
        for (let n = 0; n < 10; n += 1) await mqtt.result(n === 0 ? id : `${id}-${n}`);
        await page.goto(`${origin}/#view=sequence&command=${id}`);
        await page.locator('#sequence-title', { hasText: id }).waitFor();
        await showRow(page, 'REFRESH');
        await take(page, `sequence-${size}-${scheme}`);
        await page.goto(`${origin}/#view=health`);
        await expect.poll(() => page.locator('.spark-line').first().getAttribute('d')).toMatch(/(L\S+){8}/);
        await take(page, `health-${size}-${scheme}`);
        if (size === 'narrow') {
          await page.locator('#show-actors').click();
          await page.locator('#tree [role=treeitem]:visible').nth(8).waitFor();
          await take(page, `actors-${size}-${scheme}`);
        }
        expect(guest.complaints).toEqual([]);
        await guest.close();
      });
    }
  }
});
