/** How long it is said. */
const SAID_MS = 60_000;

/** How many entries have been missed lately, out of how many have been missed at all. */
export class Missing {
  #total = 0;
  /** Of those that nobody needs to hear of any more. */
  #old = 0;
  #since = 0;

  /** @param total up to now; it begins anew with 0. @param now of any clock that never goes back, ms. */
  said(total: number, now: number): number {
    this.#old = Math.min(this.#old, total);
    if (total !== this.#total) {
      this.#total = total;
      this.#since = now;
    } else if (now - this.#since >= SAID_MS) {
      this.#old = total;
    }
    return this.#total - this.#old;
  }
}
