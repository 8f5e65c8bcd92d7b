import type { AnyEventObject } from 'xstate';
import type { Command } from '../../src/machines/domain/command.ts';
import { ACCOUNT, BREAKER, BRIDGE, commandAddress, kindOf, shortName, vehicleAddress } from './addresses.ts';
import { type Disturbance, endingsOf, type Flight, isGood, requestOf, tookEffect } from './cloud.ts';
import { Draft } from './draft.ts';
import type { Local, Locals, Timer } from './local.ts';
import { Mail } from './mail.ts';
import type { Mutation, Slice } from './slice.ts';
import type { Observer, World } from './world.ts';

/** One thing that may happen next. */
export interface Step {
  readonly label: string;
  /** What it costs: the steps without a price are those that lead to an end when nothing more arrives. */
  readonly cost: Disturbance | 'order' | null;
  readonly take: (observe: Observer) => World;
}

export class Steps {
  private readonly slice: Slice;
  private readonly locals: Locals;
  private readonly mail: Mail;

  constructor(slice: Slice, locals: Locals, mutation: Mutation) {
    this.slice = slice;
    this.locals = locals;
    this.mail = new Mail(locals, mutation.tamper);
  }

  draft(world: World, observe: Observer): Draft {
    return new Draft(world, this.locals, observe, this.mail, this.slice.mode === 'cascade');
  }

  /** Everything that may happen next, always in the same order. */
  of(world: World): Step[] {
    const inside = [...this.deliveries(world), ...this.endings(world)];
    const still = world.channels.size === 0 && world.flights.every(({ hangs }) => hangs);
    return [...inside, ...(still ? this.ripeTimers(world) : []), ...this.disturbances(world)];
  }

  private deliveries(world: World): Step[] {
    return [...world.channels].map(([channel, messages]) => ({
      label: `${channel.split('>').map(shortName).join(' → ')}: ${messages[0]?.event.type}`,
      cost: null,
      take: (observe) => this.change(world, observe, null, (draft) => draft.deliver(channel)),
    }));
  }

  private endings(world: World): Step[] {
    return world.flights.flatMap((flight) => [...this.endingsOf(world, flight), ...this.hangs(world, flight)]);
  }

  private endingsOf(world: World, flight: Flight): Step[] {
    const allowed = endingsOf(flight, world.cloud).filter(({ cost }) => cost === null || world.budgets[cost] > 0);
    const { call } = flight;
    return allowed.map(({ label, cost, output, cloud, delivers }) => ({
      label: `${nameOf(flight)} ends: ${label}`,
      cost,
      take: (observe) =>
        this.change(world, observe, cost, (draft) => {
          const event: AnyEventObject =
            output === undefined
              ? { type: `xstate.error.actor.${call.id}`, actorId: call.id, error: 'a bug' }
              : { type: `xstate.done.actor.${call.id}`, actorId: call.id, output };
          draft.cloud = cloud;
          draft.finish(flight, event, delivers);
        }),
    }));
  }

