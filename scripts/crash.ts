import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBroker } from '../bench/support/broker.ts';
import { connectToBroker } from '../bench/support/broker-client.ts';
import { Teardown } from '../bench/support/teardown.ts';
import type { SimAccount } from '../src/io/simulator/account.ts';
import { startSimulator } from '../src/io/simulator/simulator.ts';
import { RemoteCloud } from './crash/cloud.ts';
import { type Heard, judge, recordsOf, Tally } from './crash/judge.ts';
import { KILL_POINTS } from './crash/points.ts';
import { Victim } from './crash/victim.ts';

/**
 * The crash matrix: the real daemon is killed (SIGKILL) at every boundary of journal and HTTP and at random moments,
 * started again, and judged from outside, by what its senders read and what the cloud's cars were told.
 *
 *     npm run crash -- --kills 200 --seed 7
 *     npm run crash -- --cloud http://127.0.0.1:9999     (a simulated cloud in another process; HYUNDAI_* name the account)
 *
 * Exit code 1 if a command was lost, doubled or told in two ways; 2 is a command line that makes no sense, or no cloud.
 */
const { values } = parseArgs({
  options: { kills: { type: 'string' }, seed: { type: 'string' }, cloud: { type: 'string' } },
});
const kills = Number(values.kills ?? 20);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const cloudUrl = values.cloud?.replace(/\/+$/, '');
if (!(Number.isSafeInteger(kills) && kills > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write('Usage: npm run crash -- [--kills 20] [--seed 7] [--cloud http://127.0.0.1:8099]\n');
  process.exit(2);
}
if (cloudUrl !== undefined) {
  const problem = await new RemoteCloud(cloudUrl).cars().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (problem !== null) {
    process.stderr.write(
      `The cloud at ${cloudUrl} does not tell the truth about its cars under /__sim (${problem}); docs/simulated-cloud.md says what it must answer.\n`,
    );
    process.exit(2);
  }
}
const BASE = 'crash';
const END_MS = 60_000;
const OWNER = { username: 'crash@example.com', password: 'crash-password', pin: '1234' } as const;

const account: SimAccount = {
  ...OWNER,
  brand: 'hyundai',
  refreshToken: 'CRASH0REFRESH0TOKEN0OF0THE0SIMULATED0CLOUD000001',
  cars: ['c0', 'c1', 'c2'].map((id, n) => ({
    id,
    vin: `KMHCRASH${String(n).padStart(9, '0')}`,
    name: id,
    model: 'IONIQ 5',
    year: '2023',
    type: 'EV',
    // One car takes the token that the PIN buys for everything, the others for unlocking only.
    ccs2: n === 0 ? 1 : 0,
  })),
};
/** Cars and confirmations as quick as they go: what is killed is killed at the same boundaries. */
const QUICK = {
  BLUELINKD_TIMING_LOOK_AFTER_MS: '100,200,400,800',
  BLUELINKD_TIMING_LOOK_EVERY_MS: '300',
  BLUELINKD_TIMING_LOCK_CONFIRM_MS: '3000',
  BLUELINKD_TIMING_SETTLE_MS: '200',
  BLUELINKD_TIMING_CALL_TIMEOUT_MS: '3000',
  BLUELINKD_BUDGET_CALLS_PER_DAY: '0',
  BLUELINKD_BUDGET_FORCED_READS_PER_DAY: '0',
  BLUELINKD_BUDGET_FORCED_READ_GAP_S: '0',
  BLUELINKD_LIMITS_LOGIN_BUDGET_PER_DAY: '100',
  // Each round of a revoked token is a refresh, and rounds are quick.
  BLUELINKD_LIMITS_VISIT_LIMIT: '1000',
  LOG_LEVEL: 'debug',
};

/** The same numbers for the same seed (mulberry32). */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const random = randomOf(seed);
const teardown = new Teardown();
const violations: string[] = [];
try {
  const broker = await startBroker();
  teardown.add(() => broker.stop());
  const own =
    cloudUrl === undefined
      ? await startSimulator({
          accounts: [account],
          timings: { controlDelayMs: 30, forcedReadMs: 30, wakeDelayMs: 0 },
          limits: { logEntries: 20_000 },
        })
      : null;
  if (own !== null) teardown.add(() => own.close());
  const cloud = new RemoteCloud(cloudUrl ?? own?.url ?? '');
  const client = await connectToBroker(broker.port);
  teardown.add(() => client.close());
  const folder = mkdtempSync(join(tmpdir(), 'bluelinkd-crash-'));
  const victim = new Victim(folder, {
    ...QUICK,
    ...(own === null
      ? Object.fromEntries(
          Object.entries(process.env).filter((entry): entry is [string, string] => /^HYUNDAI_/.test(entry[0])),
        )
      : { HYUNDAI_USERNAME: OWNER.username, HYUNDAI_PASSWORD: OWNER.password, HYUNDAI_PIN: OWNER.pin }),
    BLUELINKD_CLOUD_URL: cloud.url,
    MQTT_BROKER_HOST: '127.0.0.1',
    MQTT_BROKER_PORT: String(broker.port),
    MQTT_BASE_TOPIC: BASE,
  });
  teardown.add(() => victim.stop());

  const heard: Heard[] = [];
  const states = new Set<string>();
  const watchers = new Set<() => void>();
  const tell = () => {
    for (const look of [...watchers]) look();
  };
  await client.subscribe(`${BASE}/+/commands/+/result`, ({ payload }) => {
    const { id, status, reason } = JSON.parse(payload) as Heard;
    heard.push({ id, status, reason, text: payload });
    tell();
  });
  await client.subscribe(`${BASE}/+/state`, ({ topic }) => {
    states.add(topic.split('/')[1] ?? '');
    tell();
  });
  /** Resolves to true when it is so; to false when it is not in time. */
  const until = (isSo: () => boolean, deadlineMs: number): Promise<boolean> => {
    if (isSo()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (isMet: boolean) => {
        clearTimeout(timer);
        watchers.delete(look);
        resolve(isMet);
      };
      const timer = setTimeout(() => end(false), deadlineMs);
      const look = () => {
        if (isSo()) end(true);
      };
      watchers.add(look);
    });
  };
  const cars = (await cloud.cars()).map(({ id }) => id);
  const startVictim = async (): Promise<void> => {
    states.clear();
    victim.start();
    if (!(await until(() => cars.every((car) => states.has(car)), END_MS))) {
      throw new Error(`The daemon has not read its cars; its log is ${victim.log}.`);
    }
  };

  say(
    `${kills} kills, seed ${seed}, broker ${broker.kind}, cloud ${cloudUrl ?? 'our own'}, ${new Date().toISOString()}`,
  );
  const hasFaults = await cloud.takesFaults();
  const points = KILL_POINTS.filter(({ prepare }) => hasFaults || prepare === undefined);
  if (!hasFaults) say(`This cloud takes no faults: ${KILL_POINTS.length - points.length} kill points are left out.`);
  await startVictim();
  const tally = new Tally();
  for (let round = 0; round < kills; round += 1) {
    const point = points[round % points.length];
    if (point === undefined) break;
    const before = new Map((await cloud.cars()).map((car) => [car.id, car]));
    const since = await cloud.lastCall();
    await point.prepare?.(cloud);
    const ids = cars.map((car) => ({ car, id: `${seed}-${round}-${car}` }));
    const isOurs = ({ id }: Heard) => ids.some((one) => one.id === id);
    const moment = point.wait({
      cloud,
      journal: victim.journal,
      since,
      random,
      heard: (what, deadlineMs) =>
        until(
          () => heard.some((one) => isOurs(one) && (what === 'accepted') === (one.status === 'accepted')),
          deadlineMs,
        ),
    });
    for (const { car, id } of ids) {
      // The opposite of what is: so the car itself shows whether it was told.
      const action = before.get(car)?.state.locked === true ? 'unlock' : 'lock';
      void client.publish(`${BASE}/${car}/commands/lock`, JSON.stringify({ action, id })).catch(() => {});
    }
    const isMet = await moment;
    await victim.kill();
    const calls = await cloud.callsSince(since);
    const wasSent = (id: string) =>
      calls.some(({ kind, car, status }) => car === id && kind.startsWith('control.') && status !== 401);
    if (hasFaults) await cloud.clearFaults();
    tally.add(point.name, isMet ? 'kills' : 'missed');
    await startVictim();
    await until(() => ids.every(({ id }) => heard.some((one) => one.id === id && one.status !== 'accepted')), END_MS);
    const after = new Map((await cloud.cars()).map((car) => [car.id, car]));
    for (const { car, id } of ids) {
      const [old, now] = [before.get(car), after.get(car)];
      if (old === undefined || now === undefined) throw new Error(`The cloud has lost its car ${car}.`);
      const verdict = judge(id, heard, now.deliveryCount - old.deliveryCount, old.state.locked !== now.state.locked);
      tally.add(point.name, verdict.status);
      for (const violation of verdict.violations) {
        violations.push(violation);
        say(`! ${point.name}: ${violation}`);
      }
      if (verdict.status === 'unknown' && !wasSent(car)) {
        tally.add(point.name, 'unsent');
        if (point.isBeforeSent !== true) continue;
        violations.push(`${id} was never sent, and ended unknown.`);
        say(`! ${point.name}: ${id} was never sent, and ended unknown.`);
      }
    }
  }
  await victim.stop();
  // What is told again is told in all its rounds.
  for (const id of new Set(heard.map((one) => one.id))) {
    const texts = recordsOf(id, heard);
    if (texts.length > 1) {
      violations.push(`${id} has different records in the end.`);
      say(`! ${id} has different records in the end: ${texts.join(' · ')}`);
    }
  }
  for (const line of tally.lines()) say(line);
  say(`records heard: ${heard.length}, violations: ${violations.length}`);
  if (violations.length === 0) rmSync(folder, { recursive: true, force: true });
  else say(`The daemon's log and journal are kept in ${folder}.`);
} finally {
  await teardown.run();
}
process.exitCode = violations.length === 0 ? 0 : 1;
