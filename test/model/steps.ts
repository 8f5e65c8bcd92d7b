import type { CommandContext } from '../../src/machines/command.glossary.ts';
import type { Address } from '../../src/machines/domain/events.ts';
import { ownerOf, type Step } from './acts.ts';
import { TOKEN, vehicleAddress } from './addresses.ts';
import { type Cloud, type Disturbance, endingsOf, type Flight, isGood, requestOf } from './cloud.ts';
import type { Local, Timer } from './local.ts';
import type { Slice } from './slice.ts';
import type { Budgets, Channel, World } from './world.ts';

/** What may happen to one actor by itself. */
interface Fate {
  /** Timers that fire although other things could still happen. */
  readonly timers: readonly Step[];
  /** Deaths and words from outside. */
  readonly ends: readonly Step[];
}

/**
 * Everything that may happen in a world, for one slice. What may happen to a part of it (a call, an actor, a message) is
 * worked out once for each: the same part is met in thousands of states.
 */
export class Steps {
  private readonly slice: Slice;
  private readonly orders: readonly Step[];
  /** What each car is asked for, as text. */
  private readonly wishes: ReadonlyMap<string, string>;
  private readonly deliveries = new Map<Channel, Step>();
  private readonly endings = new Map<Flight, Map<Cloud, readonly Step[]>>();
  private readonly fates = new Map<Local, Map<Address, Fate>>();
  private readonly eligibleOnes = new Map<number, readonly Step[]>();
  private readonly expiry: Step = { act: { type: 'expire' }, cost: 'expiry' };

  constructor(slice: Slice) {
    this.slice = slice;
    this.orders = slice.orders.map((_, at) => ({ act: { type: 'order', at }, cost: 'order' }));
    this.wishes = new Map(
      slice.orders.map(({ car }) => [
        car,
        JSON.stringify(slice.orders.filter((order) => order.car === car).map(({ command }) => command)),
      ]),
    );
  }

  /** Always in the same order. */
  of(world: World): Step[] {
    const { atMost } = this.slice;
    const mayDisturb = atMost === undefined || world.purse.spent < atMost;
    const steps: Step[] = [];
    for (const channel of world.channels) steps.push(this.deliveryOf(channel));
    let still = world.channels.length === 0;
    for (const flight of world.flights) {
      still &&= flight.hangs;
      for (const step of this.endingsOf(flight, world.cloud)) {
        if (step.cost === null || (mayDisturb && affords(world.budgets, step.cost))) steps.push(step);
      }
    }
    if (still) steps.push(...this.ripeTimers(world));
    steps.push(...this.eligible(world));
    if (mayDisturb) this.disturbances(world, steps);
    return steps;
  }

  private deliveryOf(channel: Channel): Step {
    const known = this.deliveries.get(channel);
    if (known !== undefined) return known;
    const step: Step = { act: { type: 'deliver', channel }, cost: null };
    this.deliveries.set(channel, step);
    return step;
  }

  private endingsOf(flight: Flight, cloud: Cloud): readonly Step[] {
    const byCloud = this.endings.get(flight) ?? new Map<Cloud, readonly Step[]>();
    const known = byCloud.get(cloud);
    if (known !== undefined) return known;
    const steps = flight.hangs ? [] : waysToEnd(flight, cloud);
    this.endings.set(flight, byCloud.set(cloud, steps));
    return steps;
  }

  /** Time passes only when nothing else can happen, and then the shortest waits are over first. */
  private ripeTimers({ actors, budgets }: World): Step[] {
    let due: Step[] = [];
    let soonest = Number.POSITIVE_INFINITY;
    for (const [address, local] of actors) {
      for (const timer of local.timers) {
        if (timer.delayMs > soonest || !this.isAwaited(budgets, local, timer)) continue;
        if (timer.delayMs < soonest) due = [];
        soonest = timer.delayMs;
        due.push(firing(address, timer, null));
      }
    }
    return due;
  }

  /** Visits are forgotten long after everything else; only a token at its limit waits for that. */
  private isAwaited({ lostReport }: Budgets, local: Local, timer: Timer): boolean {
    const cost = costOf(timer);
    if (cost === null) return lostReport < (this.slice.budgets.lostReport ?? 0);
    return cost === 'race' || (cost === 'forget' && local.value === 'failed.limited');
  }

  private disturbances(world: World, steps: Step[]): void {
    const { budgets, cloud, channels } = world;
    if (budgets.expiry > 0 && isGood(cloud, cloud.generation)) steps.push(this.expiry);
    for (const [address, local] of world.actors) {
      const { timers, ends } = this.fateOf(address, local);
      for (const step of timers) if (affords(budgets, step.cost)) steps.push(step);
      for (const step of ends) if (affords(budgets, step.cost) && hasBeenHeard(channels, address)) steps.push(step);
    }
    if (budgets.login > 0 && world.actors.has(TOKEN)) {
      steps.push({ act: { type: 'login', generation: cloud.generation + 1 }, cost: 'login' });
    }
  }

