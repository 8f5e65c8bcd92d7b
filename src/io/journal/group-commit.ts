import type { Clock, Log } from '../../actors/ports.ts';
import type { Disk } from './disk.ts';

export interface GroupCommitTiming {
  /** The longest that anybody waits for the disk. */
  readonly writeTimeoutMs: number;
  /** From a failed write to the first try whether the disk works again; doubling up to `probeMaxMs`. */
  readonly probeMs: number;
  readonly probeMaxMs: number;
}
export const GROUP_COMMIT_TIMING: GroupCommitTiming = { writeTimeoutMs: 5_000, probeMs: 1_000, probeMaxMs: 30_000 };

/** `open` resolves when it can be written again. */
type CommitDisk = Pick<Disk, 'batch' | 'vouch'> & { open(): Promise<void> };

/** Texts that wait for a disk that does not work. */
const DIRTY_LIMIT = 20_000;

/**
 * Writes to the disk in groups: what comes while one group is on its way is the next one, so any number of writers shares
 * one sync. What could not be written is kept, and written when the disk works again.
 */
export class GroupCommit {
  readonly #disk: CommitDisk;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onUsable: (isUsable: boolean) => void;
  readonly #timing: GroupCommitTiming;
  /** What the disk does not have yet, by key; null deletes. */
  #dirty = new Map<string, string | null>();
  #waiters: ((isKept: boolean) => void)[] = [];
  #isScheduled = false;
  #isWriting = false;
  #isBroken = false;
  #brokenSince = 0;
  #probes = 0;
  #probeTimer: NodeJS.Timeout | null = null;
  #isClosed = false;
  #idle: (() => void)[] = [];
  /** Something was not even kept for later. */
  #hasLost = false;
  /** The disk has been told that it lacks something. */
  #isDoubtful = false;
  #vouching: Promise<void> = Promise.resolve();
  /** Nobody knows what is on the disk: nothing is put there that could take the place of something. */
  isBlind = false;

  constructor(
    disk: CommitDisk,
    parts: { readonly clock: Clock; readonly log: Log; readonly onUsable?: (isUsable: boolean) => void },
    timing: GroupCommitTiming,
  ) {
    this.#disk = disk;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#onUsable = parts.onUsable ?? (() => {});
    this.#timing = timing;
  }

  /** The disk could not even be opened: it is tried again by and by. */
  startBroken(cause: string): void {
    this.#broke(cause);
    this.#probeLater();
  }

