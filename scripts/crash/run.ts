import type { Abilities, CarTruth, RemoteCloud } from './cloud.ts';
import { judge, type Verdict } from './judge.ts';
import type { Order, Stage } from './stage.ts';

/** What both ways of killing share. */
export interface Run {
  readonly stage: Stage;
  readonly cloud: RemoteCloud;
  readonly abilities: Abilities;
  readonly kills: number;
  readonly seed: number;
  /** 0 ≤ x < 1; the same numbers for the same seed. */
  random(): number;
  say(line: string): void;
  /** Told at once, with what the log of the daemon has about the command, and again at the end. */
  violated(violation: string, id: string): void;
}

/** The cars as they are now, by id. */
export async function carsNow(cloud: RemoteCloud): Promise<ReadonlyMap<string, CarTruth>> {
  return new Map((await cloud.cars()).map((car) => [car.id, car]));
}

/** Every order of a round that is over; what is wrong with it is told. `where` is when the daemon was killed, in words. */
export async function judged(
  { stage, cloud, violated }: Run,
  orders: readonly Order[],
  before: ReadonlyMap<string, CarTruth>,
  where: string,
): Promise<readonly (Order & { readonly verdict: Verdict })[]> {
  const after = await carsNow(cloud);
  return orders.map((order) => {
    const { car, id } = order;
    const [old, now] = [before.get(car), after.get(car)];
    if (old === undefined || now === undefined) throw new Error(`The cloud has lost its car ${car}.`);
    const deliveries = now.deliveryCount - old.deliveryCount;
    const verdict = judge(id, stage.heard, deliveries, old.state.locked !== now.state.locked);
    for (const violation of verdict.violations) violated(`${where}: ${violation}`, id);
    return { ...order, verdict };
  });
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
