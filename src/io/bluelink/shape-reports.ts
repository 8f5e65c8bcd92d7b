import type { z } from 'zod';
import type { Log } from '../../actors/ports.ts';

/** A field of an answer that is not of the kind that it used to be. Never the value: it may be secret or personal. */
export interface ShapeIssue {
  /** Keys from the outermost object inwards, `[]` for any entry of a list; empty for the answer itself. */
  readonly path: string;
  readonly expected: string;
  /** The kind of value that came: `null`, `string`, `list`, … or `nothing`. */
  readonly got: string;
}

type Path = readonly PropertyKey[];

/** Far more than the schemas have fields: a backstop, since paths consist of their keys only. */
const MAX_REPORTS = 1_000;
/** Each round removes at least one more level of what cannot be read. */
const MAX_ROUNDS = 16;

/** Fields that say what others mean: without them, the thing that they are in is not understood. */
const QUALIFIERS: ReadonlySet<PropertyKey> = new Set(['unit', 'Unit', 'OpenLevel', 'SensorReliability']);

/** Tells of every change in the shape of the vendor's answers once: a warning per endpoint and path. */
export class ShapeReports {
  readonly #log: Log;
  readonly #told = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param endpoint a name of bounded variety (`endpointOf`): no ids, no query. */
  answer(endpoint: string): Answer {
    return new Answer((issue) => this.#tell(endpoint, issue));
  }

  #tell(endpoint: string, issue: ShapeIssue): void {
    const key = `${endpoint} ${issue.path}`;
    if (this.#told.has(key) || this.#told.size >= MAX_REPORTS) return;
    this.#told.add(key);
    this.#log.write('warn', 'An answer of the cloud has changed its shape; this field of it is not used.', {
      endpoint,
      ...issue,
    });
  }
}

/** One answer of the cloud: reads what of it is as expected, and tells of the rest. */
export class Answer {
  readonly #tell: (issue: ShapeIssue) => void;
  readonly #root: Path;
  #problem: ShapeIssue | null = null;
  #lost: readonly string[] = [];

  constructor(tell: (issue: ShapeIssue) => void, root: Path = []) {
    this.#tell = tell;
    this.#root = root;
  }

  /** For what nobody wants to hear of, as it is read a second time. */
  static silent(): Answer {
    return new Answer(() => {});
  }

  /** The part of the answer under a key. */
  at(key: string): Answer {
    return new Answer(this.#tell, [...this.#root, key]);
  }

  /** Why the last `read` came to nothing; null if it did not. */
  get problem(): ShapeIssue | null {
    return this.#problem;
  }

  /** Whether the last `read` left out what is under this key: then it is not that the car does not have it. */
  hasLost(key: string): boolean {
    return this.#lost.some((path) => path === key || path.endsWith(`.${key}`));
  }

  /**
   * What a schema makes of a value without the fields that do not fit: each is left out, or if it is required the nearest
   * thing around it that is not. Null when that is the whole value; `problem` says then what is missing.
   */
  read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> | null {
    this.#problem = null;
    this.#lost = [];
    let parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const rest = new Remainder(value);
    const lost: string[] = [];
    this.#lost = lost;
    /** What a gap goes back to. */
    const origins = new Map<string, ShapeIssue>();
    for (let round = 0; round < MAX_ROUNDS && !parsed.success; round += 1) {
      const found = parsed.error.issues.map((issue) => {
        const isGap = valueAt(rest.value, issue.path) === undefined;
        const origin = (isGap ? origins.get(keyOf(issue.path)) : undefined) ?? this.#issueOf(issue, rest.value);
        const isQualifier = issue.path.length > 1 && !isGap && QUALIFIERS.has(issue.path.at(-1) ?? '');
        return { path: isQualifier ? issue.path.slice(0, -1) : issue.path, origin, isNews: round === 0 || !isGap };
      });
      const gone = new Set<string>();
      for (const { path, origin, isNews } of found) {
        if (isNews) this.#tell(origin);
        if (path.some((_, index) => gone.has(keyOf(path.slice(0, index + 1))))) continue;
        const removed = rest.remove(path);
        if (removed.length === 0) {
          this.#problem = origin;
          return null;
        }
        gone.add(keyOf(removed));
        lost.push(pathText(removed));
        origins.set(keyOf(removed), origin);
      }
      parsed = schema.safeParse(rest.value);
    }
    return parsed.success ? parsed.data : null;
  }

  /** As `read`, for a whole body: a page in its place, or nothing at all, is no answer whose shape has changed. */
  readBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> | null {
    this.#problem = null;
    return typeof body === 'string' || body === undefined ? null : this.read(schema, body);
  }

  /** For what a schema cannot say: `path` is missing or makes no sense. */
  fail(path: Path, expected: string): null {
    this.#problem = { path: pathText([...this.#root, ...path]), expected, got: 'nothing' };
    return null;
  }

  #issueOf(issue: z.core.$ZodIssue, value: unknown): ShapeIssue {
    return {
      path: pathText([...this.#root, ...issue.path]),
      expected: expectedBy(issue),
      got: kindOf(valueAt(value, issue.path)),
    };
  }
}

/** `GET /api/v1/spa/vehicles/…/status/latest?x=1` without what differs from car to car and call to call. */
export function endpointOf(path: string): string {
  return path.replace(/\?.*$/, '').replace(/(\/(?:vehicles|notifications)\/)[^/]+(?=\/)/, '$1{car}');
}

/** For the sentence of a failure. */
export function sentenceOf({ path, expected, got }: ShapeIssue): string {
  return `${path === '' ? 'The answer' : path} should be ${expected} and is ${got === 'nothing' ? 'missing' : got}.`;
}

/** A value from which fields are taken away. What was given stays as it is: only what is around a field is copied. */
class Remainder {
  readonly #holder: { value: unknown };
  readonly #copies = new WeakSet<object>();

  constructor(value: unknown) {
    this.#holder = { value };
  }

  get value(): unknown {
    return this.#holder.value;
  }

  /**
   * Removes what is at a path, or what is nearest around it and there; an entry of a list leaves a gap. Answers the path of
   * what was removed.
   */
  remove(path: Path): Path {
    for (let length = path.length; length > 0; length -= 1) {
      const there = path.slice(0, length);
      if (valueAt(this.value, there) === undefined) continue;
      let parent: Record<PropertyKey, unknown> = this.#holder;
      let key: PropertyKey = 'value';
      for (const step of there) {
        parent = this.#own(parent, key);
        key = step;
      }
      parent[key] = undefined;
      return there;
    }
    return [];
  }

  #own(parent: Record<PropertyKey, unknown>, key: PropertyKey): Record<PropertyKey, unknown> {
    const child = parent[key] as Record<PropertyKey, unknown>;
    if (this.#copies.has(child)) return child;
    const copy = (Array.isArray(child) ? [...child] : { ...child }) as Record<PropertyKey, unknown>;
    this.#copies.add(copy);
    parent[key] = copy;
    return copy;
  }
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[key];
  }
  return found;
}

function pathText(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}

function keyOf(path: Path): string {
  return path.map(String).join('\n');
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'array' ? 'list' : issue.expected;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'invalid_union':
      return [...new Set(issue.errors.flat().map(expectedBy))].join(' or ');
    case 'invalid_format':
      return 'text of another form';
    default:
      return 'another value';
  }
}
