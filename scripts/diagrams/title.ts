import { widthOf } from '../../src/io/inspector/page/svg-kit.ts';
import type { Layout, PlacedState, Point } from './layout.ts';
import { FONT, NAME_HEIGHT } from './text.ts';

/** Between a title and a line that leads past it, in px. */
const MARGIN = 10;
const RIM = 6;

/** Where the middle of a state's name stands: that of its box, or as near to it as the lines allow that lead through there. */
export function titleAt(placed: PlacedState, { edges, beginnings }: Pick<Layout, 'edges' | 'beginnings'>): number {
  const { state, x, y, width } = placed;
  const middle = x + width / 2;
  const half = widthOf(state.name, FONT.name) / 2;
  const reach = half + MARGIN;
  const taken = [...edges, ...beginnings]
    .flatMap(({ points }) => points.slice(1).map((to, i) => [points[i] ?? to, to] as const))
    .filter((line) => isWithin(line, y, y + NAME_HEIGHT))
    .map(([from, to]) => ({ left: Math.min(from.x, to.x) - reach, right: Math.max(from.x, to.x) + reach }));
  const isFree = (at: number) =>
    at - half >= x + RIM && at + half <= x + width - RIM && taken.every(({ left, right }) => at <= left || at >= right);
  const places = [middle, ...taken.flatMap(({ left, right }) => [left, right])].filter(isFree);
  return places.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle))[0] ?? middle;
}

const isWithin = ([from, to]: readonly [Point, Point], top: number, bottom: number): boolean =>
  Math.min(from.y, to.y) < bottom && Math.max(from.y, to.y) > top;
