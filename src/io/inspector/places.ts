import type { EventEntry, SnapshotEntry } from './wire.ts';

/** Events of one actor that nobody has seen it take: of what was missed on the way, not more than these are kept. */
const WAITING = 1_000;

/**
 * Where a step belongs: behind the event that was taken, and so before what it led to, which is told earlier. Events of one
 * actor are taken in their order. Nothing here needs Node or a browser.
 */
export class Places {
  readonly #waiting = new Map<string, { readonly seq: number; readonly type: string }[]>();

  delivered({ seq, sessionId, event }: EventEntry): void {
    const line = this.#waiting.get(sessionId);
    const one = { seq, type: event.type };
    if (line === undefined) this.#waiting.set(sessionId, [one]);
    else if (line.push(one) > WAITING) line.shift();
  }

  /** Between the numbers of two entries; its own number if nobody knows what was taken. */
  stepped({ seq, sessionId, event, snapshot }: SnapshotEntry): number {
    const line = this.#waiting.get(sessionId) ?? [];
    const index = line.findIndex(({ type }) => type === event.type);
    const [taken] = index < 0 ? [] : line.splice(0, index + 1).slice(-1);
    if (snapshot.status !== 'active') this.#waiting.delete(sessionId);
    return taken === undefined ? seq : taken.seq + 0.5;
  }

  clear(): void {
    this.#waiting.clear();
  }
}
