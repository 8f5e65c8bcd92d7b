import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Inspector, startInspector } from '../src/io/inspector/inspector.ts';
import { journeyOf } from '../src/io/inspector/journey.ts';
import { createSecrets } from '../src/io/log/secrets.ts';
import { type Child, startChild } from './support/child.ts';
import { accountNames, type MemorySystem, memorySystem } from './support/memory-system.ts';
import { Report } from './support/report.ts';
import { rounded } from './support/statistics.ts';
import { type Candidate, measureInTurns } from './support/turns.ts';

/**
 * What it costs to be looked at: processor time of 1,000 commands, everything in memory, of actor systems without an
 * inspector, with one that nobody looks at, with one listener that reads, with one that never does, and with a crowd of
 * 200 that never reads. They take turns. Listeners are processes of their own. Commands come in batches with pauses, so
 * that the one who reads gets everything: that is checked. Cloud and broker cost nothing here; beside a real command the
 * inspector costs less than these ratios say.
 */
const ACCOUNTS = 10;
const CARS = 500;
const BATCH = 50;
const PAUSE_MS = 200;
const ROUNDS = 7;
const JOURNEYS = 50;

type Audience = 'reads' | 'neverReads' | 'crowd';
interface Inspected extends Candidate {
  readonly running: MemorySystem;
  readonly inspector: Inspector | null;
  readonly audience: Child | null;
}

const silent = { child: () => silent, write: () => undefined };
const base = { accounts: ACCOUNTS, cars: CARS, readAtStart: true };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function candidate(name: string, isInspected: boolean, audience: Audience | null): Promise<Inspected> {
  const inspector = isInspected ? await anInspector() : null;
  const around =
    inspector === null ? {} : { observers: [inspector.inspection.observer], measured: inspector.inspection };
  const running = memorySystem({ ...base, ...around });
  running.system.start();
  await running.read(CARS);
  if (inspector === null || audience === null) return { name, running, inspector, audience: null, cpuMs: [] };
  const file = fileURLToPath(new URL('./support/listener-process.ts', import.meta.url));
  const child = startChild({ file, args: [audience, inspector.url] });
  await child.ready();
  return { name, running, inspector, audience: child, cpuMs: [] };
}

function anInspector(): Promise<Inspector> {
  return startInspector({
    host: '127.0.0.1',
    port: 0,
    names: [],
    token: null,
    accounts: accountNames(ACCOUNTS),
    baseTopic: 'b',
    carNames: new Map(),
    secrets: createSecrets({ showPrivate: false }),
    logLevel: 'info',
    recordings: { folder: tmpdir(), keep: 0 },
    version: '0.0.0',
    simulated: true,
    clock: { now: () => Date.now(), elapsed: () => performance.now() },
    log: silent,
  });
}

/** Processor time of 1,000 commands, ms. */
async function cpuOfRound({ running }: Inspected): Promise<number> {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  for (let first = 0; first < CARS; first += BATCH) {
    await running.send(running.carIds.slice(first, first + BATCH), 'lock', '{"action":"lock"}');
    await pause(PAUSE_MS);
  }
  // The read after a success belongs to it.
  await pause(500);
  const after = process.cpuUsage();
  // µs of `CARS` commands are ms of a thousand times as many.
  return (after.user - user + after.system - system) / CARS;
}

/** Processor time of so many rounds, ms each. */
async function cpuOfEach(rounds: number, work: () => Promise<unknown> | unknown): Promise<number> {
  const { user, system } = process.cpuUsage();
  for (let n = 0; n < rounds; n += 1) await work();
  const after = process.cpuUsage();
  return (after.user - user + after.system - system) / rounds / 1_000;
}

/** What one journey costs, request and answer included, and what it would cost to convert the whole ring buffer for it. */
async function costOfJourney({ url, inspection }: Inspector) {
  const { feed } = inspection;
  const convert = () => feed.newest(Number.POSITIVE_INFINITY).map((kept) => feed.entryOf(kept));
  const all = convert();
  const answer = all.findLast((entry) => entry.type === 'bluelinkd.message' && entry.status === 'succeeded');
  const id = answer?.type === 'bluelinkd.message' ? (answer.commandId ?? '') : '';
  let rows = 0;
  const ask = async () => {
    const response = await fetch(`${url}/api/journey/${encodeURIComponent(id)}`);
    rows = ((await response.json()) as readonly unknown[]).length;
  };
  await cpuOfEach(JOURNEYS, ask);
  const journeyMs = await cpuOfEach(JOURNEYS, ask);
  const wholeMs = await cpuOfEach(JOURNEYS, () => journeyOf(convert(), id));
  return { journeyMs, wholeMs, rows, entries: all.length };
}

const report = new Report('inspector', { accounts: ACCOUNTS, cars: CARS, rounds: ROUNDS });
const candidates = [
  await candidate('off', false, null),
  await candidate('off again', false, null),
  await candidate('on, nobody looks', true, null),
  await candidate('on, one reads', true, 'reads'),
  await candidate('on, one never reads', true, 'neverReads'),
  await candidate('on, a crowd that never reads', true, 'crowd'),
];
const [off = Number.NaN, offAgain = Number.NaN, , reads = Number.NaN, neverReads = Number.NaN, crowd = Number.NaN] =
  await measureInTurns(candidates, { rounds: ROUNDS, cpuOfRound, report });
const reader = candidates[3];
const heard = (await reader?.audience?.ask('heard')) as { readonly entries: number; readonly dropped: number };
const told = reader?.inspector?.inspection.feed.last ?? 0;
report.judge('who reads gets everything', heard.dropped === 0 && heard.entries > (ROUNDS + 1) * CARS * 50, {
  ...heard,
  told,
});
report.judge('off ≤ 1.1 × off (no callback is installed: this is the noise)', offAgain <= 1.1 * off, {
  ratio: rounded(offAgain / off),
});
report.judge('one who reads ≤ 2 × off', reads <= 2 * off, { ratio: rounded(reads / off) });
report.judge('one who never reads ≤ 1.1 × one who reads', neverReads <= 1.1 * reads, {
  ratio: rounded(neverReads / reads),
});
report.judge('200 who never read ≤ 1.1 × one who reads', crowd <= 1.1 * reads, { ratio: rounded(crowd / reads) });
const quiet = candidates[2]?.inspector;
if (quiet !== undefined && quiet !== null) {
  const { journeyMs, wholeMs, rows, entries } = await costOfJourney(quiet);
  report.judge('a journey ≤ half of what converting everything takes', journeyMs <= wholeMs / 2 && rows > 10, {
    cpuMs: rounded(journeyMs),
    ofAllMs: rounded(wholeMs),
    rows,
    entries,
  });
}
await Promise.all(candidates.map(({ audience }) => audience?.stop()));
await Promise.all(candidates.map(({ running }) => running.system.stop()));
await Promise.all(candidates.map(({ inspector }) => inspector?.close()));
report.finish();
