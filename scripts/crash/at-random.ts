import type { CarTruth } from './cloud.ts';
import { carsNow, judged, pause, type Run } from './run.ts';
import type { Order } from './stage.ts';
import { Tally } from './tally.ts';

/** How a command was found by the last kill before its end. */
const UNHEARD = 'no record of it yet';
const ACCEPTED = 'accepted, its car not told';
const DELIVERED = 'its car told, no end yet';
const OVER = 'it had ended';

/** What the daemon was at when it was killed. */
const MOMENTS = {
  starting: 'before it was online again',
  resuming: 'while it resumed what a kill had left',
  working: 'in its first life with the commands',
  resting: 'when all had ended',
} as const;

const KILLS_IN_A_ROUND = 3;
/** Times are measured at the beginning, undisturbed, and kept within these bounds. */
const ROUNDS_MEASURED = 3;
const SHORTEST_MS = 200;
const LONGEST_MS = 5_000;
/** A little longer than a life, so that some kills come after the end. */
const BEYOND = 1.1;
/** One command in three comes later than the others, by at most this part of a life. */
const STAGGERED = 0.5;

interface PlannedKill {
  /** Of the time in which it may come. */
  readonly part: number;
  /** Of a later one: whether that time begins when the daemon is online again, which is when it resumes; else at its start. */
  readonly resumes: boolean;
}

/** All that chance decides of a round, drawn before it: what the processes do then does not change what is drawn next. */
interface Plan {
  /** Before each command, in the order of the cars: parts of a life. */
  readonly delays: readonly number[];
  /** An order of the round before that is sent again: the same id, the same bytes. */
  readonly again: number | null;
  readonly revokes: boolean;
  readonly latency: { readonly ms: number; readonly afterEffect: boolean } | null;
  readonly kills: readonly PlannedKill[];
  /** For each kill, an order of this round that is sent again before the next life begins. */
  readonly repeats: readonly (number | null)[];
}

/**
 * Kills at random moments and nothing else: one to three in a round, over the whole life of its commands, while the daemon
 * starts, and while it resumes what the kill before has left. Nothing is asked of the cloud but the truth about its cars;
 * if it can, it loses tokens and is slow now and then.
 */
export async function killAtRandom(run: Run): Promise<Tally> {
  const { stage, cloud, abilities, kills, seed, random, say } = run;
  const tally = new Tally(['commands'], [UNHEARD, ACCEPTED, DELIVERED, OVER]);
  const moments = new Map<string, number>(Object.values(MOMENTS).map((moment) => [moment, 0]));
  const { lifeMs, startMs } = await measured(run);
  say(
    `Kills come within ${lifeMs} ms from the commands; within ${startMs} ms from a start, or ${lifeMs} ms from when it is online again.`,
  );
  if (!abilities.revoke) say('This cloud has no /__sim/revoke: nobody judges kills while a refused token is renewed.');
  if (!abilities.faults) say('This cloud has no /__sim/faults: it is as slow as it is by itself.');
  const livedThrough = new Map<number, number>();
  let previous: readonly Order[] = [];
  let rounds = 0;
  for (let left = kills; left > 0; rounds += 1) {
    const plan = planOf(random, stage.cars.length, left);
    const before = await carsNow(cloud);
    if (abilities.revoke && plan.revokes) await cloud.revokeTokens();
    if (abilities.faults) {
      await cloud.clearFaults();
      if (plan.latency !== null) {
        await cloud.addFault({ type: 'latency', ...plan.latency, match: { kind: 'control' } });
      }
    }
    const orders = stage.orders(before, `${seed}-r${rounds}`);
    const sending = Promise.all(
      orders.map(async (order, at) => {
        await pause((plan.delays[at] ?? 0) * lifeMs);
        stage.send(order);
      }),
    );
    const repeated = plan.again === null ? undefined : previous[plan.again];
    if (repeated !== undefined) stage.send(repeated);
    const found = new Map<string, string>();
    const survived = new Map<string, number>();
    for (const [at, { part, resumes }] of plan.kills.entries()) {
      const isAtStart = at > 0 && !resumes;
      if (!isAtStart) await stage.online();
      await pause(part * (isAtStart ? startMs : lifeMs));
      const open = orders.filter(({ id }) => !stage.hasEnd(id));
      const moment = !stage.isOnline ? 'starting' : open.length === 0 ? 'resting' : at === 0 ? 'working' : 'resuming';
      moments.set(MOMENTS[moment], (moments.get(MOMENTS[moment]) ?? 0) + 1);
      left -= 1;
      await stage.kill();
      await look(run, orders, before, found, survived);
      const once = orders[plan.repeats[at] ?? -1];
      if (once !== undefined) stage.send(once);
      stage.begin();
      // There is nothing left to be resumed: another kill is better spent on other commands.
      if (moment === 'resting') break;
    }
    await sending;
    await stage.up();
    await stage.ended(orders);
    for (const { id, verdict } of await judged(run, orders, before, `at random, round ${rounds + 1}`)) {
      const row = found.get(id) ?? UNHEARD;
      tally.add(row, 'commands');
      tally.add(row, verdict.status);
      if (verdict.status === 'unknown' && verdict.deliveries === 0) tally.add(row, 'unsent');
      const times = survived.get(id) ?? 0;
      livedThrough.set(times, (livedThrough.get(times) ?? 0) + 1);
    }
    previous = orders;
  }
  if (abilities.faults) await cloud.clearFaults();
  say(`${rounds} rounds; killed ${[...moments].map(([moment, count]) => `${count} ${moment}`).join(', ')}`);
  const times = [...livedThrough].sort(([one], [other]) => one - other);
  say(`commands by the kills that they lived through: ${times.map(([count, many]) => `${count}: ${many}`).join(', ')}`);
  return tally;
}

