import type { AnyEventObject } from 'xstate';
import { childAddress, resolve } from '../../src/actors/addresses.ts';
import type { Address, Envelope } from '../../src/machines/domain/events.ts';
import { kindOf } from './addresses.ts';
import { type Cloud, DISTURBANCES, type Disturbance, type Flight, isGood } from './cloud.ts';
import type { Call, Interned, Local, LocalStep, Locals } from './local.ts';
import type { Mutation } from './slice.ts';

/** A message on its way. `from` and `at` are stamped into the event, as src/actors does. */
export interface Outgoing {
  readonly from: Address;
  readonly to: Address;
  readonly event: AnyEventObject;
}
interface Message {
  readonly from: Address;
  readonly to: Address;
  readonly event: Interned<AnyEventObject>;
}

/** A global state. Plain and immutable: a step makes another one. */
export interface World {
  readonly actors: ReadonlyMap<Address, Local>;
  /** By `from>to`, oldest first. Empty between the steps of a cascade. */
  readonly channels: ReadonlyMap<string, readonly Message[]>;
  readonly flights: readonly Flight[];
  readonly cloud: Cloud;
  /** Orders issued so far, as bits. */
  readonly issued: number;
  /** What may still go wrong. */
  readonly budgets: Readonly<Record<Disturbance, number>>;
  /** What each invariant remembers. */
  readonly ghosts: readonly string[];
}

/** One event taken by one actor: what invariants and traces look at. */
export interface Happening {
  readonly address: Address;
  readonly before: Local | null;
  readonly after: Local;
  readonly event: AnyEventObject;
  readonly sends: readonly Outgoing[];
  readonly started: readonly Call[];
  readonly aborted: readonly Flight[];
  /** The call that this event is the end of, and whether it reached the car. */
  readonly finished: Flight | null;
  readonly delivers: boolean;
  /** A timer that fired when nothing else could happen. */
  readonly timeOver: boolean;
}

/** Looks at every happening, and may change what it remembers (`ghosts`). */
export type Observer = (happening: Happening, ghosts: string[]) => void;

export const keyOf = (world: World): string => {
  const parts: string[] = [];
  for (const [address, local] of world.actors) parts.push(`${address}=${local.id}`);
  parts.sort();
  const queues: string[] = [];
  for (const [name, messages] of world.channels)
    queues.push(`${name}:${messages.map(({ event }) => event.id).join('.')}`);
  queues.sort();
  const flights = world.flights.map(
    ({ address, generation, goodAtStart, hangs }) =>
      `${address}${generation}${goodAtStart ? 'g' : 'b'}${hangs ? 'h' : ''}`,
  );
  flights.sort();
  const { cloud } = world;
  const budgets = DISTURBANCES.map((name) => world.budgets[name]).join('');
  return [parts, queues, flights, cloud.generation, cloud.good, cloud.done, world.issued, budgets, world.ghosts].join(
    '/',
  );
};

/** A step in the making. */
export class Draft {
  private readonly actors: Map<Address, Local>;
  private readonly channels: Map<string, readonly Message[]>;
  private flights: Flight[];
  private readonly ghosts: string[];
  private readonly world: World;
  private readonly locals: Locals;
  private readonly observe: Observer;
  private readonly mutation: Mutation;
  private readonly cascade: boolean;
  /** Actors that are taking an event, with what came for them meanwhile. */
  private readonly busy = new Map<Address, Message[]>();
  private timeOver = false;
  cloud: Cloud;
  issued: number;

  constructor(world: World, locals: Locals, observe: Observer, mutation: Mutation, cascade: boolean) {
    this.world = world;
    this.locals = locals;
    this.observe = observe;
    this.mutation = mutation;
    this.cascade = cascade;
    this.actors = new Map(world.actors);
    this.channels = new Map(world.channels);
    this.flights = [...world.flights];
    this.ghosts = [...world.ghosts];
    this.cloud = world.cloud;
    this.issued = world.issued;
  }

  done(cost: Disturbance | null): World {
    const { budgets } = this.world;
    return {
      actors: this.actors,
      channels: this.channels,
      flights: this.flights,
      cloud: this.cloud,
      issued: this.issued,
      budgets: cost === null ? budgets : { ...budgets, [cost]: budgets[cost] - 1 },
      ghosts: this.ghosts,
    };
  }

  spawn(address: Address, input: object): void {
    const kind = kindOf(address);
    if (kind === null) throw new Error(`Nobody can live at ${address}.`);
    const step = this.locals.born(kind, input);
    this.whileBusy(address, () => this.follow(address, null, { type: 'born' }, step, null, false));
  }

  /** Removes an actor without a word: it died. */
  bury(address: Address): void {
    this.actors.delete(address);
    this.flights = this.flights.filter((flight) => flight.address !== address);
    for (const name of [...this.channels.keys()]) if (name.endsWith(`>${address}`)) this.channels.delete(name);
  }

