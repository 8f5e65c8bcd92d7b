/** A number that rises and falls, and the highest that it was since somebody asked last. */
export class Highest {
  #now = 0;
  #highest = 0;

  get now(): number {
    return this.#now;
  }

  set(value: number): void {
    this.#now = value;
    this.#highest = Math.max(this.#highest, value);
  }

  take(): number {
    const highest = this.#highest;
    this.#highest = this.#now;
    return highest;
  }
}
