import type { JsonObject, Refusal } from '../payload.ts';
import { refusal } from '../payload.ts';

/** Reads one option of a JSON object: what it stands for, or undefined for a value that is not allowed. */
export type ReadOption<T> = (value: unknown) => T | undefined;

export type OptionResult<T> = { readonly ok: true; readonly value: T } | Refusal;

/**
 * An option of a JSON object. A key that is not there is the fallback; a value that is not allowed is refused, never
 * rounded, clamped or guessed.
 *
 * @param allowed what is allowed, to be read after "is not".
 * @param hintFor what to do about a value that is not allowed; null if there is nothing to say.
 */
export function option<T>(
  object: JsonObject,
  key: string,
  read: ReadOption<T>,
  fallback: T,
  allowed: string,
  hintFor: (value: unknown) => string | null = () => null,
): OptionResult<T> {
  if (!Object.hasOwn(object, key)) return { ok: true, value: fallback };
  const value = read(object[key]);
  if (value !== undefined) return { ok: true, value };
  return notAllowed(key, object[key], read, allowed, hintFor(object[key]));
}

/** Refuses a value that `read` does not allow. One that only has quotes too many, or too few, is told so. */
export function notAllowed(
  key: string,
  value: unknown,
  read: ReadOption<unknown>,
  allowed: string,
  hint: string | null,
): Refusal {
  const meant = requoted(value);
  if (meant === null || read(meant) === undefined) {
    return refusal('invalidOption', `The "${key}" is not ${allowed}.`, hint);
  }
  const [is, how] = typeof meant === 'string' ? ['a number, and must be text', 'in'] : ['text', 'without'];
  return refusal(
    'invalidOption',
    `The "${key}" is ${is}.`,
    `Send it ${how} quotes: "${key}": ${JSON.stringify(meant)}.`,
  );
}

/** A number as text; text as the number, or the truth, that it says; null for all else. */
function requoted(value: unknown): string | number | boolean | null {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string' || value.trim() === '') return null;
  return value === 'true' || value === 'false' ? value === 'true' : Number(value);
}

/** The values of all options, or the first refusal. */
export function allOf<T extends { readonly [name: string]: OptionResult<unknown> }>(
  results: T,
): { readonly ok: true; readonly values: { readonly [K in keyof T]: ValueOf<T[K]> } } | Refusal {
  const values: Record<string, unknown> = {};
  for (const [name, result] of Object.entries(results)) {
    if (!result.ok) return result;
    values[name] = result.value;
  }
  return { ok: true, values: values as { readonly [K in keyof T]: ValueOf<T[K]> } };
}
type ValueOf<R> = R extends { readonly ok: true; readonly value: infer V } ? V : never;

export const flag: ReadOption<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

/** The older bridge writes switches as 0 and 1. */
export const zeroOrOne: ReadOption<boolean> = (value) => (value === 0 || value === 1 ? value === 1 : flag(value));

export function oneOf<const T extends number>(...allowed: readonly T[]): ReadOption<T> {
  return (value) => allowed.find((candidate) => candidate === value);
}

/** A number of the grid that begins at `min` with this step. */
export function within(min: number, max: number, step: number): ReadOption<number> {
  return (value) =>
    typeof value === 'number' && value >= min && value <= max && Number.isInteger((value - min) / step)
      ? value
      : undefined;
}

/** Text of so many characters at most, without control characters. */
export function textUpTo(longest: number): ReadOption<string> {
  return (value) =>
    typeof value === 'string' && [...value].length <= longest && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value)
      ? value
      : undefined;
}
