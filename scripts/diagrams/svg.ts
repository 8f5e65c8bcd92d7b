import { arrowHead, n, opening, plain, widthOf } from '../../src/io/inspector/page/svg-kit.ts';
import type { ChartState, ChartTransition } from './chart.ts';
import type { Box, Layout, PlacedEdge, PlacedPath, PlacedState, Point } from './layout.ts';
import { STYLE } from './style.ts';
import { FONT, INDENT, LINE_HEIGHT, type Line, NAME_HEIGHT } from './text.ts';
import { titleAt } from './title.ts';

/**
 * Writes a picture. Every state is a group with `data-state`, every transition has its name in `data-edge`, so that a
 * page can light what is active: give it the class `active`. A group of several transitions names all, with a blank
 * between them: select by `[data-edge~="token.valid:REFRESH:1"]`.
 */
export function svgOf(layout: Layout, name: string): string {
  const { width, height } = { width: Math.ceil(layout.width), height: Math.ceil(layout.height) };
  return [
    opening('statechart', { id: name, title: `Statechart of the ${name}`, description: describe(layout) }, layout),
    `<style>${STYLE}</style>`,
    `<defs>${arrowHead(headOf(name))}</defs>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...layout.states.map(stateGroup),
    ...layout.beginnings.map((arrow) => beginning(arrow, name)),
    ...layout.edges.map((edge) => edgePath(edge, name)),
    ...layout.states.map((state) => stateWords(state, titleAt(state, layout))),
    ...layout.edges.map(edgeLabel),
    '</svg>',
    '',
  ].join('\n');
}

const headOf = (name: string) => `${name}-head`;

/** What the picture tells, in words: for those who do not see it. */
function describe({ states, edges }: Layout): string {
  const inner = states.slice(1).map(({ state }) => pathOf(state.id));
  const ways = edges.map(({ edge }) => {
    const events = [...new Set(edge.transitions.map(({ event }) => event))];
    return `${pathOf(edge.source)} to ${pathOf(edge.target)}: ${events.join(', ')}`;
  });
  return `States: ${inner.join(', ')}. ${ways.join('; ')}.`;
}
const pathOf = (id: string) => id.slice(id.indexOf('.') + 1);

const classOf = ({ kind, states }: ChartState) => (states.length > 0 ? `${kind} container` : kind);

function stateGroup({ state, lines, words: _, ...box }: PlacedState): string {
  const rule = `<path class="rule" d="M${n(box.x)} ${n(box.y + NAME_HEIGHT)}h${n(box.width)}"/>`;
  return [
    `<g class="state ${classOf(state)}" data-state="${plain(state.id)}">`,
    rect('box', box, 7),
    ...(state.kind === 'final' ? [rect('rim', inset(box, 3), 5)] : []),
    ...(lines.length === 0 ? [] : [rule]),
    '</g>',
  ].join('\n');
}

/** Above the edges: one that leads into a container passes below what is written there. */
function stateWords({ state, lines, words, y }: PlacedState, title: number): string {
  const name = `<text class="name" x="${n(title)}" y="${n(y + 17)}">${plain(state.name)}</text>`;
  return [
    `<g class="words" data-state="${plain(state.id)}">`,
    ...(state.states.length > 0 ? platesOf(state, words, { x: title, y }) : []),
    name,
    ...lines.map((line, i) => text(line, words.x + 3, words.y + (i + 1) * LINE_HEIGHT - 3, 'inner')),
    '</g>',
  ].join('\n');
}

function platesOf(state: ChartState, words: Box, title: Point): readonly string[] {
  const width = widthOf(state.name, FONT.name) + 6;
  const ofName = { x: title.x - width / 2, y: title.y + 4, width, height: NAME_HEIGHT - 6 };
  return [rect('plate', ofName, 3), ...(words.width > 0 ? [rect('plate', words, 3)] : [])];
}

function beginning({ points }: PlacedPath, name: string): string {
  const [first] = points;
  if (first === undefined) return '';
  return `<g class="beginning"><circle cx="${n(first.x)}" cy="${n(first.y)}" r="4.5"/>${path(points, name)}</g>`;
}

const idsOf = (transitions: readonly ChartTransition[]) => plain(transitions.map(({ id }) => id).join(' '));

/** Dashed, if nothing but time leads along it. */
function kindOf({ transitions }: PlacedEdge['edge']): string {
  const kinds = new Set(transitions.map(({ kind }) => kind));
  return kinds.size === 1 ? [...kinds].join() : 'event';
}

function edgePath({ edge, points }: PlacedEdge, name: string): string {
  return `<g class="edge ${kindOf(edge)}" data-edge="${idsOf(edge.transitions)}" data-target="${plain(edge.target)}">${path(points, name)}</g>`;
}

function edgeLabel({ edge, label, lines }: PlacedEdge): string {
  return [
    `<g class="label" data-edge="${idsOf(edge.transitions)}" data-target="${plain(edge.target)}">`,
    rect('plate', label, 3),
    ...lines.map((line, i) => text(line, label.x + 3, label.y + (i + 1) * LINE_HEIGHT - 3, 'text')),
    '</g>',
  ].join('\n');
}

function text({ id, pieces, isIndented }: Line, x: number, y: number, style: string): string {
  const spans = pieces.map(({ text: words, style: kind }) => `<tspan class="${kind}">${plain(words)}</tspan>`);
  const name = id === null ? '' : ` data-edge="${plain(id)}"`;
  return `<text class="${style}" x="${n(isIndented ? x + INDENT : x)}" y="${n(y)}"${name}>${spans.join(' ')}</text>`;
}

const RADIUS = 5;
/** Straight lines with rounded corners. */
function path(points: readonly { readonly x: number; readonly y: number }[], name: string): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const steps = rest.map((point, i) => {
    const next = rest[i + 1];
    if (next === undefined) return `L${n(point.x)} ${n(point.y)}`;
    const from = toward(point, points[i] ?? point);
    const to = toward(point, next);
    return `L${n(from.x)} ${n(from.y)}Q${n(point.x)} ${n(point.y)} ${n(to.x)} ${n(to.y)}`;
  });
  return `<path d="M${n(first.x)} ${n(first.y)}${steps.join('')}" marker-end="url(#${headOf(name)})"/>`;
}

function toward(point: { x: number; y: number }, other: { x: number; y: number }): { x: number; y: number } {
  const [dx, dy] = [other.x - point.x, other.y - point.y];
  const length = Math.hypot(dx, dy);
  const share = length === 0 ? 0 : Math.min(RADIUS, length / 2) / length;
  return { x: point.x + dx * share, y: point.y + dy * share };
}

const rect = (style: string, { x, y, width, height }: Box, radius: number) =>
  `<rect class="${style}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${radius}"/>`;
const inset = ({ x, y, width, height }: Box, by: number): Box => ({
  x: x + by,
  y: y + by,
  width: width - 2 * by,
  height: height - 2 * by,
});
