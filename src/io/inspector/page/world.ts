import { Places } from '../places.ts';
import type { Entry, HealthEntry, LogEntry } from '../wire.ts';
import { ActorTable } from './actor-table.ts';
import { Bounded } from './bounded.ts';
import { type Hop, hopOf } from './hops.ts';
import type { StreamEntry } from './read-entry.ts';

const ENTRIES = 10_000;
const HOPS = 10_000;
const LOG_LINES = 5_000;
/** One a second: three minutes. */
const HEALTHS = 180;
/** A step is told when everything is over that it led to: seldom more than this. */
const LATE_STEPS = 200;

/** Everything the views show, built from entries alone: live, or as far as a recording has been played. */
export class World {
  readonly actors = new ActorTable();
  readonly entries = new Bounded<Entry>(ENTRIES);
  readonly hops = new Bounded<Hop>(HOPS);
  readonly log = new Bounded<LogEntry>(LOG_LINES);
  readonly healths = new Bounded<HealthEntry>(HEALTHS);
  readonly #places = new Places();
  readonly #placeOf = new WeakMap<Hop, number>();
  /** Of the newest entry, epoch ms; 0 if there is none. */
  at = 0;
  seq = 0;
  dropped = 0;
  /** Rises with every change. */
  revision = 0;

  apply(entry: StreamEntry): void {
    this.revision += 1;
    this.at = Math.max(this.at, entry.at);
    this.seq = Math.max(this.seq, entry.seq);
    switch (entry.type) {
      case 'bluelinkd.hello':
        return;
      case 'bluelinkd.dropped':
        this.dropped += entry.count;
        return;
      case 'bluelinkd.health':
        this.healths.add(entry);
        return;
      case 'bluelinkd.log':
        this.log.add(entry);
        break;
      case 'bluelinkd.call':
      case 'bluelinkd.message':
        break;
      default:
        this.actors.apply(entry);
    }
    this.entries.add(entry);
    const place = this.#placeFor(entry);
    const hop = hopOf(entry, this.actors);
    if (hop === null) return;
    this.#placeOf.set(hop, place);
    this.hops.insert(hop, (other) => (this.#placeOf.get(other) ?? 0) > place, LATE_STEPS);
  }

  #placeFor(entry: Entry): number {
    if (entry.type === '@xstate.event') this.#places.delivered(entry);
    return entry.type === '@xstate.snapshot' ? this.#places.stepped(entry) : entry.seq;
  }

  clear(): void {
    this.actors.clear();
    this.#places.clear();
    for (const list of [this.entries, this.hops, this.log, this.healths]) list.clear();
    this.at = 0;
    this.seq = 0;
    this.dropped = 0;
    this.revision += 1;
  }
}
