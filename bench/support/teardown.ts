/** Ends what was started, last first, also when the bench breaks off. */
export class Teardown {
  readonly #steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.reverse())
      await step().catch((error: unknown) => process.stderr.write(`${error}\n`));
    this.#steps.length = 0;
  }
}
