import type { Contents, Disk, DiskCondition, Operation } from '../../src/io/journal/disk.ts';

/**
 * A disk in memory with crash semantics: what was not synced is lost when the machine dies, and lives on when only the
 * process does. A test can make it fail, or hold its writes back.
 */
export class FakeDisk implements Disk {
  /** Every batch that was asked for. */
  readonly batches: { readonly operations: readonly Operation[]; readonly sync: boolean }[] = [];
  /** What writing and opening answer instead of doing it. */
  failsWith: Error | null = null;
  condition: DiskCondition = 'whole';
  /** Nor can it be read. */
  cannotBeRead = false;
  /** Somebody has vouched for it. */
  isComplete: boolean;
  opened = 0;
  compacted = 0;
  private synced = new Map<string, string>();
  private written = new Map<string, string>();
  private gate: Promise<void> = Promise.resolve();
  private release: () => void = () => {};

  constructor(entries: readonly (readonly [string, string])[] = [], isComplete = true) {
    this.isComplete = isComplete;
    this.synced = new Map(entries);
    this.written = new Map(entries);
  }

  /** Holds writes back until `goOn`. */
  hold(): void {
    this.gate = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  goOn(): void {
    this.release();
    this.gate = Promise.resolve();
  }

  /** Somebody else writes to it. */
  put(key: string, value: string): void {
    this.written.set(key, value);
    this.synced.set(key, value);
  }

  /** The disk that the next process finds. */
  afterProcessDied(): FakeDisk {
    return new FakeDisk([...this.written], this.isComplete);
  }

  afterPowerFailure(): FakeDisk {
    return new FakeDisk([...this.synced], this.isComplete);
  }

  async open(): Promise<DiskCondition> {
    this.opened += 1;
    if (this.failsWith !== null) throw this.failsWith;
    return this.conditionNow;
  }

  private get conditionNow(): DiskCondition {
    return this.isComplete ? this.condition : 'damaged';
  }

  async entries(): Promise<readonly (readonly [string, string])[]> {
    return [...this.written].sort(([one], [other]) => (one < other ? -1 : 1));
  }

  async peek(): Promise<Contents> {
    if (this.cannotBeRead) throw new Error('It cannot be read.');
    return { condition: this.conditionNow, entries: await this.entries() };
  }

  async vouch(isComplete: boolean): Promise<void> {
    if (isComplete && this.failsWith !== null) throw this.failsWith;
    this.isComplete = isComplete;
  }

  async batch(operations: readonly Operation[], sync: boolean): Promise<void> {
    this.batches.push({ operations, sync });
    await this.gate;
    if (this.failsWith !== null) throw this.failsWith;
    for (const { key, value } of operations) {
      if (value === null) this.written.delete(key);
      else this.written.set(key, value);
    }
    if (sync) this.synced = new Map(this.written);
  }

  async compact(): Promise<void> {
    this.compacted += 1;
  }

  async close(): Promise<void> {}
}
