import type { Clean } from './cleaner.ts';
import { Entries } from './entries.ts';
import { type Kept, Ring, type RingLimits } from './ring.ts';
import type { Seen } from './seen.ts';
import type { Entry } from './wire.ts';

const LIMITS: RingLimits = { count: 10_000, bytes: 24 * 1024 * 1024 };
/** What a thing that is kept takes, without its text: references to what the actors made, and a few objects of its own. */
const BYTES_KEPT = 600;

export interface FeedOptions {
  /** Takes out of a text what must not be read. */
  readonly clean: Clean;
  readonly limits?: RingLimits;
}

/** Everything of the last while, and who wants to know when there is more. */
export class Feed {
  readonly #ring: Ring<Seen>;
  readonly #entries: Entries;
  readonly #listeners = new Set<() => void>();

  constructor({ clean, limits = LIMITS }: FeedOptions) {
    this.#ring = new Ring(limits);
    this.#entries = new Entries(clean);
  }

  get first(): number {
    return this.#ring.first;
  }

  get last(): number {
    return this.#ring.last;
  }

  get bytes(): number {
    return this.#ring.bytes;
  }

  /** @param bytes of what it holds besides. */
  add(seen: Seen, at: number, bytes = 0): Kept<Seen> {
    const kept = this.#ring.push(seen, at, BYTES_KEPT + bytes);
    for (const listener of this.#listeners) listener();
    return kept;
  }

  /** Called for everything that is added: must be quick, and must not throw. Answers how to stop that. */
  onAdded(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  at(seq: number): Kept<Seen> | undefined {
    return this.#ring.at(seq);
  }

  newest(limit: number): readonly Kept<Seen>[] {
    return this.#ring.newest(limit);
  }

  entryOf(kept: Kept<Seen>): Entry {
    return this.#entries.of(kept);
  }

  /** One line of JSON. */
  textOf(kept: Kept<Seen>): string {
    if (kept.text !== null) return kept.text;
    const text = JSON.stringify(this.#entries.of(kept));
    this.#ring.setText(kept, text);
    return text;
  }
}
