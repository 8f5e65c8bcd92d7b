import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, Log } from '../../actors/ports.ts';
import {
  type FileContent,
  makePrivateDirectory,
  readPrivateFile,
  replacePrivateFile,
  setAside,
} from './private-file.ts';

/** One JSON document that must survive crashes and be seen by nobody else. */
export interface DocumentStore<T> {
  /** The document, or what could be salvaged of a damaged one, or null. Never rejects. */
  load(): Promise<T | null>;
  /** Resolves when the document is safe on the disk; rejects when it is not. */
  save(document: T): Promise<void>;
}

export interface FileStoreOptions<T> {
  readonly directory: string;
  /** Names the document and its file, e.g. `session-main`; one that no file should have is replaced by its hash. */
  readonly name: string;
  /** Of the format. A document with a newer one is not touched. */
  readonly version: number;
  parse(document: unknown): T | null;
  /** What is left of a document that cannot be used as it is; asked for the document itself, then for the previous one. */
  salvage(document: unknown): T | null;
  readonly clock: Clock;
  readonly log: Log;
}

type Verdict<T> =
  | { readonly type: 'absent' }
  | { readonly type: 'good'; readonly document: T }
  | { readonly type: 'bad'; readonly reason: string; readonly suffix: string; readonly content: unknown };

/**
 * A file store. What it cannot use (corrupt, readable by others, from a newer version) it reports, keeps beside under
 * another name and treats as absent, so that a damaged file never stops the daemon.
 */
export function createFileStore<T>(options: FileStoreOptions<T>): DocumentStore<T> {
  const path = join(options.directory, `${fileName(options.name)}.json`);
  let tail: Promise<void> = Promise.resolve();

  return {
    async load() {
      const verdict = judge(await readPrivateFile(path), options);
      if (verdict.type === 'good') return verdict.document;
      if (verdict.type === 'bad') {
        const keptAs = await setAside(path, `${verdict.suffix}-${options.clock.now()}`);
        options.log.write('error', `A stored file was not used: ${verdict.reason}.`, { path, keptAs });
        const salvaged = options.salvage(verdict.content);
        if (salvaged !== null) return salvaged;
      }
      const previous = await readPrivateFile(`${path}.previous`);
      return previous.type === 'text' && !previous.shared ? options.salvage(contentOf(previous.text)) : null;
    },

    save(document) {
      const text = `${JSON.stringify({ version: options.version, ...document }, null, 2)}\n`;
      const step = tail.then(async () => {
        await makePrivateDirectory(options.directory);
        await replacePrivateFile(path, text);
      });
      // A failed save is its caller's business; the next one starts afresh.
      tail = step.catch(() => {});
      return step;
    },
  };
}

const MEMORY_LIMIT = 100;

/** A store for tests and the demo: keeps the last documents that were saved, in order. */
export function createMemoryStore<T>(initial: T | null = null): DocumentStore<T> & { readonly saved: readonly T[] } {
  const saved: T[] = [];
  return {
    saved,
    load: async () => saved.at(-1) ?? initial,
    save: async (document) => {
      saved.push(structuredClone(document));
      if (saved.length > MEMORY_LIMIT) saved.shift();
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
