import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
/** For a browser that starts for the first time after it was installed. */
const LAUNCH_MS = 120_000;
/** For what should come at once; long, because the machine may be busy. */
const DEADLINE_MS = 45_000;
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What Chromium itself writes into the console of a page whose server goes away under its nose, in any of many words. */
export const OF_THE_BROWSER = /net::ERR_/;

/** With `BLUELINKD_TEST_BROWSER=1` a browser that is not there is a failure; without, a reason to skip. */
export const hasBrowser = process.env.BLUELINKD_TEST_BROWSER === '1' || existsSync(CHROMIUM);

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS, headless: true, timeout: LAUNCH_MS });

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the console and the page complained about. */
  readonly complaints: readonly string[];
  /** Addresses of requests that went anywhere but to `origin`. */
  readonly foreign: readonly string[];
  close(): Promise<void>;
}

/** A page that writes down what must not happen. */
export async function visit(browser: Browser, origin: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE_MS);
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('blob:') && !url.startsWith('data:')) foreign.push(url);
  });
  return { page, context, complaints, foreign, close: () => context.close() };
}
