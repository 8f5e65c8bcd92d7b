import { readFileSync } from 'node:fs';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { startBroker } from './support/broker.ts';
import { type BrokerClient, connectToBroker, listenForResults, type Result } from './support/broker-client.ts';
import { carId } from './support/cars.ts';
import { startChild } from './support/child.ts';
import { nowMs } from './support/clock.ts';
import { Cloud } from './support/cloud.ts';
import { startDaemon } from './support/daemon.ts';
import type { News } from './support/news.ts';
import { watchStates } from './support/readiness.ts';
import { Report } from './support/report.ts';
import { median, megabytes, quantile, rounded } from './support/statistics.ts';
import { Teardown } from './support/teardown.ts';

/**
 * Whether a mob at the inspector is felt by those who command: one daemon with its inspector on, the time from `publish` of
 * a lock or unlock until its call has arrived at the cloud, and until its result has come; blocks without anybody at the
 * inspector and blocks with 200 who ask for the stream, never read it and come again whenever they are turned away, and one
 * who sends garbage. Blocks take turns; broker, cloud, daemon and mob are processes of their own.
 */
const ROUNDS = 15;
const BLOCK_SIZE = 60;
const DEADLINE_MS = 20_000;
/** Of two blocks that follow each other, the middle of all rounds: what else the machine does is in both. */
const P50_RATIO = 1.25;
const P95_RATIO = 1.5;
/** The ring buffer's bound, and a little for those who listen. */
const HEAP_MB = 32;
const CONNECTIONS = 64;

interface Side {
  readonly name: 'nobody' | 'mob';
  readonly calls: number[][];
  readonly results: number[][];
  readonly heapMb: number[];
  readonly rssMb: number[];
  cpuMs: number;
  sockets: number;
}

const side = (name: Side['name']): Side => ({
  name,
  calls: [],
  results: [],
  heapMb: [],
  rssMb: [],
  cpuMs: 0,
  sockets: 0,
});

