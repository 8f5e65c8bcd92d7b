import type { ElkNode, LayoutOptions } from 'elkjs';
import ElkModule from 'elkjs/lib/elk.bundled.js';
import type { Chart, ChartEdge, ChartState } from './chart.ts';
import { FONT, LINE_HEIGHT, type Line, labelOf, linesIn, NAME_HEIGHT, PADDING, widest, widthOf } from './text.ts';

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
interface Point {
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
  'elk.randomSeed': '1',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '26',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.thoroughness': '40',
};
/** The CommonJS module is the constructor itself; its types say that it has a default. */
const ELK = ElkModule as unknown as typeof ElkModule.default;

const dotOf = (state: ChartState) => `${state.id}#begin`;

/** The initial state first: the picture is read from the top. */
function inOrder({ states, initial }: ChartState): readonly ChartState[] {
  return [...states.filter(({ id }) => id === initial), ...states.filter(({ id }) => id !== initial)];
}

/** `extra` widens containers that turned out narrower than what is written in them. */
function nodeOf(state: ChartState, extra: ReadonlyMap<string, number>): ElkNode {
  const lines = linesIn(state);
  const header = NAME_HEIGHT + lines.length * LINE_HEIGHT + (lines.length > 0 ? 6 : 0);
  const width = widthIn(state);
  if (state.states.length === 0) {
    const layoutOptions: LayoutOptions =
      state.kind === 'final' ? { 'elk.layered.layering.layerConstraint': 'LAST' } : {};
    return { id: state.id, width: Math.max(80, width), height: header + 6, layoutOptions };
  }
  const first = { 'elk.layered.layering.layerConstraint': 'FIRST' };
  const dots = state.initial === null ? [] : [{ id: dotOf(state), width: DOT, height: DOT, layoutOptions: first }];
  const right = PADDING + 4 + (extra.get(state.id) ?? 0);
  return {
    id: state.id,
    children: [...dots, ...inOrder(state).map((inner) => nodeOf(inner, extra))],
    layoutOptions: {
      ...OPTIONS,
      'elk.padding': `[top=${header + PADDING},left=${PADDING + 4},bottom=${PADDING + 4},right=${right}]`,
    },
  };
}

const widthIn = (state: ChartState): number =>
  Math.max(widthOf(state.name, FONT.name), widest(linesIn(state), FONT.inner)) + 2 * PADDING;
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
  const extra = new Map<string, number>();
  for (let tries = 1; ; tries += 1) {
    const layout = read(chart, await place(chart, extra));
    const narrow = layout.states.filter(({ state, width }) => width < widthIn(state));
    if (narrow.length === 0 || tries === MOST_TRIES) return layout;
    for (const { state, width } of narrow) {
      extra.set(state.id, (extra.get(state.id) ?? 0) + Math.ceil(widthIn(state) - width));
    }
  }
}

function place(chart: Chart, extra: ReadonlyMap<string, number>): Promise<ElkNode> {
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
    children: [nodeOf(chart.root, extra)],
    edges: [...beginnings, ...edges],
  });
}

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
    states: all(chart.root).map((state) => ({
      ...boxOf(boxes.get(state.id) ?? {}),
      state,
      lines: linesIn(state),
    })),
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
