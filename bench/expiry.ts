import { startBroker } from './support/broker.ts';
import { connectToBroker, listenForResults, type Result } from './support/broker-client.ts';
import { carId } from './support/cars.ts';
import { nowMs } from './support/clock.ts';
import { Cloud } from './support/cloud.ts';
import { startDaemon } from './support/daemon.ts';
import { watchStates } from './support/readiness.ts';
import { Report } from './support/report.ts';
import { rounded } from './support/statistics.ts';
import { Teardown } from './support/teardown.ts';
import { judgeCrowd, judgeRecovery, type Sent, tally } from './support/verdicts.ts';

/**
 * Many commands at once, and every token taken back at the server while the daemon's clock still trusts it: exactly one
 * refresh, at most two calls per command, all succeeded. The daemon runs with its default settings; a daemon, a cloud and
 * a broker of their own for every round.
 */
const DEADLINE_MS = 240_000;

interface Round {
  readonly name: string;
  readonly cars: number;
  readonly commands: readonly Sent[];
  readonly isCrowd?: boolean;
}

/** No two of them replace each other while they wait. */
const MIXED: readonly (readonly [string, Sent['payload']])[] = [
  ['refresh', { action: 'cached' }],
  ['refresh', { action: 'force' }],
  ['lock', { action: 'lock' }],
  ['climate', { action: 'start_climate', set_temp: 21, duration: 10 }],
  ['charge', { action: 'stop' }],
  ['charge_port', { action: 'open' }],
  ['charge_limits', { ac: 80, dc: 90 }],
  ['windows', { front_left: 0, front_right: 0, back_left: 0, back_right: 0 }],
  ['hazard_lights', { action: 'on' }],
  ['horn', { action: 'on' }],
];

function command(car: number, name: string, payload: Sent['payload'], nth = 0): Sent {
  return { id: `${carId(car)}-${name}-${nth}`, car: carId(car), name, payload };
}

function times<T>(count: number, make: (n: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}

const ROUNDS: readonly Round[] = [
  ...[10, 100, 1_000].map((cars) => ({
    name: `${cars} cars, one lock each`,
    cars,
    commands: times(cars, (n) => command(n, 'lock', { action: 'lock' })),
  })),
  {
    name: '10 cars, 10 different reads and controls each',
    cars: 10,
    commands: times(10, (n) => MIXED.map(([name, payload], nth) => command(n, name, payload, nth))).flat(),
  },
  {
    name: '1000 locks on one car',
    cars: 1,
    commands: times(1_000, (n) => ({ id: `crowd-${n}`, car: carId(0), name: 'lock', payload: { action: 'lock' } })),
    isCrowd: true,
  },
];

async function run(round: Round, report: Report, teardown: Teardown): Promise<void> {
  const broker = await startBroker();
  teardown.add(() => broker.stop());
  const cloud = await Cloud.start({ cars: round.cars, timings: {}, tellControls: false });
  teardown.add(() => cloud.stop());
  const client = await connectToBroker(broker.port);
  teardown.add(() => client.close());
  const untilRead = await watchStates(client, 'bench', round.cars);
  const finals = await listenForResults(client, 'bench');
  const results: Result[] = [];
  finals.onEach((result) => results.push(result));
  const daemon = startDaemon({ command: 'run', brokerPort: broker.port, cloudUrl: cloud.url, baseTopic: 'bench' });
  teardown.add(() => daemon.stop());
  const readAt = await daemon.unlessItFails(untilRead());

  const count = round.commands.length;
  const before = await daemon.usage();
  const revoked = await cloud.revokeTokens();
  const lastCall = await cloud.lastCall();
  const begunAt = nowMs();
  const isEverybodyAnswered = daemon.unlessItFails(
    finals.until(`${count} results`, DEADLINE_MS, () => results.length >= count),
  );
  await Promise.all([
    isEverybodyAnswered,
    ...round.commands.map(({ id, car, name, payload }) =>
      client.publish(`bench/${car}/commands/${name}`, JSON.stringify({ id, ...payload })),
    ),
  ]);
  const endedAt = nowMs();
  const after = await daemon.usage();
  const calls = await cloud.callsSince(lastCall);
  const outcome = tally(round.commands, results, calls);
  report.line('round', {
    round: round.name,
    broker: broker.kind,
    commands: round.commands.length,
    startToAllReadMs: rounded(readAt - daemon.startedAt),
    tokensRevoked: revoked,
    ...outcome,
    tookMs: rounded(endedAt - begunAt),
    cpuMsPerCommand: rounded((after.cpuMs - before.cpuMs) / round.commands.length),
  });
  if (round.isCrowd === true) judgeCrowd(report, round.name, round.commands, results, outcome);
  else judgeRecovery(report, round.name, outcome);
}

const only = process.argv[2];
const report = new Report('expiry');
for (const round of ROUNDS) {
  if (only !== undefined && !round.name.includes(only)) continue;
  const teardown = new Teardown();
  try {
    await run(round, report, teardown);
  } catch (error) {
    report.judge(`${round.name}: it comes to an end`, false, { error: String(error) });
  } finally {
    await teardown.run();
  }
}
report.finish();
