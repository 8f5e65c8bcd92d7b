import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/brokers.ts';
import { hasBrowser, OF_THE_BROWSER, openBrowser, type Visit, visit } from './support/browser.ts';
import { FakeServer } from './support/fake-server.ts';
import { ACCOUNT, BREAKER, CAR, expiry, household, recovery, TOKEN } from './support/scenario.ts';

const WIDE = { viewport: { width: 1280, height: 800 } };

let browser: Browser;
let fake: FakeServer;
let guest: Visit;

beforeAll(async () => {
  if (hasBrowser) browser = await openBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await guest.close();
  await fake.close();
});

async function come(options: Parameters<typeof visit>[2] = WIDE): Promise<Page> {
  guest = await visit(browser, fake.origin, options);
  await guest.page.goto(fake.origin);
  return guest.page;
}

const choose = (page: Page, address: string) => page.locator(`#tree [data-address="${address}"]`).click();
const lit = (page: Page) =>
  page.locator('g.state.active').evaluateAll((groups) => groups.map((group) => group.getAttribute('data-state')));

describe.skipIf(!hasBrowser)('the page of the inspector', () => {
  it('shows the tree of actors with their states, and marks those that ended', async () => {
    const script = expiry(household(), 1, 'lock-1');
    fake = await FakeServer.start(script.entries);
    const page = await come();
    const rows = page.locator('#tree [role=treeitem]:visible');
    await expect.poll(() => rows.count()).toBe(7);
    await expect
      .poll(() => page.locator(`[data-address="${TOKEN}"]`).innerText())
      .toContain('refreshing.awaitingPermit');
    await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
    const before = script.entries.length;
    fake.tell(recovery(script, 1, 'lock-1').entries.slice(before));
    const command = page.locator('[data-address$="/command/1"]');
    await expect.poll(() => command.innerText()).toContain('succeeded');
    await expect.poll(() => command.getAttribute('class')).toContain('ended');
    expect(guest.complaints).toEqual([]);
    expect(guest.foreign).toEqual([]);
  });

  it('lights the states of the selected actor and counts its deadlines down', async () => {
    fake = await FakeServer.start(expiry(household(), 1, 'lock-1').entries);
    const page = await come();
    await choose(page, TOKEN);
    await expect.poll(() => lit(page)).toEqual(['token', 'token.refreshing', 'token.refreshing.awaitingPermit']);
    const left = page.locator('#deadlines .left');
    const first = await left.innerText();
    expect(first).toMatch(/^\d+ s$/);
    await expect.poll(() => left.innerText()).not.toBe(first);
    expect(Number.parseInt(await left.innerText(), 10)).toBeLessThan(Number.parseInt(first, 10));
  });

  it('marks the edge of the last transition', async () => {
    const script = household();
    fake = await FakeServer.start(script.entries);
    const page = await come();
    await choose(page, TOKEN);
    await expect.poll(() => lit(page)).toEqual(['token', 'token.valid']);
    await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
    const before = script.entries.length;
    fake.tell(expiry(script, 1, 'lock-1').entries.slice(before));
    const edges = page.locator('g.edge.active');
    const names = () => edges.evaluateAll((groups) => groups.map((group) => group.getAttribute('data-edge')).join(' '));
    await expect.poll(names).toContain('token.valid:REFRESH:1');
    expect(await names()).not.toContain('token.refreshing:');
  });

  it('shows the journey of a command that is searched for, and hands it out as SVG and JSON', async () => {
    const script = recovery(expiry(expiry(household(), 1, 'lock-1'), 2, 'other'), 1, 'lock-1');
    fake = await FakeServer.start(script.entries);
    const page = await come();
    // What came before the page did is filled in bit by bit: this is the end of it.
    await page.locator('[data-address$="/command/1"]', { hasText: 'succeeded' }).waitFor();
    await page.getByRole('searchbox').fill('lock-1');
    await page.getByRole('searchbox').press('Enter');
    await expect.poll(() => page.locator('#sequence-title').innerText()).toBe('Journey of command lock-1');
    await expect
      .poll(() => page.locator('#lanes').getAttribute('data-lanes'))
      .toBe('broker bridge vehicle ioniq-5 command token breaker cloud');
    const [svg] = await Promise.all([page.waitForEvent('download'), page.getByText('Save SVG').click()]);
    expect(await readFile(await svg.path(), 'utf8')).toMatch(/^<svg .*[\s\S]*sessionRefresh/);
    const [json] = await Promise.all([page.waitForEvent('download'), page.getByText('Save JSON').click()]);
    const steps = JSON.parse(await readFile(await json.path(), 'utf8')) as { what: string; commandId: string }[];
    const told = steps.map(({ what }) => what);
    const story = ['COMMAND', 'control', 'retry: control', 'tokenRefused', 'REFRESH', 'sessionRefresh', 'TOKEN_READY'];
    expect(told.filter((what) => [...story, 'COMMAND_SETTLED'].includes(what))).toEqual([
      'COMMAND',
      'TOKEN_READY',
      'control',
      'tokenRefused',
      'REFRESH',
      'sessionRefresh',
      'TOKEN_READY',
      'retry: control',
      'COMMAND_SETTLED',
    ]);
    expect(guest.complaints).toEqual([]);
  });

  it('shows each row as it is, also where another one like it was', async () => {
    const script = household();
    const { at } = script;
    expiry(script, 1, 'lock-1');
    // At the same time, step by step.
    script.at = at;
    fake = await FakeServer.start(expiry(script, 2, 'lock-2').entries);
    const page = await come();
    const ids = async () => [...new Set(await page.locator('.hop:visible .hop-id').allInnerTexts())].join(' ');
    for (const id of ['lock-1', 'lock-2', 'lock-1']) {
      await page.goto(`${fake.origin}/#view=sequence&command=${id}`);
      await expect.poll(() => page.locator('#sequence-title').innerText()).toBe(`Journey of command ${id}`);
      await expect.poll(ids).toContain(id);
      expect(await ids()).not.toContain(id === 'lock-1' ? 'lock-2' : 'lock-1');
    }
  });

  it('goes where its address says, however often that changes', async () => {
    const script = recovery(expiry(household(), 1, 'lock-1'), 1, 'lock-1');
    fake = await FakeServer.start(script.entries);
    const page = await come();
    await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
    for (let round = 0; round < 8; round += 1) {
      await page.goto(`${fake.origin}/#view=sequence&command=lock-1`);
      await expect.poll(() => page.locator('#sequence-title').innerText()).toBe('Journey of command lock-1');
      await page.goto(`${fake.origin}/#view=chart&actor=${TOKEN}`);
      await expect.poll(() => page.locator('#chart-title').innerText()).toBe('token');
    }
    expect(new URL(page.url()).hash).toContain('view=chart');
  });

  it('filters the log by what is selected, and a line leads to whom it is of', async () => {
    const script = recovery(expiry(household(), 1, 'lock-1'), 1, 'lock-1');
    fake = await FakeServer.start(script.entries);
    const page = await come();
    await page.getByRole('button', { name: 'Health' }).click();
    const lines = page.locator('.log-line:visible .words > :first-child');
    const said = () => lines.allInnerTexts();
    const ofTheToken = ['token expiry detected', 'refresh begun', 'refresh done'];
    const ofTheCommand = ['command received', 'command ended'];
    const all = ['cars listed', 'command received', ...ofTheToken, 'command ended'];
    await expect.poll(said).toEqual(all);
    for (const [address, wanted] of [
      [TOKEN, ofTheToken],
      [BREAKER, []],
      [CAR, ofTheCommand],
      [`${CAR}/command/1`, ofTheCommand],
      ['bridge', ['command received']],
      [ACCOUNT, all],
      ['fleet', all],
    ] as const) {
      await choose(page, address);
      await expect.poll(said, { message: address }).toEqual(wanted);
    }
    await lines.filter({ hasText: 'refresh begun' }).click();
    await expect.poll(() => page.locator('#log-what').innerText()).toBe(TOKEN);
    // Of an hour, as of a while ago.
    await expect.poll(() => page.locator('#accounts').innerText()).toMatch(/Expires\s+in 5\d min/);
  });

  it('draws every number of the health as a chart, also what runs out', async () => {
    fake = await FakeServer.start(household().entries);
    const page = await come();
    await page.getByRole('button', { name: 'Health' }).click();
    const charts = async () =>
      (await page.locator('.spark:visible').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
    await expect
      .poll(charts)
      .toEqual([
        'Calls in flight 1 max 1',
        'Wait for token, permit 0 max 0',
        'Open commands 1 max 1',
        'Queued controls 2 max 2',
        'Calls left today 188',
        expect.stringMatching(/^Token: time left (59 min|1\.0 h) gen\. 1$/),
        'Event-loop delay 1.5 ms max 1.5 ms',
        'Memory (RSS) 86 MB max 86 MB',
      ]);
  });

  it('says of each command its id and what it heard last, and finds one that is long gone', async () => {
    const script = recovery(expiry(household(), 1, 'lock-1'), 1, 'lock-1');
    expiry(script, 2, 'lock-2');
    // Two minutes ago.
    const old = script.entries.map((entry) => ({ ...entry, at: entry.at - 120_000 }));
    fake = await FakeServer.start(old);
    const page = await come();
    await expect
      .poll(() => page.locator('[data-address$="/command/2"] .event').innerText())
      .toBe('lock-2 · call ended');
    expect(await page.locator('[data-address$="/command/1"]:visible').count()).toBe(0);
    const search = page.getByRole('searchbox');
    await search.fill('lock-7');
    await expect.poll(() => page.locator('#actors-empty').innerText()).toBe('Nobody matches “lock-7”.');
    await search.fill('lock-1');
    await expect.poll(() => page.locator('#actors-empty').innerText()).toContain('Enter opens its journey');
    await search.press('Enter');
    await expect.poll(() => page.locator('#sequence-title').innerText()).toBe('Journey of command lock-1');
  });

  it('says that the daemon is gone, and takes up with its successor from the beginning', async () => {
    const port = await freePort();
    fake = await FakeServer.start(expiry(household(), 1, 'lock-1').entries, { port });
    const page = await come();
    await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
    await page.locator('[data-address$="/command/1"]').waitFor();
    await fake.close();
    await expect.poll(() => page.locator('#link').innerText()).toBe('Disconnected');
    await expect.poll(() => page.locator('#notice').innerText()).toContain('Trying again in');
    fake = await FakeServer.start(household().entries, { port });
    await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
    await expect.poll(() => page.locator('[data-address$="/command/1"]:visible').count()).toBe(0);
    await expect
      .poll(() => page.locator(`[data-address="${TOKEN}"]:visible`).allInnerTexts())
      .toEqual([expect.stringContaining('valid')]);
    expect(guest.complaints.filter((text) => !OF_THE_BROWSER.test(text))).toEqual([]);
  });

  it('goes on where it was when the same daemon comes back', async () => {
    const script = household();
    fake = await FakeServer.start(script.entries);
    const page = await come();
    await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
    fake.cut();
    const before = script.entries.length;
    fake.tell(expiry(script, 1, 'lock-1').entries.slice(before));
    await expect.poll(() => page.locator(`[data-address="${TOKEN}"]`).innerText()).toContain('refreshing');
    expect(fake.snapshots).toBe(1);
  });

  it('lets go of the stream while nobody looks at it, and goes on when somebody does', async () => {
    const script = household();
    fake = await FakeServer.start(script.entries);
    const page = await come();
    await expect.poll(() => fake.listeners).toBe(1);
    await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
    const look = (isHidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));`,
      );
    await look(true);
    await expect.poll(() => fake.listeners).toBe(0);
    const before = script.entries.length;
    fake.tell(expiry(script, 1, 'lock-1').entries.slice(before));
    await look(false);
    await expect.poll(() => page.locator(`[data-address="${TOKEN}"]`).innerText()).toContain('refreshing');
    await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
    expect(fake.snapshots).toBe(1);
  });

  it('says how much is missing, and gets the whole picture again', async () => {
    fake = await FakeServer.start(household().entries);
    const page = await come();
    await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
    fake.tellDropped(1_234);
    await expect.poll(() => page.locator('#notice').innerText()).toContain('1234 entries are missing');
    await expect.poll(() => fake.snapshots).toBe(2);
  });

  it('asks for the token, says that a wrong one is wrong, and lets in who has it', async () => {
    fake = await FakeServer.start(household().entries, { token: 'right-and-long' });
    const page = await come();
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => page.getByRole('alert').innerText()).toBe('That is not the token.');
    await page.getByLabel('Token').fill('right-and-long');
    await page.getByLabel('Token').press('Enter');
    await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
    await expect.poll(() => page.locator('#sign-in').isHidden()).toBe(true);
    expect(await page.content()).not.toContain('right-and-long');
  });
});

describe.skipIf(!hasBrowser)('a recording', () => {
  const head = JSON.stringify({ type: 'bluelinkd.recording', version: 1, startedAt: new Date(0).toISOString() });
  const { entries } = recovery(expiry(household(), 1, 'lock-1'), 1, 'lock-1');
  const text = [head, ...entries.map((entry) => JSON.stringify(entry)), 'garbage', ''].join('\n');

  it('of the daemon can be opened, stepped through, played and left', async () => {
    fake = await FakeServer.start(household().entries, { recordings: { 'one.jsonl': text } });
    const page = await come();
    await page.getByRole('button', { name: 'Recordings' }).click();
    await page.getByRole('button', { name: 'Open the recording one.jsonl' }).click();
    await expect
      .poll(() => page.locator('#player-where').innerText())
      .toContain(`${entries.length} of ${entries.length}`);
    await expect.poll(() => page.locator('#link').innerText()).toBe('Recording');
    await expect.poll(() => fake.listeners).toBe(0);
    const scrub = page.getByLabel('Position in the recording');
    await scrub.fill('14');
    await expect.poll(() => page.locator('#tree [role=treeitem]:visible').count()).toBe(6);
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await expect.poll(() => page.locator('#player-where').innerText()).toContain('15 of');
    await page.getByRole('button', { name: 'Step back' }).click();
    await expect.poll(() => page.locator('#player-where').innerText()).toContain('14 of');
    await page.getByLabel('Speed').selectOption('16');
    await page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => page.locator('#player-where').innerText()).toContain(`${entries.length} of`);
    await expect.poll(() => page.locator('[data-address$="/command/1"]').innerText()).toContain('succeeded');
    await page.getByRole('button', { name: 'Back to live' }).click();
    await expect.poll(() => page.locator('#link').innerText()).toBe('Live');
    expect(guest.complaints).toEqual([]);
  });

  it('from a file needs no daemon; what is no recording is refused with a sentence', async () => {
    fake = await FakeServer.start(household().entries);
    const page = await come();
    await page.getByRole('button', { name: 'Recordings' }).click();
    const file = page.getByLabel('Open a file');
    await file.setInputFiles({
      name: 'no.jsonl',
      mimeType: 'text/plain',
      buffer: Buffer.from('<svg onload=alert(1)>'),
    });
    await expect
      .poll(() => page.locator('#recordings-problem').innerText())
      .toBe('no.jsonl is no recording of bluelinkd.');
    await file.setInputFiles({ name: 'mine.jsonl', mimeType: 'text/plain', buffer: Buffer.from(text) });
    await expect.poll(() => page.locator('#player-name').innerText()).toBe('mine.jsonl');
    await expect.poll(() => page.locator('#recordings-problem').textContent()).toContain('1 lines were left out');
  });

  it('has its own version and cars in the bar, whoever serves the page, and says so if it has no health', async () => {
    fake = await FakeServer.start(household().entries);
    const page = await come();
    const about = page.locator('#about');
    await expect.poll(() => about.innerText()).toBe('0.1.0 · simulated cars');
    await page.getByRole('button', { name: 'Recordings' }).click();
    const header = { type: 'bluelinkd.recording', version: 1, bluelinkd: '0.0.9', simulated: false };
    const lines = entries.filter(({ type }) => type !== 'bluelinkd.health').map((entry) => JSON.stringify(entry));
    const buffer = Buffer.from([JSON.stringify(header), ...lines].join('\n'));
    await page.getByLabel('Open a file').setInputFiles({ name: 'real.jsonl', mimeType: 'text/plain', buffer });
    await expect.poll(() => about.innerText()).toBe('0.0.9');
    await page.getByRole('button', { name: 'Health' }).click();
    await expect.poll(() => page.locator('#health-empty').innerText()).toBe('This recording has no health.');
    expect(await page.locator('#reports').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Back to live' }).click();
    await expect.poll(() => about.innerText()).toBe('0.1.0 · simulated cars');
  });
});
