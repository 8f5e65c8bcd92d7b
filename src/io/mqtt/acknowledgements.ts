import type { Unkept } from '../../actors/ports.ts';

interface Owed {
  isReady: boolean;
  readonly send: () => void;
}

/**
 * The messages that wait to be acknowledged. Each is, once it is kept, in the order in which they came (MQTT demands
 * that); one that is not kept in time is left out, so that the others need not wait for it. It is acknowledged out of turn
 * when it is kept after all: else the broker would deliver it again when nobody remembers it.
 */
export class Acknowledgements {
  readonly #timeoutMs: number;
  readonly #leftOut: () => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #line: Owed[] = [];
  readonly #late = new Set<Owed>();

  /** @param leftOut hears of each message of which nobody could say in time whether it is kept. */
  constructor(timeoutMs: number, leftOut: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#leftOut = leftOut;
  }

  /**
   * @param kept undefined: it is done with.
   * @returns true if the message may be acknowledged at once: `send` is not called then.
   */
  add(kept: Promise<unknown> | undefined, send: () => void): boolean {
    if (kept === undefined && this.#line.length === 0) return true;
    const owed: Owed = { isReady: kept === undefined, send };
    this.#line.push(owed);
    if (kept !== undefined) this.#await(owed, kept);
    return false;
  }

  /** Forgets them all: the connection is over. */
  clear(): void {
    this.#line = [];
    this.#late.clear();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #await(owed: Owed, kept: Promise<unknown>): void {
    const stop = () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
    const end = (isKept: boolean) => {
      stop();
      if (this.#late.delete(owed) && isKept) owed.send();
      if (owed.isReady || !this.#line.includes(owed)) return;
      owed.isReady = true;
      if (!isKept) {
        this.#line = this.#line.filter((other) => other !== owed);
        this.#leftOut();
      }
      this.#sendReady();
    };
    const timer = setTimeout(() => {
      end(false);
      this.#late.add(owed);
    }, this.#timeoutMs);
    this.#timers.add(timer);
    kept.then(
      (word) => {
        if (!isUnkept(word)) end(true);
        else {
          stop();
          if (this.#line.includes(owed) || this.#late.has(owed)) this.#leaveOut(owed, word);
        }
      },
      () => end(false),
    );
  }

  /** Those after it do not wait: what has been told of them is not to come again. */
  #leaveOut(owed: Owed, { over }: Unkept): void {
    this.#line = this.#line.filter((other) => other !== owed);
    this.#late.add(owed);
    this.#sendReady();
    over.then(() => {
      if (this.#late.delete(owed)) owed.send();
    });
  }

  #sendReady(): void {
    while (this.#line[0]?.isReady === true) this.#line.shift()?.send();
  }
}

/** Whether that is what became of a message that could not be kept. */
export const isUnkept = (word: unknown): word is Unkept =>
  typeof word === 'object' && word !== null && 'over' in word && word.over instanceof Promise;
