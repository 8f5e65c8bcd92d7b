import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, readlinkSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Processes } from './processes.ts';

/**
 * A lock file: who holds it is written in it, and it is held as long as that process lives. On a full disk it is a link
 * to nowhere with a short text as its target, which takes no space but that of its name.
 */

const holderSchema = z.object({ pid: z.int().positive(), start: z.string().max(200) });
type Holder = z.output<typeof holderSchema>;
/** Process, start, and something that tells two locks of one process apart. */
const SHORT = /^(\d+) (.*) [0-9a-f]{3}$/;

/** Who takes a lock, as it is written. */
interface Texts {
  readonly long: string;
  /** At most 59 characters on Linux: file systems keep that with the name. */
  readonly short: string;
}

export type Lock =
  | { readonly ok: true; release(): void }
  /** `pid` of the holder. */
  | { readonly ok: false; readonly pid: number };

const ATTEMPTS = 20;

function read(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    // Then it is a file, or nothing.
  }
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

function holderIn(text: string): unknown {
  const [, pid, start] = SHORT.exec(text) ?? [];
  if (pid !== undefined) return { pid: Number(pid), start };
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function livingHolder(text: string, processes: Processes): Holder | null {
  const holder = holderSchema.safeParse(holderIn(text));
  if (!holder.success) return null;
  return processes.startToken(holder.data.pid) === holder.data.start ? holder.data : null;
}

/** The process that holds the lock; null if nobody does, or nobody who lives. */
export function lockHolder(file: string, processes: Processes): number | null {
  return livingHolder(read(file) ?? '', processes)?.pid ?? null;
}

/** What file systems answer that know no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

const isFull = (error: unknown): boolean => isCode(error, 'ENOSPC') || isCode(error, 'EDQUOT');

/** Writes who takes the lock into a file of their own. */
function write(draft: string, { long, short }: Texts): void {
  try {
    writeFileSync(draft, long, { mode: 0o600 });
  } catch (error) {
    unlinkIfThere(draft);
    if (!isFull(error)) throw error;
    symlinkSync(short, draft);
  }
}

function createWithoutLink(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Makes `file` with one of the texts, whole from its first moment on; false when it exists. */
function create(file: string, texts: Texts, draft: string): boolean {
  write(draft, texts);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    if (!NO_LINKS.some((code) => isCode(error, code))) throw error;
    return createWithoutLink(file, texts.long);
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
function takeOver(file: string, texts: Texts, draft: string, processes: Processes): Holder | null {
  const guard = `${file}.takeover`;
  if (!create(guard, texts, draft)) {
    const other = livingHolder(read(guard) ?? '', processes);
    if (other === null) unlinkIfThere(guard);
    return other;
  }
  try {
    const holder = livingHolder(read(file) ?? '', processes);
    if (holder !== null) return holder;
    write(draft, texts);
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
  const pid = processes.ownPid;
  const nonce = randomBytes(8).toString('hex');
  const texts: Texts = {
    long: `${JSON.stringify({ pid, start, nonce })}\n`,
    short: `${pid} ${start} ${nonce.slice(0, 3)}`,
  };
  const isOurs = (text: string | null): boolean => text === texts.long || text === texts.short;
  const draft = `${file}.${pid}.${randomBytes(4).toString('hex')}`;
  const release = () => {
    if (isOurs(read(file))) unlinkIfThere(file);
  };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (create(file, texts, draft)) return { ok: true, release };
    const found = read(file);
    if (found === null) continue;
    const holder = livingHolder(found, processes) ?? takeOver(file, texts, draft, processes);
    if (holder !== null) return { ok: false, pid: holder.pid };
    if (isOurs(read(file))) return { ok: true, release };
  }
  throw new Error(`The lock ${file} changed hands ${ATTEMPTS} times while it was being taken.`);
}