/** How each command was found by a kill, unless it had come to its end before an earlier one. */
async function look(
  { stage, cloud }: Run,
  orders: readonly Order[],
  before: ReadonlyMap<string, CarTruth>,
  found: Map<string, string>,
  survived: Map<string, number>,
): Promise<void> {
  const now = await carsNow(cloud);
  for (const { id, car } of orders) {
    if (stage.hasEnd(id)) {
      if (!found.has(id)) found.set(id, OVER);
      continue;
    }
    const wasTold = (now.get(car)?.deliveryCount ?? 0) > (before.get(car)?.deliveryCount ?? 0);
    found.set(id, wasTold ? DELIVERED : stage.heard.some((one) => one.id === id) ? ACCEPTED : UNHEARD);
    survived.set(id, (survived.get(id) ?? 0) + 1);
  }
}

/** How long a start takes, and the commands of a round that nobody disturbs: the middle of three. */
async function measured(run: Run): Promise<{ readonly lifeMs: number; readonly startMs: number }> {
  const { stage, cloud, seed } = run;
  const within = (ms: number) => Math.round(Math.min(Math.max(ms, SHORTEST_MS), LONGEST_MS));
  await stage.kill();
  const begun = performance.now();
  stage.begin();
  await stage.online();
  const online = performance.now();
  await stage.up();
  const startMs = within(online - begun);
  const lives: number[] = [];
  for (let round = 0; round < ROUNDS_MEASURED; round += 1) {
    const before = await carsNow(cloud);
    const orders = stage.orders(before, `${seed}-undisturbed-${round}`);
    const sent = performance.now();
    for (const order of orders) stage.send(order);
    await stage.ended(orders);
    lives.push(performance.now() - sent);
    await judged(run, orders, before, 'undisturbed');
  }
  lives.sort((one, other) => one - other);
  return { lifeMs: within((lives[Math.floor(lives.length / 2)] ?? 0) * BEYOND), startMs };
}

function planOf(random: () => number, cars: number, most: number): Plan {
  const some = (share: number) => random() < share;
  const oneOf = (count: number) => Math.floor(random() * count);
  const kills = Math.min(most, 1 + oneOf(KILLS_IN_A_ROUND));
  return {
    delays: Array.from({ length: cars }, () => (some(1 / 3) ? random() * STAGGERED : 0)),
    again: some(0.5) ? oneOf(cars) : null,
    revokes: some(0.3),
    latency: some(0.3) ? { ms: Math.ceil(random() * 150), afterEffect: some(0.5) } : null,
    kills: Array.from({ length: kills }, () => ({ part: random(), resumes: some(0.5) })),
    repeats: Array.from({ length: kills }, () => (some(0.3) ? oneOf(cars) : null)),
  };
}
