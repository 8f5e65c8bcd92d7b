import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ResolvedConfig } from '../io/config/load.ts';
import { AttachError, fetchJourney } from '../io/inspector/attach.ts';
import type { JourneyRow } from '../io/inspector/hop.ts';
import { journeyOf } from '../io/inspector/journey.ts';
import { LogJourney } from '../io/inspector/log-journey.ts';
import { traceText } from '../io/inspector/trace-text.ts';
import type { Entry } from '../io/inspector/wire.ts';
import { entryOf, recordingVersion } from '../io/inspector/wire-schema.ts';
import { attachmentFor } from './attachment.ts';

export interface TraceOptions {
  readonly commandId: string;
  /** A recording or a log; null: the running daemon is asked. */
  readonly from: string | null;
  readonly url: string | null;
}

const MOST_ENTRIES = 500_000;
const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read',
  STRANGE: 'it is neither a recording nor a log in JSON',
};

/**
 * `bluelinkd trace`: the journey of one command as text.
 *
 * @returns the exit code: 0, 1 when nothing is known of the command or nobody can be asked, 2 when the file cannot be read.
 */
export async function trace(config: ResolvedConfig, options: TraceOptions): Promise<number> {
  const { commandId, from, url } = options;
  try {
    const rows =
      from === null ? await fetchJourney(attachmentFor(config, url), commandId) : await journeyIn(from, commandId);
    if (rows !== null && rows.length > 0) {
      process.stdout.write(traceText(commandId, rows));
      return 0;
    }
    const where = from === null ? 'The inspector knows' : `${from} has`;
    process.stderr.write(`${where} nothing of a command ${JSON.stringify(commandId)}.\n`);
    return 1;
  } catch (error) {
    if (error instanceof AttachError) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    process.stderr.write(`${from} cannot be read: ${WHY[code] ?? (code || 'it is not understood')}.\n`);
    return 2;
  }
}

/** Line by line: a log may be long. */
async function journeyIn(path: string, commandId: string): Promise<readonly JourneyRow[]> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  const entries: Entry[] = [];
  const log = new LogJourney(commandId);
  let isRecording: boolean | null = null;
  for await (const line of lines) {
    // A log may have lines of others before its own.
    if (isRecording === null && !line.startsWith('{')) continue;
    isRecording ??= recordingVersion(line) !== null;
    if (!isRecording) {
      log.read(line);
      continue;
    }
    const entry = entryOf(line);
    if (entry !== null && entries.length < MOST_ENTRIES) entries.push(entry);
  }
  if (isRecording === null) throw Object.assign(new Error(`${path} has no line of JSON.`), { code: 'STRANGE' });
  return isRecording ? journeyOf(entries, commandId) : log.rows();
}
