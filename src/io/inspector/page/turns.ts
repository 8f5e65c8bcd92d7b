import { isObject } from './read-entry.ts';

/** A browser has six connections to one host for all its windows, and a page needs one to be loaded by. */
export const STREAMS_A_BROWSER = 4;
const TOLD_EVERY_MS = 2_000;
/** Who has not said anything for so long is taken for gone. */
const SILENT_MS = 10_000;
/** To look on is told no more often than this. */
const LOOKED_EVERY_MS = 1_000;

interface Options {
  /** Another word for every page. */
  readonly id: string;
  /** To all other pages of this browser. */
  readonly send: (told: unknown) => void;
  /** Epoch ms: all pages must have the same. */
  readonly now: () => number;
  /** Told at every `want`, and whenever it changes afterwards. */
  readonly onTurn: (isOurs: boolean) => void;
}

interface Other {
  readonly lookedAt: number;
  readonly heardAt: number;
}

/**
 * Which pages of one browser may have a stream: those that somebody looked at last. Every page that wants one tells all
 * others so, again and again, and each counts for itself; who says nothing any more has been closed, or has crashed.
 */
export class Turns {
  readonly #options: Options;
  readonly #others = new Map<string, Other>();
  #lookedAt = 0;
  #isWanted = false;
  #isOurs = false;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Somebody looks at this page. */
  look(): void {
    const now = this.#options.now();
    if (this.#isOurs && now - this.#lookedAt < LOOKED_EVERY_MS) return;
    this.#lookedAt = now;
    if (!this.#isWanted) return;
    this.#tell();
    this.#count();
  }

  want(): void {
    this.#isWanted = true;
    this.#timer ??= setInterval(() => {
      this.#tell();
      this.#count();
    }, TOLD_EVERY_MS);
    this.#tell();
    this.#isOurs = this.#rank() < STREAMS_A_BROWSER;
    this.#options.onTurn(this.#isOurs);
  }

  /** Until `want`: leaves its place to others. */
  rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#isWanted = false;
    this.#isOurs = false;
    this.#tell();
  }

  /** What another page has told; what it is, is looked at here. */
  heard(told: unknown): void {
    if (!isObject(told) || typeof told.id !== 'string' || typeof told.lookedAt !== 'number') return;
    const { id, lookedAt, wants } = told;
    if (wants === true) {
      const isNew = !this.#others.has(id);
      this.#others.set(id, { lookedAt, heardAt: this.#options.now() });
      // It does not know yet who is here.
      if (isNew && this.#isWanted) this.#tell();
    } else {
      this.#others.delete(id);
    }
    this.#count();
  }

  #tell(): void {
    this.#options.send({ id: this.#options.id, lookedAt: this.#lookedAt, wants: this.#isWanted });
  }

  #count(): void {
    if (!this.#isWanted) return;
    const isOurs = this.#rank() < STREAMS_A_BROWSER;
    if (isOurs === this.#isOurs) return;
    this.#isOurs = isOurs;
    this.#options.onTurn(isOurs);
  }

  /** How many were looked at after this one. */
  #rank(): number {
    const { id: own, now } = this.#options;
    const since = now() - SILENT_MS;
    let rank = 0;
    for (const [id, { lookedAt, heardAt }] of this.#others) {
      if (heardAt < since) this.#others.delete(id);
      else if (lookedAt > this.#lookedAt || (lookedAt === this.#lookedAt && id < own)) rank += 1;
    }
    return rank;
  }
}
