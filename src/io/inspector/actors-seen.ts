import type {
  Actor,
  DeliveredTo,
  Facts,
  Observation,
  Started,
  Stepped,
  Stopped,
} from '../../actors/observe/observation.ts';
import type { Feed } from './feed.ts';
import type { Kept } from './ring.ts';
import type { Known, Seen } from './seen.ts';
import type { Fields } from './wire.ts';

interface Living extends Known {
  readonly actor: Actor;
  readonly started: Kept<Seen>;
  stepped: Kept<Seen> | null;
  value: readonly string[];
  facts: Facts | null;
}

const NO_FACTS: Fields = {};

/** Puts what the actors do into the feed, and knows who lives. */
export class ActorsSeen {
  readonly #feed: Feed;
  readonly #nameOf: (car: string) => string;
  readonly #living = new Map<string, Living>();

  /** @param nameOf the name in topics of a car, by the cloud's id. */
  constructor(feed: Feed, nameOf: (car: string) => string) {
    this.#feed = feed;
    this.#nameOf = nameOf;
  }

  observe(observation: Observation): void {
    switch (observation.type) {
      case 'delivered':
        this.#delivered(observation);
        return;
      case 'stepped':
        this.#stepped(observation);
        return;
      case 'started':
        this.#started(observation);
        return;
      case 'stopped':
        this.#stopped(observation);
        return;
    }
  }

  /** Of each that lives: its start, then its newest step, with the numbers that they had. At most so many actors. */
  snapshot(limit: number): readonly Kept<Seen>[] {
    const found: Kept<Seen>[] = [];
    let left = limit;
    for (const { started, stepped } of this.#living.values()) {
      if (left === 0) break;
      left -= 1;
      found.push(started);
      if (stepped !== null) found.push(stepped);
    }
    return found;
  }

  /** The starts of those who took part in this and still live, also where they are long gone from the ring: they have the names. */
  startsIn(all: readonly Kept<Seen>[]): readonly Kept<Seen>[] {
    const addresses = new Set<string | null>();
    for (const { seen } of all) {
      if (seen.type === 'delivered') addresses.add(seen.observation.actor.address).add(seen.observation.from);
    }
    return [...addresses].flatMap((address) => this.#living.get(address ?? '')?.started ?? []);
  }

  get size(): number {
    return this.#living.size;
  }

  #started(observation: Started): void {
    const { actor, at } = observation;
    const known = { address: actor.address, name: this.#nameFor(actor), commandId: null };
    const kept = this.#feed.add({ type: 'started', observation, known }, at);
    const living = Object.assign(known, { actor, started: kept, stepped: null, value: [], facts: null });
    this.#living.set(actor.address, living);
  }

  #delivered(observation: DeliveredTo): void {
    const { actor, from, at } = observation;
    const command = this.#commandAt(actor.address) ?? (from === null ? null : this.#commandAt(from));
    this.#feed.add({ type: 'delivered', observation, command }, at);
  }

  #stepped(observation: Stepped): void {
    const { actor, at, to, facts } = observation;
    const living = this.#living.get(actor.address);
    if (living === undefined) return;
    living.value = to;
    living.facts = facts;
    if (facts.kind === 'command' && living.commandId === null) {
      living.commandId = facts.id;
      if (actor.kind === 'command') living.name = `${facts.command} #${actor.address.split('/').at(-1)}`;
    }
    const deadlines = observation.deadlines();
    living.stepped = this.#feed.add({ type: 'stepped', observation, known: living, deadlines }, at);
  }

  #stopped(observation: Stopped): void {
    const { actor, at } = observation;
    const living = this.#living.get(actor.address);
    if (living === undefined) return;
    this.#living.delete(actor.address);
    const facts = living.facts === null ? NO_FACTS : (living.facts as unknown as Fields);
    this.#feed.add({ type: 'stopped', observation, known: living, value: living.value, facts }, at);
  }

  #commandAt(address: string): Living | null {
    const living = this.#living.get(address);
    return living !== undefined && living.actor.kind === 'command' ? living : null;
  }

  #nameFor({ kind, address, account }: Actor): string {
    const last = address.split('/').at(-1) ?? address;
    switch (kind) {
      case 'vehicle':
        return this.#nameOf(last);
      case 'account':
        return account ?? last;
      case 'command':
        return `command ${last}`;
      default:
        return kind;
    }
  }
}
