import type { BigIntStats } from 'node:fs';
import { chmod, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export type FileContent =
  | { readonly type: 'absent' }
  /** `shared`: others than the owner may read or write it. `mark` tells it from a file that replaces it. */
  | { readonly type: 'text'; readonly text: string; readonly shared: boolean; readonly mark: string }
  | { readonly type: 'unreadable'; readonly code: string };

const SHARED_BITS = 0o077;

export async function readPrivateFile(path: string): Promise<FileContent> {
  try {
    const file = await open(path, 'r');
    try {
      const stats = await file.stat({ bigint: true });
      const text = await file.readFile('utf8');
      return { type: 'text', text, shared: (Number(stats.mode) & SHARED_BITS) !== 0, mark: markOf(stats) };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? { type: 'absent' } : { type: 'unreadable', code };
  }
}

/** The `mark` of the file that is there now; null if there is none. */
export async function versionMark(path: string): Promise<string | null> {
  try {
    return markOf(await stat(path, { bigint: true }));
  } catch {
    return null;
  }
}

function markOf({ ino, mtimeNs, size }: BigIntStats): string {
  return `${ino} ${mtimeNs} ${size}`;
}

/**
 * Replaces a file by way of a temporary one beside it, mode 0600, so that a crash leaves the old or the new content and
 * never half of it. The old one stays as `<path>.previous`. Resolves when the disk has it. Rejects with the file system's error.
 */
export async function replacePrivateFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    // A temporary file that a crash left behind keeps its old mode.
    await file.chmod(0o600);
    await file.writeFile(text, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
  await keepPrevious(path);
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** Makes the directory, for its owner alone. */
export async function makePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Moves a file out of the way under a name that is still free; answers the new path, or null if it could not. */
export async function setAside(path: string, suffix: string): Promise<string | null> {
  const target = `${path}.${suffix}`;
  try {
    await rename(path, target);
    await chmod(target, 0o600);
    return target;
  } catch {
    return null;
  }
}

/** A copy by hard link would share the mode and the inode; the content is small, so it is written anew. */
async function keepPrevious(path: string): Promise<void> {
  const old = await readPrivateFile(path);
  if (old.type !== 'text') return;
  const temporary = `${path}.previous.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(old.text, 'utf8');
  } finally {
    await file.close();
  }
  await rename(temporary, `${path}.previous`);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch {
    // Not every file system can do this; the file itself is synced.
  } finally {
    await directory.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
