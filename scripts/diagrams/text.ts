import { widthOf } from '../../src/io/inspector/page/svg-kit.ts';
import type { ChartState, ChartTransition } from './chart.ts';

export const FONT = { name: 13, inner: 10.5, label: 10.5 } as const;
export const LINE_HEIGHT = 14;
export const NAME_HEIGHT = 24;
export const PADDING = 12;

export interface Piece {
  readonly text: string;
  readonly style: 'event' | 'guard' | 'action' | 'target' | 'call';
}
export interface Line {
  /** The transition that it tells of; null for a call. */
  readonly id: string | null;
  readonly pieces: readonly Piece[];
  /** It continues the line above. */
  readonly isIndented?: true;
}

const guardPiece = (guard: string | null): readonly Piece[] =>
  guard === null ? [] : [{ text: `[${guard}]`, style: 'guard' }];

/** What a state says below its name: its calls, and what it takes without leaving. */
export function linesIn({ calls, inner }: ChartState): readonly Line[] {
  return [...calls.map(callLine), ...inner.map(innerLine)];
}

const callLine = (source: string): Line => ({ id: null, pieces: [{ text: `calls ${source}`, style: 'call' }] });

function innerLine({ id, event, guard, leadsTo, actions }: ChartTransition): Line {
  const arrow = leadsTo === null || leadsTo.startsWith('↻') ? leadsTo : `→ ${leadsTo}`;
  const does = arrow ?? (actions.length === 0 ? null : `/ ${actions.join(', ')}`);
  return {
    id,
    pieces: [
      { text: event, style: 'event' },
      ...guardPiece(guard),
      ...(does === null ? [] : [{ text: does, style: arrow === null ? 'action' : 'target' } as const]),
    ],
  };
}

/** The label of an edge: the event, and its guard below it if both would make a long line. */
export function labelOf({ id, event, guard }: ChartTransition): readonly Line[] {
  const [head, condition]: [Piece, readonly Piece[]] = [{ text: event, style: 'event' }, guardPiece(guard)];
  const together = { id, pieces: [head, ...condition] };
  if (lengthOf(together) <= LONG) return [together];
  return [
    { id, pieces: [head] },
    { id, pieces: condition, isIndented: true },
  ];
}

/** In characters. */
const LONG = 26;
export const INDENT = 10;
const lengthOf = ({ pieces }: Line): number => pieces.map(({ text }) => text).join(' ').length;
const lineWidth = (line: Line, fontSize: number): number =>
  widthOf('x'.repeat(lengthOf(line)), fontSize) + (line.isIndented ? INDENT : 0);
export const widest = (lines: readonly Line[], fontSize: number): number =>
  Math.max(0, ...lines.map((line) => lineWidth(line, fontSize)));

/** The room that the name of a state and what is written below it take. */
export const headerOf = (state: ChartState): number => {
  const lines = linesIn(state).length;
  return NAME_HEIGHT + lines * LINE_HEIGHT + (lines > 0 ? 6 : 0);
};
export const widthIn = (state: ChartState): number =>
  Math.max(widthOf(state.name, FONT.name), widest(linesIn(state), FONT.inner)) + 2 * PADDING;
