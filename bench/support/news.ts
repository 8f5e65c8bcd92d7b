/** Things that happen, and waits for them that have an end. */
export class News<T> {
  readonly #listeners: ((item: T) => void)[] = [];
  readonly #waits = new Set<{ look(item: T): void }>();
  readonly #all: T[] = [];

  add(item: T): void {
    this.#all.push(item);
    for (const listener of this.#listeners) listener(item);
    for (const wait of [...this.#waits]) wait.look(item);
  }

  onEach(listener: (item: T) => void): void {
    this.#listeners.push(listener);
  }

  clear(): void {
    this.#all.length = 0;
  }

  /** The first, past or to come, that fits; rejects after the deadline and says what was waited for. */
  until(what: string, deadlineMs: number, fits: (item: T) => boolean): Promise<T> {
    const past = this.#all.find(fits);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const wait = {
        look: (item: T) => {
          if (!fits(item)) return;
          clearTimeout(timer);
          this.#waits.delete(wait);
          resolve(item);
        },
      };
      const timer = setTimeout(() => {
        this.#waits.delete(wait);
        reject(new Error(`Waited ${deadlineMs} ms in vain for ${what}.`));
      }, deadlineMs);
      this.#waits.add(wait);
    });
  }
}
