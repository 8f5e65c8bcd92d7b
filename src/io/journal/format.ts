import type { Operation } from './disk.ts';
import { sealed } from './record-text.ts';

/** Of what the journal's texts say. */
export const JOURNAL_VERSION = 2;
export const VERSION_KEY = 'version';
const RECORD = 'record/';
const DIGITS = 16;

export const recordKey = (key: number): string => `${RECORD}${String(key).padStart(DIGITS, '0')}`;

/** Makes the texts of one version from those of the version before; null drops one. */
export type Migration = (text: string) => string | null;

/** The migration to version n stands under n. */
export type Migrations = Readonly<Record<number, Migration>>;

const MIGRATIONS: Migrations = {
  // Version 1 had no checksums.
  2: sealed,
};

export type JournalTexts =
  | {
      readonly ok: true;
      readonly texts: readonly (readonly [key: string, text: string])[];
      /** What has to be written, all of it or nothing, for the disk to say the same. */
      readonly changes: readonly Operation[];
    }
  /** `problem` is a sentence for a person. */
  | { readonly ok: false; readonly problem: string };

/**
 * What these entries of a journal say, in the words of the present version. An older version is migrated; a newer one is
 * refused.
 */
export function textsIn(
  entries: readonly (readonly [key: string, value: string])[],
  version: number = JOURNAL_VERSION,
  migrations: Migrations = MIGRATIONS,
): JournalTexts {
  const written = entries.find(([key]) => key === VERSION_KEY)?.[1];
  let texts = entries.filter(([key]) => key.startsWith(RECORD));
  const old = texts;
  const found = written === undefined ? version : Number(written);
  if (!Number.isInteger(found) || found < 1) return { ok: false, problem: 'it does not say which version it is of' };
  if (found > version) {
    return { ok: false, problem: `its format ${found} is newer than this program, which knows ${version}` };
  }
  // New, or repaired: each record is looked at besides.
  if (written === undefined) texts = texts.map(([key, text]) => [key, text.startsWith('{') ? sealed(text) : text]);
  for (let step = found + 1; step <= version; step += 1) {
    const migrate = migrations[step];
    if (migrate === undefined) return { ok: false, problem: `its format ${found} is too old for this program` };
    texts = texts.flatMap(([key, text]) => {
      const migrated = migrate(text);
      return migrated === null ? [] : [[key, migrated] as const];
    });
  }
  if (written === String(version)) return { ok: true, texts, changes: [] };
  const now = new Map<string, string | null>(old.map(([key]) => [key, null]));
  for (const [key, text] of texts) now.set(key, text);
  const changes: Operation[] = [...now].map(([key, value]) => ({ key, value }));
  return { ok: true, texts, changes: [...changes, { key: VERSION_KEY, value: String(version) }] };
}
