import type { Clock, Journal, JournalRecord, Log } from '../../actors/ports.ts';
import type { Disk } from './disk.ts';
import { type Migrations, readJournal, recordKey } from './format.ts';
import { bounded, causeOf, GROUP_COMMIT_TIMING, GroupCommit, type GroupCommitTiming } from './group-commit.ts';
import { createLevelDisk } from './level-disk.ts';
import { recordOf, textOf } from './record-text.ts';

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

/** The journal in a folder: commands survive there what the process does not. Never rejects. */
export function openJournal(folder: string, parts: JournalParts): Promise<OpenedJournal> {
  return openJournalOn(createLevelDisk(folder, parts), parts);
}

/**
 * The same on any disk. One that cannot be opened is tried again by and by; until then nothing is kept, and what an
 * earlier run left is for the next one. One with another format is not touched.
 */
export async function openJournalOn(disk: Disk, parts: JournalParts): Promise<OpenedJournal> {
  const { log, version, migrations } = parts;
  const guarded: Pick<Disk, 'open' | 'batch'> = {
    batch: (operations, sync) => disk.batch(operations, sync),
    open: async () => {
      const condition = await disk.open();
      const read = await readJournal(disk, version, migrations);
      if (!read.ok) throw new Error(`The journal cannot be used: ${read.problem}.`);
      return condition;
    },
  };
  const commit = new GroupCommit(guarded, parts, { ...GROUP_COMMIT_TIMING, ...parts.timing });
  const left: JournalRecord[] = [];
  try {
    const condition = await disk.open();
    const read = await readJournal(disk, version, migrations);
    if (!read.ok) {
      await disk.close();
      return {
        ok: false,
        problem: `The journal cannot be used: ${read.problem}. Use the program that wrote it, or move its folder away if no command in it matters any more.`,
      };
    }
    let unusable = 0;
    for (const [key, text] of read.texts) {
      const record = recordOf(text);
      if (record !== null && recordKey(record.key) === key) left.push(condition === 'whole' ? record : doubted(record));
      else {
        unusable += 1;
        commit.note(key, null);
      }
    }
    if (unusable > 0) log.write('error', 'The journal has records that cannot be read; they are lost.', { unusable });
    // What has ended may have told where somebody goes: it is not only struck out, but gone.
    await disk.compact();
    parts.onUsable?.(true);
  } catch (error) {
    commit.startBroken(causeOf(error));
  }
  return { ok: true, journal: journalOf(disk, commit, left, log) };
}

/**
 * A record of a damaged journal. That a control was sent may be among what is lost: it is not sent again, but what the
 * car shows decides.
 */
function doubted(record: JournalRecord): JournalRecord {
  if (record.kind !== 'command' || record.record !== null || record.dispatch !== null) return record;
  if (record.command === 'refresh') return record;
  return { ...record, dispatch: { first: record.id, at: record.receivedAt, calls: 1, taken: null } };
}

function journalOf(disk: Disk, commit: GroupCommit, left: readonly JournalRecord[], log: Log): Journal {
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
    left,
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
