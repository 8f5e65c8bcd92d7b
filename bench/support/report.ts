import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { megabytes } from './statistics.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a bench says: JSON lines on standard output, and an exit code when a rule is broken. */
export class Report {
  readonly #violated: string[] = [];

  /** The first line says on which machine. Where it runs matters more for the figures than what is run. */
  constructor(bench: string, fields: Fields = {}) {
    this.line('machine', {
      bench,
      cpus: availableParallelism(),
      cpu: cpus()[0]?.model ?? 'unknown',
      memoryMb: Math.round(megabytes(totalmem())),
      system: `${process.platform} ${release()} ${process.arch}`,
      node: process.version,
      date: new Date().toISOString(),
      ...fields,
    });
  }

  line(kind: string, fields: Fields): void {
    process.stdout.write(`${JSON.stringify({ kind, ...fields })}\n`);
  }

  /** One rule. `isKept` decides; the fields show by what. */
  judge(rule: string, isKept: boolean, fields: Fields): void {
    if (!isKept) this.#violated.push(rule);
    this.line('verdict', { rule, ok: isKept, ...fields });
  }

  /** The last line. Sets the exit code: 1 if a rule was broken. */
  finish(): void {
    const isFine = this.#violated.length === 0;
    this.line('end', { ok: isFine, violated: this.#violated });
    if (!isFine) process.exitCode = 1;
  }
}
