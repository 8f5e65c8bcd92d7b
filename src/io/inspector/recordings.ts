import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock, Log } from '../../actors/ports.ts';
import { makePrivateDirectory } from '../store/private-file.ts';

/** Bytes of one recording. */
export const LARGEST_RECORDING = 4 * 1024 * 1024;
/** After a failure something may still happen that belongs to it, as the answer. */
const SETTLE_MS = 1_000;
/** A cloud that is away makes everything fail: one recording tells it. */
const PAUSE_MS = 60_000;
const NAME = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z-([a-zA-Z]+)\.jsonl$/;
const headerSchema = z.object({ type: z.literal('bluelinkd.recording'), startedAt: z.iso.datetime() });

export interface RecordingInfo {
  readonly name: string;
  readonly bytes: number;
  /** Epoch ms. */
  readonly startedAt: number | null;
  /** `command failed`, `command timedOut`, `command unknown`. */
  readonly why: string | null;
}

export interface RecordingsOptions {
  /** Of its own; made when it is needed. */
  readonly folder: string;
  /** The oldest go. 0: none is made. */
  readonly keep: number;
  readonly log: Log;
  readonly clock: Clock;
  /** The pieces of a recording of the last while. */
  readonly make: () => Iterable<string>;
  readonly settleMs?: number;
}

/** The recordings that are made when a command fails. Nothing here throws or rejects. */
export class Recordings {
  readonly #options: RecordingsOptions;
  #timer: NodeJS.Timeout | null = null;
  /** ms by `Clock.elapsed`. */
  #lastAt = Number.NEGATIVE_INFINITY;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  /** Makes one soon, unless one has been made just now. @param status how the command ended. */
  commandFailed(status: string): void {
    const { keep, clock, settleMs = SETTLE_MS } = this.#options;
    const elapsed = clock.elapsed();
    if (keep === 0 || this.#timer !== null || elapsed - this.#lastAt < PAUSE_MS) return;
    this.#lastAt = elapsed;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#saving = this.#save(status);
    }, settleMs);
    this.#timer.unref();
  }

  /** The newest first. */
  async list(): Promise<readonly RecordingInfo[]> {
    const names = await this.#names();
    const infos = await Promise.all(names.map((name) => this.#info(name)));
    return infos.filter((info) => info !== null);
  }

  /** Null if there is none of this name. */
  async read(name: string): Promise<Buffer | null> {
    if (!NAME.test(name)) return null;
    return withFile(join(this.#options.folder, name), (file) => file.readFile()).catch(() => null);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#saving;
  }

  async #save(status: string): Promise<void> {
    const { folder, log, clock, make, keep } = this.#options;
    const name = `${new Date(clock.now()).toISOString().replace(/[:.]/g, '-')}-${status.replace(/[^a-zA-Z]/g, '')}.jsonl`;
    const path = join(folder, name);
    const temporary = `${path}.tmp`;
    try {
      await makePrivateDirectory(folder);
      const file = await open(temporary, 'wx', 0o600);
      try {
        for (const piece of make()) {
          if (piece !== '') await file.write(piece);
          // Whoever else has something to do goes first.
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      for (const old of (await this.#names()).slice(keep)) await rm(join(folder, old), { force: true });
      log.write('info', 'a command failed; what led to it is recorded', { recording: name });
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      const cause = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      log.write('warn', 'a command failed, but what led to it could not be recorded', { cause });
    }
  }

  /** The newest first. */
  async #names(): Promise<readonly string[]> {
    const names = await readdir(this.#options.folder).catch(() => []);
    return names
      .filter((name) => NAME.test(name))
      .sort()
      .reverse();
  }

  async #info(name: string): Promise<RecordingInfo | null> {
    const path = join(this.#options.folder, name);
    const stats = await lstat(path).catch(() => null);
    if (stats?.isFile() !== true) return null;
    const status = NAME.exec(name)?.[1];
    const why = status === undefined ? null : `command ${status}`;
    return { name, bytes: stats.size, startedAt: await startOf(path), why };
  }
}

/** What is put there under another name, as a link or a pipe, is none of ours. @throws if it is none, or cannot be read. */
async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error('no file');
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Epoch ms, as the header says; null if there is no such header. */
async function startOf(path: string): Promise<number | null> {
  try {
    const { buffer, bytesRead } = await withFile(path, (file) => file.read(Buffer.alloc(1_024), 0, 1_024, 0));
    const [line = ''] = buffer.toString('utf8', 0, bytesRead).split('\n', 1);
    const header = headerSchema.safeParse(JSON.parse(line));
    return header.success ? Date.parse(header.data.startedAt) : null;
  } catch {
    return null;
  }
}
