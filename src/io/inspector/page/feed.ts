import { entryOf, readEntry, type StreamEntry } from './read-entry.ts';

/** Work in one frame, ms: the page stays quick while thousands of entries arrive. */
const BUDGET_MS = 8;
/** A whole recording has room. */
const QUEUE_LIMIT = 50_000;
/** Nobody looks: no frames come, but the queue must not grow. */
const HIDDEN_PAUSE_MS = 250;

/** Takes entries as they come, reads them, and hands them on in small batches. */
export class Feed {
  readonly #take: (entry: StreamEntry) => void;
  readonly #onBatch: (left: number) => void;
  #queue: unknown[] = [];
  #next = 0;
  #isScheduled = false;
  /** Taken from the front because the page was too slow. */
  lost = 0;

  constructor(take: (entry: StreamEntry) => void, onBatch: (left: number) => void) {
    this.#take = take;
    this.#onBatch = onBatch;
  }

  /** @param items JSON of entries, or what came of parsing it. */
  add(items: Iterable<unknown>): void {
    for (const item of items) this.#queue.push(item);
    const over = this.#queue.length - this.#next - QUEUE_LIMIT;
    if (over > 0) {
      this.#next += over;
      this.lost += over;
    }
    this.#schedule();
  }

  clear(): void {
    this.#queue = [];
    this.#next = 0;
  }

  get left(): number {
    return this.#queue.length - this.#next;
  }

  #schedule(): void {
    if (this.#isScheduled || this.left === 0) return;
    this.#isScheduled = true;
    const work = () => {
      this.#isScheduled = false;
      this.#work();
    };
    if (document.hidden) setTimeout(work, HIDDEN_PAUSE_MS);
    else requestAnimationFrame(work);
  }

  #work(): void {
    const end = performance.now() + (document.hidden ? HIDDEN_PAUSE_MS / 4 : BUDGET_MS);
    while (this.left > 0 && performance.now() < end) this.#batch();
    if (this.left === 0) this.clear();
    this.#onBatch(this.left);
    this.#schedule();
  }

  #batch(): void {
    const until = Math.min(this.#next + 32, this.#queue.length);
    for (; this.#next < until; this.#next += 1) {
      const item = this.#queue[this.#next];
      const entry = typeof item === 'string' ? readEntry(item) : entryOf(item);
      if (entry !== null) this.#take(entry);
    }
  }
}