  /** Resolves to whether it, and everything put before, is safely on the disk. */
  write(key: string, value: string | null): Promise<boolean> {
    if (!this.#put(key, value) || this.#isBroken) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  /** The same where nobody waits. */
  note(key: string, value: string | null): void {
    this.#put(key, value);
  }

  /** Writes what is left, and syncs what nobody waited for; once, and bounded. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#probeTimer !== null) clearTimeout(this.#probeTimer);
    if (this.#isWriting || this.#isScheduled) await bounded(this.#whenIdle(), this.#timing.writeTimeoutMs);
    if (this.#isBroken || this.#isWriting) return;
    const rest = this.#dirty;
    this.#dirty = new Map();
    const problem = this.#write(rest, true);
    await bounded(problem, this.#timing.writeTimeoutMs);
    await bounded(
      problem.then((cause) => (cause === null ? undefined : this.#disk.vouch(false))),
      this.#timing.writeTimeoutMs,
    );
  }

  #put(key: string, value: string | null): boolean {
    if (this.#isClosed || this.isBlind) return false;
    if (this.#isBroken && this.#dirty.size >= DIRTY_LIMIT && !this.#dirty.has(key)) {
      this.#hasLost = true;
      return false;
    }
    // A key that is put again takes its new place: nothing overtakes what was put before it.
    this.#dirty.delete(key);
    this.#dirty.set(key, value);
    this.#schedule();
    return true;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isWriting || this.#isBroken) return;
    this.#isScheduled = true;
    // All that one event brings about, through however many actors and promises, is one group: a command whose call
    // needs nothing that has to be waited for is written together with its dispatch.
    setImmediate(() => {
      this.#isScheduled = false;
      if (!this.#isWriting && !this.#isBroken) void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const group = this.#dirty;
    const waiters = this.#waiters;
    this.#dirty = new Map();
    this.#waiters = [];
    this.#isWriting = true;
    const timer = setTimeout(() => {
      for (const tell of waiters.splice(0)) tell(false);
      this.#broke('it takes too long');
    }, this.#timing.writeTimeoutMs);
    const problem = await this.#write(group, waiters.length > 0);
    clearTimeout(timer);
    this.#isWriting = false;
    for (const tell of waiters) tell(problem === null);
    if (problem === null) {
      // It was slow, but it has done it.
      if (this.#isBroken) this.#works();
    } else {
      this.#dirty = new Map([...group, ...this.#dirty]);
      this.#broke(problem);
    }
    this.#goOn();
  }

  #goOn(): void {
    this.#vouchAgain();
    if (this.#isBroken) this.#probeLater();
    else if (this.#dirty.size > 0) this.#schedule();
    for (const tell of this.#idle.splice(0)) tell();
  }

  async #write(group: ReadonlyMap<string, string | null>, sync: boolean): Promise<string | null> {
    try {
      await this.#disk.batch(
        [...group].map(([key, value]) => ({ key, value })),
        sync,
      );
      return null;
    } catch (error) {
      return causeOf(error);
    }
  }

  #broke(cause: string): void {
    for (const tell of this.#waiters.splice(0)) tell(false);
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#onUsable(false);
    // What is told from now on is not on the disk: should we die, the next run must not trust what is.
    if (!this.isBlind) {
      this.#isDoubtful = true;
      this.#vouch(false);
    }
    this.#brokenSince = this.#clock.elapsed();
    this.#probes = 0;
    this.#log.write('error', 'The journal cannot be written: controls are refused until it can, reads go on.', {
      cause,
    });
  }

  /** What was told while nothing could be written has to be there first. */
  #vouchAgain(): void {
    if (!this.#isDoubtful || this.#isBroken || this.#hasLost || this.#dirty.size > 0) return;
    this.#isDoubtful = false;
    this.#vouch(true);
  }

  #vouch(isComplete: boolean): void {
    this.#vouching = this.#vouching.then(() => this.#disk.vouch(isComplete)).catch(() => {});
  }

  #works(): void {
    this.#isBroken = false;
    this.#onUsable(true);
    const forMs = Math.round(this.#clock.elapsed() - this.#brokenSince);
    this.#log.write('info', 'The journal can be written again: controls are carried out.', { forMs });
  }

  #probeLater(): void {
    if (this.#isClosed || this.#probeTimer !== null) return;
    const { probeMs, probeMaxMs } = this.#timing;
    const inMs = Math.min(probeMaxMs, probeMs * 2 ** Math.min(this.#probes, 16));
    this.#probes += 1;
    this.#probeTimer = setTimeout(() => {
      this.#probeTimer = null;
      void this.#probe();
    }, inMs);
    this.#probeTimer.unref();
  }

  /** LevelDB takes nothing more after a failed write until it is opened anew. What was put meanwhile is the test. */
  async #probe(): Promise<void> {
    this.#isWriting = true;
    const group = this.#dirty;
    this.#dirty = new Map();
    try {
      await this.#disk.open();
      await this.#disk.batch(
        [...group].map(([key, value]) => ({ key, value })),
        true,
      );
      this.#works();
    } catch {
      this.#dirty = new Map([...group, ...this.#dirty]);
    }
    this.#isWriting = false;
    this.#goOn();
  }

  #whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }
}

/** What a developer looks for. The cause says more than LevelDB's wrapping. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.message;
}

/** Resolves when the work has ended, well or not, or after `limitMs`. */
export async function bounded(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
