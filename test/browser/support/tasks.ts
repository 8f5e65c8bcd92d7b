import type { Browser, Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly args?: { readonly name?: string };
  /** By the clock on the wall, µs. */
  readonly dur?: number;
  /** By the clock of the thread, which stands still while others have the processor, µs. */
  readonly tdur?: number;
}

/**
 * How much work the tasks of pages' main threads were while `work` went on, as the browser's own trace tells it.
 *
 * @returns time of the processor, ms; the longest first. It is by the clock on the wall where the trace has no better.
 */
export async function tasksOf(browser: Browser, page: Page, work: () => Promise<unknown>): Promise<readonly number[]> {
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] });
  let trace: Buffer;
  try {
    await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString('utf8')) as { readonly traceEvents: readonly TraceEvent[] };
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}.${tid}`),
  );
  return traceEvents
    .filter(({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && mains.has(`${pid}.${tid}`))
    .map(({ dur = 0, tdur = dur }) => tdur / 1_000)
    .sort((one, other) => other - one);
}
