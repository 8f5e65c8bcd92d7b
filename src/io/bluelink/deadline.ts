/**
 * A signal that ends at a deadline, or sooner with one of its parents. `end` must be called: it takes the timer and the
 * listeners away (`AbortSignal.any` would keep them on long-lived parents).
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #parents: readonly AbortSignal[];
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.#controller.abort();
  #isOver = false;

  constructor(timeoutMs: number, parents: readonly AbortSignal[]) {
    this.#parents = parents;
    this.#timer = setTimeout(() => {
      this.#isOver = !this.#controller.signal.aborted;
      this.#controller.abort();
    }, timeoutMs);
    for (const parent of parents) {
      if (parent.aborted) this.#controller.abort();
      else parent.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True when time, and not a parent, ended it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    clearTimeout(this.#timer);
    for (const parent of this.#parents) parent.removeEventListener('abort', this.#onAbort);
  }
}
