const ENDS = ['succeeded', 'unknown', 'unsent', 'expired', 'rejected', 'timedOut', 'failed', 'nothing'] as const;

/** How the commands of each row ended; of the unknown ones, how many had not reached the cloud. */
export class Tally {
  readonly #counted: readonly string[];
  readonly #rows = new Map<string, Map<string, number>>();

  /**
   * @param counted what is counted besides the ends, as columns before those.
   * @param rows those that are told first, in this order, also when nothing was counted in them.
   */
  constructor(counted: readonly string[], rows: readonly string[] = []) {
    this.#counted = counted;
    for (const name of rows) this.#rows.set(name, new Map());
  }

  add(name: string, column: string): void {
    const row = this.#rows.get(name) ?? new Map<string, number>();
    row.set(column, (row.get(column) ?? 0) + 1);
    this.#rows.set(name, row);
  }

  /** An unknown one of which the cloud does not say whether it was there. */
  addUnsure(name: string): void {
    this.add(name, 'unsure');
  }

  lines(): readonly string[] {
    const columns = [...this.#counted, ...ENDS];
    const width = Math.max(...[...this.#rows.keys()].map(({ length }) => length), 10);
    const line = (name: string, cells: readonly string[]) =>
      `${name.padEnd(width)} ${cells.map((cell) => cell.padStart(9)).join(' ')}`;
    return [
      line('killed', columns),
      ...[...this.#rows].map(([name, row]) =>
        line(
          name,
          columns.map((column) => cellOf(row, column)),
        ),
      ),
    ];
  }

  /** What the numbers do not say. */
  notes(): readonly string[] {
    if (![...this.#rows.values()].some((row) => row.has('unsure'))) return [];
    return [
      '?: the log of this cloud does not say which car a control was for, or how it was answered; so nobody can tell whether it was sent.',
    ];
  }
}

function cellOf(row: ReadonlyMap<string, number>, column: string): string {
  const count = row.get(column) ?? 0;
  if (column !== 'unsent' || !row.has('unsure')) return String(count);
  return count === 0 ? '?' : `${count} or more`;
}
