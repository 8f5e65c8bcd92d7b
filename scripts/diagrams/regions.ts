import type { ChartState } from './chart.ts';
import { type Layout, type Point, wordsIn } from './layout.ts';
import { headerOf, linesIn, PADDING, widthIn } from './text.ts';

/** What fits into a README. */
const WIDEST = 1_000;
const AROUND = 8;

/** No arrow leads from one region to another, so they stand beside and below each other as room allows. */
export function packed(root: ChartState, regions: readonly Layout[]): Layout {
  const rows: Layout[][] = [];
  let left = 0;
  for (const region of regions) {
    if (rows.length === 0 || region.width > left) {
      rows.push([]);
      left = WIDEST - 2 * (AROUND + PADDING);
    }
    rows.at(-1)?.push(region);
    left -= region.width;
  }
  const inside = Math.max(
    widthIn(root),
    ...rows.map((row) => row.reduce((sum, { width }) => sum + width, 2 * PADDING)),
  );
  let y = AROUND + headerOf(root) + PADDING;
  const moved = rows.flatMap((row) => {
    const free = inside - 2 * PADDING - row.reduce((sum, { width }) => sum + width, 0);
    let x = AROUND + PADDING + free / (row.length + 1);
    const placed = row.map((region) => {
      const there = shifted(region, x, y);
      x += region.width + free / (row.length + 1);
      return there;
    });
    y += Math.max(...row.map(({ height }) => height));
    return placed;
  });
  const box = { x: AROUND, y: AROUND, width: inside, height: y + PADDING - AROUND };
  return {
    width: inside + 2 * AROUND,
    height: box.height + 2 * AROUND,
    states: [
      { ...box, state: root, lines: linesIn(root), words: wordsIn(root, box) },
      ...moved.flatMap(({ states }) => states),
    ],
    edges: moved.flatMap(({ edges }) => edges),
    beginnings: moved.flatMap(({ beginnings }) => beginnings),
  };
}

function shifted(layout: Layout, dx: number, dy: number): Layout {
  const move = <T extends Point>(point: T): T => ({ ...point, x: point.x + dx, y: point.y + dy });
  return {
    ...layout,
    states: layout.states.map((state) => ({ ...move(state), words: move(state.words) })),
    edges: layout.edges.map((edge) => ({ ...edge, points: edge.points.map(move), label: move(edge.label) })),
    beginnings: layout.beginnings.map(({ points }) => ({ points: points.map(move) })),
  };
}