  private hangs(world: World, flight: Flight): Step[] {
    if (flight.hangs || world.budgets.hang === 0) return [];
    const request = requestOf(flight.call);
    const silent: Step = {
      label: `${nameOf(flight)} hangs`,
      cost: 'hang',
      take: (observe) => this.change(world, observe, 'hang', (draft) => draft.hang(flight)),
    };
    if (request?.type !== 'control') return [silent];
    const effective: Step = {
      label: `${nameOf(flight)} hangs, it took effect`,
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
    const due = [...world.actors].flatMap(([address, local]) =>
      local.timers.filter((timer) => isAwaited(local, timer)).map((timer) => ({ address, timer })),
    );
    const soonest = Math.min(...due.map(({ timer }) => timer.delayMs));
    return due
      .filter(({ timer }) => timer.delayMs === soonest)
      .map(({ address, timer }) => this.firing(world, address, timer, null));
  }

  private disturbances(world: World): Step[] {
    const { budgets } = world;
    const steps: Step[] = [];
    for (const at of this.eligible(world)) {
      const order = this.slice.orders[at];
      if (order === undefined) continue;
      steps.push({
        label: `${orderId(at)} is ordered: ${wish(order.command)} for ${order.car}`,
        cost: 'order',
        take: (observe) => this.issue(world, at, observe),
      });
    }
    if (budgets.expiry > 0 && isGood(world.cloud, world.cloud.generation)) {
      steps.push({
        label: 'the server revokes the tokens',
        cost: 'expiry',
        take: (observe) =>
          this.change(world, observe, 'expiry', (draft) => {
            draft.cloud = { ...world.cloud, good: 0 };
          }),
      });
    }
    for (const [address, local] of world.actors) {
      for (const timer of local.timers) {
        if (isRenewal(timer)) {
          if (budgets.renewal > 0) steps.push(this.firing(world, address, timer, 'renewal'));
        } else if (budgets.race > 0 && !isBackstop(timer) && !isForgetting(timer))
          steps.push(this.firing(world, address, timer, 'race'));
      }
      if (local.done || !hasBeenHeard(world, address)) continue;
      if (budgets.death > 0 && local.kind === 'command') steps.push(this.death(world, address, 'death'));
      if (budgets.restart > 0 && (local.kind === 'token' || local.kind === 'breaker')) {
        steps.push(this.death(world, address, 'restart'));
      }
      if (budgets.shutdown > 0 && local.kind === 'vehicle') steps.push(this.shutDown(world, address));
    }
    return steps;
  }

  private firing(world: World, address: string, timer: Timer, cost: Disturbance | null): Step {
    return {
      label: `${shortName(address)}: ${timerName(timer)} is over${cost === 'race' ? ' early' : ''}`,
      cost,
      take: (observe) =>
        this.change(world, observe, cost, (draft) => draft.fire(address, timer.event, cost === 'race')),
    };
  }

  /** The next order of each car. Of cars that have not begun and want the same, the first stands for all. */
  private eligible({ issued, actors }: World): number[] {
    const { orders, through } = this.slice;
    const isIssued = (at: number) => ((issued >> at) & 1) === 1;
    const wishes = (car: string) =>
      JSON.stringify(orders.filter((order) => order.car === car).map(({ command }) => command));
    const untouched = new Set<string>();
    const cars = new Set<string>();
    return orders.flatMap(({ car }, at) => {
      if (isIssued(at) || cars.has(car)) return [];
      cars.add(car);
      // The bridge knows of a car when the account has told it.
      if (through === 'vehicle' && !actors.has(vehicleAddress(car))) return [];
      const hasBegun = orders.some((order, other) => order.car === car && isIssued(other));
      if (hasBegun) return [at];
      const wish = wishes(car);
      if (untouched.has(wish)) return [];
      untouched.add(wish);
      return [at];
    });
  }

  private issue(world: World, at: number, observe: Observer): World {
    const { orders, settings, through } = this.slice;
    const order = orders[at];
    if (order === undefined) throw new Error('There is no such order.');
    const { car, command, expiresInMs = null } = order;
    const n = orders.slice(0, at + 1).filter((other) => other.car === car).length;
    const id = orderId(at);
    return this.change(world, observe, null, (draft) => {
      draft.issued |= 1 << at;
      if (through === 'vehicle') {
        draft.say(BRIDGE, vehicleAddress(car), { type: 'COMMAND', id, command, receivedAt: 0, expiresInMs });
        return;
      }
      const address = commandAddress(car, n);
      draft.spawn(address, { settings, id, n, car, command, expiresInMs });
      draft.say(vehicleAddress(car), address, { type: 'START' });
    });
  }

  /** XState tells the owner; where the slice leaves the owner out, what it would say is said for it. */
  private death(world: World, address: string, cost: 'death' | 'restart'): Step {
    const owner = ownerOf(address);
    return {
      label: `${shortName(address)} dies`,
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
      label: `${shortName(address)} is shut down`,
      cost: 'shutdown',
      take: (observe) =>
        this.change(world, observe, 'shutdown', (draft) => draft.say(ACCOUNT, address, { type: 'SHUT_DOWN' })),
    };
  }

  private change(world: World, observe: Observer, cost: Disturbance | null, work: (draft: Draft) => void): World {
    const draft = this.draft(world, observe);
    work(draft);
    return draft.done(cost);
  }
}

/** Within a process, what an actor said has arrived before anybody hears of its death. */
const hasBeenHeard = ({ channels }: World, address: string): boolean =>
  ![...channels.keys()].some((channel) => channel.startsWith(`${address}>`));

const wish = (command: Command): string => {
  if (command.name === 'lock') return command.action;
  return command.name === 'refresh' ? `${command.name} ${command.mode}` : command.name;
};
/** Names an order towards its sender. */
export const orderId = (at: number): string => `id${at + 1}`;

/** A place is a kind and a name, except for the token and the breaker, which need none. */
const ownerOf = (address: string): string => {
  const kind = kindOf(address);
  const levels = kind === 'token' || kind === 'breaker' ? -1 : -2;
  return address.split('/').slice(0, levels).join('/');
};

const isRenewal = ({ id }: Timer): boolean => id.includes('.renewal.');
/** Takes back permits that nobody returned: if it is ever needed, something is wrong. */
const isBackstop = ({ event }: Timer): boolean => event.body.type === 'PERMIT_OVERDUE';
const isForgetting = ({ event }: Timer): boolean => event.body.type.endsWith('_FORGOTTEN');
/** Visits are forgotten long after everything else; only a token at its limit waits for that. */
const isAwaited = (local: Local, timer: Timer): boolean =>
  !isRenewal(timer) && !isBackstop(timer) && (!isForgetting(timer) || local.value === 'failed.limited');

const timerName = ({ id }: Timer): string => id.replace(/^xstate\.after\./, '').replace(/\..*$/, '');
const nameOf = ({ address, call }: Flight): string =>
  `${shortName(address)}: ${call.src}${kindOf(address) === 'command' ? ` (${requestOf(call)?.type})` : ''}`;
