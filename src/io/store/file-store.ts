import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, Log } from '../../actors/ports.ts';
import { exclusively, type TakeLock } from './exclusively.ts';
import { watchFile } from './file-watch.ts';
import {
  type FileContent,
  makePrivateDirectory,
  readPrivateFile,
  replacePrivateFile,
  setAside,
  versionMark,
} from './private-file.ts';

/** One JSON document that must survive crashes, be seen by nobody else, and be changed by one process at a time. */
export interface DocumentStore<T> {
  /** The document, or what could be salvaged of a damaged one, or null. Never rejects. */
  load(): Promise<T | null>;
  /**
   * Replaces the document by what `next` makes of the stored one (null: there is none that can be used); nobody else
   * changes it in between. Resolves to the new one when it is safe on the disk. Rejects when it is not, and with what
   * `next` throws, which leaves the document as it is.
   */
  change(next: (stored: T | null) => T): Promise<T>;
  /** Hears of every document that another process puts there, until the answered function is called. */
  watch(listener: (document: T) => void): () => void;
}

export interface FileStoreOptions<T> {
  readonly directory: string;
  /** Names the document and its file, e.g. `session-main`; one that no file should have is replaced by its hash. */
  readonly name: string;
  /** Of the format. A document with a newer one is not used. */
  readonly version: number;
  parse(document: unknown): T | null;
  /** What is left of a document that cannot be used as it is; asked for the document itself, then for the previous one. */
  salvage(document: unknown): T | null;
  /** Keeps other processes out while the document is replaced. */
  readonly takeLock: TakeLock;
  readonly clock: Clock;
  readonly log: Log;
}

type Verdict<T> =
  | { readonly type: 'absent' }
  | { readonly type: 'good'; readonly document: T }
  | { readonly type: 'bad'; readonly reason: string; readonly suffix: string; readonly content: unknown };

/**
 * A file store. What it cannot use (corrupt, unreadable, readable by others, from a newer version) it reports, keeps
 * beside under another name and treats as absent, so that a damaged file never stops the daemon.
 */
export function createFileStore<T>(options: FileStoreOptions<T>): DocumentStore<T> {
  const { directory, log } = options;
  const path = join(directory, `${fileName(options.name)}.json`);
  let tail: Promise<unknown> = Promise.resolve();
  /** Which file we have seen or written: another one is somebody else's. */
  let seen: string | null = null;

  const inTurn = <R>(step: () => Promise<R>): Promise<R> => {
    const result = tail.then(step);
    // A failed step is its caller's business; the next one starts afresh.
    tail = result.catch(() => {});
    return result;
  };
  const read = async (): Promise<Verdict<T>> => {
    const content = await readPrivateFile(path);
    seen = content.type === 'text' ? content.mark : null;
    return judge(content, options);
  };
  const putAside = async ({ suffix, reason }: Verdict<T> & { type: 'bad' }): Promise<void> => {
    const keptAs = await setAside(path, `${suffix}-${options.clock.now()}`);
    log.write('error', `A stored file was not used: ${reason}.`, { path, keptAs });
  };

  return {
    load: () =>
      inTurn(async () => {
        const verdict = await read();
        if (verdict.type === 'good') return verdict.document;
        if (verdict.type === 'bad') {
          await putAside(verdict);
          const salvaged = options.salvage(verdict.content);
          if (salvaged !== null) return salvaged;
        }
        const previous = await readPrivateFile(`${path}.previous`);
        return previous.type === 'text' && !previous.shared ? options.salvage(contentOf(previous.text)) : null;
      }),

    change: (next) =>
      inTurn(async () => {
        await makePrivateDirectory(directory);
        return exclusively(options.takeLock, `${path}.lock`, async () => {
          const verdict = await read();
          if (verdict.type === 'bad') await putAside(verdict);
          const document = next(verdict.type === 'good' ? verdict.document : null);
          await replacePrivateFile(path, `${JSON.stringify({ version: options.version, ...document }, null, 2)}\n`);
          seen = await versionMark(path);
          return document;
        });
      }),

    watch(listener) {
      const look = () =>
        inTurn(async () => {
          const mark = await versionMark(path);
          if (mark === null || mark === seen) return;
          const verdict = await read();
          if (verdict.type === 'good') listener(verdict.document);
          // It stays where it is until we have something better to put there.
          else if (verdict.type === 'bad') log.write('warn', `A stored file has changed: ${verdict.reason}.`, { path });
        });
      return watchFile(path, () => void look().catch(() => {}));
    },
  };
}

function judge<T>(content: FileContent, options: FileStoreOptions<T>): Verdict<T> {
  if (content.type === 'absent') return content;
  const bad = (reason: string, suffix: string, document: unknown = null): Verdict<T> => ({
    type: 'bad',
    reason,
    suffix,
    content: document,
  });
  if (content.type === 'unreadable') return bad(`it cannot be read (${content.code})`, 'unreadable');
  const document = contentOf(content.text);
  if (content.shared) return bad('others than its owner could read it', 'shared', document);
  const version = versionOf(document);
  if (version === null) return bad('it is damaged', 'corrupt', document);
  if (version > options.version) return bad(`its format ${version} is newer than this program`, 'newer', document);
  const parsed = options.parse(document);
  return parsed === null ? bad('it is damaged', 'corrupt', document) : { type: 'good', document: parsed };
}

function contentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function versionOf(document: unknown): number | null {
  if (typeof document !== 'object' || document === null || !('version' in document)) return null;
  return typeof document.version === 'number' && Number.isInteger(document.version) ? document.version : null;
}

/** Different names must never share a file, hence the hash. */
function fileName(name: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return name;
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
