import type { InboundMessage } from '../ports.ts';
import type { Waiting } from './message-shelf.ts';

const LIMIT = 256;
/** The broker waits so long for its acknowledgement, and for all that follow. */
const HELD_MS = 10_000;

interface Held {
  readonly message: InboundMessage;
  readonly name: string | null;
  readonly waiting: Waiting;
  readonly acknowledge: (kept: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Messages that may be repetitions of what an earlier run took, while nobody knows what that was. Each is given back when
 * that is known, or given up after some seconds.
 */
export class HeldMessages {
  private readonly held = new Set<Held>();

  /**
   * @param name what the message has in common with its repetitions: they wait as long as the first of them, and no longer,
   *   else one would be refused, and the other one carried out. Null if it has none.
   * @returns a promise that resolves when the broker may forget the message.
   */
  hold(message: InboundMessage, name: string | null, itsOwn: Waiting, giveUp: () => void): Promise<unknown> {
    if (this.held.size >= LIMIT) {
      giveUp();
      return Promise.resolve();
    }
    const first = name === null ? undefined : [...this.held].find((other) => other.name === name);
    const waiting = first?.waiting ?? itsOwn;
    return new Promise((acknowledge) => {
      const timer = setTimeout(() => {
        this.held.delete(held);
        giveUp();
        acknowledge(null);
      }, HELD_MS);
      const held: Held = { message, name, waiting, acknowledge, timer };
      this.held.add(held);
    });
  }

  /** Gives all of them back; each is acknowledged when what `take` answers has resolved. */
  release(take: (message: InboundMessage, waiting: Waiting) => Promise<unknown> | undefined): void {
    for (const { message, waiting, acknowledge } of this.clear()) acknowledge(take(message, waiting));
  }

  /** Forgets them: the broker delivers again what was not acknowledged. */
  clear(): readonly Held[] {
    const all = [...this.held];
    this.held.clear();
    for (const { timer } of all) clearTimeout(timer);
    return all;
  }
}
