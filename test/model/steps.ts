import type { AnyEventObject } from 'xstate';
import type { CommandContext } from '../../src/machines/command.glossary.ts';
import type { Command } from '../../src/machines/domain/command.ts';
import {
  ACCOUNT,
  BREAKER,
  BRIDGE,
  commandAddress,
  FLEET,
  kindOf,
  shortName,
  TOKEN,
  vehicleAddress,
} from './addresses.ts';
import { DISTURBANCES, type Disturbance, type Ending, type Flight, isGood, requestOf, tookEffect } from './cloud.ts';
import { Draft } from './draft.ts';
import { Endings, type KnownEnding } from './endings.ts';
import type { Local, Locals, Timer } from './local.ts';
import { Mail } from './mail.ts';
import type { Mutation, Slice } from './slice.ts';
import type { Observer, World } from './world.ts';

/** What a step does to the system, as data: the same can be done to the real actors. */
export type Act =
  | { readonly type: 'deliver' }
  | { readonly type: 'order'; readonly at: number }
  | { readonly type: 'end'; readonly flight: Flight; readonly ending: Ending; readonly losesReport: boolean }
  | { readonly type: 'hang'; readonly flight: Flight; readonly delivers: boolean }
  | { readonly type: 'expire' }
  | { readonly type: 'fire'; readonly address: string; readonly event: AnyEventObject }
  | { readonly type: 'die'; readonly address: string }
  | { readonly type: 'tell'; readonly from: string; readonly to: string; readonly event: AnyEventObject }
  | { readonly type: 'login'; readonly generation: number };

/** One thing that may happen next. */
export interface Step {
  /** For people, so it is made only when somebody reads it. */
  readonly label: () => string;
  readonly act: Act;
  /** What it costs: the steps without a price are those that lead to an end when nothing more arrives. */
  readonly cost: Disturbance | 'order' | null;
  readonly take: (observe: Observer) => World;
}

export class Steps {
  private readonly slice: Slice;
  private readonly locals: Locals;
  private readonly mail: Mail;
  private readonly endingsKnown: Endings;
  /** What each car is asked for, as text. */
  private readonly wishes: ReadonlyMap<string, string>;

  constructor(slice: Slice, locals: Locals, mutation: Mutation) {
    this.slice = slice;
    this.locals = locals;
    this.mail = new Mail(locals, mutation.tamper);
    this.endingsKnown = new Endings(locals);
    this.wishes = new Map(
      slice.orders.map(({ car }) => [
        car,
        JSON.stringify(slice.orders.filter((order) => order.car === car).map(({ command }) => command)),
      ]),
    );
  }

  draft(world: World, observe: Observer): Draft {
    return new Draft(world, this.locals, observe, this.mail, this.slice.mode === 'cascade');
  }

  /** Everything that may happen next, always in the same order. */
  of(world: World): Step[] {
    const steps: Step[] = [];
    this.deliveries(world, steps);
    for (const flight of world.flights) this.endings(world, flight, steps);
    const still = world.channels.size === 0 && world.flights.every(({ hangs }) => hangs);
    if (still) steps.push(...this.ripeTimers(world));
    this.disturbances(world, steps);
    const { atMost } = this.slice;
    if (atMost === undefined || this.spent(world) < atMost) return steps;
    return steps.filter(({ cost }) => cost === null || cost === 'order');
  }

  private spent({ budgets }: World): number {
    return DISTURBANCES.reduce((sum, name) => sum + (this.slice.budgets[name] ?? 0) - budgets[name], 0);
  }

  private deliveries(world: World, steps: Step[]): void {
    for (const [channel, messages] of world.channels) {
      steps.push({
        label: () => `${channel.split('>').map(shortName).join(' → ')}: ${messages[0]?.event.type}`,
        act: { type: 'deliver' },
        cost: null,
        take: (observe) => this.change(world, observe, null, (draft) => draft.deliver(channel)),
      });
    }
  }

