import { createHash } from 'node:crypto';

const KEPT_LINES = 4_000;
const BATCH_LINES = 512;

/**
 * What happened: one line per event of an actor, message and call of the cloud, with virtual time. Equal hashes mean equal
 * runs.
 */
export class EventLog {
  readonly #hash = createHash('sha256');
  readonly #now: () => number;
  readonly #write: ((text: string) => void) | null;
  #batch: string[] = [];
  #recent: string[] = [];
  #count = 0;

  /** @param write takes the whole log, piece by piece; null: only its end is kept. */
  constructor(now: () => number, write: ((text: string) => void) | null) {
    this.#now = now;
    this.#write = write;
  }

  get count(): number {
    return this.#count;
  }

  /** @param kind `actor`, `mqtt`, `cloud`, `world`. */
  line(kind: string, text: string): void {
    this.#count += 1;
    this.#batch.push(`${this.#now()} ${kind} ${text}`);
    if (this.#batch.length >= BATCH_LINES) this.#flush();
  }

  /** The last lines, oldest first. */
  recent(count: number): readonly string[] {
    return [...this.#recent, ...this.#batch].slice(-count);
  }

  /** Of everything so far; nothing can be added afterwards. */
  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #flush(): void {
    const text = this.#batch.map((line) => `${line}\n`).join('');
    this.#hash.update(text);
    this.#write?.(text);
    this.#recent = [...this.#recent, ...this.#batch].slice(-KEPT_LINES);
    this.#batch = [];
  }
}
