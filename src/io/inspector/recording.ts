import type { Feed } from './feed.ts';
import type { Kept } from './ring.ts';
import type { Seen } from './seen.ts';
import { RECORDING_VERSION, type RecordingHeader } from './wire.ts';

/** A recording: lines of JSON, the header first, then entries in the order of their numbers. */

const LINES_AT_ONCE = 500;

export interface Stamp {
  readonly version: string;
  readonly simulated: boolean;
}

/** @param startedAt epoch ms. */
export function headerLine({ version, simulated }: Stamp, startedAt: number): string {
  const header: RecordingHeader = {
    type: 'bluelinkd.recording',
    version: RECORDING_VERSION,
    startedAt: new Date(startedAt).toISOString(),
    bluelinkd: version,
    node: process.version,
    simulated,
  };
  return `${JSON.stringify(header)}\n`;
}

/**
 * The recording of the last while, piece by piece, so that nobody else has to wait for it: what is in the ring buffer now,
 * and before that who was there without having done anything since. The oldest are left out where it would be too long.
 */
export function* recordingOf(
  feed: Feed,
  living: readonly Kept<Seen>[],
  { stamp, now, maxBytes }: { readonly stamp: Stamp; readonly now: number; readonly maxBytes: number },
): Generator<string> {
  const ring = feed.newest(Number.POSITIVE_INFINITY);
  const first = ring[0]?.seq ?? Number.POSITIVE_INFINITY;
  const before = living.filter(({ seq }) => seq < first).sort((one, other) => one.seq - other.seq);
  const header = headerLine(stamp, ring[0]?.at ?? now);
  let left = maxBytes - header.length;
  const lines: string[][] = [[]];
  let isFull = false;
  // From the newest backwards, until there is no room: a piece at a time.
  for (const source of [ring, before]) {
    for (let at = source.length - 1; at >= 0 && !isFull; at -= 1) {
      const kept = source[at];
      if (kept === undefined) continue;
      const line = `${feed.textOf(kept)}\n`;
      left -= Buffer.byteLength(line);
      isFull = left < 0;
      if (isFull) break;
      const piece = lines.at(-1);
      if (piece === undefined || piece.length >= LINES_AT_ONCE) {
        lines.push([line]);
        yield '';
      } else piece.push(line);
    }
  }
  yield header;
  for (const piece of lines.reverse()) yield piece.reverse().join('');
}
