import type { Observation } from '../src/actors/observe/observation.ts';
import { nowMs } from './support/clock.ts';
import { memorySystem } from './support/memory-system.ts';
import { Report } from './support/report.ts';
import { rounded } from './support/statistics.ts';

/**
 * What the actors themselves can bear: 10,000 cars in 100 accounts, cloud and broker in memory. Start, heap per car,
 * events per second, one refresh for an account full of commands, stop.
 */
const ACCOUNTS = 100;
const CARS = 10_000;
const START_LIMIT_MS = 5_000;
const STOP_LIMIT_MS = 5_000;
const HEAP_LIMIT_BYTES = 20 * 1024;
/** Cars that are commanded at a time. */
const BATCH = 1_000;
const ROUNDS = 10;
const LOCK = '{"action":"lock"}';

/** Heap that is in use after everything that nobody needs is gone. */
function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('Run it with node --expose-gc (npm run bench:actors).');
  for (let n = 0; n < 3; n += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

interface Timed<T> {
  readonly ms: number;
  /** Processor time, ms: on a busy machine it says more. */
  readonly cpuMs: number;
  readonly result: T;
}

async function timed<T>(what: () => Promise<T>): Promise<Timed<T>> {
  const begunAt = nowMs();
  const before = process.cpuUsage();
  const result = await what();
  const { user, system } = process.cpuUsage(before);
  return { ms: nowMs() - begunAt, cpuMs: (user + system) / 1000, result };
}

const both = ({ ms, cpuMs }: Timed<unknown>) => ({ ms: rounded(ms), cpuMs: rounded(cpuMs) });

/** How many events one `lock` delivers, from the command to its end, read afterwards included. */
async function eventsPerCommand(): Promise<number> {
  let events = 0;
  const count = ({ type }: Observation): void => {
    if (type === 'delivered') events += 1;
  };
  const small = memorySystem({ accounts: 1, cars: 100, readAtStart: false, observers: [count] });
  small.system.start();
  await small.listed();
  const before = events;
  await small.send(small.carIds, 'lock', LOCK);
  await small.read(100);
  const counted = events - before;
  await small.system.stop();
  return counted / 100;
}

const report = new Report('actors', { accounts: ACCOUNTS, cars: CARS });
const perCommand = await eventsPerCommand();
const before = heapBytes();

const start = await timed(async () => {
  const running = memorySystem({ accounts: ACCOUNTS, cars: CARS, readAtStart: false });
  running.system.start();
  await running.listed();
  return running;
});
const fleet = start.result;
const heapPerCar = (): number => (heapBytes() - before) / CARS;
report.judge(`${CARS} cars start in ≤ ${START_LIMIT_MS} ms`, start.ms <= START_LIMIT_MS, both(start));
report.line('heap', { when: 'nothing is known of the cars', bytesPerCar: Math.round(heapPerCar()) });

const reads = await timed(async () => {
  const ended = await fleet.send(fleet.carIds, 'refresh', '{"action":"cached"}');
  if (ended !== CARS) throw new Error(`${CARS - ended} of ${CARS} reads did not succeed.`);
});
report.line('read', { what: 'every car once, all at the same time', ...both(reads) });
const heapRead = heapPerCar();
report.judge('heap per car ≤ 20 KB', heapRead <= HEAP_LIMIT_BYTES, {
  when: 'every car has been read once, by a command that is remembered',
  bytesPerCar: Math.round(heapRead),
});

const rates: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const cars = Array.from({ length: BATCH }, (_, n) => fleet.carIds[(n * (CARS / BATCH) + round) % CARS] ?? '');
  const { ms, result } = await timed(() => fleet.send(cars, 'lock', LOCK));
  if (result !== BATCH) throw new Error(`${BATCH - result} of ${BATCH} commands did not succeed.`);
  rates.push((BATCH / ms) * 1000);
}
const rate = rates.reduce((sum, one) => sum + one, 0) / rates.length;
report.line('throughput', {
  commandsPerSecond: Math.round(rate),
  eventsPerCommand: rounded(perCommand),
  eventsPerSecond: Math.round(rate * perCommand),
});

const [cloud] = fleet.clouds;
if (cloud === undefined) throw new Error('There is no account.');
cloud.revoke();
const carsOfOne = cloud.cars.map(({ id }) => id);
const burst = await timed(() => fleet.send(carsOfOne, 'lock', LOCK));
report.judge('an account full of commands meets the expiry: 1 refresh, all succeed', isOneRefresh(), {
  cars: cloud.cars.length,
  refreshes: cloud.refreshes,
  succeeded: burst.result,
  ...both(burst),
});
function isOneRefresh(): boolean {
  return cloud?.refreshes === 1 && burst.result === cloud.cars.length;
}

report.line('heap', { when: 'after the traffic', bytesPerCar: Math.round(heapPerCar()) });
const stop = await timed(() => fleet.system.stop());
report.judge(`${CARS} cars stop in ≤ ${STOP_LIMIT_MS} ms`, stop.ms <= STOP_LIMIT_MS, both(stop));
report.finish();
