import { type FileHandle, open } from 'node:fs/promises';
import type { ResolvedConfig } from '../io/config/load.ts';
import { AttachError, fetchSnapshot, listen } from '../io/inspector/attach.ts';
import { headerLine } from '../io/inspector/recording.ts';
import { attachmentFor } from './attachment.ts';

export interface RecordOptions {
  /** The file; it must not exist. */
  readonly to: string;
  /** Null: until told. */
  readonly seconds: number | null;
  readonly url: string | null;
}

const LARGEST_FILE = 256 * 1024 * 1024;
const WHY: Readonly<Record<string, string>> = {
  EEXIST: 'it exists already',
  ENOENT: 'there is no such folder',
  EACCES: 'its folder may not be written',
  ENOSPC: 'the disk is full',
};

/**
 * `bluelinkd record`: writes what the inspector of a running daemon tells into a file, from now on.
 *
 * @returns the exit code: 0, 1 when no inspector could be asked or it went away, 2 when the file cannot be written.
 */
export async function record(config: ResolvedConfig, { to, seconds, url }: RecordOptions): Promise<number> {
  const attachment = attachmentFor(config, url);
  const over = new AbortController();
  const stop = (): void => over.abort();
  let file: FileHandle | null = null;
  try {
    const { seq, version, simulated, actors } = await fetchSnapshot(attachment);
    file = await open(to, 'wx', 0o600);
    let bytes = 0;
    let entries = 0;
    const write = async (text: string): Promise<void> => {
      bytes += Buffer.byteLength(text);
      await file?.write(text);
    };
    await write(headerLine({ version, simulated }, Date.now()));
    const before = [...actors].sort((one, other) => one.seq - other.seq);
    await write(before.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    if (seconds !== null) setTimeout(stop, seconds * 1_000).unref();
    process.stdout.write(`Recording ${attachment.url} into ${to} …\n`);
    for await (const entry of listen(attachment, seq, over.signal)) {
      if (entry.startsWith('{"type":"bluelinkd.hello"')) continue;
      await write(`${entry}\n`);
      entries += 1;
      if (bytes > LARGEST_FILE) stop();
    }
    process.stdout.write(`${entries} entries recorded.\n`);
    return 0;
  } catch (error) {
    if (error instanceof AttachError) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    process.stderr.write(`${to} cannot be written: ${WHY[code] ?? code}.\n`);
    return 2;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await file?.close();
  }
}
