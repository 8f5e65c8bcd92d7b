/** Ends what was started, last first, also when the bench breaks off or is told to stop. */
export class Teardown {
  readonly #steps: (() => Promise<void>)[] = [];

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void this.run().finally(() => process.exit(1)));
    }
  }

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.reverse())
      await step().catch((error: unknown) => process.stderr.write(`${error}\n`));
    this.#steps.length = 0;
  }
}
