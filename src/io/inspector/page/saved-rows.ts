import { beginOf, inTime, type JourneyRow } from '../hop.ts';
import { type Hop, shortened } from './hops.ts';
import type { SequenceOptions, SequenceRow } from './sequence-diagram.ts';
import { type Tone, toneOf } from './tone.ts';

/** A row as it is saved: what it says and how long it took are two things. */
export interface SavedRow extends JourneyRow {
  readonly tone: Tone;
  readonly commandId: string | null;
}

/** @param hops as they are shown, oldest first. */
export const savedRows = (hops: readonly Hop[]): readonly SavedRow[] =>
  inTime(hops.map(({ row, tone, commandId }) => ({ ...row, tone, commandId })));

/** The same in few words, for a picture, in which rows are read beside each other. */
export const pictureRows = (rows: readonly JourneyRow[]): readonly SequenceRow[] =>
  inTime(rows).map((row) => ({
    ...row,
    // `generation 2` stays on one line.
    detail: shortened(row.detail).replaceAll(/(?<=^|, )(\w+) (?=[^ ,]+(?:,|$))/g, '$1\u00a0'),
    durationMs: row.durationMs !== null && row.durationMs >= 1 ? row.durationMs : null,
    tone: toneOf(row),
  }));

/** A journey's times count from where it began. */
export const journeyOptions = (rows: readonly JourneyRow[]): Pick<SequenceOptions, 'begunAt'> => ({
  begunAt: beginOf(rows),
});
