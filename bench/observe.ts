import type { Observation } from '../src/actors/observe/observation.ts';
import type { Metrics } from '../src/io/metrics/metrics.ts';
import { startMetrics } from '../src/io/metrics/metrics.ts';
import { accountNames, type MemorySystem, memorySystem } from './support/memory-system.ts';
import { Report } from './support/report.ts';
import { rounded } from './support/statistics.ts';
import { type Candidate, measureInTurns } from './support/turns.ts';

/**
 * What it costs to be observed: processor time of 1,000 commands, everything in memory, of actor systems that nobody
 * observes, that an observer hears who does nothing with it, and that are measured as in the daemon. They take turns.
 * Cloud and broker cost nothing here: of a real command this is a small part.
 */
const ACCOUNTS = 10;
const CARS = 1_000;
const ROUNDS = 9;

interface Observed extends Candidate {
  readonly running: MemorySystem;
}

const report = new Report('observe', { accounts: ACCOUNTS, cars: CARS, rounds: ROUNDS });
let heard = 0;
const idle = (_: Observation): void => {
  heard += 1;
};
const metrics: Metrics = await startMetrics({
  host: '127.0.0.1',
  port: 0,
  accounts: accountNames(ACCOUNTS),
  baseTopic: 'b',
  version: '0.0.0',
  log: { child: () => metricsLog(), write: () => undefined },
});
function metricsLog() {
  return { child: metricsLog, write: () => undefined };
}

const base = { accounts: ACCOUNTS, cars: CARS, readAtStart: true };
const candidates: readonly Observed[] = [
  { name: 'alone', running: memorySystem(base), cpuMs: [] },
  { name: 'alone again', running: memorySystem(base), cpuMs: [] },
  { name: 'observed', running: memorySystem({ ...base, observers: [idle] }), cpuMs: [] },
  {
    name: 'measured',
    running: memorySystem({ ...base, observers: [metrics.observer], measured: metrics }),
    cpuMs: [],
  },
];
for (const { running } of candidates) {
  running.system.start();
  await running.read(CARS);
}

/** Processor time of one `lock` per car, ms. */
async function cpuOfRound({ running }: Observed): Promise<number> {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  await running.send(running.carIds, 'lock', '{"action":"lock"}');
  // The read after a success belongs to it.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const after = process.cpuUsage();
  return (after.user - user + after.system - system) / 1000;
}

await measureInTurns(candidates, { rounds: ROUNDS, cpuOfRound, report });
report.line('observations', { perCommand: rounded(heard / ((ROUNDS + 1) * CARS)) });
await Promise.all(candidates.map(({ running }) => running.system.stop()));
await metrics.close();
report.finish();
