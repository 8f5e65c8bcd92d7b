import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/brokers.ts';
import { DaemonProcess } from '../support/daemon-process.ts';
import { Observer } from '../support/observer.ts';
import { hasBrowser, OF_THE_BROWSER, openBrowser, type Visit, visit } from './support/browser.ts';

const CARS = ['ioniq-5', 'kona', 'ioniq-6'];
const TOKEN = 'account/demo/token';
/** For what should come at once; long, because the machine may be busy. */
const DEADLINE_MS = 60_000;

let folder: string;
let ports: { readonly mqtt: number; readonly inspector: number };
let demo: DaemonProcess;
let mqtt: Observer;
let browser: Browser;
let guest: Visit;
let page: Page;

function startDemo(): DaemonProcess {
  return new DaemonProcess({
    words: ['demo'],
    folder,
    environment: {
      MQTT_BROKER_PORT: String(ports.mqtt),
      BLUELINKD_INSPECTOR_PORT: String(ports.inspector),
      LOG_LEVEL: 'info',
    },
  });
}

/** Until the cars have been read: then nothing is going on. */
async function ready(): Promise<void> {
  const isConnected = ({ msg }: { readonly msg?: unknown }) => msg === 'Connected to the broker.';
  await demo.log.next('the start', isConnected, 0, DEADLINE_MS);
  mqtt = await Observer.connect(ports.mqtt, 'demo', { deadlineMs: DEADLINE_MS });
  for (const car of CARS) await mqtt.on(`${car}/state`, () => true, DEADLINE_MS);
}

/** Writes down every set of states that is lit, in order. */
const WATCH = `(() => {
  globalThis.lit = [];
  const root = document.querySelector('.chart-host').shadowRoot;
  const look = () => {
    const active = [...root.querySelectorAll('g.state.active')].map((group) => group.dataset.state);
    const innermost = active.filter((name) => !active.some((other) => other.startsWith(name + '.'))).join();
    if (innermost !== '' && globalThis.lit.at(-1) !== innermost) globalThis.lit.push(innermost);
  };
  look();
  new MutationObserver(look).observe(root, { subtree: true, attributes: true, attributeFilter: ['class'] });
})()`;

