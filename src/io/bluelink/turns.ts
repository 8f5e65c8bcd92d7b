const DAY_MS = 86_400_000;
/** Cars that ask no more (sold, or taken out of the configuration) keep their place no longer than this. */
const PLACE_MS = DAY_MS + 3_600_000;
const PLACES = 1_000;

/**
 * Whose turn it is when there is less than all cars want. They ask in the same order again and again, so whoever was
 * refused gets a place in line, and of what there is next the first in line come first.
 */
export class Turns {
  /** When each car in line asked last, epoch ms; in the order in which they were first refused. */
  readonly #line = new Map<string, number>();

  /** @param left how many turns there are to give. */
  take(car: string, left: number, now: number): boolean {
    for (const [other, askedAt] of this.#line) if (Math.abs(now - askedAt) > PLACE_MS) this.#line.delete(other);
    const ahead = [...this.#line.keys()].indexOf(car);
    if ((ahead < 0 ? this.#line.size : ahead) < left) {
      this.#line.delete(car);
      return true;
    }
    if (ahead >= 0 || this.#line.size < PLACES) this.#line.set(car, now);
    return false;
  }
}
