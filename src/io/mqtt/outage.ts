import type { Clock } from '../../actors/ports.ts';
import type { BusTiming } from './options.ts';

/** What is to be said of one more failure. */
export interface Complaint {
  /** Nothing was said of this reason before, since the broker went away. */
  readonly isNews: boolean;
  /** It was said before, and that is a while ago. */
  readonly isReminder: boolean;
  /** Attempts to connect, since then. */
  readonly tries: number;
  /** ISO 8601 UTC. */
  readonly since: string;
}

type Timing = Pick<BusTiming, 'reminderMinMs' | 'reminderMaxMs'>;

/** The time without a broker. A reason is said once, and again after ever longer pauses, so that nobody takes silence for peace. */
export class Outage {
  readonly #clock: Clock;
  readonly #timing: Timing;
  readonly #said = new Set<string>();
  #since: string | null = null;
  #tries = 0;
  #saidAt = 0;
  #pauseMs = 0;

  constructor(clock: Clock, timing: Timing) {
    this.#clock = clock;
    this.#timing = timing;
  }

  /** @param wasReady it was a connection in use that ended, and no attempt. */
  failed(reason: string, wasReady: boolean): Complaint {
    const now = this.#clock.elapsed();
    if (this.#since === null) this.#pauseMs = this.#timing.reminderMinMs;
    this.#since ??= new Date(this.#clock.now()).toISOString();
    if (!wasReady) this.#tries += 1;
    const isNews = !this.#said.has(reason);
    const isReminder = !isNews && now - this.#saidAt >= this.#pauseMs;
    if (isNews || isReminder) this.#saidAt = now;
    if (isReminder) this.#pauseMs = Math.min(this.#timing.reminderMaxMs, 2 * this.#pauseMs);
    this.#said.add(reason);
    return { isNews, isReminder, tries: this.#tries, since: this.#since };
  }

  over(): void {
    this.#said.clear();
    this.#since = null;
    this.#tries = 0;
  }
}
