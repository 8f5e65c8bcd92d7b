import type { Address } from '../../src/machines/domain/events.ts';
import { type Cloud, DISTURBANCES, type Disturbance, type Flight } from './cloud.ts';
import type { Call, Local } from './local.ts';
import type { Message } from './mail.ts';
import { Renamings } from './renamings.ts';
import type { Slice } from './slice.ts';
import type { Budgets, Channel, Memory, Purse, Share } from './world.ts';

/** Kinds of parts, so that equal texts of different ones are told apart. */
const ACTOR = 1;
const MESSAGE = 2;
const FLIGHT = 3;
const CLOUD = 4;
const PURSE = 5;
const ORDER = 6;
const GHOST = 7;

/**
 * The parts of the global states of one slice, each made once: equal ones are one object, which knows its share of the
 * hash of every state that it is in.
 */
export class Parts {
  readonly renamings: Renamings;
  private readonly actors = new Map<Local, Map<Address, Share>>();
  private readonly channels = new Map<Address, Map<Address, KnownChannel>>();
  private readonly flights = new Map<Call, Flight[]>();
  private readonly flightShares = new Map<Flight, Share>();
  private readonly clouds = new Map<string, Cloud>();
  private readonly cloudShares = new Map<Cloud, Share>();
  private readonly purses = new Map<string, Purse>();
  private readonly afterSpending = new Map<Purse, Map<Disturbance, Purse>>();
  private readonly ghosts: Map<string, Share>[] = [];
  private readonly memories = new Map<string, Memory>();
  private readonly orders: readonly Share[];

  constructor(slice: Slice) {
    this.renamings = new Renamings(slice);
    const { orders } = slice;
    this.orders = orders.map(({ car }, at) => {
      const place = orders.slice(0, at).filter((order) => order.car === car).length;
      return this.renamings.share(ORDER, [car, ''], place);
    });
  }

  shareOfActor(address: Address, local: Local): Share {
    const byAddress = this.actors.get(local) ?? new Map<Address, Share>();
    const known = byAddress.get(address);
    if (known !== undefined) return known;
    const share = this.renamings.share(ACTOR, [address, local.key]);
    this.actors.set(local, byAddress.set(address, share));
    return share;
  }

  shareOfOrder(at: number): Share {
    return this.orders[at] ?? this.renamings.share(ORDER, ['', ''], at);
  }

  /** Null stands for a channel in which nothing waits. */
  pushed(channel: Channel | null, message: Message): Channel {
    return (channel === null ? this.empty(message) : (channel as KnownChannel)).pushed(message);
  }

  /** What is left when the oldest message has been taken. */
  shifted(channel: Channel): Channel | null {
    const [, ...rest] = channel.messages;
    return rest.reduce<Channel | null>((left, message) => this.pushed(left, message), null);
  }

  private empty({ from, to }: Message): KnownChannel {
    const bySender = this.channels.get(from) ?? new Map<Address, KnownChannel>();
    const known =
      bySender.get(to) ?? new KnownChannel(from, to, [], new Int32Array(this.renamings.width), this.renamings);
    this.channels.set(from, bySender.set(to, known));
    return known;
  }

  flight(address: Address, call: Call, generation: number, goodAtStart: boolean, hangs: boolean): Flight {
    const ofCall = this.flights.get(call) ?? [];
    for (const known of ofCall) {
      const isSame = known.generation === generation && known.goodAtStart === goodAtStart && known.hangs === hangs;
      if (isSame && known.address === address) return known;
    }
    const flight: Flight = { address, call, generation, goodAtStart, hangs };
    this.flights.set(call, [...ofCall, flight]);
    const more = generation * 4 + (goodAtStart ? 2 : 0) + (hangs ? 1 : 0);
    // What it asks is in the state of who asks.
    this.flightShares.set(flight, this.renamings.share(FLIGHT, [address, call.id], more));
    return flight;
  }

  shareOfFlight(flight: Flight): Share {
    const share = this.flightShares.get(flight);
    if (share === undefined) throw new Error(`${flight.address} has a call that is not known.`);
    return share;
  }

  cloud(cloud: Cloud): Cloud {
    const text = `${cloud.generation}/${cloud.good}/${cloud.done.join()}`;
    const known = this.clouds.get(text);
    if (known !== undefined) return known;
    this.clouds.set(text, cloud);
    const more = cloud.generation * 65_536 + cloud.good;
    this.cloudShares.set(cloud, this.renamings.sortedShare(CLOUD, JSON.stringify(cloud.done), more));
    return cloud;
  }

  shareOfCloud(cloud: Cloud): Share {
    const share = this.cloudShares.get(cloud);
    if (share === undefined) throw new Error('There is a cloud that is not known.');
    return share;
  }

  purse(left: Budgets, spent: number): Purse {
    const text = DISTURBANCES.map((name) => left[name]).join();
    const known = this.purses.get(text);
    if (known !== undefined) return known;
    const purse: Purse = { left, spent, share: this.renamings.share(PURSE, [text, '']) };
    this.purses.set(text, purse);
    return purse;
  }

  spent(purse: Purse, cost: Disturbance): Purse {
    const after = this.afterSpending.get(purse) ?? new Map<Disturbance, Purse>();
    const known = after.get(cost);
    if (known !== undefined) return known;
    const poorer = this.purse({ ...purse.left, [cost]: purse.left[cost] - 1 }, purse.spent + 1);
    this.afterSpending.set(purse, after.set(cost, poorer));
    return poorer;
  }

  memory(ghosts: readonly string[]): Memory {
    const text = ghosts.join('\n');
    const known = this.memories.get(text);
    if (known !== undefined) return known;
    const share = new Int32Array(this.renamings.width);
    ghosts.forEach((ghost, at) => {
      if (ghost !== '') add(share, this.shareOfGhost(ghost, at));
    });
    const memory: Memory = { ghosts, share, next: new Map() };
    this.memories.set(text, memory);
    return memory;
  }

  private shareOfGhost(ghost: string, at: number): Share {
    const ofInvariant = this.ghosts[at] ?? new Map<string, Share>();
    const share = ofInvariant.get(ghost) ?? this.renamings.sortedShare(GHOST, ghost, at);
    this.ghosts[at] = ofInvariant.set(ghost, share);
    return share;
  }
}

class KnownChannel implements Channel {
  readonly from: Address;
  readonly to: Address;
  readonly messages: readonly Message[];
  readonly share: Share;
  private readonly renamings: Renamings;
  private readonly longer = new Map<number, KnownChannel>();

  constructor(from: Address, to: Address, messages: readonly Message[], share: Share, renamings: Renamings) {
    this.from = from;
    this.to = to;
    this.messages = messages;
    this.share = share;
    this.renamings = renamings;
  }

  pushed(message: Message): KnownChannel {
    const { id, body } = message.letter;
    const known = this.longer.get(id);
    if (known !== undefined) return known;
    const share = this.renamings.share(
      MESSAGE,
      [`${this.from}>${this.to}`, JSON.stringify(body)],
      this.messages.length,
    );
    add(share, this.share);
    const longer = new KnownChannel(this.from, this.to, [...this.messages, message], share, this.renamings);
    this.longer.set(id, longer);
    return longer;
  }
}

export function add(sums: Int32Array, share: Share): void {
  for (let at = 0; at < share.length; at += 1) sums[at] = (sums[at] as number) + (share[at] as number);
}
export function subtract(sums: Int32Array, share: Share): void {
  for (let at = 0; at < share.length; at += 1) sums[at] = (sums[at] as number) - (share[at] as number);
}
