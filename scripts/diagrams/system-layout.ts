import { widthOf } from '../../src/io/inspector/page/svg-kit.ts';
import type { SystemBox, SystemGraph, SystemLine } from './system-graph.ts';
import { FONT, LINE_HEIGHT } from './text.ts';

/**
 * Three columns: the account and its commands are bars at the sides, since nearly everybody talks to both; who talks to both
 * stands between them. So no line crosses another.
 */
interface Place {
  readonly column: 'left' | 'middle' | 'right';
  /** Bars reach from one row to another. */
  readonly row: number;
  readonly until?: number;
}
const PLACES: Readonly<Record<string, Place>> = {
  signal: { column: 'left', row: 0 },
  broker: { column: 'middle', row: 0 },
  fleet: { column: 'left', row: 1 },
  bridge: { column: 'middle', row: 1 },
  journal: { column: 'right', row: 1 },
  account: { column: 'left', row: 2, until: 6 },
  vehicle: { column: 'middle', row: 2 },
  breaker: { column: 'middle', row: 3 },
  token: { column: 'middle', row: 4 },
  cloud: { column: 'middle', row: 5 },
  command: { column: 'right', row: 2, until: 6 },
};
const ROWS = 7;
const BAR_ROW = 2;

export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Area extends Point {
  readonly width: number;
  readonly height: number;
}
export interface PlacedBox extends Area {
  readonly box: SystemBox;
}
export interface LabelLine {
  readonly text: string;
  readonly style: 'start' | 'route' | 'event';
}
export interface PlacedLine {
  readonly line: SystemLine;
  readonly points: readonly Point[];
  readonly label: Area;
  readonly words: readonly LabelLine[];
}
export interface SystemLayout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly lines: readonly PlacedLine[];
}

type Way = 'across' | 'down' | 'elbow' | 'under';
const MARGIN = 14;
const BOX_HEIGHT = 46;
const SPACE = 20;
/** In characters. */
const LONGEST = { across: 24, down: 34, elbow: 24, under: 60 } as const satisfies Record<Way, number>;

/** Throws if two talk for whom no way without a crossing is known. */
function wayOf({ one, other }: SystemLine): Way {
  const [from, to] = [placeOf(one), placeOf(other)];
  if (one === 'bridge' && other === 'account') return 'elbow';
  if (one === 'account' && other === 'command') return 'under';
  const distance = Math.abs(
    'left middle right'.split(' ').indexOf(from.column) - 'left middle right'.split(' ').indexOf(to.column),
  );
  const isLevel = to.row === from.row || [from, to].some(({ row, until = row }) => until > row && within(from, to));
  if (distance === 1 && isLevel) return 'across';
  if (distance === 0 && Math.abs(from.row - to.row) === 1) return 'down';
  throw new Error(`${one} and ${other} talk now: give their line a way in scripts/diagrams/system-layout.ts.`);
}
const within = (from: Place, to: Place): boolean =>
  Math.max(from.row, to.row) <= Math.min(from.until ?? from.row, to.until ?? to.row);

function placeOf(name: string): Place {
  const place = PLACES[name];
  if (place === undefined) throw new Error(`${name} is new: give it a place in scripts/diagrams/system-layout.ts.`);
  return place;
}

function wordsOf({ one, other, spawns, there, back }: SystemLine, most: number): readonly LabelLine[] {
  const said = (from: string, to: string, events: readonly string[]): readonly LabelLine[] =>
    events.length === 0
      ? []
      : [
          { text: `${from} → ${to}`, style: 'route' },
          ...filled(events, most).map((text) => ({ text, style: 'event' as const })),
        ];
  return [
    ...(spawns ? [{ text: `${one} starts ${other}`, style: 'start' as const }] : []),
    ...said(one, other, there),
    ...said(other, one, back),
  ];
}

/** As many on a line as fit. */
function filled(events: readonly string[], most: number): readonly string[] {
  const lines: string[] = [];
  events.forEach((event, i) => {
    const word = i < events.length - 1 ? `${event},` : event;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  });
  return lines;
}

const sizeOf = (words: readonly LabelLine[]) => ({
  width: Math.max(0, ...words.map(({ text }) => widthOf(text, FONT.label))) + 8,
  height: words.length * LINE_HEIGHT + 4,
});
const widest = (sizes: readonly { readonly width: number }[], least: number): number =>
  Math.max(least, ...sizes.map(({ width }) => width));
const tallest = (sizes: readonly { readonly height: number }[], least: number): number =>
  Math.max(least, ...sizes.map(({ height }) => height));

