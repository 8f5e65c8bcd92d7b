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

/**
 * A state to which more others lead is named where they do: so many arrows would hide all others. Those that lead back, to
 * what the story has told before, are the first to go, but for those beside an arrow the other way.
 */
const MOST_ARROWS = { toAnEnd: 2, toAnother: 4, back: 2, backAmongMany: 1 } as const;
/** States. */
const MANY = 20;

export function chartOf(machine: AnyStateMachine): Chart {
  const graph = toDirectedGraph(machine);
  const isNamed = namedStates(graph);
  const edges = new Map<string, ChartEdge>();
  const root = stateOf(graph, edges, isNamed);
  return { root, edges: [...edges.values()] };
}

/** Whether no arrow is drawn from one state to another, but the other's name written into the one. */
type IsNamed = (source: AnyStateNode, target: AnyStateNode) => boolean;

function namedStates(graph: DirectedGraphNode): IsNamed {
  const order = new Map(inStory(graph.stateNode).map((state, place) => [state, place]));
  const leadsBack: IsNamed = (source, target) => (order.get(source) ?? 0) > (order.get(target) ?? 0);
  const sources = new Map<AnyStateNode, Set<AnyStateNode>>();
  const count = (node: DirectedGraphNode): void => {
    for (const { target } of stepsOf(node)) {
      if (target === null || isInside(target, node.stateNode) || isInside(node.stateNode, target)) continue;
      sources.set(target, (sources.get(target) ?? new Set()).add(node.stateNode));
    }
    node.children.forEach(count);
  };
  count(graph);
  const mostBack = order.size > MANY ? MOST_ARROWS.backAmongMany : MOST_ARROWS.back;
  return (source, target) => {
    const from = [...(sources.get(target) ?? [])];
    if (from.length > (target.type === 'final' ? MOST_ARROWS.toAnEnd : MOST_ARROWS.toAnother)) return true;
    const isAnswered = sources.get(source)?.has(target) === true;
    return (
      leadsBack(source, target) && !isAnswered && from.filter((other) => leadsBack(other, target)).length > mostBack
    );
  };
}

/** The states in the order in which a reader meets them: the initial one first. */
function inStory(state: AnyStateNode): readonly AnyStateNode[] {
  const first = state.type === 'compound' ? state.initial.target[0] : undefined;
  const inner = Object.values(state.states);
  return [
    state,
    ...[...inner.filter((one) => one === first), ...inner.filter((one) => one !== first)].flatMap(inStory),
  ];
}

function stateOf(graph: DirectedGraphNode, edges: Map<string, ChartEdge>, isNamed: IsNamed): ChartState {
  const { stateNode } = graph;
  const inner: ChartTransition[] = [];
  const isTold = (target: AnyStateNode) =>
    isInside(target, stateNode) || isInside(stateNode, target) || isNamed(stateNode, target);
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
    states: graph.children.map((child) => stateOf(child, edges, isNamed)),
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
  const leadsTo =
    target === null ? null : target === state || reenter ? `↻ ${nameFrom(state, target)}` : nameFrom(state, target);
  return {
    id: `${state.id}:${eventType}:${place}`,
    event: eventName(state, eventType),
    guard: guardName(guard) ?? (place > 0 ? 'else' : null),
    kind: eventType === '' ? 'always' : eventType.startsWith('xstate.after.') ? 'delay' : 'event',
    leadsTo,
    actions: actions.map(actionName).filter((name) => name !== null),
  };
}

/** Its key; with its parent's, where another of that key stands nearer. */
function nameFrom(state: AnyStateNode, target: AnyStateNode): string {
  for (let around: AnyStateNode | undefined = state; around !== undefined; around = around.parent) {
    const nearest = around.key === target.key ? around : around.states[target.key];
    if (nearest === target) return target.key;
    if (nearest !== undefined) break;
  }
  return target.parent === undefined ? target.key : `${target.parent.key}.${target.key}`;
}

function isInside(state: AnyStateNode, container: AnyStateNode): boolean {
  return state === container || (state.parent !== undefined && isInside(state.parent, container));
}
