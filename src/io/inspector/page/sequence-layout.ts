import type { SequenceRow } from './sequence-diagram.ts';
import { widthOf, wrapped } from './svg-kit.ts';

/** Where everything of a sequence diagram stands. Lengths in px. */
export const SIZE = {
  margin: 12,
  /** Height of the boxes that name the lanes. */
  lane: 28,
  /** Where the lifelines begin. */
  top: 40,
  /** Where the times end. */
  time: 78,
  font: 11,
  nameFont: 13,
  smallFont: 10,
  line: 15,
  smallLine: 13,
  gap: 10,
} as const;

/** In characters: what is longer is broken. */
const LONGEST_LINE = 27;
const NARROWEST = 96;

export interface Column {
  readonly lane: string;
  /** Of its lifeline. */
  readonly x: number;
  /** Of the box that names it. */
  readonly width: number;
}

export interface Placed {
  readonly row: SequenceRow;
  readonly y: number;
  readonly height: number;
  /** Where the arrow begins and ends; equal for what stands on one lane. */
  readonly from: number;
  readonly to: number;
  /** Of its words. */
  readonly middle: number;
  readonly what: readonly string[];
  readonly detail: readonly string[];
  /** The room that the words take. */
  readonly wide: number;
  /** Since the beginning. */
  readonly time: string;
}

const wordsOf = (row: SequenceRow): { readonly what: readonly string[]; readonly detail: readonly string[] } => {
  const { detail = null, durationMs = null } = row;
  const took = durationMs === null ? '' : `${durationOf(durationMs)}`;
  return {
    what: wrapped(row.what, LONGEST_LINE),
    detail: wrapped([detail ?? '', took].filter(Boolean).join(' · '), LONGEST_LINE),
  };
};
const wideOf = (row: SequenceRow): number => {
  const { what, detail } = wordsOf(row);
  const widths = [
    ...what.map((line) => widthOf(line, SIZE.font)),
    ...detail.map((line) => widthOf(line, SIZE.smallFont)),
  ];
  return Math.max(0, ...widths) + (row.from === row.to ? 18 : 6);
};

/** Lanes as near to each other as what is written between them allows. */
export function columnsOf(rows: readonly SequenceRow[], lanes: readonly string[]): readonly Column[] {
  const at = new Map(lanes.map((lane, index) => [lane, index]));
  const boxes = lanes.map((lane) => widthOf(lane, SIZE.nameFont) + 24);
  const gaps = lanes.slice(1).map((_, i) => Math.max(NARROWEST, ((boxes[i] ?? 0) + (boxes[i + 1] ?? 0)) / 2 + 14));
  const half = lanes.map((_, i) => (boxes[i] ?? 0) / 2);
  const spans = rows
    .map((row) => {
      const ends = [at.get(row.from) ?? 0, at.get(row.to) ?? 0];
      return { first: Math.min(...ends), last: Math.max(...ends), wide: wideOf(row) };
    })
    .sort((one, other) => one.last - one.first - (other.last - other.first));
  for (const { first, last, wide } of spans) {
    if (first === last) {
      half[first] = Math.max(half[first] ?? 0, wide / 2);
      if (first > 0) gaps[first - 1] = Math.max(gaps[first - 1] ?? 0, wide / 2 + 14);
      if (first < gaps.length) gaps[first] = Math.max(gaps[first] ?? 0, wide / 2 + 14);
      continue;
    }
    const between = gaps.slice(first, last).reduce((sum, gap) => sum + gap, 0);
    const missing = wide + 22 - between;
    if (missing <= 0) continue;
    for (let i = first; i < last; i += 1) gaps[i] = (gaps[i] ?? 0) + missing / (last - first);
  }
  let x = SIZE.time + SIZE.margin + (half[0] ?? 0);
  return lanes.map((lane, i) => {
    if (i > 0) x += gaps[i - 1] ?? 0;
    return { lane, x, width: boxes[i] ?? 0 };
  });
}

export function placed(
  rows: readonly SequenceRow[],
  columns: readonly Column[],
  /** Epoch ms. */
  begunAt = rows[0]?.at ?? 0,
): { readonly rows: readonly Placed[]; readonly width: number; readonly height: number } {
  const xs = new Map(columns.map(({ lane, x }) => [lane, x]));
  let y: number = SIZE.top + SIZE.gap;
  const found = rows.map((row): Placed => {
    const [from, to] = [xs.get(row.from) ?? 0, xs.get(row.to) ?? 0];
    const { what, detail } = wordsOf(row);
    const text = what.length * SIZE.line + detail.length * SIZE.smallLine;
    const height = text + (from === to ? 4 : 8);
    const one = {
      row,
      y,
      height,
      from,
      to,
      middle: (from + to) / 2,
      what,
      detail,
      wide: wideOf(row),
      time: durationOf(row.at - begunAt),
    };
    y += height + SIZE.gap;
    return one;
  });
  const rights = [
    ...columns.map(({ x, width }) => x + width / 2),
    ...found.map(({ middle, wide }) => middle + wide / 2),
  ];
  return { rows: found, width: Math.max(SIZE.time, ...rights) + SIZE.margin, height: y + SIZE.margin };
}

/** `0 ms`, `152 ms`, `1.24 s`, `2 min 5 s`. */
export function durationOf(ms: number): string {
  if (ms < 0) return `−${durationOf(-ms)}`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
