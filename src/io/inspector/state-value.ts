/**
 * Where an actor is, as XState tells it: the name of the one active state, or what is active below each of those that
 * are (`{ refreshing: { calling: 'renewing' } }`; `{}` where nothing is). Nothing here needs Node or a browser.
 */
export type StateValue = string | { readonly [state: string]: StateValue };

/** Deeper than any statechart: what is foreign may be as deep as it likes. */
const DEEPEST = 16;

/** @param names of the innermost active states, in full: `refreshing.calling.renewing`. */
export const stateValueOf = (names: readonly string[]): StateValue => valueFrom(names, 0);

function valueFrom(names: readonly string[], depth: number): StateValue {
  const [only = ''] = names;
  if (names.length === 1 && (depth === DEEPEST || !only.includes('.'))) return only;
  const below = new Map<string, string[]>();
  for (const name of names) {
    const dot = depth === DEEPEST ? -1 : name.indexOf('.');
    const state = dot < 0 ? name : name.slice(0, dot);
    const inner = below.get(state) ?? [];
    if (dot >= 0) inner.push(name.slice(dot + 1));
    below.set(state, inner);
  }
  return Object.fromEntries([...below].map(([state, inner]) => [state, valueFrom(inner, depth + 1)]));
}

/** The other way round. Sorted. */
export const statesIn = (value: StateValue): readonly string[] => innermost(value).toSorted();

function innermost(value: StateValue): readonly string[] {
  if (typeof value === 'string') return [value];
  return Object.entries(value).flatMap(([state, below]) => {
    const inner = innermost(below);
    return inner.length === 0 ? [state] : inner.map((name) => `${state}.${name}`);
  });
}

/** Out of foreign JSON, also as recordings of version 1 have it: the list of the names. `{}` for what is neither. */
export function readStateValue(value: unknown): StateValue {
  return Array.isArray(value)
    ? stateValueOf(value.filter((name): name is string => typeof name === 'string'))
    : (foreign(value, 0) ?? {});
}

function foreign(value: unknown, depth: number): StateValue | null {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth === DEEPEST) return null;
  const found = Object.entries(value).map(([state, below]) => [state, foreign(below, depth + 1)] as const);
  return Object.fromEntries(found.filter((pair): pair is [string, StateValue] => pair[1] !== null));
}
