import type { AnyEventObject } from 'xstate';
import { childAddress } from '../../src/actors/addresses.ts';
import type { Address } from '../../src/machines/domain/events.ts';
import { kindOf } from './addresses.ts';
import { Changes } from './changes.ts';
import { type Cloud, type Disturbance, type Flight, isGood } from './cloud.ts';
import { type Followed, Happenings } from './happenings.ts';
import type { Interned, Local, LocalStep, Locals } from './local.ts';
import type { Mail, Message } from './mail.ts';
import { add, type Parts, subtract } from './parts.ts';
import type { Channel, Memory, Observer, Purse, World } from './world.ts';

const NONE: readonly never[] = [];
const BORN: AnyEventObject = { type: 'born' };

/**
 * A step in the making: what it changes of a world, and the hashes of what comes out. One is enough for all steps, one
 * after the other; the world itself is made only when somebody wants it.
 */
export class Draft {
  /** The sums of the shares of all parts, for every renaming of the cars. */
  readonly sums: Int32Array;
  /** The next report to the breaker gets lost. */
  losesReport = false;
  private world: World;
  private readonly actors = new Changes();
  private channels: readonly Channel[];
  private flights: readonly Flight[];
  private cloud: Cloud;
  private issued: number;
  private purse: Purse;
  private memory: Memory;
  private timeOver = false;
  /** Actors that are taking an event, with what came for them meanwhile. */
  private readonly busy = new Map<Address, Message[]>();
  private readonly locals: Locals;
  private readonly parts: Parts;
  private readonly happenings: Happenings;
  private readonly cascade: boolean;
  private observe: Observer = (_, memory) => memory;

  constructor(first: World, locals: Locals, mail: Mail, parts: Parts, cascade: boolean) {
    this.locals = locals;
    this.parts = parts;
    this.happenings = new Happenings(mail);
    this.cascade = cascade;
    this.sums = new Int32Array(parts.renamings.width);
    this.world = first;
    this.channels = first.channels;
    this.flights = first.flights;
    this.cloud = first.cloud;
    this.issued = first.issued;
    this.purse = first.purse;
    this.memory = first.memory;
  }

  /** `sums` are those of this world, from `at` on; without them they are made. */
  begin(world: World, observe: Observer, sums?: Int32Array, at = 0): void {
    this.world = world;
    this.observe = observe;
    this.actors.begin(world.actors);
    this.channels = world.channels;
    this.flights = world.flights;
    this.cloud = world.cloud;
    this.issued = world.issued;
    this.purse = world.purse;
    this.memory = world.memory;
    this.losesReport = false;
    this.timeOver = false;
    this.busy.clear();
    if (sums === undefined) this.sum();
    else for (let lane = 0; lane < this.sums.length; lane += 1) this.sums[lane] = sums[at + lane] as number;
  }

  done(): World {
    const { channels, flights, cloud, issued, purse, memory } = this;
    const actors = this.actors.done();
    return { actors, channels, flights, cloud, issued, purse, memory, budgets: purse.left };
  }

  spend(cost: Disturbance): void {
    const poorer = this.parts.spent(this.purse, cost);
    this.exchange(this.purse.share, poorer.share);
    this.purse = poorer;
  }

  issue(at: number): void {
    add(this.sums, this.parts.shareOfOrder(at));
    this.issued |= 1 << at;
  }

  setCloud(cloud: Cloud): void {
    if (cloud === this.cloud) return;
    this.exchange(this.parts.shareOfCloud(this.cloud), this.parts.shareOfCloud(cloud));
    this.cloud = cloud;
  }

  spawn(address: Address, input: object): void {
    const kind = kindOf(address);
    if (kind === null) throw new Error(`Nobody can live at ${address}.`);
    const step = this.locals.born(kind, input);
    this.whileBusy(address, () => this.follow(address, null, BORN, step, null, false));
  }

  /** Removes an actor, and whoever lives under it, without a word: it died. */
  bury(address: Address): void {
    const gone = (other: Address) => other === address || other.startsWith(`${address}/`);
    for (const other of this.actors.addresses()) if (gone(other)) this.set(other, null);
    for (const flight of this.flights) if (gone(flight.address)) this.land(flight);
    this.dropChannels(gone);
  }

  deliver(channel: Channel): void {
    const [head] = channel.messages;
    if (head === undefined) throw new Error(`Nothing from ${channel.from} to ${channel.to}.`);
    this.replace(channel, this.parts.shifted(channel));
    this.take(head.to, head.letter, null, false);
  }

  finish(flight: Flight, event: Interned<AnyEventObject>, delivers: boolean): void {
    this.land(flight);
    this.take(flight.address, event, flight, delivers);
  }

  hang(flight: Flight): void {
    const { address, call, generation, goodAtStart } = flight;
    const hanging = this.parts.flight(address, call, generation, goodAtStart, true);
    this.exchange(this.parts.shareOfFlight(flight), this.parts.shareOfFlight(hanging));
    this.flights = this.flights.map((other) => (other === flight ? hanging : other));
  }