beforeAll(async () => {
  if (!hasBrowser) return;
  folder = mkdtempSync(join(tmpdir(), 'bluelinkd-browser-'));
  ports = { mqtt: await freePort(), inspector: await freePort() };
  demo = startDemo();
  await ready();
  browser = await openBrowser();
  const origin = `http://127.0.0.1:${ports.inspector}`;
  guest = await visit(browser, origin, { viewport: { width: 1440, height: 900 } });
  page = guest.page;
  await page.goto(origin);
  await page.locator(`[data-address="${TOKEN}"]`).click();
  await page.locator('g.state.active[data-state="token.valid"]').waitFor({ state: 'attached' });
});
afterAll(async () => {
  await guest?.close();
  await browser?.close();
  await mqtt?.end();
  await demo?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!hasBrowser)('a token that expires under ten commands, seen in the demo', () => {
  const ids = Array.from({ length: 10 }, (_, n) => `seen-${n + 1}`);

  it('the states of the token light up in order, and a deadline runs', async () => {
    await page.evaluate(WATCH);
    await mqtt.publish('demo/bridge/request/demo_expire', 'now');
    await mqtt.seen.next('the answer', ({ topic }) => topic.endsWith('response/demo_expire'), 0, DEADLINE_MS);
    for (const [n, id] of ids.entries()) {
      await mqtt.send(CARS[n % CARS.length] ?? '', 'lock', { id, action: n % 2 === 0 ? 'lock' : 'unlock' });
    }
    const lit = () => page.evaluate<string[]>('globalThis.lit');
    await expect.poll(async () => (await lit()).length).toBeGreaterThanOrEqual(5);
    await expect.poll(async () => (await lit()).at(-1)).toBe('token.valid');
    expect(await lit()).toEqual([
      'token.valid',
      'token.refreshing.awaitingPermit',
      'token.refreshing.calling.renewing',
      'token.cooldown.proving',
      'token.valid',
    ]);
    await expect.poll(() => page.locator('#facts').innerText()).toMatch(/generation\s+2\b/);
    const renewal = page.locator('#deadlines li', { hasText: 'visit 1' }).locator('.left');
    const before = await renewal.innerText();
    expect(before).toMatch(/^\d+ min \d\d s$/);
    await expect.poll(() => renewal.innerText()).not.toBe(before);
  });

  it('all ten get their answer, and the journey of the first tells the whole story', async () => {
    for (const id of ids) await mqtt.result(id, DEADLINE_MS);
    await page.getByRole('searchbox').fill('seen-1');
    await page.getByRole('searchbox').press('Enter');
    await expect.poll(() => page.locator('#sequence-title').innerText()).toBe('Journey of command seen-1');
    await expect
      .poll(() => page.locator('#lanes').getAttribute('data-lanes'))
      .toBe('broker bridge vehicle ioniq-5 command token breaker cloud');
    const marks = [
      'broker → bridge: demo/ioniq-5/commands/lock',
      'bridge → vehicle ioniq-5: COMMAND',
      'breaker → command: PERMIT_GRANTED',
      'command → cloud: control',
      'cloud → command: tokenRefused',
      'command → token: REFRESH',
      'token → cloud: sessionRefresh',
      'token → command: TOKEN_READY',
      'command → cloud: retry: control',
      'cloud → command: accepted',
      'cloud → command: record success',
      'vehicle ioniq-5 → bridge: COMMAND_SETTLED',
      'bridge → broker: demo/ioniq-5/commands/lock/result',
    ];
    // The page hears of the end a moment after the sender; and it reads a journey a few times a second, not in every frame.
    await expect.poll(() => missingIn(marks), { interval: 500 }).toEqual([]);
    await page.getByRole('searchbox').fill('');
  });

  it('the log of the token tells of its refresh, and of nothing else; that of a command, of the command', async () => {
    await page.locator('#show-health').click();
    await page.locator(`[data-address="${TOKEN}"]:visible`).click();
    const said = () => page.locator('.log-line:visible .words > :first-child').allInnerTexts();
    const expected = ['token expiry detected', 'refresh begun', 'refresh done'];
    await expect.poll(async () => (await said()).slice(-expected.length)).toEqual(expected);
    expect((await said()).filter((line) => !/token|refresh/.test(line))).toEqual([]);
    await page.locator('[data-address="account/demo"]:visible').click();
    await expect.poll(async () => new Set(await said())).toContain('command ended');
    await page.goto(`${new URL(page.url()).origin}/#view=health&command=seen-1`);
    await expect.poll(said).toEqual(['command received', 'retried after a refresh', 'command ended']);
  });

  it('the health tells what went on between two seconds, and the budget', async () => {
    await page.locator('#show-health').click();
    const chart = async (name: string) =>
      (await page.locator('.spark:visible', { hasText: name }).innerText()).replace(/\s+/g, ' ');
    const highest = async (name: string) => Number(/max (\d+)/.exec(await chart(name))?.[1]);
    // Three cars were locked at the same time.
    await expect.poll(() => highest('Open commands')).toBeGreaterThanOrEqual(3);
    await expect.poll(() => highest('Calls in flight')).toBeGreaterThanOrEqual(1);
    // The first at least waited for the new token, however short that was.
    await expect.poll(() => highest('Wait for token, permit')).toBeGreaterThanOrEqual(1);
    expect(await chart('Calls left today')).toMatch(/ 99\d\d$/);
    expect(await chart('Token: time left')).toMatch(/ 2[34]\.\d h gen\. 2$/);
  });

  it('has not complained, and has asked nobody else', () => {
    expect(guest.complaints).toEqual([]);
    expect(guest.foreign).toEqual([]);
  });

  it('the page survives a restart of the daemon, and shows the new one', async () => {
    const link = page.locator('#link');
    await mqtt.end();
    await demo.stop();
    await expect.poll(() => link.innerText()).toBe('Disconnected');
    demo = startDemo();
    const isServed = ({ msg }: { readonly msg?: unknown }) => msg === 'the inspector is served';
    const { url } = await demo.log.next('the inspector', isServed, 0, DEADLINE_MS);
    // Had somebody taken its port meanwhile, the demo would be elsewhere, and nothing could be said of the page.
    expect(url).toBe(`http://127.0.0.1:${ports.inspector}`);
    await ready();
    await expect.poll(() => link.innerText()).toBe('Live');
    await page.locator('#show-chart').click();
    await page.locator(`[data-address="${TOKEN}"]:visible`).click();
    await expect.poll(() => page.locator('#facts').innerText()).toMatch(/generation\s+1\b/);
    expect(guest.complaints.filter((text) => !OF_THE_BROWSER.test(text))).toEqual([]);
    expect(guest.foreign).toEqual([]);
  });
});

/** The first of `marks` that does not come after those before it in the story that the page saves, with the story; else nothing. */
async function missingIn(marks: readonly string[]): Promise<readonly string[]> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByText('Save JSON').click()]);
  const steps = JSON.parse(await streamText(await file.createReadStream())) as readonly {
    what: string;
    from: string;
    to: string;
    at: number;
  }[];
  const times = steps.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(JSON.stringify(steps)).not.toMatch(/xstate\.|took/);
  const story = steps.map(({ from, to, what }) => `${from} → ${to}: ${what}`);
  // Each after the one before: some, as TOKEN_READY, come more than once.
  let place = -1;
  for (const mark of marks) {
    const next = story.indexOf(mark, place + 1);
    if (next < 0) return [`missing: ${mark}, after ${story[place] ?? 'the beginning'}`, ...story];
    place = next;
  }
  return [];
}

async function streamText(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