async function measureBlock(block: string, client: BrokerClient, cloud: Cloud, results: News<Result>) {
  const [calls, ends]: [number[], number[]] = [[], []];
  for (let n = 0; n < BLOCK_SIZE; n += 1) {
    const id = `${block}-${n}`;
    cloud.controls.clear();
    results.clear();
    const arrival = cloud.controls.until(`the call of ${id}`, DEADLINE_MS, () => true);
    const result = results.until(`the result of ${id}`, DEADLINE_MS, (record) => record.id === id);
    const payload = JSON.stringify({ action: n % 2 === 0 ? 'lock' : 'unlock', id });
    const publishedAt = nowMs();
    const published = client.publish(`daemon/${carId(0)}/commands/lock`, payload);
    const ended = result.then((record) => ({ record, at: nowMs() }));
    const [{ at }, { record, at: endedAt }] = await Promise.all([arrival, ended, published]);
    if (record.status !== 'succeeded') throw new Error(`${id} ended ${record.status} (${record.reason}).`);
    calls.push(at - publishedAt);
    ends.push(endedAt - publishedAt);
  }
  return { calls, ends };
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Connections that the kernel has for this port of ours; NaN where it does not say. */
function socketsAt(port: number): number {
  const own = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  try {
    const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
    const fields = rows.map((row) => row.trim().split(/\s+/));
    // Of a connection that nobody has taken, or that has been closed, no file is left (inode 0).
    return fields.filter(
      ([, local, , state, , , , , , inode]) => local?.endsWith(own) && state !== '0A' && inode !== '0',
    ).length;
  } catch {
    return Number.NaN;
  }
}

const report = new Report('inspector-crowd', { rounds: ROUNDS, blockSize: BLOCK_SIZE });
const teardown = new Teardown();
try {
  const broker = await startBroker();
  teardown.add(() => broker.stop());
  const cloud = await Cloud.start({ cars: 1, timings: { controlDelayMs: 0, recordDelayMs: 0 }, tellControls: true });
  teardown.add(() => cloud.stop());
  const client = await connectToBroker(broker.port);
  teardown.add(() => client.close());
  const untilRead = await watchStates(client, 'daemon', 1);
  const port = await freePort();
  const daemon = startDaemon({
    command: 'run',
    brokerPort: broker.port,
    cloudUrl: cloud.url,
    baseTopic: 'daemon',
    exposeGc: true,
    environment: { BLUELINKD_TIMING_LOOK_AFTER_MS: '1', BLUELINKD_INSPECTOR_PORT: String(port) },
  });
  teardown.add(() => daemon.stop());
  await daemon.unlessItFails(untilRead());
  const results = await listenForResults(client, 'daemon');
  const file = fileURLToPath(new URL('./support/listener-process.ts', import.meta.url));

  const [nobody, mob] = [side('nobody'), side('mob')];
  const run = async (one: Side, round: number): Promise<void> => {
    const visitors = one === mob ? startChild({ file, args: ['mob', `http://127.0.0.1:${port}`] }) : null;
    try {
      await visitors?.ready();
      const before = await daemon.usage();
      const { calls, ends } = await measureBlock(`${one.name}-${round}`, client, cloud, results);
      const usage = await daemon.usage();
      if (round === 0) return;
      one.calls.push(calls);
      one.results.push(ends);
      one.cpuMs += usage.cpuMs - before.cpuMs;
      one.sockets = Math.max(one.sockets, socketsAt(port));
      one.heapMb.push(megabytes(await daemon.heap()));
      one.rssMb.push(megabytes(usage.rssBytes));
      report.line('block', {
        who: one.name,
        round,
        callP50Ms: rounded(quantile(calls, 0.5)),
        callP95Ms: rounded(quantile(calls, 0.95)),
        resultP50Ms: rounded(quantile(ends, 0.5)),
        resultP95Ms: rounded(quantile(ends, 0.95)),
        sockets: socketsAt(port),
        heapMb: one.heapMb.at(-1),
        rssMb: one.rssMb.at(-1),
      });
    } finally {
      await visitors?.stop();
    }
  };
  // Round 0 does not count: the code is compiled, the control token is fetched, the ring buffer is full.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const one of round % 2 === 0 ? [nobody, mob] : [mob, nobody]) await run(one, round);
  }
  const figures = (one: Side) => {
    const middle = (blocks: readonly number[][], share: number) => median(blocks.map((all) => quantile(all, share)));
    return {
      callP50Ms: rounded(middle(one.calls, 0.5)),
      callP95Ms: rounded(middle(one.calls, 0.95)),
      resultP50Ms: rounded(middle(one.results, 0.5)),
      resultP95Ms: rounded(middle(one.results, 0.95)),
      cpuMsPerCommand: rounded(one.cpuMs / (ROUNDS * BLOCK_SIZE)),
      sockets: one.sockets,
      heapMb: Math.max(...one.heapMb),
      rssMb: Math.max(...one.rssMb),
    };
  };
  for (const one of [nobody, mob]) report.line('result', { who: one.name, broker: broker.kind, ...figures(one) });
  for (const [what, share, most] of [
    ['calls', 0.5, P50_RATIO],
    ['calls', 0.95, P95_RATIO],
    ['results', 0.5, P50_RATIO],
    ['results', 0.95, P95_RATIO],
  ] as const) {
    const ratios = mob[what].map((all, n) => quantile(all, share) / quantile(nobody[what][n] ?? [], share));
    const ratio = rounded(median(ratios));
    report.judge(`${what}, p${share * 100}, with the mob ≤ ${most} × without`, ratio <= most, {
      ratio,
      quartiles: [rounded(quantile(ratios, 0.25)), rounded(quantile(ratios, 0.75))],
    });
  }
  const grownMb = rounded(Math.max(...mob.heapMb) - Math.max(...nobody.heapMb));
  report.judge(`heap with the mob ≤ heap without + ${HEAP_MB} MB`, grownMb <= HEAP_MB, { grownMb });
  report.judge(`at most ${CONNECTIONS} connections`, !(mob.sockets > CONNECTIONS), { sockets: mob.sockets });
} finally {
  await teardown.run();
}
report.finish();
