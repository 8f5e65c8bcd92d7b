import { fileURLToPath } from 'node:url';
import { startBroker } from './support/broker.ts';
import { type BrokerClient, connectToBroker, listenForResults, type Result } from './support/broker-client.ts';
import { carId, FLOOR_CAR } from './support/cars.ts';
import { startChild, type Usage } from './support/child.ts';
import { nowMs } from './support/clock.ts';
import { Cloud } from './support/cloud.ts';
import { startDaemon } from './support/daemon.ts';
import type { News } from './support/news.ts';
import { watchStates } from './support/readiness.ts';
import { Report } from './support/report.ts';
import { median, quantile, rounded } from './support/statistics.ts';
import { Teardown } from './support/teardown.ts';

/**
 * What the actors cost: from `publish` of a lock or unlock until the control call has arrived at the cloud, the daemon
 * against a floor program. Broker, cloud, floor and daemon are processes of their own; all read one monotonic clock.
 *
 * Each command is awaited: the next one is published when the result of the one before has come.
 */
const BLOCKS = 10;
const BLOCK_SIZE = 50;
const DEADLINE_MS = 20_000;

interface Candidate {
  readonly name: 'floor' | 'daemon';
  readonly car: string;
  readonly results: News<Result>;
  readonly usage: () => Promise<Usage>;
  readonly latencies: number[];
  readonly medians: number[];
  cpuMs: number;
}

async function measureBlock(
  candidate: Candidate,
  block: number,
  client: BrokerClient,
  cloud: Cloud,
): Promise<number[]> {
  const latencies: number[] = [];
  for (let n = 0; n < BLOCK_SIZE; n += 1) {
    const id = `${candidate.name}-${block}-${n}`;
    cloud.controls.clear();
    candidate.results.clear();
    const arrival = cloud.controls.until(`the call of ${id}`, DEADLINE_MS, ({ car }) => car === candidate.car);
    const result = candidate.results.until(`the result of ${id}`, DEADLINE_MS, (record) => record.id === id);
    const topic = `${candidate.name}/${candidate.car}/commands/lock`;
    const payload = JSON.stringify({ action: n % 2 === 0 ? 'lock' : 'unlock', id });
    const publishedAt = nowMs();
    const published = client.publish(topic, payload);
    const [{ at }, { status, reason }] = await Promise.all([arrival, result, published]);
    if (status !== 'succeeded') throw new Error(`${id} ended ${status} (${reason}).`);
    latencies.push(at - publishedAt);
  }
  return latencies;
}

const report = new Report('overhead', { blocks: BLOCKS, blockSize: BLOCK_SIZE });
const teardown = new Teardown();
try {
  const broker = await startBroker();
  teardown.add(() => broker.stop());
  // The cars obey at once and the first look comes at once: what is measured is over by then, only the wait is shorter.
  const timings = { controlDelayMs: 0, recordDelayMs: 0 };
  const cloud = await Cloud.start({ cars: 1, timings, tellControls: true });
  teardown.add(() => cloud.stop());
  const client = await connectToBroker(broker.port);
  teardown.add(() => client.close());

  const order = { brokerPort: broker.port, cloudUrl: cloud.url, ticket: await cloud.ticket() };
  const floor = startChild({
    file: fileURLToPath(new URL('./support/floor-process.ts', import.meta.url)),
    args: [JSON.stringify(order)],
  });
  teardown.add(() => floor.stop());
  await floor.ready();

  const untilRead = await watchStates(client, 'daemon', 1);
  const daemon = startDaemon({
    command: 'run',
    brokerPort: broker.port,
    cloudUrl: cloud.url,
    baseTopic: 'daemon',
    environment: { BLUELINKD_TIMING_LOOK_AFTER_MS: '1' },
  });
  teardown.add(() => daemon.stop());
  await daemon.unlessItFails(untilRead());

  const floorResults = await listenForResults(client, 'floor');
  const daemonResults = await listenForResults(client, 'daemon');
  const blank = () => ({ latencies: [], medians: [], cpuMs: 0 });
  const candidates: readonly Candidate[] = [
    { name: 'floor', car: FLOOR_CAR, usage: () => floor.usage(), results: floorResults, ...blank() },
    { name: 'daemon', car: carId(0), usage: () => daemon.usage(), results: daemonResults, ...blank() },
  ];

  // One block each that does not count: the code is compiled, the control token is fetched.
  for (const candidate of candidates) await measureBlock(candidate, 0, client, cloud);
  for (let block = 1; block <= BLOCKS; block += 1) {
    for (const candidate of candidates) {
      const before = await candidate.usage();
      const latencies = await measureBlock(candidate, block, client, cloud);
      const cpuMs = (await candidate.usage()).cpuMs - before.cpuMs;
      candidate.latencies.push(...latencies);
      candidate.medians.push(quantile(latencies, 0.5));
      candidate.cpuMs += cpuMs;
      report.line('block', {
        program: candidate.name,
        block,
        p50Ms: rounded(quantile(latencies, 0.5)),
        p99Ms: rounded(quantile(latencies, 0.99)),
        cpuMsPerCommand: rounded(cpuMs / BLOCK_SIZE),
      });
    }
  }
  const [floorMs, daemonMs] = candidates.map(({ name, latencies, medians, cpuMs }) => {
    const p50Ms = median(medians);
    report.line('result', {
      program: name,
      broker: broker.kind,
      medianOfP50Ms: rounded(p50Ms),
      p50Ms: rounded(quantile(latencies, 0.5)),
      p99Ms: rounded(quantile(latencies, 0.99)),
      cpuMsPerCommand: rounded(cpuMs / (BLOCKS * BLOCK_SIZE)),
    });
    return p50Ms;
  });
  if (floorMs === undefined || daemonMs === undefined) throw new Error('Nothing was measured.');
  const compared = { floorMs: rounded(floorMs), daemonMs: rounded(daemonMs) };
  const [addedMs, ratio] = [rounded(daemonMs - floorMs), rounded(daemonMs / floorMs)];
  report.judge('daemon ≤ floor + 2 ms', daemonMs <= floorMs + 2, { ...compared, addedMs });
  report.judge('daemon ≤ 3 × floor', daemonMs <= 3 * floorMs, { ...compared, ratio });
} finally {
  await teardown.run();
}
report.finish();