  private fateOf(address: Address, local: Local): Fate {
    const byAddress = this.fates.get(local) ?? new Map<Address, Fate>();
    const known = byAddress.get(address);
    if (known !== undefined) return known;
    const timers = local.timers.flatMap((timer) => {
      const cost = costOf(timer);
      return cost === null ? [] : [firing(address, timer, cost)];
    });
    const fate = { timers, ends: local.done ? [] : this.endsOf(address, local) };
    this.fates.set(local, byAddress.set(address, fate));
    return fate;
  }

  private endsOf(address: Address, local: Local): readonly Step[] {
    const ends: Step[] = [];
    const dies = DEATHS[local.kind];
    if (dies !== undefined) ends.push({ act: { type: 'die', address }, cost: dies });
    if (local.kind === (this.slice.withAccount ? 'account' : 'vehicle')) {
      const event = { type: 'SHUT_DOWN' };
      ends.push({ act: { type: 'tell', from: ownerOf(address), to: address, event }, cost: 'shutdown' });
    }
    if (isRefused(local)) {
      const { asks, used } = local.snapshot.context as CommandContext;
      const event = { type: 'TOKEN_READY', request: `r${asks}`, generation: used.generation };
      ends.push({ act: { type: 'tell', from: TOKEN, to: address, event }, cost: 'misanswer' });
    }
    return ends;
  }

  /** The next order of each car. Of cars that have not begun and want the same, the first stands for all. */
  private eligible({ issued, actors }: World): readonly Step[] {
    // The bridge knows of a car when the account has told it.
    const isThere = (car: string) => this.slice.through === 'command' || actors.has(vehicleAddress(car));
    for (const car of this.wishes.keys()) if (!isThere(car)) return this.nextOrders(issued, isThere);
    const known = this.eligibleOnes.get(issued) ?? this.nextOrders(issued, isThere);
    this.eligibleOnes.set(issued, known);
    return known;
  }

  private nextOrders(issued: number, isThere: (car: string) => boolean): readonly Step[] {
    const { orders } = this.slice;
    const isIssued = (at: number) => ((issued >> at) & 1) === 1;
    const untouched = new Set<string>();
    const cars = new Set<string>();
    return this.orders.filter((_, at) => {
      const car = orders[at]?.car ?? '';
      if (isIssued(at) || cars.has(car)) return false;
      cars.add(car);
      if (!isThere(car)) return false;
      if (orders.some((order, other) => order.car === car && isIssued(other))) return true;
      const wish = this.wishes.get(car) ?? '';
      const isFirst = !untouched.has(wish);
      untouched.add(wish);
      return isFirst;
    });
  }
}

const DEATHS: Readonly<Partial<Record<Local['kind'], Disturbance>>> = {
  command: 'death',
  token: 'restart',
  breaker: 'restart',
  vehicle: 'carDeath',
};

const affords = (budgets: Budgets, cost: Step['cost']): boolean =>
  cost !== null && cost !== 'order' && budgets[cost] > 0;

function waysToEnd(flight: Flight, cloud: Cloud): readonly Step[] {
  const endings = endingsOf(flight, cloud);
  const hangs = (delivers: boolean): Step => ({ act: { type: 'hang', flight, delivers }, cost: 'hang' });
  return [
    ...endings.map((ending): Step => ({ act: { type: 'end', flight, ending, losesReport: false }, cost: ending.cost })),
    hangs(false),
    ...(requestOf(flight.call)?.type === 'control' ? [hangs(true)] : []),
    ...endings
      .filter(({ cost }) => cost === null)
      .map((ending): Step => ({ act: { type: 'end', flight, ending, losesReport: true }, cost: 'lostReport' })),
  ];
}

const firing = (address: Address, timer: Timer, cost: Disturbance | null): Step => ({
  act: { type: 'fire', address, timer, early: cost === 'race' },
  cost,
});

/** Within a process, what an actor said has arrived before anybody hears of its death. */
function hasBeenHeard(channels: readonly Channel[], address: Address): boolean {
  for (const { from } of channels) if (from === address) return false;
  return true;
}

/** Timers that are over at a moment of their own choice cost something of their own; the others race. */
function costOf({ id, event: { body } }: Timer): Disturbance | null {
  if (id.includes('.renewal.')) return 'renewal';
  if (id.includes('.pollInterval.')) return 'poll';
  if (body.type.endsWith('_FORGOTTEN')) return 'forget';
  // Takes back permits that nobody returned: if it is ever needed, something is wrong.
  return body.type === 'PERMIT_OVERDUE' ? null : 'race';
}
const isRefused = ({ kind, value }: Local): boolean => kind === 'command' && value.endsWith('refreshingToken');