  /** From outside, or from an actor that the slice leaves out. */
  say(from: Address, to: Address, event: AnyEventObject): void {
    this.post({ from, to, event });
  }

  deliver(channel: string): void {
    const [head, ...rest] = this.channels.get(channel) ?? [];
    if (head === undefined) throw new Error(`Nothing in ${channel}.`);
    if (rest.length === 0) this.channels.delete(channel);
    else this.channels.set(channel, rest);
    this.take(head.to, head.event, null, false);
  }

  finish(flight: Flight, event: AnyEventObject, delivers: boolean): void {
    this.flights = this.flights.filter((other) => other !== flight);
    this.take(flight.address, this.locals.event(event), flight, delivers);
  }

  hang(flight: Flight): void {
    this.flights = this.flights.map((other) => (other === flight ? { ...flight, hangs: true } : other));
  }

  /** `early` when other things could still have happened. */
  fire(address: Address, event: Interned<AnyEventObject>, early: boolean): void {
    this.timeOver = !early;
    this.take(address, event, null, false);
  }

  private take(address: Address, event: Interned<AnyEventObject>, finished: Flight | null, delivers: boolean): void {
    this.whileBusy(address, () => this.process(address, event, finished, delivers));
  }

  /** What comes for an actor while it takes an event waits until that has been done with, its messages included. */
  private whileBusy(address: Address, work: () => void): void {
    const waiting: Message[] = [];
    this.busy.set(address, waiting);
    work();
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      this.process(address, next.event, null, false);
    }
    this.busy.delete(address);
  }

  private process(address: Address, event: Interned<AnyEventObject>, finished: Flight | null, delivers: boolean): void {
    const before = this.actors.get(address);
    if (before === undefined || before.done) return;
    const step = this.locals.step(before, event, finished?.call.id ?? null);
    this.follow(address, before, event.body, step, finished, delivers);
  }

  private follow(
    address: Address,
    before: Local | null,
    event: AnyEventObject,
    step: LocalStep,
    finished: Flight | null,
    delivers: boolean,
  ): void {
    const { after, effects, started } = step;
    this.actors.set(address, after);
    const aborted = this.flights.filter(
      (flight) => flight.address === address && step.aborted.includes(flight.call.id),
    );
    if (aborted.length > 0) this.flights = this.flights.filter((flight) => !aborted.includes(flight));
    for (const call of started) {
      const { generation } = this.cloud;
      this.flights.push({ address, call, generation, goodAtStart: isGood(this.cloud, generation), hangs: false });
    }
    const said = effects.map((effect) => (effect.type === 'send' ? this.said(address, effect.envelope) : []));
    const { timeOver } = this;
    this.timeOver = false;
    const happening = {
      address,
      before,
      after,
      event,
      sends: said.flat(),
      started,
      aborted,
      finished,
      delivers,
      timeOver,
    };
    this.observe(happening, this.ghosts);
    if (after.done) this.forget(address);
    for (const [at, effect] of effects.entries()) {
      if (effect.type === 'spawn') this.spawn(childAddress(address, effect.birth.id), effect.birth.input);
      if (effect.type === 'bury') this.bury(childAddress(address, effect.child));
      for (const message of said[at] ?? []) this.post(message);
    }
  }

  private said(from: Address, { to, event }: Envelope): readonly Outgoing[] {
    const outgoing = { from, to: resolve(from, to) ?? '', event: absolute(from, event) };
    return this.mutation.tamper?.(outgoing) ?? [outgoing];
  }

  /** Whoever has ended takes nothing any more, so what is on the way to it is as good as gone. */
  private forget(address: Address): void {
    for (const name of [...this.channels.keys()]) if (name.endsWith(`>${address}`)) this.channels.delete(name);
  }

  private post({ from, to, event }: Outgoing): void {
    const receiver = this.actors.get(to);
    if (receiver === undefined || receiver.done) return;
    this.pass({ from, to, event: this.locals.event({ ...event, from, at: 0 }) });
  }

  private pass(message: Message): void {
    if (!this.cascade) {
      const channel = `${message.from}>${message.to}`;
      this.channels.set(channel, [...(this.channels.get(channel) ?? []), message]);
      return;
    }
    const waiting = this.busy.get(message.to);
    if (waiting === undefined) this.take(message.to, message.event, null, false);
    else waiting.push(message);
  }
}

/** A supervisor names a dead child relative to itself; `send` makes the name absolute. */
function absolute(from: Address, event: AnyEventObject): AnyEventObject {
  return event.type === 'HOLDER_GONE' ? { ...event, holder: childAddress(from, String(event.holder)) } : event;
}
