/** For what should come at once; long, because the machine may be busy. */
const DEADLINE_MS = 15_000;

/** Things that happened, and a way to wait for one that has, or will have, happened. */
export class Happenings<T> {
  readonly all: T[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #deadlineMs: number;

  /** @param deadlineMs of whoever waits and says nothing else. */
  constructor(deadlineMs = DEADLINE_MS) {
    this.#deadlineMs = deadlineMs;
  }

  add(item: T): void {
    this.all.push(item);
    for (const look of [...this.#waiting]) look();
  }

  /** @returns the first item from position `from` on that matches; rejects after a deadline. */
  next(what: string, matches: (item: T) => boolean = () => true, from = 0, deadlineMs = this.#deadlineMs): Promise<T> {
    return this.until(what, () => this.all.slice(from).find(matches), deadlineMs);
  }

  /** Resolves when there are `count` items that match. */
  async count(
    what: string,
    count: number,
    matches: (item: T) => boolean = () => true,
    deadlineMs = this.#deadlineMs,
  ): Promise<T[]> {
    await this.until(`${count} × ${what}`, () => this.all.filter(matches).length >= count || undefined, deadlineMs);
    return this.all.filter(matches);
  }

  /** @returns the first thing that `find` makes of what has happened; it is asked again whenever something happens. */
  until<R>(what: string, find: () => R | undefined, deadlineMs = this.#deadlineMs): Promise<R> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        if (found === undefined) return false;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
        return true;
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`Waited ${deadlineMs} ms in vain for ${what}.`));
      }, deadlineMs);
      if (!look()) this.#waiting.add(look);
    });
  }
}
