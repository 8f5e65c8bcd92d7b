import type { ElkNode, LayoutOptions } from 'elkjs';
import ElkModule from 'elkjs/lib/elk.bundled.js';
import type { Chart, ChartEdge, ChartState } from './chart.ts';
import { type Above, standsAbove } from './order.ts';
import { packed } from './regions.ts';
import {
  FONT,
  headerOf,
  LINE_HEIGHT,
  type Line,
  labelOf,
  linesIn,
  NAME_HEIGHT,
  PADDING,
  widest,
  widthIn,
} from './text.ts';

/** A chart with a place for everything, in px from the upper left corner of the picture. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Outer states before inner ones. */
  readonly states: readonly PlacedState[];
  readonly edges: readonly PlacedEdge[];
  /** The arrows that show where a compound state begins. */
  readonly beginnings: readonly PlacedPath[];
}
export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}
export interface PlacedState extends Box {
  readonly state: ChartState;
  readonly lines: readonly Line[];
  /** Where the lines are written. */
  readonly words: Box;
}
export interface PlacedPath {
  readonly points: readonly Point[];
}
export interface PlacedEdge extends PlacedPath {
  readonly edge: ChartEdge;
  readonly label: Box;
  readonly lines: readonly Line[];
}

const DOT = 9;
const OPTIONS: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.randomSeed': '7',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '26',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.thoroughness': '40',
};
/** The CommonJS module is the constructor itself; its types say that it has a default. */
const ELK = ElkModule as unknown as typeof ElkModule.default;

const wordsId = (state: ChartState) => `${state.id}#words`;
const wordsSize = (state: ChartState) => {
  const lines = linesIn(state);
  return { width: lines.length === 0 ? 0 : widest(lines, FONT.inner) + 6, height: lines.length * LINE_HEIGHT + 2 };
};
const dotOf = (state: ChartState) => `${state.id}#begin`;

/** The initial state first: the picture is read from the top. */
function inOrder({ states, initial }: ChartState): readonly ChartState[] {
  return [...states.filter(({ id }) => id === initial), ...states.filter(({ id }) => id !== initial)];
}

/** What a first try has shown to be wrong. */
interface Corrections {
  /** How much wider containers must be for what is written in them. */
  readonly extra: Map<string, number>;
  /** Containers through whose words a line led: they become a box of their own, and lines keep away from it. */
  readonly boxed: Set<string>;
}

function nodeOf(state: ChartState, corrections: Corrections): ElkNode {
  const { extra, boxed } = corrections;
  const header = boxed.has(state.id) ? NAME_HEIGHT : headerOf(state);
  const width = widthIn(state);
  if (state.states.length === 0) {
    const layoutOptions: LayoutOptions =
      state.kind === 'final' ? { 'elk.layered.layering.layerConstraint': 'LAST' } : {};
    return { id: state.id, width: Math.max(80, width), height: header + 6, layoutOptions };
  }
  const first = { 'elk.layered.layering.layerConstraint': 'FIRST' };
  const dots = state.initial === null ? [] : [{ id: dotOf(state), width: DOT, height: DOT, layoutOptions: first }];
  const words = boxed.has(state.id) ? [{ id: wordsId(state), ...wordsSize(state), layoutOptions: first }] : [];
  const right = PADDING + 4 + (extra.get(state.id) ?? 0);
  return {
    id: state.id,
    children: [...words, ...dots, ...inOrder(state).map((inner) => nodeOf(inner, corrections))],
    layoutOptions: {
      ...OPTIONS,
      'elk.padding': `[top=${header + PADDING},left=${PADDING + 4},bottom=${PADDING + 4},right=${right}]`,
    },
  };
}

const all = (state: ChartState): readonly ChartState[] => [state, ...state.states.flatMap(all)];
const nameOf = ({ source, target }: ChartEdge) => `${source} → ${target}`;
const linesOf = (edge: ChartEdge): readonly Line[] => edge.transitions.flatMap(labelOf);

/** The place of every state in the story. */
function orderOf(root: ChartState): ReadonlyMap<string, number> {
  const inStory = (state: ChartState): readonly string[] => [state.id, ...inOrder(state).flatMap(inStory)];
  return new Map(inStory(root).map((id, place) => [id, place]));
}
/** Such an edge is laid out the other way round, so that what the story tells first stands above. */
const leadsBack = ({ source, target }: ChartEdge, order: ReadonlyMap<string, number>): boolean =>
  (order.get(source) ?? 0) > (order.get(target) ?? 0);

const MOST_TRIES = 5;

