/** Answers with one field of another kind than it had. */

export type Path = readonly (string | number)[];

/** Every path into a value, objects and lists themselves included, the value itself excluded. */
export function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => [[...at, key], ...pathsOf(inner, [...at, key])]);
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((found, key) => (found as Record<string | number, unknown>)[key], value);
}

export function replaced(value: unknown, path: Path, by: unknown): unknown {
  const copy = structuredClone(value);
  const parent = valueAt(copy, path.slice(0, -1)) as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (by === undefined && !Array.isArray(parent)) delete parent[last];
  else parent[last] = by;
  return copy;
}

/** These come as numbers and as texts. */
const EITHER = /(^|\.)(year|ccuCCS2ProtocolSupport|lastUpdateTime|Temperature\.Value|Climate\.Temperature)$/;

/** What the field at a path may become. Numbers and flags stand for each other in these answers. */
export function otherKinds(answer: unknown, path: Path): readonly unknown[] {
  const value = valueAt(answer, path);
  if (Array.isArray(value)) return [null, 'x', 7, {}];
  if (typeof value === 'object') return [null, 'x', 7, []];
  const other = EITHER.test(textOf(path)) ? [] : [typeof value === 'string' ? 7 : 'x'];
  return [null, {}, [], ...other];
}

/** As the reports write a path. */
export function textOf(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}
