import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Broker, freePort, startBroker } from './support/broker.ts';
import { connectToBroker } from './support/broker-client.ts';
import { type Child, ROOT, startChild, type Usage } from './support/child.ts';
import { nowMs } from './support/clock.ts';
import { Cloud } from './support/cloud.ts';
import { startDaemon } from './support/daemon.ts';
import { watchStates } from './support/readiness.ts';
import { Report } from './support/report.ts';
import { median, megabytes, rounded } from './support/statistics.ts';
import { Teardown } from './support/teardown.ts';

/**
 * What the daemon takes besides its libraries: memory a minute after its start, and the time until the first car is on the
 * broker. The measure of both is a process that imports the same modules and does nothing.
 */
const CARS = 2;
const STARTS = 5;
const RUN_LIMIT_MB = 40;
const DEMO_LIMIT_MB = 70;
const settleMs = process.argv.includes('--quick') ? 10_000 : 60_000;

function startImports(command: 'run' | 'demo'): Child {
  const output = openSync(devNull, 'w');
  const file = fileURLToPath(new URL('./support/imports-only.mjs', import.meta.url));
  const child = startChild({ file, args: [join(ROOT, 'dist'), command], output });
  closeSync(output);
  return child;
}

/** From the start of the process until its last import, ms. */
async function measureImports(): Promise<number> {
  const child = startImports('run');
  try {
    await child.ready();
    return nowMs() - child.startedAt;
  } finally {
    await child.stop();
  }
}

/** From the start of the process until the first `state` is on the broker, and how long of that the cloud took, ms. */
async function measureStart(broker: Broker, round: number): Promise<{ startMs: number; cloudMs: number }> {
  const teardown = new Teardown();
  try {
    const cloud = await Cloud.start({ cars: CARS, timings: {}, tellControls: false });
    teardown.add(() => cloud.stop());
    const client = await connectToBroker(broker.port);
    teardown.add(() => client.close());
    const baseTopic = `start-${round}`;
    const untilRead = await watchStates(client, baseTopic, 1);
    const daemon = startDaemon({ command: 'run', brokerPort: broker.port, cloudUrl: cloud.url, baseTopic });
    teardown.add(() => daemon.stop());
    const readAt = await daemon.unlessItFails(untilRead());
    return { startMs: readAt - daemon.startedAt, cloudMs: await cloud.busyMs() };
  } finally {
    await teardown.run();
  }
}

async function judgeStart(report: Report, broker: Broker): Promise<void> {
  const rounds: { importsMs: number; startMs: number; cloudMs: number }[] = [];
  for (let round = 1; round <= STARTS; round += 1) {
    const importsMs = await measureImports();
    const { startMs, cloudMs } = await measureStart(broker, round);
    rounds.push({ importsMs, startMs, cloudMs });
    report.line('start', {
      round,
      importsMs: rounded(importsMs),
      firstStateMs: rounded(startMs),
      cloudMs: rounded(cloudMs),
    });
  }
  const [importsMs, startMs, cloudMs] = (['importsMs', 'startMs', 'cloudMs'] as const).map((key) =>
    rounded(median(rounds.map((round) => round[key]))),
  ) as [number, number, number];
  const limitMs = rounded(3 * importsMs + cloudMs);
  report.judge('first retained state ≤ 3 × the imports + the cloud', startMs <= limitMs, {
    firstStateMs: startMs,
    limitMs,
    importsMs,
    cloudMs,
    ratio: rounded((startMs - cloudMs) / importsMs),
  });
}

async function judgeMemory(report: Report, broker: Broker, teardown: Teardown): Promise<void> {
  const cloud = await Cloud.start({ cars: CARS, timings: {}, tellControls: false });
  teardown.add(() => cloud.stop());
  const client = await connectToBroker(broker.port);
  teardown.add(() => client.close());
  const untilRead = await watchStates(client, 'memory', CARS);
  const run = startDaemon({ command: 'run', brokerPort: broker.port, cloudUrl: cloud.url, baseTopic: 'memory' });
  teardown.add(() => run.stop());
  const demoPort = await freePort();
  const demo = startDaemon({ command: 'demo', brokerPort: demoPort, baseTopic: 'demo' });
  teardown.add(() => demo.stop());
  const references = { run: startImports('run'), demo: startImports('demo') };
  teardown.add(() => references.run.stop());
  teardown.add(() => references.demo.stop());
  await run.unlessItFails(untilRead());
  // Whoever looks at the demo is part of it: one client that hears everything.
  const visitor = await connectToBroker(demoPort);
  teardown.add(() => visitor.close());
  const untilShown = await watchStates(visitor, 'demo', CARS);
  await demo.unlessItFails(untilShown());
  await new Promise((resolve) => setTimeout(resolve, settleMs - (nowMs() - run.startedAt)));

  const say = (program: string, { rssBytes, peakRssBytes, heapUsedBytes, cpuMs }: Usage) => {
    report.line('memory', {
      program,
      rssMb: megabytes(rssBytes),
      peakRssMb: megabytes(peakRssBytes),
      heapUsedMb: megabytes(heapUsedBytes),
      cpuMs: rounded(cpuMs),
      afterS: settleMs / 1000,
    });
    return megabytes(rssBytes);
  };
  const runImportsMb = say('imports of run', await references.run.usage());
  const runMb = say('run', await run.usage());
  const demoImportsMb = say('imports of demo', await references.demo.usage());
  const demoMb = say('demo', await demo.usage());
  judgeGrowth(report, 'run', runMb, runImportsMb, RUN_LIMIT_MB);
  judgeGrowth(report, 'demo', demoMb, demoImportsMb, DEMO_LIMIT_MB);
}

function judgeGrowth(report: Report, program: string, rssMb: number, importsMb: number, limitMb: number): void {
  const addedMb = rounded(rssMb - importsMb);
  report.judge(`${program} ≤ its imports + ${limitMb} MB`, addedMb <= limitMb, { rssMb, importsMb, addedMb });
}

const report = new Report('memory', { settleS: settleMs / 1000 });
const teardown = new Teardown();
try {
  const broker = await startBroker();
  teardown.add(() => broker.stop());
  await judgeStart(report, broker);
  await judgeMemory(report, broker, teardown);
} finally {
  await teardown.run();
}
report.finish();
