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
    process.stderr.write(`Nothing is known of a command ${JSON.stringify(commandId)} there (any more).\n`);
    return 1;
  } catch (error) {
    if (error instanceof AttachError) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it is not understood';
    process.stderr.write(`${from} cannot be read: ${code}.\n`);
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
    isRecording ??= recordingVersion(line) !== null;
    if (!isRecording) {
      log.read(line);
      continue;
    }
    const entry = entryOf(line);
    if (entry !== null && entries.length < MOST_ENTRIES) entries.push(entry);
  }
  return isRecording === true ? journeyOf(entries, commandId) : log.rows();
}
