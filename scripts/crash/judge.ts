/** A record of a command, as its sender read it. */
export interface Heard {
  readonly id: string;
  readonly status: string;
  readonly reason: string | undefined;
  /** Byte by byte. */
  readonly text: string;
}

export interface Verdict {
  readonly id: string;
  readonly status: string;
  readonly deliveries: number;
  /** Sentences; none if all is well. */
  readonly violations: readonly string[];
}

/**
 * The different final records of a command. A repetition is told the same record, marked as a duplicate; a broker that
 * delivers again without saying so (aedes) makes a repetition of it.
 */
export function recordsOf(id: string, heard: readonly Heard[]): readonly string[] {
  const finals = heard.filter((record) => record.id === id && record.status !== 'accepted');
  return [...new Set(finals.map(({ text }) => text.replace(',"duplicate":true', '')))];
}

const NOT_SENT: ReadonlySet<string> = new Set(['rejected', 'expired', 'failed']);

/**
 * One command, judged from outside: an end, one and the same record whenever it is told, and the car told at most once.
 *
 * @param deliveries how often the car was told in that round; null where nobody can say.
 * @param shows whether the car is now as the command wanted it, which it was not before.
 */
export function judge(id: string, heard: readonly Heard[], deliveries: number, shows: boolean): Verdict {
  const texts = recordsOf(id, heard);
  const first = heard.find((record) => record.id === id && record.status !== 'accepted');
  const status = first === undefined ? 'nothing' : first.status;
  const violations: string[] = [];
  if (first === undefined) violations.push(`${id} has no final record.`);
  if (texts.length > 1) violations.push(`${id} has ${texts.length} different records: ${texts.join(' · ')}`);
  if (deliveries > 1) violations.push(`${id} was delivered ${deliveries} times.`);
  if (status === 'succeeded' && deliveries === 0) violations.push(`${id} succeeded, but its car was never told.`);
  if (NOT_SENT.has(status) && deliveries > 0) violations.push(`${id} ended ${status}, but its car was told.`);
  if (status === 'unknown' && shows) violations.push(`${id} ended unknown, but a read would have shown it.`);
  return { id, status, deliveries, violations };
}

/** How the commands of each kill point ended; of the unknown ones, how many had not reached the cloud. */
export class Tally {
  readonly #rows = new Map<string, Map<string, number>>();

  add(point: string, status: string): void {
    const row = this.#rows.get(point) ?? new Map<string, number>();
    row.set(status, (row.get(status) ?? 0) + 1);
    this.#rows.set(point, row);
  }

  lines(): readonly string[] {
    const columns = ['kills', 'missed', 'succeeded', 'unknown', 'unsent', 'expired', 'rejected', 'failed', 'nothing'];
    const width = Math.max(...[...this.#rows.keys()].map(({ length }) => length), 10);
    const line = (name: string, cells: readonly string[]) =>
      `${name.padEnd(width)} ${cells.map((cell) => cell.padStart(9)).join(' ')}`;
    return [
      line('killed', columns),
      ...[...this.#rows].map(([name, row]) =>
        line(
          name,
          columns.map((column) => String(row.get(column) ?? 0)),
        ),
      ),
    ];
  }
}