export async function layOut(chart: Chart): Promise<Layout> {
  const { root, edges } = chart;
  const isWithin = (region: ChartState) => (edge: ChartEdge) =>
    [edge.source, edge.target].every((id) => id === region.id || id.startsWith(`${region.id}.`));
  if (root.kind !== 'parallel' || !edges.every((edge) => root.states.some((region) => isWithin(region)(edge)))) {
    return layOutWhole(chart);
  }
  const regions = root.states.map((region) => layOutWhole({ root: region, edges: edges.filter(isWithin(region)) }));
  return packed(root, await Promise.all(regions));
}

async function layOutWhole(chart: Chart): Promise<Layout> {
  const corrections: Corrections = { extra: new Map(), boxed: new Set() };
  for (let tries = 1; ; tries += 1) {
    const layout = read(chart, await place(chart, corrections));
    const narrow = layout.states.filter(({ state, width }) => width < widthIn(state));
    const crossed = layout.states.filter((placed) => isCrossed(placed, layout));
    if (narrow.length + crossed.length === 0 || tries === MOST_TRIES) return layout;
    for (const { state } of crossed) corrections.boxed.add(state.id);
    for (const { state, width } of narrow) {
      const wider = Math.ceil(widthIn(state) - width);
      corrections.extra.set(state.id, (corrections.extra.get(state.id) ?? 0) + wider);
    }
  }
}

/** Whether a line leads through what is written in a container. */
function isCrossed({ state, words }: PlacedState, { edges }: Layout): boolean {
  if (state.states.length === 0 || words.width === 0) return false;
  const isIn = (from: Point, to: Point) =>
    Math.min(from.x, to.x) < words.x + words.width &&
    Math.max(from.x, to.x) > words.x &&
    Math.min(from.y, to.y) < words.y + words.height &&
    Math.max(from.y, to.y) > words.y;
  return edges.some(({ points }) => points.some((point, i) => i > 0 && isIn(points[i - 1] ?? point, point)));
}

/** Below its name, if nothing leads through it there. */
export const wordsIn = (state: ChartState, { x, y }: Point): Box => ({
  x: x + PADDING - 3,
  y: y + NAME_HEIGHT + 3,
  ...wordsSize(state),
});

function place(chart: Chart, corrections: Corrections): Promise<ElkNode> {
  const beginnings = all(chart.root).flatMap((state) =>
    state.initial === null ? [] : [{ id: `${dotOf(state)} →`, sources: [dotOf(state)], targets: [state.initial] }],
  );
  const order = orderOf(chart.root);
  const edges = chart.edges.map((edge) => {
    const lines = linesOf(edge);
    const width = widest(lines, FONT.label) + 6;
    const height = lines.length * LINE_HEIGHT + 2;
    const layoutOptions = { 'elk.edgeLabels.inline': 'true' };
    const label = { id: `${nameOf(edge)}#label`, text: edge.target, width, height, layoutOptions };
    const [above, below] = leadsBack(edge, order) ? [edge.target, edge.source] : [edge.source, edge.target];
    return { id: nameOf(edge), sources: [above], targets: [below], labels: [label] };
  });
  return new ELK().layout({
    id: 'picture',
    layoutOptions: { ...OPTIONS, 'elk.padding': '[top=8,left=8,bottom=8,right=8]' },
    children: [nodeOf(chart.root, corrections)],
    edges: [...beginnings, ...edges, ...standsAbove(chart).map(unseen)],
  });
}

/** A line that is not drawn: it only keeps one above the other. */
const unseen = ({ above, below }: Above) => ({ id: `${above} ⇣ ${below}`, sources: [above], targets: [below] });

function read(chart: Chart, picture: ElkNode): Layout {
  const order = orderOf(chart.root);
  const boxes = new Map<string, ElkNode>();
  const collect = (node: ElkNode): void => {
    boxes.set(node.id, node);
    for (const child of node.children ?? []) collect(child);
  };
  collect(picture);
  const boxOf = ({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box => ({ x, y, width, height });
  const paths = new Map((picture.edges ?? []).map((edge) => [edge.id, edge]));
  const pointsOf = (id: string): readonly Point[] =>
    (paths.get(id)?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) => [
      startPoint,
      ...bendPoints,
      endPoint,
    ]);
  return {
    ...boxOf(picture),
    states: all(chart.root).map((state) => {
      const box = boxOf(boxes.get(state.id) ?? {});
      const words = boxes.get(wordsId(state));
      const lines = linesIn(state);
      return { ...box, state, lines, words: words === undefined ? wordsIn(state, box) : boxOf(words) };
    }),
    edges: chart.edges.map((edge) => ({
      edge,
      points: leadsBack(edge, order) ? pointsOf(nameOf(edge)).toReversed() : pointsOf(nameOf(edge)),
      label: boxOf(paths.get(nameOf(edge))?.labels?.[0] ?? {}),
      lines: linesOf(edge),
    })),
    beginnings: all(chart.root).flatMap((state) =>
      state.initial === null ? [] : [{ points: pointsOf(`${dotOf(state)} →`) }],
    ),
  };
}
