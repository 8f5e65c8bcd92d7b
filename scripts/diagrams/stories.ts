import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JourneyRow, journeyOf } from '../../src/io/inspector/journey.ts';
import { journeyOptions, pictureRows } from '../../src/io/inspector/page/saved-rows.ts';
import {
  type SequenceDiagram,
  type SequenceRow,
  sequenceDiagram,
} from '../../src/io/inspector/page/sequence-diagram.ts';
import { entryOf } from '../../src/io/inspector/wire-schema.ts';

/** Commands of recordings under docs/recordings (`bluelinkd record`, beside the demo) that the documentation tells of. */
const STORIES = [
  { name: 'sequence-expiry', recording: 'expiry', command: 'first', title: 'A command meets the expired token' },
  { name: 'sequence-second', recording: 'second', command: 'second', title: 'Another one comes while it is renewed' },
  { name: 'sequence-refused', recording: 'refused', command: 'refused', title: 'An error that is not about tokens' },
] as const;

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'recordings');

/** The stories as sequence diagrams, by the names of their files. */
export function storyDiagrams(): ReadonlyMap<string, SequenceDiagram> {
  return new Map(STORIES.map(({ name, recording, command, title }) => [name, diagramOf(recording, command, title)]));
}

function diagramOf(recording: string, command: string, title: string): SequenceDiagram {
  const [, ...lines] = readFileSync(join(FOLDER, `${recording}.jsonl`), 'utf8').split('\n');
  const entries = lines.map(entryOf).filter((entry) => entry !== null);
  const rows = journeyOf(entries, command);
  if (rows.length === 0) throw new Error(`The recording ${recording} does not have the command ${command}.`);
  return sequenceDiagram(pictureRows(rows.filter(isTold)).map(briefly), {
    ...journeyOptions(rows),
    id: recording,
    title,
  });
}

/** Who waits for what is seen by whom it asked. */
const isTold = ({ kind, what }: JourneyRow): boolean => kind !== 'state' || !/awaiting(Token|Permit)$/.test(what);

/** The car has its own lane. */
const briefly = (row: SequenceRow): SequenceRow =>
  row.kind === 'message' ? { ...row, what: row.what.replace(/^.*(?=\/commands\/)/, '…') } : row;
