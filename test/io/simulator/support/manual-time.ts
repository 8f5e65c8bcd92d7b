import type { SimClock, SimTimers } from '../../../../src/io/simulator/timings.ts';

/** Time that moves only when a test moves it. */
export class ManualTime implements SimClock, SimTimers {
  #now: number;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  constructor(start: string) {
    this.#now = Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  set(run: () => void, ms: number): unknown {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return timer;
  }

  clear(handle: unknown): void {
    this.#timers = this.#timers.filter((timer) => timer !== handle);
  }

  get waiting(): number {
    return this.#timers.length;
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#now = due.at;
      this.clear(due);
      due.run();
    }
    this.#now = end;
  }
}