  /** `early` when other things could still have happened. */
  fire(address: Address, event: Interned<AnyEventObject>, early: boolean): void {
    this.timeOver = !early;
    this.take(address, event, null, false);
  }

  /** From an actor, from outside, or from an actor that the slice leaves out. */
  post(message: Message): void {
    if (this.losesReport && message.event.type.startsWith('REPORT_')) {
      this.losesReport = false;
      return;
    }
    const receiver = this.actors.get(message.to);
    if (receiver === null || receiver.done) return;
    if (this.cascade) {
      const waiting = this.busy.get(message.to);
      if (waiting === undefined) this.take(message.to, message.letter, null, false);
      else waiting.push(message);
      return;
    }
    const channel = this.channels.find(({ from, to }) => from === message.from && to === message.to) ?? null;
    this.replace(channel, this.parts.pushed(channel, message));
  }

  private set(address: Address, local: Local | null): void {
    const before = this.actors.get(address);
    if (before === local) return;
    if (before !== null) subtract(this.sums, this.parts.shareOfActor(address, before));
    if (local !== null) add(this.sums, this.parts.shareOfActor(address, local));
    this.actors.set(address, local);
  }

  private take(address: Address, event: Interned<AnyEventObject>, finished: Flight | null, delivers: boolean): void {
    if (this.cascade) this.whileBusy(address, () => this.process(address, event, finished, delivers));
    else this.process(address, event, finished, delivers);
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
    if (before === null || before.done) return;
    this.follow(
      address,
      before,
      event.body,
      this.locals.step(before, event, finished?.call.id ?? null),
      finished,
      delivers,
    );
  }

  private follow(
    address: Address,
    before: Local | null,
    event: AnyEventObject,
    step: LocalStep,
    finished: Flight | null,
    delivers: boolean,
  ): void {
    const { after, started } = step;
    this.set(address, after);
    const aborted = step.aborted.length === 0 ? NONE : this.abort(address, step.aborted);
    for (const call of started) {
      const { generation } = this.cloud;
      const flight = this.parts.flight(address, call, generation, isGood(this.cloud, generation), false);
      add(this.sums, this.parts.shareOfFlight(flight));
      this.flights = [...this.flights, flight];
    }
    const { timeOver } = this;
    this.timeOver = false;
    const followed = this.happenings.of({ address, before, event, step, aborted, finished, delivers, timeOver });
    const memory = this.observe(followed.happening, this.memory);
    if (memory !== this.memory) this.exchange(this.memory.share, memory.share);
    this.memory = memory;
    if (after.done) this.dropChannels((to) => to === address);
    this.carryOut(address, step, followed);
  }

  private carryOut(address: Address, { effects }: LocalStep, { said }: Followed): void {
    for (let at = 0; at < effects.length; at += 1) {
      const effect = effects[at];
      if (effect?.type === 'spawn') this.spawn(childAddress(address, effect.birth.id), effect.birth.input);
      if (effect?.type === 'bury') this.bury(childAddress(address, effect.child));
      for (const message of said[at] ?? NONE) this.post(message);
    }
  }

  private abort(address: Address, calls: readonly string[]): readonly Flight[] {
    const aborted = this.flights.filter((flight) => flight.address === address && calls.includes(flight.call.id));
    for (const flight of aborted) this.land(flight);
    return aborted;
  }

  private land(flight: Flight): void {
    subtract(this.sums, this.parts.shareOfFlight(flight));
    this.flights = this.flights.filter((other) => other !== flight);
  }

  /** Whoever is gone takes nothing any more, so what is on the way to it is as good as gone. */
  private dropChannels(isGone: (to: Address) => boolean): void {
    for (const channel of this.channels) if (isGone(channel.to)) this.replace(channel, null);
  }

  /** Null: a channel in which nothing waits. */
  private replace(before: Channel | null, after: Channel | null): void {
    if (before !== null) subtract(this.sums, before.share);
    if (after !== null) add(this.sums, after.share);
    if (before === null) this.channels = after === null ? this.channels : [...this.channels, after];
    else if (after === null) this.channels = this.channels.filter((other) => other !== before);
    else this.channels = this.channels.map((other) => (other === before ? after : other));
  }

  private exchange(before: Int32Array, after: Int32Array): void {
    subtract(this.sums, before);
    add(this.sums, after);
  }

  private sum(): void {
    const { sums, parts } = this;
    sums.fill(0);
    for (const [address, local] of this.world.actors) add(sums, parts.shareOfActor(address, local));
    for (const { share } of this.channels) add(sums, share);
    for (const flight of this.flights) add(sums, parts.shareOfFlight(flight));
    add(sums, parts.shareOfCloud(this.cloud));
    add(sums, this.purse.share);
    add(sums, this.memory.share);
    for (let at = 0; at < 31; at += 1) if (((this.issued >> at) & 1) === 1) add(sums, parts.shareOfOrder(at));
  }
}
