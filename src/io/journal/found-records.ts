import type { JournalRecord } from '../../actors/ports.ts';
import type { Contents, Operation } from './disk.ts';
import { JOURNAL_VERSION, type Migrations, recordKey, textsIn } from './format.ts';
import { recordOf, textOf } from './record-text.ts';

type Texts = readonly (readonly [key: string, text: string])[];

/** The records of a journal. */
export interface RecordsFound {
  readonly ok: true;
  readonly left: readonly JournalRecord[];
  /** As they were found. */
  readonly texts: Texts;
  /** How many could not be read. */
  readonly unusable: number;
  /** Whether it was written by another version of the program, or by none. */
  readonly isForeign: boolean;
  /** What has to be written for the disk to say the same as `left`. */
  readonly changes: readonly Operation[];
}
/** `problem` is a sentence for a person. */
export type FoundRecords = RecordsFound | { readonly ok: false; readonly problem: string };

export function recordsIn(
  { condition, entries }: Contents,
  version: number = JOURNAL_VERSION,
  migrations?: Migrations,
): FoundRecords {
  const found = textsIn(entries, version, migrations);
  if (!found.ok) return found;
  const left: JournalRecord[] = [];
  const changes: Operation[] = [...found.changes];
  let unusable = 0;
  for (const [key, text] of found.texts) {
    const record = recordOf(text);
    if (record === null || recordKey(record.key) !== key) {
      unusable += 1;
      changes.push({ key, value: null });
      continue;
    }
    const trusted = condition === 'whole' ? record : doubted(record);
    left.push(trusted);
    // What is doubted once is so for the next who reads it, too.
    if (trusted !== record) changes.push({ key, value: textOf(trusted) });
  }
  return { ok: true, left, texts: found.texts, unusable, isForeign: found.changes.length > 0, changes };
}

/**
 * A record of a damaged journal. That a control was sent, or that its sender was told that it was not, may be among what
 * is lost: it is not sent again, but what the car shows decides.
 */
function doubted(record: JournalRecord): JournalRecord {
  if (record.kind === 'message') return record.isDoubted ? record : { ...record, isDoubted: true };
  if (record.record !== null || record.dispatch !== null || record.command === 'refresh') return record;
  const dispatch = { first: record.id, at: record.receivedAt, isGuessed: true, calls: 1, taken: null } as const;
  return { ...record, dispatch };
}

export function isSame(one: Texts, other: Texts): boolean {
  return one.length === other.length && one.every(([key, text], at) => other[at]?.[0] === key && other[at][1] === text);
}
