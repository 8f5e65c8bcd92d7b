import type { Chart, ChartState } from './chart.ts';

/** Two states of which one must stand above the other, though no arrow says so. */
export interface Above {
  readonly above: string;
  readonly below: string;
}

/**
 * What keeps a picture as narrow as a page: two boxes of boxes stand below each other, and so does a box of boxes below the
 * states from which no arrow leads on. And a state that no arrow shows does not stand before the beginning.
 */
export function standsAbove(chart: Chart): readonly Above[] {
  const leads = (from: ChartState, to: ChartState) =>
    chart.edges.some(({ source, target }) => isIn(source, from) && isIn(target, to));
  return all(chart.root).flatMap(({ initial, states }) => {
    const others = states.filter(({ id, kind }) => kind !== 'final' && id !== initial);
    const boxes = others.filter((state) => state.states.length > 0);
    const ends = others.filter((leaf) => leaf.states.length === 0 && !states.some((other) => leads(leaf, other)));
    const [first] = boxes;
    const unshown = ends.filter((leaf) => !states.some((other) => leads(other, leaf)));
    return [
      ...boxes.slice(1).flatMap((box, i) => aboveUnless(leads, boxes[i] ?? box, box)),
      ...ends.flatMap((leaf) => (first === undefined ? [] : aboveUnless(leads, leaf, first))),
      ...unshown.flatMap(({ id }) => (initial === null ? [] : [{ above: initial, below: id }])),
    ];
  });
}

type Leads = (from: ChartState, to: ChartState) => boolean;
const aboveUnless = (leads: Leads, above: ChartState, below: ChartState): readonly Above[] =>
  leads(above, below) || leads(below, above) ? [] : [{ above: above.id, below: below.id }];

const all = (state: ChartState): readonly ChartState[] => [state, ...state.states.flatMap(all)];
const isIn = (id: string, state: ChartState) => id === state.id || id.startsWith(`${state.id}.`);
