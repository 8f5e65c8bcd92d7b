import { KILL_POINTS, type KillPoint } from './points.ts';
import { carsNow, judged, type Run } from './run.ts';
import { Tally } from './tally.ts';

/** Kills at one boundary after the other, once in each round of one command for every car. */
export async function killAtPoints(run: Run): Promise<Tally> {
  const { stage, cloud, abilities, kills, seed, random, violated } = run;
  const points = offered(run);
  const tally = new Tally(['kills', 'missed']);
  for (let round = 0; round < kills; round += 1) {
    const point = points[round % points.length];
    if (point === undefined) break;
    const before = await carsNow(cloud);
    const since = abilities.log ? await cloud.lastCall() : 0;
    await point.prepare?.(cloud);
    const orders = stage.orders(before, `${seed}-${round}`);
    const ids = new Set(orders.map(({ id }) => id));
    const moment = point.wait({
      cloud,
      journal: stage.victim.journal,
      since,
      random,
      isAtRest: () => stage.victim.isAtRest,
      allHeard: (deadlineMs) =>
        stage.until(() => orders.every(({ id }) => stage.heard.some((one) => one.id === id)), deadlineMs),
      heard: (what, deadlineMs) =>
        stage.until(
          () => stage.heard.some((one) => ids.has(one.id) && (what === 'accepted') === (one.status === 'accepted')),
          deadlineMs,
        ),
    });
    for (const order of orders) stage.send(order);
    const isMet = await moment;
    await stage.kill();
    /** Null where the cloud does not say. */
    const wasSent = async (car: string): Promise<boolean | null> => (abilities.log ? cloud.wasSent(car, since) : null);
    const sent = new Map(await Promise.all(stage.cars.map(async (car) => [car, await wasSent(car)] as const)));
    if (abilities.faults) await cloud.clearFaults();
    tally.add(point.name, isMet ? 'kills' : 'missed');
    stage.begin();
    await stage.up();
    await stage.ended(orders);
    const where = `${point.name}, round ${round + 1}`;
    for (const { car, id, verdict } of await judged(run, orders, before, where)) {
      tally.add(point.name, verdict.status);
      if (verdict.status !== 'unknown') continue;
      if (sent.get(car) === null) tally.addUnsure(point.name);
      if (sent.get(car) !== false) continue;
      tally.add(point.name, 'unsent');
      // Where the moment was not met, it may have been on its way; and what the next daemon sent was sent.
      if (point.isBeforeSent !== true || !isMet || (await wasSent(car)) !== false) continue;
      violated(`${where}: ${id} was never sent, and ended unknown.`, id);
    }
  }
  return tally;
}

/** The points for which the cloud offers what they need; says which are left out, and what nobody judges then. */
function offered({ abilities, say }: Run): readonly KillPoint[] {
  const isOffered = ({ needs = [] }: KillPoint) => needs.every((need) => abilities[need]);
  const points = KILL_POINTS.filter(isOffered);
  const left = KILL_POINTS.filter((point) => !isOffered(point));
  if (left.length === 0) return points;
  const missing = (['log', 'faults', 'revoke'] as const).filter((ability) => !abilities[ability]);
  say(
    `This cloud has no ${missing.map((ability) => `/__sim/${ability}`).join(', no ')}. ${left.length} of ${KILL_POINTS.length} kill points are left out:`,
  );
  for (const { name } of left) say(`  ${name}`);
  if (left.some(({ isBeforeSent }) => isBeforeSent === true)) {
    say(
      '  So nobody judges whether a command that is killed before its dispatch is carried out, and none of them ends unknown.',
    );
  }
  return points;
}