  private endings(world: World, flight: Flight, steps: Step[]): void {
    if (flight.hangs) return;
    const endings = this.endingsKnown.of(flight, world.cloud);
    for (const ending of endings) {
      const { cost } = ending;
      if (cost === null || world.budgets[cost] > 0) steps.push(this.ending(world, cost, flight, ending));
    }
    if (world.budgets.hang > 0) steps.push(...this.hangs(world, flight));
    if (world.budgets.lostReport === 0) return;
    for (const ending of endings) {
      if (ending.cost === null) steps.push(this.ending(world, 'lostReport', flight, ending));
    }
  }

  private ending(world: World, cost: Disturbance | null, flight: Flight, ending: KnownEnding): Step {
    const losesReport = cost === 'lostReport';
    return {
      label: () => `${nameOf(flight)} ends: ${ending.label}${losesReport ? ', and its report gets lost' : ''}`,
      act: { type: 'end', flight, ending, losesReport },
      cost,
      take: (observe) => this.end(world, observe, cost, flight, ending),
    };
  }

  private end(world: World, observe: Observer, cost: Disturbance | null, flight: Flight, ending: KnownEnding): World {
    const { event, cloud, delivers } = ending;
    return this.change(world, observe, cost, (draft) => {
      draft.cloud = cloud;
      draft.losesReport = cost === 'lostReport';
      draft.finish(flight, event, delivers);
    });
  }

  private hangs(world: World, flight: Flight): Step[] {
    const request = requestOf(flight.call);
    const silent: Step = {
      label: () => `${nameOf(flight)} hangs`,
      act: { type: 'hang', flight, delivers: false },
      cost: 'hang',
      take: (observe) => this.change(world, observe, 'hang', (draft) => draft.hang(flight)),
    };
    if (request?.type !== 'control') return [silent];
    const effective: Step = {
      label: () => `${nameOf(flight)} hangs, it took effect`,
      act: { type: 'hang', flight, delivers: true },
      cost: 'hang',
      take: (observe) =>
        this.change(world, observe, 'hang', (draft) => {
          draft.cloud = tookEffect(world.cloud, request);
          draft.hang(flight);
        }),
    };
    return [silent, effective];
  }

  /** Time passes only when nothing else can happen, and then the shortest waits are over first. */
  private ripeTimers(world: World): Step[] {
    const due: { readonly address: string; readonly timer: Timer }[] = [];
    let soonest = Number.POSITIVE_INFINITY;
    for (const [address, local] of world.actors) {
      for (const timer of local.timers) {
        if (!this.isAwaited(world, local, timer)) continue;
        due.push({ address, timer });
        soonest = Math.min(soonest, timer.delayMs);
      }
    }
    return due
      .filter(({ timer }) => timer.delayMs === soonest)
      .map(({ address, timer }) => this.firing(world, address, timer, null));
  }

  private disturbances(world: World, steps: Step[]): void {
    const { budgets } = world;
    for (const at of this.eligible(world)) {
      const order = this.slice.orders[at];
      if (order === undefined) continue;
      steps.push({
        label: () =>
          `${orderId(this.slice, at)} is ${order.resume === undefined ? 'ordered' : 'taken up again'}: ${wish(order.command)} for ${order.car}`,
        act: { type: 'order', at },
        cost: 'order',
        take: (observe) => this.issue(world, at, observe),
      });
    }
    if (budgets.expiry > 0 && isGood(world.cloud, world.cloud.generation)) {
      steps.push({
        label: () => 'the server revokes the tokens',
        act: { type: 'expire' },
        cost: 'expiry',
        take: (observe) =>
          this.change(world, observe, 'expiry', (draft) => {
            draft.cloud = { ...world.cloud, good: 0 };
          }),
      });
    }
    for (const [address, local] of world.actors) {
      for (const timer of local.timers) {
        const cost = costOf(timer);
        if (cost !== null && budgets[cost] > 0) steps.push(this.firing(world, address, timer, cost));
      }
      if (local.done || !hasBeenHeard(world, address)) continue;
      if (budgets.death > 0 && local.kind === 'command') steps.push(this.death(world, address, 'death'));
      if (budgets.restart > 0 && (local.kind === 'token' || local.kind === 'breaker')) {
        steps.push(this.death(world, address, 'restart'));
      }
      if (budgets.carDeath > 0 && local.kind === 'vehicle') steps.push(this.death(world, address, 'carDeath'));
      if (budgets.shutdown > 0 && local.kind === (world.actors.has(ACCOUNT) ? 'account' : 'vehicle')) {
        steps.push(this.shutDown(world, address));
      }
      if (budgets.misanswer > 0 && isRefused(local)) steps.push(this.misanswer(world, address, local));
    }
    if (budgets.login > 0 && world.actors.has(TOKEN)) steps.push(this.logInBeside(world));
  }

