import type { SimTimers } from '../../src/io/simulator/timings.ts';

/** What takes so long at the cloud ends when it is let go; a length that nothing else has. */
export const HELD_MS = 3_599_999;

/** The cloud's timers, with one length that only ends when a test says so. */
export class HeldTimers implements SimTimers {
  readonly #held = new Set<() => void>();

  set(run: () => void, ms: number): unknown {
    if (ms !== HELD_MS) return setTimeout(run, ms);
    this.#held.add(run);
    return run;
  }

  clear(handle: unknown): void {
    if (typeof handle === 'function') this.#held.delete(handle as () => void);
    else clearTimeout(handle as NodeJS.Timeout);
  }

  letGo(): void {
    for (const run of [...this.#held]) {
      this.#held.delete(run);
      run();
    }
  }
}
