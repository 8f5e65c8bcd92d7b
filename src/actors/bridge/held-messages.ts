import type { InboundMessage } from '../ports.ts';

const LIMIT = 256;
/** The broker waits so long for its acknowledgement, and for all that follow. */
const HELD_MS = 10_000;

interface Held {
  readonly message: InboundMessage;
  readonly since: number;
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
   * @param since when the message came, ms by `Clock.elapsed`.
   * @returns a promise that resolves when the broker may forget the message.
   */
  hold(message: InboundMessage, since: number, giveUp: () => void): Promise<unknown> {
    if (this.held.size >= LIMIT) {
      giveUp();
      return Promise.resolve();
    }
    return new Promise((acknowledge) => {
      const timer = setTimeout(() => {
        this.held.delete(held);
        giveUp();
        acknowledge(null);
      }, HELD_MS);
      const held: Held = { message, since, acknowledge, timer };
      this.held.add(held);
    });
  }

  /** Gives all of them back; each is acknowledged when what `take` answers has resolved. */
  release(take: (message: InboundMessage, since: number) => Promise<unknown> | undefined): void {
    for (const { message, since, acknowledge } of this.clear()) acknowledge(take(message, since));
  }

  /** Forgets them: the broker delivers again what was not acknowledged. */
  clear(): readonly Held[] {
    const all = [...this.held];
    this.held.clear();
    for (const { timer } of all) clearTimeout(timer);
    return all;
  }
}