  private logInBeside(world: World): Step {
    const generation = world.cloud.generation + 1;
    return {
      label: () => `a person logs in beside the daemon: token ${generation}`,
      act: { type: 'login', generation },
      cost: 'login',
      take: (observe) =>
        this.change(world, observe, 'login', (draft) => {
          draft.cloud = { ...world.cloud, generation, good: world.cloud.good | (1 << generation) };
          draft.say(FLEET, TOKEN, { type: 'SESSION_CHANGED', generation, lifetimeMs: 86_400_000 });
        }),
    };
  }

  private misanswer(world: World, address: string, { snapshot }: Local): Step {
    const { asks, used } = snapshot.context as CommandContext;
    const event = { type: 'TOKEN_READY', request: `r${asks}`, generation: used.generation };
    return {
      label: () => `${shortName(address)} is told that the refused token is ready`,
      act: { type: 'tell', from: TOKEN, to: address, event },
      cost: 'misanswer',
      take: (observe) => this.change(world, observe, 'misanswer', (draft) => draft.say(TOKEN, address, event)),
    };
  }

  private firing(world: World, address: string, timer: Timer, cost: Disturbance | null): Step {
    return {
      label: () => `${shortName(address)}: ${timerName(timer)} is over${cost === 'race' ? ' early' : ''}`,
      act: { type: 'fire', address, event: timer.event.body },
      cost,
      take: (observe) =>
        this.change(world, observe, cost, (draft) => draft.fire(address, timer.event, cost === 'race')),
    };
  }

  /** The next order of each car. Of cars that have not begun and want the same, the first stands for all. */
  private eligible({ issued, actors }: World): number[] {
    const { orders, through } = this.slice;
    const isIssued = (at: number) => ((issued >> at) & 1) === 1;
    if (orders.every((_, at) => isIssued(at))) return [];
    const untouched = new Set<string>();
    const cars = new Set<string>();
    return orders.flatMap(({ car }, at) => {
      if (isIssued(at) || cars.has(car)) return [];
      cars.add(car);
      // The bridge knows of a car when the account has told it.
      if (through === 'vehicle' && !actors.has(vehicleAddress(car))) return [];
      const hasBegun = orders.some((order, other) => order.car === car && isIssued(other));
      if (hasBegun) return [at];
      const wish = this.wishes.get(car) ?? '';
      if (untouched.has(wish)) return [];
      untouched.add(wish);
      return [at];
    });
  }

  private issue(world: World, at: number, observe: Observer): World {
    const { orders, settings, through } = this.slice;
    const order = orders[at];
    if (order === undefined) throw new Error('There is no such order.');
    const { car, command, expiresInMs = null, resume } = order;
    const more = resume === undefined ? {} : { resume };
    const n = orders.slice(0, at + 1).filter((other) => other.car === car).length;
    const id = orderId(this.slice, at);
    return this.change(world, observe, null, (draft) => {
      draft.issued |= 1 << at;
      if (resume !== undefined && command.name !== 'refresh') {
        draft.cloud = tookEffect(world.cloud, { type: 'control', car, command });
      }
      if (through === 'vehicle') {
        draft.say(BRIDGE, vehicleAddress(car), { type: 'COMMAND', id, command, receivedAt: 0, expiresInMs, ...more });
        return;
      }
      const address = commandAddress(car, n);
      draft.spawn(address, { settings, id, n, car, command, expiresInMs, ...more });
      draft.say(vehicleAddress(car), address, { type: 'START' });
    });
  }

