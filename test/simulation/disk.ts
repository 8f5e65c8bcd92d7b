import type { Contents, DiskCondition, Operation, Disk as StoreDisk } from '../../src/io/journal/disk.ts';
import type { DocumentStore } from '../../src/io/store/file-store.ts';
import type { Chance } from './chance.ts';
import type { Scope } from './scope.ts';
import type { VirtualTime } from './virtual-time.ts';

/**
 * The state folder, in memory: a document is safe some milliseconds after it was written, and a crash in between leaves
 * the old one or the new one. Text is kept and not objects, as on a disk.
 */
export class Disk {
  /** Refuses every write, as a full one does; the journal cannot even be opened, because that writes something. */
  isFull = false;
  /** Nor can the journal be read, as long as it cannot be written. */
  isUnreadable = false;
  #isBehind = false;
  /** How often everything had been written that was refused before. */
  #caughtUp = 0;
  /** What the journal's last owner said of it; survives also a power cut, and can be taken back on a full disk. */
  #isComplete = true;
  readonly #documents = new Map<string, string>();
  readonly #underWay = new Set<() => void>();
  /** The journal: what is on the medium, and what is not yet. */
  readonly #synced = new Map<string, string>();
  #unsynced: (readonly Operation[])[] = [];
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #reached: (point: 'before stored' | 'after stored') => void;

  /** @param reached hears of every write, before and after it is safe. */
  constructor(time: VirtualTime, chance: Chance, reached: (point: 'before stored' | 'after stored') => void) {
    this.#time = time;
    this.#chance = chance;
    this.#reached = reached;
  }

  /**
   * The journal has refused something that it has not taken since: what is told now may be forgotten in a crash. Null: it
   * has not; else a number for each such time.
   */
  get behind(): number | null {
    return this.#isBehind ? this.#caughtUp : null;
  }

  /** The store of one document, as the daemon `owner` sees it. */
  document<T>(name: string, owner: Scope): DocumentStore<T> {
    const read = (): T | null => {
      const text = this.#documents.get(name);
      return text === undefined ? null : (JSON.parse(text) as T);
    };
    let tail: Promise<unknown> = Promise.resolve();
    const change = async (next: (stored: T | null) => T): Promise<T> => {
      const document = next(read());
      const isRefused = this.isFull;
      await this.#written(name, isRefused ? null : JSON.stringify(document), owner);
      if (isRefused) throw Object.assign(new Error('No space is left on the device.'), { code: 'ENOSPC' });
      return document;
    };
    return {
      load: async () => read(),
      change: (next) => {
        const result = tail.then(() => change(next));
        tail = result.catch(() => undefined);
        return result;
      },
      watch: () => () => undefined,
    };
  }

  /**
   * The owner has died: of what was being written, some is there and some is not. When the machine has died with it
   * (`isPowerCut`), what was written without being synced is there up to some point, or not at all.
   */
  crash(isPowerCut: boolean): void {
    for (const write of this.#underWay) if (this.#chance.isTrue(0.5)) write();
    this.#underWay.clear();
    const kept = isPowerCut ? this.#chance.between(0, this.#unsynced.length) : this.#unsynced.length;
    for (const operations of this.#unsynced.slice(0, kept)) apply(operations, this.#synced);
    this.#unsynced = [];
  }

  /**
   * The journal's store, as the daemon `owner` sees it.
   *
   * @param isStanding whether the virtual clock stands still, because the daemon is being started.
   */
  journal(owner: Scope, isStanding: () => boolean): StoreDisk {
    const condition = (): DiskCondition => (this.#isComplete ? 'whole' : 'damaged');
    const entries = async (): Promise<Contents['entries']> => {
      const all = new Map(this.#synced);
      for (const operations of this.#unsynced) apply(operations, all);
      return [...all].sort(([a], [b]) => (a < b ? -1 : 1));
    };
    const demandRoom = (): void => {
      if (!this.isFull) return;
      if (owner.alive) this.#isBehind = true;
      throw Object.assign(new Error('No space is left on the device.'), { code: 'ENOSPC' });
    };
    return {
      open: async () => {
        demandRoom();
        return condition();
      },
      close: async () => undefined,
      compact: async () => undefined,
      entries,
      peek: async () => {
        if (this.isUnreadable) throw new Error('Nobody can read it.');
        return { condition: condition(), entries: await entries() };
      },
      vouch: async (isComplete) => {
        if (isComplete) demandRoom();
        if (!owner.alive) return;
        this.#isComplete = isComplete;
        if (!isComplete || !this.#isBehind) return;
        this.#isBehind = false;
        this.#caughtUp += 1;
      },
      batch: async (operations, sync) => {
        demandRoom();
        const write = (): void => {
          this.#unsynced.push(operations);
          if (!sync) return;
          for (const earlier of this.#unsynced) apply(earlier, this.#synced);
          this.#unsynced = [];
        };
        if (isStanding() && owner.alive) write();
        else await this.#done(write, owner, sync ? this.#chance.between(1, 8) : 1);
      },
    };
  }

  #written(name: string, text: string | null, owner: Scope): Promise<void> {
    const write = (): void => {
      if (text !== null) this.#documents.set(name, text);
    };
    return this.#done(write, owner, this.#chance.between(1, 8));
  }

  #done(write: () => void, owner: Scope, inMs: number): Promise<void> {
    // The dead write nothing.
    if (!owner.alive) return new Promise(() => undefined);
    this.#underWay.add(write);
    this.#reached('before stored');
    return new Promise((resolve) => {
      this.#time.after(inMs, owner, () => {
        this.#underWay.delete(write);
        write();
        this.#reached('after stored');
        if (owner.alive) resolve();
      });
    });
  }
}

function apply(operations: readonly Operation[], to: Map<string, string>): void {
  for (const { key, value } of operations) {
    if (value === null) to.delete(key);
    else to.set(key, value);
  }
}
