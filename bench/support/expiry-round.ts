import { startBroker } from './broker.ts';
import { connectToBroker, listenForResults, type Result } from './broker-client.ts';
import { nowMs } from './clock.ts';
import { Cloud } from './cloud.ts';
import { startDaemon } from './daemon.ts';
import { watchStates } from './readiness.ts';
import type { Report } from './report.ts';
import { rounded } from './statistics.ts';
import type { Teardown } from './teardown.ts';
import { judgeCrowd, judgeRecovery, type Sent, tally } from './verdicts.ts';

const DEADLINE_MS = 240_000;

export interface Round {
  readonly name: string;
  readonly cars: number;
  readonly commands: readonly Sent[];
  readonly isCrowd?: boolean;
}

/**
 * All commands of a round at once, just after every token was taken back; daemon, cloud and broker of its own. Whoever
 * calls runs the teardown.
 */
export async function runRound(round: Round, report: Report, teardown: Teardown): Promise<void> {
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
