import type { AnyEventObject } from 'xstate';
import { childAddress } from '../../src/actors/addresses.ts';
import type { Address } from '../../src/machines/domain/events.ts';
import { kindOf } from './addresses.ts';
import { type Cloud, type Disturbance, type Flight, isGood } from './cloud.ts';
import type { Effect, Interned, Local, LocalStep, Locals } from './local.ts';
import type { Mail, Message } from './mail.ts';
import { budgetKeyOf, type Observer, type World } from './world.ts';

const NONE: readonly never[] = [];

/** A step in the making. */
export class Draft {
  private readonly actors: Map<Address, Local>;
  /** Those of the world, until one changes. */
  private channels: ReadonlyMap<string, readonly Message[]>;
  private flights: Flight[];
  private readonly ghosts: string[];
  private readonly world: World;
  private readonly locals: Locals;
  private readonly observe: Observer;
  private readonly mail: Mail;
  private readonly cascade: boolean;
  /** Actors that are taking an event, with what came for them meanwhile. */
  private readonly busy = new Map<Address, Message[]>();
  private timeOver = false;
  /** The next report to the breaker gets lost. */
  losesReport = false;
  cloud: Cloud;
  issued: number;

  constructor(world: World, locals: Locals, observe: Observer, mail: Mail, cascade: boolean) {
    this.world = world;
    this.locals = locals;
    this.observe = observe;
    this.mail = mail;
    this.cascade = cascade;
    this.actors = new Map(world.actors);
    this.channels = world.channels;
    this.flights = [...world.flights];
    this.ghosts = [...world.ghosts];
    this.cloud = world.cloud;
    this.issued = world.issued;
  }

  done(cost: Disturbance | null): World {
    const { budgets } = this.world;
    const left = cost === null ? budgets : { ...budgets, [cost]: budgets[cost] - 1 };
    return {
      actors: this.actors,
      channels: this.channels,
      flights: this.flights,
      cloud: this.cloud,
      issued: this.issued,
      budgets: left,
      budgetKey: cost === null ? this.world.budgetKey : budgetKeyOf(left),
      ghosts: this.ghosts,
    };
  }

  spawn(address: Address, input: object): void {
    const kind = kindOf(address);
    if (kind === null) throw new Error(`Nobody can live at ${address}.`);
    const step = this.locals.born(kind, input);
    this.whileBusy(address, () => this.follow(address, null, { type: 'born' }, step, null, false));
  }

  /** Removes an actor, and whoever lives under it, without a word: it died. */
  bury(address: Address): void {
    const gone = (other: Address) => other === address || other.startsWith(`${address}/`);
    for (const other of [...this.actors.keys()]) if (gone(other)) this.actors.delete(other);
    this.flights = this.flights.filter((flight) => !gone(flight.address));
    this.dropChannels((name) => gone(name.slice(name.indexOf('>') + 1)));
  }

  /** From outside, or from an actor that the slice leaves out. */
  say(from: Address, to: Address, event: AnyEventObject): void {
    this.post(this.mail.stamped({ from, to, event }));
  }

  deliver(channel: string): void {
    const [head, ...rest] = this.channels.get(channel) ?? [];
    if (head === undefined) throw new Error(`Nothing in ${channel}.`);
    const channels = new Map(this.channels);
    if (rest.length === 0) channels.delete(channel);
    else channels.set(channel, rest);
    this.channels = channels;
    this.take(head.to, head.letter, null, false);
  }

  finish(flight: Flight, event: Interned<AnyEventObject>, delivers: boolean): void {
    this.flights = this.flights.filter((other) => other !== flight);
    this.take(flight.address, event, flight, delivers);
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
      this.process(address, next.letter, null, false);
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
    const aborted = step.aborted.length === 0 ? NONE : this.abort(address, step.aborted);
    for (const call of started) {
      const { generation } = this.cloud;
      this.flights.push({ address, call, generation, goodAtStart: isGood(this.cloud, generation), hangs: false });
    }
    const said = effects.map((effect) => (effect.type === 'send' ? this.mail.of(address, effect) : NONE));
    const { timeOver } = this;
    this.timeOver = false;
    const happening = {
      address,
      before,
      after,
      event,
      sends: said.length === 1 ? (said[0] ?? NONE) : said.flat(),
      started,
      aborted,
      finished,
      delivers,
      timeOver,
    };
    this.observe(happening, this.ghosts);
    if (after.done) this.forget(address);
    for (let at = 0; at < effects.length; at += 1) {
      const effect = effects[at] as Effect;
      if (effect.type === 'spawn') this.spawn(childAddress(address, effect.birth.id), effect.birth.input);
      if (effect.type === 'bury') this.bury(childAddress(address, effect.child));
      for (const message of said[at] ?? NONE) this.post(message);
    }
  }

  private abort(address: Address, calls: readonly string[]): readonly Flight[] {
    const isAborted = (flight: Flight) => flight.address === address && calls.includes(flight.call.id);
    const aborted = this.flights.filter(isAborted);
    if (aborted.length > 0) this.flights = this.flights.filter((flight) => !isAborted(flight));
    return aborted;
  }

  /** Whoever has ended takes nothing any more, so what is on the way to it is as good as gone. */
  private forget(address: Address): void {
    this.dropChannels((name) => name.endsWith(`>${address}`));
  }

  private dropChannels(isGone: (name: string) => boolean): void {
    if (this.channels.size === 0) return;
    this.channels = new Map([...this.channels].filter(([name]) => !isGone(name)));
  }

  private post(message: Message): void {
    if (this.losesReport && message.event.type.startsWith('REPORT_')) {
      this.losesReport = false;
      return;
    }
    const receiver = this.actors.get(message.to);
    if (receiver !== undefined && !receiver.done) this.pass(message);
  }

  private pass(message: Message): void {
    if (!this.cascade) {
      const channel = `${message.from}>${message.to}`;
      this.channels = new Map(this.channels).set(channel, [...(this.channels.get(channel) ?? []), message]);
      return;
    }
    const waiting = this.busy.get(message.to);
    if (waiting === undefined) this.take(message.to, message.letter, null, false);
    else waiting.push(message);
  }
}
