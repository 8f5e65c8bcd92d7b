/** One change of the store: a text under a key, or nothing under it any more. */
export interface Operation {
  readonly key: string;
  /** Null deletes. */
  readonly value: string | null;
}

/** `damaged`: something that had been synced may be missing, or older than it was. */
export type DiskCondition = 'whole' | 'damaged';

/** An ordered store of texts that survives a crash. Methods reject with what the disk says. */
export interface Disk {
  /** Before anything else, and after a failed write: what was not synced may be gone then. */
  open(): Promise<DiskCondition>;
  /** Everything in it, in the order of the keys. */
  entries(): Promise<readonly (readonly [key: string, value: string])[]>;
  /** All of it or nothing. `sync`: on the medium when it resolves; else only out of our hands. */
  batch(operations: readonly Operation[], sync: boolean): Promise<void>;
  /** Gives back what deleted and replaced texts still take, and forgets them for good. */
  compact(): Promise<void>;
  close(): Promise<void>;
}
