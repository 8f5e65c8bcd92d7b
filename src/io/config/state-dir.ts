import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lockHolder, takeLock } from './lock.ts';
import { type Processes, systemProcesses } from './processes.ts';

export type StateDir =
  | {
      readonly ok: true;
      /** Absolute. Only this user can look into it. */
      readonly path: string;
      /** Sentences for the log. */
      readonly warnings: readonly string[];
      /** Gives the folder up. May be called twice, and while the process exits. */
      release(): void;
    }
  /** A sentence for a person. */
  | { readonly ok: false; readonly problem: string };

/**
 * Makes the state folder if it is missing (0700), sees to it that nobody else can look into it, and becomes its one owner
 * until `release` or the end of the process.
 */
export function openStateDir(path: string, processes: Processes = systemProcesses()): StateDir {
  return withStateDir(path, (warnings) => {
    const lock = takeLock(join(path, LOCK), processes);
    if (lock.ok) return { ok: true, path, warnings, release: lock.release };
    return {
      ok: false,
      problem: `The state folder ${path} belongs to a bluelinkd that is running (process ${lock.pid}): stop it, or give this one a folder of its own (state_dir or BLUELINKD_STATE_DIR).`,
    };
  });
}

export type SharedStateDir =
  /** `owner`: the process that runs on it, null if none does. */
  | { readonly ok: true; readonly warnings: readonly string[]; readonly owner: number | null }
  | { readonly ok: false; readonly problem: string };

/** The same for a short visit beside the owner: does not become one. */
export function visitStateDir(path: string, processes: Processes = systemProcesses()): SharedStateDir {
  return withStateDir(path, (warnings) => ({
    ok: true,
    warnings,
    owner: lockHolder(join(path, LOCK), processes),
  }));
}

const LOCK = 'lock';

function withStateDir<R>(
  path: string,
  use: (warnings: readonly string[]) => R,
): R | { readonly ok: false; readonly problem: string } {
  const warnings: string[] = [];
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const problem = makePrivate(path, warnings);
    return problem === null ? use(warnings) : { ok: false, problem };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { ok: false, problem: `The state folder ${path} cannot be used: ${WORDS[code] ?? code}.` };
  }
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there (EACCES)',
  EEXIST: 'it is not a folder (EEXIST)',
  ENOTDIR: 'a part of its path is not a folder (ENOTDIR)',
  EROFS: 'the file system is read-only (EROFS)',
  ENOSPC: 'the disk is full (ENOSPC)',
};

/** @returns what is wrong, if it cannot be put right. */
function makePrivate(path: string, warnings: string[]): string | null {
  const stat = statSync(path);
  if (!stat.isDirectory()) return `The state folder ${path} is not a folder.`;
  const uid = process.getuid?.();
  if (uid !== undefined && uid !== 0 && stat.uid !== uid) {
    return `The state folder ${path} belongs to another user: its owner could read what is kept there.`;
  }
  if ((stat.mode & 0o077) === 0) return null;
  if (lstatSync(path).isSymbolicLink()) {
    return `The state folder ${path} is a link to a folder that others can look into: make that folder private (chmod 700).`;
  }
  chmodSync(path, 0o700);
  if ((statSync(path).mode & 0o077) !== 0) {
    return `The state folder ${path} can be looked into by others, and the file system does not let that be changed.`;
  }
  warnings.push(`The state folder ${path} could be looked into by others; its mode is 0700 now.`);
  return null;
}
