/** One thing that happened, kept in the cheapest form; what it looks like on the wire is made when somebody looks. */
export interface Kept<T> {
  readonly seq: number;
  readonly at: number;
  readonly seen: T;
  /** Its JSON, when it has been made. */
  text: string | null;
  /** What it counts for. */
  bytes: number;
}

export interface RingLimits {
  readonly count: number;
  readonly bytes: number;
}

/** The newest things, by number without a gap; the oldest go when there are too many or they are too large. */
export class Ring<T> {
  readonly #limits: RingLimits;
  readonly #items: (Kept<T> | undefined)[];
  #first = 1;
  #next = 1;
  #bytes = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
    this.#items = new Array<Kept<T> | undefined>(limits.count);
  }

  /** Number of the oldest; one more than `last` if there is none. */
  get first(): number {
    return this.#first;
  }

  /** Number of the newest; 0 before there was any. */
  get last(): number {
    return this.#next - 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(seen: T, at: number, bytes: number): Kept<T> {
    const kept: Kept<T> = { seq: this.#next, at, seen, text: null, bytes };
    if (this.#next - this.#first === this.#limits.count) this.#drop();
    this.#items[this.#next % this.#limits.count] = kept;
    this.#next += 1;
    this.#bytes += bytes;
    this.#fit();
    return kept;
  }

  at(seq: number): Kept<T> | undefined {
    return seq >= this.#first && seq < this.#next ? this.#items[seq % this.#limits.count] : undefined;
  }

  /** Counts the text that was made for it. */
  setText(kept: Kept<T>, text: string): void {
    kept.text = text;
    // What it was estimated at stays: the thing itself is kept, too.
    if (this.at(kept.seq) !== kept) return;
    kept.bytes += text.length;
    this.#bytes += text.length;
    this.#fit();
  }

  /** In order; all from number `from` on, but at most the newest `limit`. */
  newest(limit: number, from = this.#first): readonly Kept<T>[] {
    const begin = Math.max(this.#first, from, this.#next - limit);
    const found: Kept<T>[] = [];
    for (let seq = begin; seq < this.#next; seq += 1) {
      const kept = this.at(seq);
      if (kept !== undefined) found.push(kept);
    }
    return found;
  }

  #fit(): void {
    while (this.#bytes > this.#limits.bytes && this.#first < this.#next) this.#drop();
  }

  #drop(): void {
    const at = this.#first % this.#limits.count;
    this.#bytes -= this.#items[at]?.bytes ?? 0;
    this.#items[at] = undefined;
    this.#first += 1;
  }
}
