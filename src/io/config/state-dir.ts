import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lockHolder, takeLock } from './lock.ts';
import { privacyOf } from './private-folder.ts';
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
 * Makes the state folder if it is missing (0700), sees to it that nobody else can look into it (but leaves alone what others
 * have a right to), and becomes its one owner until `release` or the end of the process.
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

export type StateDirProbe = { readonly ok: true; readonly warnings: readonly string[] } | Refusal;

/**
 * Whether `openStateDir` could have the folder, as far as that can be told without making it, changing it or asking for its
 * lock: an empty folder is made in it (or where it would be made) and taken away again.
 */
export function probeStateDir(path: string): StateDirProbe {
  return orRefusal<StateDirProbe>(path, () => {
    const folder = nearestFolder(path);
    const privacy = folder === path ? privacyOf(path) : null;
    if (privacy?.type === 'refused') return { ok: false, problem: privacy.problem };
    const warnings: string[] = [];
    if (privacy?.type === 'shared') warnings.push(privacy.warning);
    if (privacy?.type === 'open') {
      warnings.push(`The state folder ${path} can be looked into by others; run makes it private (0700).`);
    }
    try {
      rmdirSync(mkdtempSync(join(folder, 'bluelinkd.check-')));
    } catch (error) {
      const code = codeOf(error);
      if (privacy === null && NOT_ALLOWED.includes(code)) {
        warnings.push(
          `The state folder ${path} is not there for this user, who may not make it (${code}): whatever starts bluelinkd has to, as systemd does with StateDirectory.`,
        );
        // With a full disk it starts all the same, if the folder is there.
      } else if (privacy === null || code !== 'ENOSPC') throw error;
    }
    return { ok: true, warnings };
  });
}

const LOCK = 'lock';

interface Refusal {
  readonly ok: false;
  readonly problem: string;
}

function withStateDir<R>(path: string, use: (warnings: readonly string[]) => R): R | Refusal {
  const warnings: string[] = [];
  return orRefusal<R | Refusal>(path, () => {
    makeFolder(path);
    const problem = makePrivate(path, warnings);
    return problem === null ? use(warnings) : { ok: false, problem };
  });
}

function orRefusal<R>(path: string, use: () => R): R | Refusal {
  try {
    return use();
  } catch (error) {
    const code = codeOf(error);
    return { ok: false, problem: `The state folder ${path} cannot be used: ${WORDS[code] ?? code}.` };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

const NOT_ALLOWED = ['EACCES', 'EPERM', 'EROFS'];

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there (EACCES)',
  EPERM: 'this user may not write there (EPERM)',
  ENOENT: 'it cannot be made there (ENOENT)',
  ENOTDIR: 'a part of its path is not a folder (ENOTDIR)',
  EROFS: 'the file system is read-only (EROFS)',
  ENOSPC: 'the disk is full (ENOSPC)',
};

/** The folder itself, or the first above it that is there. */
function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(dirname(path));
}

/** Level by level: where no folder can be made, as in `/proc`, what Node.js calls recursive tries for ever. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Somebody else has made it meanwhile; or it is a link that leads nowhere, which shows in a moment.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** @returns what is wrong, if it cannot be put right. */
function makePrivate(path: string, warnings: string[]): string | null {
  const privacy = privacyOf(path);
  if (privacy.type === 'refused') return privacy.problem;
  if (privacy.type === 'private') return null;
  if (privacy.type === 'shared') {
    warnings.push(privacy.warning);
    return null;
  }
  chmodSync(path, 0o700);
  if ((statSync(path).mode & 0o077) !== 0) {
    return `The state folder ${path} can be looked into by others, and the file system does not let that be changed.`;
  }
  warnings.push(`The state folder ${path} could be looked into by others; its mode is 0700 now.`);
  return null;
}
