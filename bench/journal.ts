import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Ledger } from '../src/actors/bridge/ledger.ts';
import { openJournal } from '../src/io/journal/journal.ts';
import { textOf } from '../src/io/journal/record-text.ts';
import { nowMs } from './support/clock.ts';
import { Report } from './support/report.ts';
import { median, quantile, rounded } from './support/statistics.ts';

/**
 * What the journal costs a command before its control may leave: taken and dispatched, both on the disk. Beside it, in
 * turns: one `fdatasync` of as many bytes, appended to a file in the same folder.
 *
 * The folder is made in the working folder (`-- <folder>` takes another): it must not be in memory.
 */
const BLOCKS = 12;
const BLOCK_SIZE = 40;
const BURST = 100;

const parent = process.argv[2] ?? process.cwd();
const folder = mkdtempSync(join(parent, '.bench-journal-'));
const report = new Report('journal', { blocks: BLOCKS, blockSize: BLOCK_SIZE, burst: BURST });
const clock = { now: () => Date.now(), elapsed: () => performance.now() };
const log = {
  child: () => log,
  write: (_: string, message: string) => {
    throw new Error(message);
  },
};
const opened = await openJournal(join(folder, 'journal'), { clock, log });
if (!opened.ok) throw new Error(opened.problem);
const { journal } = opened;
let bytes = 0;
const ledger = new Ledger(
  {
    ...journal,
    left: [],
    write: (record) => {
      bytes = textOf(record).length;
      return journal.write(record);
    },
  },
  clock,
);
let count = 0;

async function dispatchOne(): Promise<void> {
  count += 1;
  const id = `bench-${count}`;
  const { kept } = ledger.take({
    received: { id, command: 'lock', receivedAt: clock.now(), ignored: [], simulated: true, hint: null },
    isNamed: true,
    car: { account: 'main', topicName: 'ev6', car: { id: 'ev6' } },
    origin: { resultTopic: 'bench/ev6/commands/lock/result', responseTopic: null, correlationData: null },
    fingerprint: `main/ev6/lock/${'f'.repeat(64)}`,
    payload: Buffer.from(JSON.stringify({ action: 'lock', id })),
    expiresAt: null,
  });
  const isKept = await Promise.all([kept, ledger.dispatched(id, clock.now())]);
  if (isKept.includes(false)) throw new Error('The journal could not be written.');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = nowMs();
  await work();
  return nowMs() - begun;
}

const file = await open(join(folder, 'floor'), 'a');
try {
  const medians: Record<'fdatasync' | 'journal', number[]> = { fdatasync: [], journal: [] };
  const times: Record<'fdatasync' | 'journal', number[]> = { fdatasync: [], journal: [] };
  await dispatchOne();
  const floor = async () => {
    await file.write(Buffer.alloc(bytes, 'x'));
    await file.datasync();
  };
  // One block each that does not count.
  for (let block = 0; block <= BLOCKS; block += 1) {
    for (const [name, work] of [['fdatasync', floor] as const, ['journal', dispatchOne] as const]) {
      const latencies: number[] = [];
      for (let n = 0; n < BLOCK_SIZE; n += 1) latencies.push(await timed(work));
      if (block === 0) continue;
      medians[name].push(quantile(latencies, 0.5));
      times[name].push(...latencies);
    }
  }
  for (const name of ['fdatasync', 'journal'] as const) {
    report.line('result', {
      what: name,
      bytes,
      medianOfP50Ms: rounded(median(medians[name])),
      p50Ms: rounded(quantile(times[name], 0.5)),
      p99Ms: rounded(quantile(times[name], 0.99)),
    });
  }
  const bursts: number[] = [];
  for (let n = 0; n < BLOCKS; n += 1) {
    bursts.push(await timed(() => Promise.all(Array.from({ length: BURST }, dispatchOne))));
  }
  report.line('result', { what: `burst of ${BURST}`, p50Ms: rounded(quantile(bursts, 0.5)) });
  const [floorMs, journalMs] = [median(medians.fdatasync), median(medians.journal)];
  report.judge('journal ≤ fdatasync + 1 ms', journalMs <= floorMs + 1, {
    fdatasyncMs: rounded(floorMs),
    journalMs: rounded(journalMs),
    addedMs: rounded(journalMs - floorMs),
  });
} finally {
  await file.close();
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
}
report.finish();
