import type { StreamEntry } from './read-entry.ts';
import type { Recording } from './recording.ts';

/** A pause longer than this is shortened when played. */
const LONGEST_PAUSE_MS = 2_000;

interface Stage {
  /** From the beginning. */
  readonly clear: () => void;
  readonly show: (entries: readonly StreamEntry[]) => void;
}

/** Steps through a recording, forth and back; nothing runs but the pictures. */
export class Player {
  readonly recording: Recording;
  readonly #stage: Stage;
  readonly #onMove: () => void;
  /** How many entries have been shown. */
  position = 0;
  speed = 1;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(recording: Recording, stage: Stage, onMove: () => void) {
    this.recording = recording;
    this.#stage = stage;
    this.#onMove = onMove;
  }

  get isPlaying(): boolean {
    return this.#timer !== null;
  }

  get length(): number {
    return this.recording.entries.length;
  }

  /** Of the entry shown last, epoch ms. */
  get at(): number {
    return this.recording.entries[Math.max(0, this.position - 1)]?.at ?? this.recording.startedAt;
  }

  moveTo(position: number): void {
    const to = Math.max(0, Math.min(this.length, position));
    if (to < this.position) {
      this.#stage.clear();
      this.#stage.show(this.recording.entries.slice(0, to));
    } else {
      this.#stage.show(this.recording.entries.slice(this.position, to));
    }
    this.position = to;
    this.#onMove();
  }

  play(): void {
    if (this.position >= this.length) this.moveTo(0);
    this.#plan();
    this.#onMove();
  }

  pause(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#onMove();
  }

  #plan(): void {
    const next = this.recording.entries[this.position];
    if (next === undefined) {
      this.#timer = null;
      this.#onMove();
      return;
    }
    const wait = Math.min(LONGEST_PAUSE_MS, Math.max(0, next.at - this.at)) / this.speed;
    this.#timer = setTimeout(() => {
      // Whatever was within the same frame comes at once.
      const until = next.at + 16 * this.speed;
      let to = this.position + 1;
      while ((this.recording.entries[to]?.at ?? Number.POSITIVE_INFINITY) <= until) to += 1;
      this.moveTo(to);
      this.#plan();
    }, wait);
  }
}
