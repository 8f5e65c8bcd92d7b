import type { Clock, Journal, JournalRecord, Log } from '../../actors/ports.ts';
import type { Disk, DiskCondition } from './disk.ts';
import { type Migrations, recordKey } from './format.ts';
import { type FoundRecords, isSame, type RecordsFound, recordsIn } from './found-records.ts';
import { bounded, causeOf, GROUP_COMMIT_TIMING, GroupCommit, type GroupCommitTiming } from './group-commit.ts';
import { createLevelDisk } from './level-disk.ts';
import { textOf } from './record-text.ts';

export type OpenedJournal =
  | { readonly ok: true; readonly journal: Journal }
  /** A sentence for a person. */
  | { readonly ok: false; readonly problem: string };

export interface JournalParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Hears whether it can be written: when it has been opened, and at every change. */
  readonly onUsable?: (isUsable: boolean) => void;
  readonly timing?: Partial<GroupCommitTiming>;
  /** Of the format; default: the one that this program writes. */
  readonly version?: number;
  readonly migrations?: Migrations;
}

/** So many records are taken out of it before the space is given back. */
const COMPACT_AFTER = 2_000;
const CLOSE_MS = 5_000;
const PEEK_MS = 5_000;

/** The journal in a folder: commands survive there what the process does not. Never rejects. */
export function openJournal(folder: string, parts: JournalParts): Promise<OpenedJournal> {
  return openJournalOn(createLevelDisk(folder, parts), parts);
}

/**
 * The same on any disk. One that cannot be opened is tried again by and by, and nothing is kept until then; what earlier
 * runs left is read without writing, or, if it cannot be read, told when it can. One with another format is not touched.
 */
export async function openJournalOn(disk: Disk, parts: JournalParts): Promise<OpenedJournal> {
  const { log, version, migrations } = parts;
  const shelf = new LeftRecords();
  const contents = async (condition: DiskCondition) =>
    recordsIn({ condition, entries: await disk.entries() }, version, migrations);
  const store = async ({ changes, unusable }: RecordsFound): Promise<void> => {
    if (unusable > 0) log.write('error', 'The journal has records that cannot be read; they are lost.', { unusable });
    if (changes.length > 0) await disk.batch(changes, true);
  };
  let isToldOthers = false;
  let foundLate: RecordsFound | null = null;
  const reopen = async (): Promise<void> => {
    const again = await contents(await disk.open());
    if (!again.ok) throw new Error(`The journal cannot be used: ${again.problem}.`);
    if (shelf.isStored) {
      // It may have been begun anew.
      if (again.isForeign) await disk.batch(again.changes, true);
      return;
    }
    const { seen } = shelf;
    if (seen !== null && !isSame(seen.texts, again.texts)) {
      if (!isToldOthers) log.write('error', OTHER_RECORDS);
      isToldOthers = true;
      throw new Error(OTHER_RECORDS);
    }
    await store(seen ?? again);
    if (seen === null) await disk.vouch(true);
    shelf.isStored = true;
    if (seen === null) foundLate = again;
  };
  const onUsable = (isUsable: boolean): void => {
    if (isUsable && foundLate !== null) {
      commit.isBlind = false;
      shelf.put(foundLate);
      log.write('info', 'What earlier runs left in the journal can be read now.', { records: foundLate.left.length });
      foundLate = null;
    }
    parts.onUsable?.(isUsable);
  };
  const commit = new GroupCommit(
    { ...only(disk), open: reopen },
    { ...parts, onUsable },
    { ...GROUP_COMMIT_TIMING, ...parts.timing },
  );
  try {
    const found = await contents(await disk.open());
    if (!found.ok) {
      await disk.close();
      return refusal(found.problem);
    }
    shelf.put(found);
    await store(found);
    shelf.isStored = true;
    await disk.vouch(true);
    // What has ended may have told where somebody goes: it is not only struck out, but gone.
    await disk.compact();
    parts.onUsable?.(true);
  } catch (error) {
    if (shelf.seen === null) {
      const found = await peeked(disk, parts);
      if (found?.ok === false) return refusal(found.problem);
      if (found !== null) shelf.put(found);
    }
    commit.isBlind = shelf.seen === null;
    commit.startBroken(causeOf(error));
    if (commit.isBlind) log.write('error', BLIND);
    else if (shelf.seen?.left.length !== 0)
      log.write('info', 'What earlier runs left in the journal could be read.', { records: shelf.seen?.left.length });
  }
  return { ok: true, journal: journalOf(disk, commit, shelf, log) };
}

const OTHER_RECORDS =
  'The journal holds other commands than when the daemon started, as if it had been put there since: controls are refused until the daemon is restarted.';
const BLIND =
  'Nor can what earlier runs left in the journal be read: controls that may have been among it are held back for some seconds, and then end as unknown.';

const only = (disk: Disk): Pick<Disk, 'batch' | 'vouch'> => ({
  batch: (operations, sync) => disk.batch(operations, sync),
  vouch: (isComplete) => disk.vouch(isComplete),
});

const refusal = (problem: string): OpenedJournal => ({
  ok: false,
  problem: `The journal cannot be used: ${problem}. Use the program that wrote it, or move its folder away if no command in it matters any more.`,
});

/** What can be read where nothing can be written; null if it cannot, or takes too long. */
async function peeked(disk: Disk, { version, migrations }: JournalParts): Promise<FoundRecords | null> {
  let found: FoundRecords | null = null;
  const look = async () => {
    found = recordsIn(await disk.peek(), version, migrations);
  };
  await bounded(look(), PEEK_MS);
  return found;
}

/** What earlier runs left, from when it has been read. */
class LeftRecords {
  seen: RecordsFound | null = null;
  /** The disk says the same. */
  isStored = false;
  #listener: ((left: readonly JournalRecord[]) => void) | null = null;

  put(found: RecordsFound): void {
    this.seen = found;
    this.#listener?.(found.left);
  }

  /** Hears of them, if they have not been read. */
  listen(listener: (left: readonly JournalRecord[]) => void): void {
    if (this.seen === null) this.#listener = listener;
  }
}

function journalOf(disk: Disk, commit: GroupCommit, shelf: LeftRecords, log: Log): Journal {
  let removed = 0;
  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await commit.close();
    const end = async () => {
      try {
        await disk.compact();
      } finally {
        await disk.close();
      }
    };
    const ended = end().catch((error: unknown) => {
      log.write('warn', 'The journal was not closed in good order.', { cause: causeOf(error) });
    });
    await bounded(ended, CLOSE_MS);
  };
  return {
    get left() {
      return shelf.seen?.left ?? [];
    },
    get isRead() {
      return shelf.seen !== null;
    },
    onRead: (listener) => shelf.listen(listener),
    write: (record) => commit.write(recordKey(record.key), textOf(record)),
    note: (record) => commit.note(recordKey(record.key), textOf(record)),
    remove: (key) => {
      commit.note(recordKey(key), null);
      removed += 1;
      if (removed % COMPACT_AFTER === 0) void disk.compact().catch(() => {});
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}