  /** XState tells the owner; where the slice leaves the owner out, what it would say is said for it. */
  private death(world: World, address: string, cost: 'death' | 'restart' | 'carDeath'): Step {
    const owner = ownerOf(address);
    return {
      label: () => `${shortName(address)} dies`,
      act: { type: 'die', address },
      cost,
      take: (observe) =>
        this.change(world, observe, cost, (draft) => {
          draft.bury(address);
          const actorId = address.slice(owner.length + 1);
          if (world.actors.has(owner)) {
            draft.fire(
              owner,
              this.locals.event({ type: `xstate.error.actor.${actorId}`, actorId, error: 'a bug' }),
              true,
            );
          } else draft.say(owner, BREAKER, { type: 'HOLDER_GONE', holder: address });
        }),
    };
  }

  private shutDown(world: World, address: string): Step {
    return {
      label: () => `${shortName(address)} is shut down`,
      act: { type: 'tell', from: ownerOf(address), to: address, event: { type: 'SHUT_DOWN' } },
      cost: 'shutdown',
      take: (observe) =>
        this.change(world, observe, 'shutdown', (draft) => draft.say(ownerOf(address), address, { type: 'SHUT_DOWN' })),
    };
  }

  /** Visits are forgotten long after everything else; only a token at its limit waits for that. */
  private isAwaited({ budgets }: World, local: Local, timer: Timer): boolean {
    const cost = costOf(timer);
    if (cost === null) return budgets.lostReport < (this.slice.budgets.lostReport ?? 0);
    return cost === 'race' || (cost === 'forget' && local.value === 'failed.limited');
  }

  private change(world: World, observe: Observer, cost: Disturbance | null, work: (draft: Draft) => void): World {
    const draft = this.draft(world, observe);
    work(draft);
    return draft.done(cost);
  }
}

/** Within a process, what an actor said has arrived before anybody hears of its death. */
function hasBeenHeard({ channels }: World, address: string): boolean {
  if (channels.size === 0) return true;
  const prefix = `${address}>`;
  for (const channel of channels.keys()) if (channel.startsWith(prefix)) return false;
  return true;
}

const wish = (command: Command): string => {
  if (command.name === 'lock') return command.action;
  return command.name === 'refresh' ? `${command.name} ${command.mode}` : command.name;
};
/** Names an order towards its sender, with the name of its car in it: the renaming of cars needs that. */
export function orderId({ orders }: Slice, at: number): string {
  const car = orders[at]?.car ?? '';
  return `${car}-${orders.slice(0, at + 1).filter((order) => order.car === car).length}`;
}

/** A place is a kind and a name, except for the token and the breaker, which need none. */
const ownerOf = (address: string): string => {
  const kind = kindOf(address);
  const levels = kind === 'token' || kind === 'breaker' ? -1 : -2;
  return address.split('/').slice(0, levels).join('/');
};

/** Timers that are over at a moment of their own choice cost something of their own; the others race. */
function costOf({ id, event: { body } }: Timer): Disturbance | null {
  if (id.includes('.renewal.')) return 'renewal';
  if (id.includes('.pollInterval.')) return 'poll';
  if (body.type.endsWith('_FORGOTTEN')) return 'forget';
  // Takes back permits that nobody returned: if it is ever needed, something is wrong.
  return body.type === 'PERMIT_OVERDUE' ? null : 'race';
}
const isRefused = ({ kind, value }: Local): boolean => kind === 'command' && value.endsWith('refreshingToken');

const timerName = ({ id }: Timer): string => id.replace(/^xstate\.after\./, '').replace(/\..*$/, '');
const nameOf = ({ address, call }: Flight): string =>
  `${shortName(address)}: ${call.src}${kindOf(address) === 'command' ? ` (${requestOf(call)?.type})` : ''}`;
