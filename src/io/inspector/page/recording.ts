import { RECORDING_VERSION } from '../wire.ts';
import { entryOf, isObject, type StreamEntry } from './read-entry.ts';

export interface Recording {
  readonly name: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly version: string;
  /** Whether its cars were; null if it does not say. */
  readonly simulated: boolean | null;
  readonly hasHealth: boolean;
  readonly entries: readonly StreamEntry[];
  /** Lines that nobody could read, or that were too many. */
  readonly skipped: number;
}

/** More would make the page slow; the newest stay. */
const LIMIT = 50_000;
const LINES_A_TIME = 1_000;

/**
 * Reads JSON lines, the first of which says that it is a recording. Lets the page breathe between batches.
 *
 * @returns a sentence if it is none.
 */
export async function readRecording(name: string, text: string): Promise<Recording | string> {
  const lines = text.split('\n');
  const head = readLine(lines[0] ?? '');
  if (!isObject(head) || head.type !== 'bluelinkd.recording') return `${name} is no recording of bluelinkd.`;
  if (head.version !== 1 && head.version !== RECORDING_VERSION) {
    return `${name} is of version ${String(head.version)}; this page reads version 1 and ${RECORDING_VERSION}.`;
  }
  const entries: StreamEntry[] = [];
  let skipped = 0;
  for (let from = 1; from < lines.length; from += LINES_A_TIME) {
    for (const line of lines.slice(from, from + LINES_A_TIME)) {
      if (line === '') continue;
      const entry = entryOf(readLine(line));
      if (entry === null) skipped += 1;
      else entries.push(entry);
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  if (entries.length === 0) return `${name} has nothing in it.`;
  const kept = entries.slice(-LIMIT);
  return {
    name,
    startedAt: kept[0]?.at ?? 0,
    version: typeof head.bluelinkd === 'string' ? head.bluelinkd : '',
    simulated: typeof head.simulated === 'boolean' ? head.simulated : null,
    hasHealth: kept.some(({ type }) => type === 'bluelinkd.health'),
    entries: kept,
    skipped: skipped + entries.length - kept.length,
  };
}

function readLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
