import { z } from 'zod';
import { type KeyFacts, keyFacts } from './fields.ts';
import { configSchema } from './schema.ts';

/** A key of the configuration, as the schema describes it. */
export interface Key {
  /** `['accounts', '[]', 'pin']`: `[]` stands for any item of a list. */
  readonly path: readonly string[];
  /** `accounts[].pin` */
  readonly name: string;
  /** The environment variable; null for sections, lists of objects, and what only the file can say. */
  readonly env: string | null;
  readonly facts: KeyFacts;
}

type Schema = z.core.$ZodType;

/** The schema inside defaults and transforms. */
function core(schema: Schema): Schema {
  const { def } = schema._zod as {
    readonly def: { readonly type: string; readonly innerType?: Schema; readonly in?: Schema };
  };
  if (def.type === 'pipe' && def.in !== undefined) return core(def.in);
  if (def.innerType !== undefined) return core(def.innerType);
  return schema;
}

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> | null {
  const inner = core(schema);
  return inner instanceof z.ZodObject ? inner.shape : null;
}

function itemOf(schema: Schema): Schema | null {
  const inner = core(schema);
  return inner instanceof z.ZodArray ? inner.element : null;
}

function envOf(path: readonly string[], facts: KeyFacts): string | null {
  if (facts.env !== undefined) return facts.env;
  if (path.includes('[]')) return null;
  return `BLUELINKD_${path.join('_').toUpperCase()}`;
}

function nameOf(path: readonly string[]): string {
  return path.join('.').replaceAll('.[]', '[]');
}

function walk(schema: Schema, path: readonly string[]): readonly Key[] {
  const shape = shapeOf(schema);
  if (shape === null) return [];
  return Object.entries(shape).flatMap(([word, child]) => {
    const at = [...path, word];
    const facts = keyFacts.get(child);
    if (facts === undefined) throw new Error(`The key ${nameOf(at)} has no facts.`);
    const item = itemOf(child);
    if (item !== null && shapeOf(item) !== null) {
      return [{ path: at, name: nameOf(at), env: null, facts }, ...walk(item, [...at, '[]'])];
    }
    if (shapeOf(child) !== null) return [{ path: at, name: nameOf(at), env: null, facts }, ...walk(child, at)];
    return [{ path: at, name: nameOf(at), env: envOf(at, facts), facts }];
  });
}

/** Every key of the configuration, in the order of the schema; a section comes before its keys. */
export function allKeys(): readonly Key[] {
  return walk(configSchema, []);
}

/** The same path with `[]` for every index, as `Key.path` has it. */
export function patternOf(path: readonly (string | number)[]): readonly string[] {
  return path.map((part) => (typeof part === 'number' ? '[]' : part));
}

export function keyAt(keys: readonly Key[], path: readonly (string | number)[]): Key | undefined {
  const wanted = patternOf(path).join('\n');
  return keys.find((key) => key.path.join('\n') === wanted);
}

/** The keys that may stand at `path`. */
export function childrenOf(keys: readonly Key[], path: readonly (string | number)[]): readonly Key[] {
  const parent = patternOf(path).join('\n');
  return keys.filter((key) => key.path.slice(0, -1).join('\n') === parent);
}
