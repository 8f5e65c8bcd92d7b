/** What was given, before the schema has looked at it: texts, lists and objects. */
export type Raw = string | Raw[] | RawObject;
export interface RawObject {
  [key: string]: Raw;
}

export type Path = readonly (string | number)[];

/** Where a value was given: for the sentence that finds fault with it, and for paths relative to it. */
export interface Origin {
  /** `HYUNDAI_PIN`, `bluelinkd.yaml, line 3`, `--log-level` */
  readonly name: string;
  /** The folder that a relative path counts from. */
  readonly folder: string;
}

/** A key that stands in the file without a value. */
export interface Valueless {
  readonly path: Path;
  readonly origin: Origin;
}

export interface Given {
  readonly tree: RawObject;
  /** By `keyOf(path)`. */
  readonly origins: Map<string, Origin>;
  readonly valueless: readonly Valueless[];
}

export function nothingGiven(): Given {
  return { tree: emptyObject(), origins: new Map(), valueless: [] };
}

/** `accounts[0].vehicles[1].name` */
export function keyOf(path: Path): string {
  return path.reduce<string>((key, part) => {
    if (typeof part === 'number') return `${key}[${part}]`;
    return key === '' ? part : `${key}.${part}`;
  }, '');
}

/** An object without a prototype, so that no key of a file means more than itself. */
export function emptyObject(): RawObject {
  return Object.create(null) as RawObject;
}

export function isObject(raw: Raw | undefined): raw is RawObject {
  return typeof raw === 'object' && !Array.isArray(raw);
}

/** The value at `path`, undefined when there is none. */
export function valueAt(tree: Raw, path: Path): Raw | undefined {
  let at: Raw | undefined = tree;
  for (const part of path) {
    if (typeof part === 'number') at = Array.isArray(at) ? at[part] : undefined;
    else at = isObject(at) ? at[part] : undefined;
  }
  return at;
}

/**
 * Puts `value` at `path`, making the objects on the way.
 * @returns false when something that is no object is in the way: then nothing changed, and the schema will say so.
 */
export function put(given: Given, path: Path, value: Raw, origin: Origin): boolean {
  let at: Raw = given.tree;
  for (const part of path.slice(0, -1)) {
    const next: Raw | undefined = valueAt(at, [part]);
    if (next !== undefined) at = next;
    else if (isObject(at) && typeof part === 'string') {
      const made = emptyObject();
      at[part] = made;
      at = made;
    } else return false;
  }
  const last = path.at(-1);
  if (typeof last !== 'string' || !isObject(at)) return false;
  at[last] = value;
  given.origins.set(keyOf(path), origin);
  return true;
}

export function remove(given: Given, path: Path): void {
  const parent = valueAt(given.tree, path.slice(0, -1));
  const last = path.at(-1);
  if (isObject(parent) && typeof last === 'string') delete parent[last];
  given.origins.delete(keyOf(path));
}
