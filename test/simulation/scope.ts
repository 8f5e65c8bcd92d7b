/** Who set a timer: a daemon that is killed takes its timers with it. */
export class Scope {
  readonly name: string;
  #alive = true;
  readonly #mourners = new Set<() => void>();

  constructor(name: string) {
    this.name = name;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Answers how to forget it. */
  onDeath(mourn: () => void): () => void {
    this.#mourners.add(mourn);
    return () => void this.#mourners.delete(mourn);
  }

  /** From now on nothing of it happens. */
  die(): void {
    this.#alive = false;
    for (const mourn of this.#mourners) mourn();
    this.#mourners.clear();
  }
}
