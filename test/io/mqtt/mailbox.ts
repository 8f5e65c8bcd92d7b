import type { BusListener, InboundMessage } from '../../../src/actors/ports.ts';

const DEADLINE_MS = 8_000;

/** Things that happened, and a way to wait for one that has, or will have, happened. */
export class Happenings<T> {
  readonly all: T[] = [];
  readonly #waiting = new Set<() => void>();

  add(item: T): void {
    this.all.push(item);
    for (const look of this.#waiting) look();
  }

  /** @returns the first item from position `from` on that matches; rejects after a deadline. */
  next(what: string, matches: (item: T) => boolean = () => true, from = 0): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.all.slice(from).find(matches);
        if (found === undefined) return false;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
        return true;
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`Waited in vain for ${what}.`));
      }, DEADLINE_MS);
      if (!look()) this.#waiting.add(look);
    });
  }

  /** Resolves when there are `count` items that match. */
  async count(what: string, count: number, matches: (item: T) => boolean = () => true): Promise<T[]> {
    await this.next(`${count} × ${what}`, () => this.all.filter(matches).length >= count);
    return this.all.filter(matches);
  }
}

/** A listener that remembers everything. */
export function recordingListener(): {
  readonly listener: BusListener;
  readonly connections: Happenings<4 | 5>;
  readonly losses: Happenings<string>;
  readonly messages: Happenings<InboundMessage>;
} {
  const connections = new Happenings<4 | 5>();
  const losses = new Happenings<string>();
  const messages = new Happenings<InboundMessage>();
  return {
    connections,
    losses,
    messages,
    listener: {
      connected: ({ protocolVersion }) => connections.add(protocolVersion),
      lost: (reason) => losses.add(reason),
      message: (message) => messages.add(message),
    },
  };
}

export function text(message: InboundMessage): string {
  return Buffer.from(message.payload).toString('utf8');
}
