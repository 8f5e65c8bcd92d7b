import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Processes } from './processes.ts';

/** A lock file: who holds it is written in it, and it is held as long as that process lives. */

const holderSchema = z.object({ pid: z.int().positive(), start: z.string().max(200) });
type Holder = z.output<typeof holderSchema>;

export type Lock =
  | { readonly ok: true; release(): void }
  /** `pid` of the holder. */
  | { readonly ok: false; readonly pid: number };

const ATTEMPTS = 20;

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function livingHolder(text: string, processes: Processes): Holder | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const holder = holderSchema.safeParse(json);
  if (!holder.success) return null;
  return processes.startToken(holder.data.pid) === holder.data.start ? holder.data : null;
}

/** The process that holds the lock; null if nobody does, or nobody who lives. */
export function lockHolder(file: string, processes: Processes): number | null {
  return livingHolder(read(file) ?? '', processes)?.pid ?? null;
}

/** What file systems answer that know no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

function createWithoutLink(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Makes `file` with `text`, whole from its first moment on; false when it exists. */
function create(file: string, text: string, draft: string): boolean {
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    if (!NO_LINKS.some((code) => isCode(error, code))) throw error;
    return createWithoutLink(file, text);
  } finally {
    unlinkSync(draft);
  }
}

function unlinkIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}

/**
 * Replaces a lock whose holder is dead, under a second lock, so that of two who both saw the dead one only one succeeds.
 * @returns the living holder if there is one after all.
 */
function takeOver(file: string, text: string, draft: string, processes: Processes): Holder | null {
  const guard = `${file}.takeover`;
  if (!create(guard, text, draft)) {
    const other = livingHolder(read(guard) ?? '', processes);
    if (other === null) unlinkIfThere(guard);
    return other;
  }
  try {
    const holder = livingHolder(read(file) ?? '', processes);
    if (holder !== null) return holder;
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, file);
    return null;
  } finally {
    unlinkSync(guard);
  }
}

/**
 * Takes the lock, also from a holder that is dead or whose number another process got since. Where the lock is shared by
 * machines or containers, a holder elsewhere cannot be seen and counts as dead.
 * @throws what `node:fs` throws when the folder cannot be written.
 */
export function takeLock(file: string, processes: Processes): Lock {
  const start = processes.startToken(processes.ownPid) ?? 'alive';
  const text = `${JSON.stringify({ pid: processes.ownPid, start, nonce: randomBytes(8).toString('hex') })}\n`;
  const draft = `${file}.${processes.ownPid}.${randomBytes(4).toString('hex')}`;
  const release = () => {
    if (read(file) === text) unlinkIfThere(file);
  };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (create(file, text, draft)) return { ok: true, release };
    const found = read(file);
    if (found === null) continue;
    const holder = livingHolder(found, processes) ?? takeOver(file, text, draft, processes);
    if (holder !== null) return { ok: false, pid: holder.pid };
    if (read(file) === text) return { ok: true, release };
  }
  throw new Error(`The lock ${file} changed hands ${ATTEMPTS} times while it was being taken.`);
}
