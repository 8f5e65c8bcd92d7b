/** The newest things, oldest first. Adding is cheap: what is too old goes in batches. */
export class Bounded<T> {
  readonly #limit: number;
  #items: T[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** May hold up to an eighth more than the limit for a while. */
  get items(): readonly T[] {
    return this.#items;
  }

  get newest(): T | undefined {
    return this.#items.at(-1);
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length > this.#limit * 1.125) this.#items = this.#items.slice(-this.#limit);
  }

  /** Before those of the newest that `isAfter` says it of, but not farther from the end than `reach`. */
  insert(item: T, isAfter: (other: T) => boolean, reach: number): void {
    let at = this.#items.length;
    const first = Math.max(0, at - reach);
    for (; at > first; at -= 1) {
      const other = this.#items[at - 1];
      if (other === undefined || !isAfter(other)) break;
    }
    if (at === this.#items.length) this.add(item);
    else this.#items.splice(at, 0, item);
  }

  clear(): void {
    this.#items = [];
  }
}
