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
 */
export function option<T>(
  object: JsonObject,
  key: string,
  read: ReadOption<T>,
  fallback: T,
  allowed: string,
): OptionResult<T> {
  if (!Object.hasOwn(object, key)) return { ok: true, value: fallback };
  const value = read(object[key]);
  if (value !== undefined) return { ok: true, value };
  return refusal('invalidOption', `The "${key}" is not ${allowed}.`, null);
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
