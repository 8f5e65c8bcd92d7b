import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { type DirectedGraphNode, toDirectedGraph } from 'xstate/graph';
import { actionName, eventName, guardName } from './words.ts';

/** A statechart as it is drawn: a tree of states, and what leads from one to another. */
export interface Chart {
  readonly root: ChartState;
  /** Between states of which neither contains the other; what is told inside a state is not among them. */
  readonly edges: readonly ChartEdge[];
}

export interface ChartState {
  /** `token.cooldown.proving` */
  readonly id: string;
  readonly name: string;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final';
  /** The calls that run while it is active. */
  readonly calls: readonly string[];
  /** What is taken without leaving it, by entering itself or what is around or in it, or by going to a crowded state. */
  readonly inner: readonly ChartTransition[];
  readonly initial: string | null;
  readonly states: readonly ChartState[];
}

export interface ChartTransition {
  /** `token.valid:REFRESH:1`: the state that has it, the event type, its place among those of this event. */
  readonly id: string;
  readonly event: string;
  readonly guard: string | null;
  readonly kind: 'event' | 'delay' | 'always';
  /** Where it leads, if it does: the name of the state, with ↻ if that is entered anew. */
  readonly leadsTo: string | null;
  /** What is done on the way, by name. */
  readonly actions: readonly string[];
}

export interface ChartEdge {
  readonly source: string;
  readonly target: string;
  readonly transitions: readonly ChartTransition[];
}

/** A state to which more others lead is named where they do: so many arrows would hide all others. */
const MOST_ARROWS = { toAnEnd: 2, toAnother: 4 } as const;

export function chartOf(machine: AnyStateMachine): Chart {
  const graph = toDirectedGraph(machine);
  const crowded = crowdedStates(graph);
  const edges = new Map<string, ChartEdge>();
  const root = stateOf(graph, edges, crowded);
  return { root, edges: [...edges.values()] };
}

function crowdedStates(graph: DirectedGraphNode): ReadonlySet<AnyStateNode> {
  const sources = new Map<AnyStateNode, Set<AnyStateNode>>();
  const count = (node: DirectedGraphNode): void => {
    for (const { target } of stepsOf(node)) {
      if (target === null || isInside(target, node.stateNode) || isInside(node.stateNode, target)) continue;
      sources.set(target, (sources.get(target) ?? new Set()).add(node.stateNode));
    }
    node.children.forEach(count);
  };
  count(graph);
  const isCrowded = ([{ type }, from]: readonly [AnyStateNode, ReadonlySet<AnyStateNode>]) =>
    from.size > (type === 'final' ? MOST_ARROWS.toAnEnd : MOST_ARROWS.toAnother);
  return new Set([...sources].filter(isCrowded).map(([state]) => state));
}

function stateOf(
  graph: DirectedGraphNode,
  edges: Map<string, ChartEdge>,
  crowded: ReadonlySet<AnyStateNode>,
): ChartState {
  const { stateNode } = graph;
  const inner: ChartTransition[] = [];
  const isTold = (target: AnyStateNode) =>
    isInside(target, stateNode) || isInside(stateNode, target) || crowded.has(target);
  for (const { target, transition } of stepsOf(graph)) {
    if (target === null || isTold(target)) {
      inner.push(transition);
    } else {
      const key = `${stateNode.id} → ${target.id}`;
      const known = edges.get(key)?.transitions ?? [];
      edges.set(key, { source: stateNode.id, target: target.id, transitions: [...known, transition] });
    }
  }
  return {
    id: stateNode.id,
    name: stateNode.key,
    kind: stateNode.type === 'history' ? 'atomic' : stateNode.type,
    calls: stateNode.invoke.map(({ src }) => (typeof src === 'string' ? src : 'call')),
    inner,
    initial: stateNode.type === 'compound' ? (stateNode.initial.target[0]?.id ?? null) : null,
    states: graph.children.map((child) => stateOf(child, edges, crowded)),
  };
}

interface Step {
  readonly target: AnyStateNode | null;
  readonly transition: ChartTransition;
}

function stepsOf({ stateNode, edges }: DirectedGraphNode): readonly Step[] {
  const always = (stateNode.always ?? []).map((transition) => ({ transition, target: transition.target?.[0] ?? null }));
  const others = edges.map(({ transition, target }) => ({
    transition,
    target: transition.target === undefined ? null : target,
  }));
  const places = new Map<string, number>();
  return [...others, ...always].map(({ transition, target }) => {
    const place = places.get(transition.eventType) ?? 0;
    places.set(transition.eventType, place + 1);
    return { target, transition: transitionOf(stateNode, transition, place, target) };
  });
}

function transitionOf(
  state: AnyStateNode,
  { eventType, guard, reenter, actions }: AnyTransitionDefinition,
  place: number,
  target: AnyStateNode | null,
): ChartTransition {
  const leadsTo = target === null ? null : target === state || reenter ? `↻ ${target.key}` : target.key;
  return {
    id: `${state.id}:${eventType}:${place}`,
    event: eventName(state, eventType),
    guard: guardName(guard) ?? (place > 0 ? 'else' : null),
    kind: eventType === '' ? 'always' : eventType.startsWith('xstate.after.') ? 'delay' : 'event',
    leadsTo,
    actions: actions.map(actionName).filter((name) => name !== null),
  };
}

function isInside(state: AnyStateNode, container: AnyStateNode): boolean {
  return state === container || (state.parent !== undefined && isInside(state.parent, container));
}
