import type { ServerResponse } from 'node:http';
import type { Feed } from './feed.ts';

/** At most so many listen at the same time. */
export const LISTENERS = 8;

const FLUSH_MS = 50;
/** In one piece to one listener: what it does not take at once waits in the ring buffer, not in memory of its own. */
const CHUNK_BYTES = 128 * 1024;
const CHUNKS_PER_FLUSH = 8;
/** Whoever takes nothing for so long is gone. */
const DEAD_AFTER_MS = 20_000;
/** One that is too slow goes on with so many, or it would be too slow at once again. */
const CATCH_UP = 2_000;

interface Listener {
  readonly response: ServerResponse;
  /** Number of the next entry that it gets. */
  next: number;
  /** Since when it takes nothing, ms of a clock that only goes forward; null if it does. */
  blockedSince: number | null;
}

export interface ListenersOptions {
  readonly feed: Feed;
  /** Of this process. */
  readonly boot: string;
  readonly version: string;
  /** Epoch ms. */
  readonly now: () => number;
  /** Called when the first comes and when the last has gone. */
  readonly onPresence: (isAnybody: boolean) => void;
}

/** Who listens to the stream. Each reads from the ring buffer at its own pace: nobody has a buffer here. */
export class Listeners {
  readonly #options: ListenersOptions;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | null = null;
  #stopHearing: (() => void) | null = null;

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#listeners.size;
  }

  get isFull(): boolean {
    return this.#listeners.size >= LISTENERS;
  }

  /** Takes over a response whose head has been written. @param since the number of the last entry that it has; null: only new ones. */
  add(response: ServerResponse, since: number | null): void {
    const { feed, boot, version, now } = this.#options;
    const next = since === null || since > feed.last ? feed.last + 1 : since + 1;
    const listener: Listener = { response, next, blockedSince: null };
    const hello = { type: 'bluelinkd.hello', seq: feed.last, at: now(), boot, version };
    response.on('close', () => this.#gone(listener));
    response.on('drain', () => {
      listener.blockedSince = null;
      // At the pace at which it reads; what else there is to do comes between two pieces.
      if (this.#feedOne(listener)) this.#wake();
    });
    this.#listeners.add(listener);
    // Without a number, so that it is not taken for the last that was heard.
    this.#write(listener, `retry: 1000\nevent: ${hello.type}\ndata: ${JSON.stringify(hello)}\n\n`);
    if (this.#listeners.size === 1) {
      this.#stopHearing = feed.onAdded(() => this.#wake());
      this.#options.onPresence(true);
    }
    this.#wake();
  }

  /** Sends what there is and closes everybody. */
  close(): void {
    for (const listener of this.#listeners) {
      this.#feedOne(listener);
      listener.response.end();
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#stopHearing?.();
  }

  /** Closes whoever takes nothing any more. To be called now and then. */
  buryDead(): void {
    const deadline = performance.now() - DEAD_AFTER_MS;
    for (const { response, blockedSince } of this.#listeners) {
      if (blockedSince !== null && blockedSince < deadline) response.destroy();
    }
  }

  #wake(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => this.#flush(), FLUSH_MS);
    this.#timer.unref();
  }

  #flush(): void {
    this.#timer = null;
    let isMore = false;
    for (const listener of this.#listeners) {
      if (listener.blockedSince === null && this.#feedOne(listener)) isMore = true;
    }
    if (isMore) this.#wake();
  }

  /** Answers whether there is more that it would take. */
  #feedOne(listener: Listener): boolean {
    const { feed } = this.#options;
    for (let chunks = 0; chunks < CHUNKS_PER_FLUSH; chunks += 1) {
      if (listener.next > feed.last) return false;
      let chunk = listener.next < feed.first ? this.#skip(listener) : '';
      while (chunk.length < CHUNK_BYTES) {
        const kept = feed.at(listener.next);
        if (kept === undefined) break;
        const text = feed.textOf(kept);
        chunk += `id: ${kept.seq}\nevent: ${typeIn(text)}\ndata: ${text}\n\n`;
        listener.next += 1;
      }
      if (chunk !== '' && !this.#write(listener, chunk)) return false;
    }
    return listener.next <= feed.last;
  }

  #skip(listener: Listener): string {
    const { feed, now } = this.#options;
    const sinceSeq = listener.next - 1;
    const goesOn = Math.max(feed.first, feed.last - CATCH_UP + 1);
    const count = goesOn - listener.next;
    listener.next = goesOn;
    const told = { type: 'bluelinkd.dropped', seq: goesOn - 1, at: now(), count, sinceSeq };
    return `id: ${told.seq}\nevent: ${told.type}\ndata: ${JSON.stringify(told)}\n\n`;
  }

  #write(listener: Listener, text: string): boolean {
    if (listener.response.destroyed) return false;
    const isTaken = listener.response.write(text);
    if (!isTaken) listener.blockedSince ??= performance.now();
    return isTaken;
  }

  #gone(listener: Listener): void {
    if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
    this.#stopHearing?.();
    this.#stopHearing = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#options.onPresence(false);
  }
}

const TYPE_KEY = '{"type":"';

/** Every entry is written with its type first. */
function typeIn(text: string): string {
  return text.slice(TYPE_KEY.length, text.indexOf('"', TYPE_KEY.length));
}
