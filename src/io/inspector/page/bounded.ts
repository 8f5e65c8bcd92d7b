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

  clear(): void {
    this.#items = [];
  }
}