export function layOutSystem({ boxes, lines }: SystemGraph): SystemLayout {
  const drawn = lines.map((line) => {
    const way = wayOf(line);
    const words = wordsOf(line, LONGEST[way]);
    return { line, way, words, ...sizeOf(words), from: placeOf(line.one), to: placeOf(line.other) };
  });
  const boxWidth = ({ name, what }: SystemBox) => Math.max(widthOf(name, FONT.name), widthOf(what, FONT.inner)) + 22;
  const inColumn = (column: Place['column']) => boxes.filter(({ name }) => placeOf(name).column === column);
  const isBeside = (column: Place['column']) => (one: (typeof drawn)[number]) =>
    (one.way === 'across' || one.way === 'elbow') && [one.from, one.to].some((place) => place.column === column);
  const downIn = (column: Place['column']) => drawn.filter(({ way, from }) => way === 'down' && from.column === column);

  // ── Columns
  const columnWidth = (column: Place['column']) =>
    widest([...inColumn(column).map((box) => ({ width: boxWidth(box) })), ...downIn(column)], 110);
  const gap = (column: Place['column']) => widest(drawn.filter(isBeside(column)), 60) + 2 * SPACE;
  const left = { x: MARGIN, width: columnWidth('left') };
  const middle = { x: left.x + left.width + gap('left'), width: columnWidth('middle') };
  const right = { x: middle.x + middle.width + gap('right'), width: columnWidth('right') };
  const columns = { left, middle, right };
  const centre = (column: Place['column']) => columns[column].x + columns[column].width / 2;

  // ── Rows
  const elbow = tallest(
    drawn.filter(({ way }) => way === 'elbow'),
    0,
  );
  const tops: number[] = [];
  const heights: number[] = [];
  let barTop = 0;
  for (let row = 0, y = MARGIN; row < ROWS; row += 1) {
    const level = drawn.filter(({ way, from, to }) => way === 'across' && Math.max(from.row, to.row) === row);
    const under = drawn.filter(({ way }) => way === 'under' && row === ROWS - 1);
    const height = tallest([...level, ...under], row === ROWS - 1 ? 0 : BOX_HEIGHT);
    tops.push(y);
    heights.push(height);
    const below = (column: Place['column']) =>
      tallest(
        downIn(column).filter(({ from, to }) => Math.max(from.row, to.row) === row + 1),
        0,
      ) +
      2 * SPACE;
    const next = y + height;
    if (row + 1 === BAR_ROW) {
      barTop = next + Math.max(below('left'), below('right'));
      y = Math.max(next + below('middle'), barTop + elbow + SPACE);
    } else y = next + Math.max(SPACE, below('left'), below('middle'), below('right'));
  }
  const middleOf = (row: number) => (tops[row] ?? 0) + (heights[row] ?? 0) / 2;
  const areaOf = ({ name }: SystemBox): Area => {
    const { column, row, until } = placeOf(name);
    const { x, width } = columns[column];
    if (until !== undefined) {
      return { x, width, y: barTop, height: (tops[until] ?? 0) + (heights[until] ?? 0) + 8 - barTop };
    }
    return { x, width, y: middleOf(row) - BOX_HEIGHT / 2, height: BOX_HEIGHT };
  };
  const areas = new Map(boxes.map((box) => [box.name, areaOf(box)]));
  const areaNamed = (name: string): Area => areas.get(name) ?? { x: 0, y: 0, width: 0, height: 0 };

  const linePlaced = ({ line, way, words, from, to, ...size }: (typeof drawn)[number]): PlacedLine => {
    const [a, b] = [areaNamed(line.one), areaNamed(line.other)];
    const around = ({ x, y }: Point): Area => ({
      x: x - size.width / 2,
      y: y - size.height / 2,
      width: size.width,
      height: size.height,
    });
    const beside = (y: number) => {
      const [west, east] = a.x < b.x ? [a, b] : [b, a];
      const points = [
        { x: west.x + west.width, y },
        { x: east.x, y },
      ];
      const at = { x: (west.x + west.width + east.x) / 2, y };
      return { points: a.x < b.x ? points : points.toReversed(), at };
    };
    switch (way) {
      case 'down': {
        const x = centre(from.column);
        const [north, south] = a.y < b.y ? [a, b] : [b, a];
        const points = [
          { x, y: north.y + north.height },
          { x, y: south.y },
        ];
        const at = { x, y: (north.y + north.height + south.y) / 2 };
        return { line, words, points: a.y < b.y ? points : points.toReversed(), label: around(at) };
      }
      case 'elbow': {
        const y = barTop + size.height / 2 + 6;
        const x = a.x - SPACE / 2;
        const out = a.y + a.height - 8;
        const points = [
          { x: a.x, y: out },
          { x, y: out },
          { x, y },
          { x: b.x + b.width, y },
        ];
        return { line, words, points, label: around({ x: (b.x + b.width + middle.x) / 2, y }) };
      }
      case 'across':
      case 'under': {
        const { points, at } = beside(middleOf(way === 'under' ? ROWS - 1 : Math.max(from.row, to.row)));
        return { line, words, points, label: around(at) };
      }
    }
  };
  const bottom = Math.max(...[...areas.values()].map(({ y, height }) => y + height));
  return {
    width: right.x + right.width + MARGIN,
    height: bottom + MARGIN,
    boxes: boxes.map((box) => ({ box, ...areaNamed(box.name) })),
    lines: drawn.map(linePlaced),
  };
}
