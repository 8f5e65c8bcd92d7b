/** One change of the store: a text under a key, or nothing under it any more. */
export interface Operation {
  readonly key: string;
  /** Null deletes. */
  readonly value: string | null;
}

/**
 * `damaged`: something that had been synced may be missing, or older than it was; or the last who wrote it had to leave
 * something out, and has not vouched for it since.
 */
export type DiskCondition = 'whole' | 'damaged';

/** What is in a store: its texts, in the order of their keys. */
export interface Contents {
  readonly condition: DiskCondition;
  readonly entries: readonly (readonly [key: string, value: string])[];
}

/** An ordered store of texts that survives a crash. Methods reject with what the disk says. */
export interface Disk {
  /** Before anything else, and after a failed write: what was not synced may be gone then. */
  open(): Promise<DiskCondition>;
  /** Everything in it, in the order of the keys. */
  entries(): Promise<Contents['entries']>;
  /**
   * What is in one that could not be opened, because nothing can be written there; nothing if there is none. Rejects if
   * it cannot be read, either.
   */
  peek(): Promise<Contents>;
  /** All of it or nothing. `sync`: on the medium when it resolves; else only out of our hands. */
  batch(operations: readonly Operation[], sync: boolean): Promise<void>;
  /**
   * Whether all that should be in it is: if not, whoever opens it next finds it damaged, unless somebody has vouched for it
   * in between. That it is not can be said on a full disk, too.
   */
  vouch(isComplete: boolean): Promise<void>;
  /** Gives back what deleted and replaced texts still take, and forgets them for good. */
  compact(): Promise<void>;
  close(): Promise<void>;
}
