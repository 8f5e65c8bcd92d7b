import { z } from 'zod';

/**
 * The kinds of keys that the configuration is made of. Every value arrives as text (a YAML scalar or an environment
 * variable) or as a list of texts, so that a PIN `0123` stays what was typed; the field says what the text means.
 */

export type Unit = 'ms' | 's';
/** `person`: personal data, which `log.private` lets into the log. */
export type SecretKind = 'secret' | 'person';

/** What the documentation and the error sentences know of a key besides its name. */
export interface KeyFacts {
  /** One or more sentences for a person. */
  readonly about: string;
  /** The kind of value, in words. */
  readonly type: string;
  /** The default, in words; null when the key is required. */
  readonly fallback: string | null;
  readonly unit?: Unit;
  /** The environment variable; absent: made from the path (`BLUELINKD_MQTT_EMBEDDED`), null: none. */
  readonly env?: string | null;
  /** What must be kept from sentences, summaries and the log. */
  readonly secret?: SecretKind;
  /** Its value is not repeated in a sentence, because it may hold a secret. */
  readonly unspoken?: boolean;
  /** Its value is a file or folder, relative to the file (or working directory) that names it. */
  readonly path?: boolean;
}

/** Facts by schema. */
export const keyFacts = z.registry<KeyFacts>();

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** The problem of a key without a value. */
export const MISSING = 'is missing';

function notScalar(issue: { readonly input: unknown }): string {
  return issue.input === undefined ? MISSING : 'must be a single value';
}

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: notScalar }).transform(String);

/** A required field; `read` turns the text into a value, or says what is wrong as the end of a sentence. */
function field<T>(read: (text: string) => Read<T>): z.ZodType<T, string | number | boolean> {
  return scalar.transform((text, context) => {
    const result = read(text);
    if (result.ok) return result.value;
    context.addIssue({ code: 'custom', message: result.problem });
    return z.NEVER;
  });
}

type About = Pick<KeyFacts, 'about' | 'env' | 'secret' | 'unspoken' | 'path'>;

function factsOf(about: About, type: string, fallback: string | null, unit?: Unit): KeyFacts {
  return { ...about, type, fallback, ...(unit === undefined ? {} : { unit }) };
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}

export interface TextRules {
  readonly pattern?: RegExp;
  /** The end of a sentence for what does not match: `must be …`. */
  readonly rule?: string;
  readonly maxLength?: number;
  /** The kind of text, for the documentation. */
  readonly type?: string;
}

function readText(rules: TextRules): (text: string) => Read<string> {
  return (text) => {
    if (text === '') return { ok: false, problem: 'must not be empty' };
    const maxLength = rules.maxLength ?? 4_096;
    if (text.length > maxLength) return { ok: false, problem: `must have at most ${maxLength} characters` };
    if (rules.pattern !== undefined && !rules.pattern.test(text)) {
      return { ok: false, problem: rules.rule ?? 'is not valid' };
    }
    return { ok: true, value: text };
  };
}

/** Text that must be given. */
export function requiredText(about: About, rules: TextRules = {}) {
  return field(readText(rules)).register(keyFacts, factsOf(about, rules.type ?? 'text', null));
}

/** Text that may be missing: `null`. `fallback` describes what then holds. */
export function optionalText(about: About, rules: TextRules = {}, fallback = 'none') {
  return field(readText(rules))
    .nullable()
    .default(null)
    .register(keyFacts, factsOf(about, rules.type ?? 'text', fallback));
}

export function text(about: About, fallback: string, rules: TextRules = {}) {
  return field(readText(rules))
    .default(fallback)
    .register(keyFacts, factsOf(about, rules.type ?? 'text', code(fallback)));
}

/** Text that `read` checks and rewrites; may be missing: `null`. */
export function optionalParsed<T>(about: About, type: string, read: (text: string) => Read<T>) {
  return field(read)
    .nullable()
    .default(null)
    .register(keyFacts, factsOf(about, type, 'none'));
}

export interface WholeRules {
  readonly min: number;
  readonly max: number;
  readonly unit?: Unit;
}

function readWhole({ min, max, unit }: WholeRules): (text: string) => Read<number> {
  const problem = `must be a whole number from ${min} to ${max}${unit === undefined ? '' : ` (${unit})`}`;
  return (text) => {
    const value = /^\d{1,15}$/.test(text.trim()) ? Number(text.trim()) : Number.NaN;
    return value >= min && value <= max ? { ok: true, value } : { ok: false, problem };
  };
}

function wholeType(rules: WholeRules): string {
  return `whole number, ${rules.min} to ${rules.max}`;
}

export function whole(about: About, fallback: number, rules: WholeRules) {
  return field(readWhole(rules))
    .default(fallback)
    .register(keyFacts, factsOf(about, wholeType(rules), code(fallback), rules.unit));
}

export function optionalWhole(about: About, rules: WholeRules, fallback: string) {
  return field(readWhole(rules))
    .nullable()
    .default(null)
    .register(keyFacts, factsOf(about, wholeType(rules), fallback, rules.unit));
}

/** `true` or `false`, or null where nothing is given; `fallback` describes what then holds. */
export function optionalFlag(about: About, fallback: string) {
  return field(readFlag)
    .nullable()
    .default(null)
    .register(keyFacts, factsOf(about, 'true or false', fallback));
}

const TRUE = new Set(['true', '1', 'yes', 'on']);
const FALSE = new Set(['false', '0', 'no', 'off']);

function readFlag(text: string): Read<boolean> {
  const word = text.trim().toLowerCase();
  if (TRUE.has(word)) return { ok: true, value: true };
  if (FALSE.has(word)) return { ok: true, value: false };
  return { ok: false, problem: 'must be true or false (yes, no, on, off, 1 and 0 are understood too)' };
}

export function flag(about: About, fallback: boolean) {
  return field(readFlag)
    .default(fallback)
    .register(keyFacts, factsOf(about, 'true or false', code(fallback)));
}

/** One of `words`, in any case; `aliases` are other spellings, in lower case. */
export function choice<const T extends string>(
  about: About,
  words: readonly T[],
  fallback: T,
  aliases: Readonly<Record<string, T>> = {},
) {
  return field<T>(readChoice(words, aliases))
    .default(fallback as z.util.NoUndefined<T>)
    .register(keyFacts, factsOf(about, words.map(code).join(', '), code(fallback)));
}

/** One of `words`, or null where none is given; `fallback` describes what then holds. */
export function optionalChoice<const T extends string>(about: About, words: readonly T[], fallback: string) {
  return field<T>(readChoice(words, {}))
    .nullable()
    .default(null)
    .register(keyFacts, factsOf(about, words.map(code).join(', '), fallback));
}

function readChoice<T extends string>(words: readonly T[], aliases: Readonly<Record<string, T>>) {
  const known = new Map<string, T>([...Object.entries(aliases), ...words.map((w) => [w.toLowerCase(), w] as const)]);
  return (text: string): Read<T> => {
    const value = known.get(text.trim().toLowerCase());
    return value === undefined ? { ok: false, problem: `must be one of ${words.join(', ')}` } : { ok: true, value };
  };
}

/** A word that `read` checks; `fallback` stands where none is given. */
export function parsedChoice<T extends string>(
  about: About,
  type: string,
  fallback: NoInfer<T>,
  read: (text: string) => Read<T>,
) {
  return field(read)
    .default(fallback as z.util.NoUndefined<T>)
    .register(keyFacts, factsOf(about, type, code(fallback)));
}

/** A YAML list, or in the environment its items separated by commas. */
function listOf<T>(read: (text: string) => Read<T>, maxItems: number) {
  return z
    .union([z.array(scalar), scalar], { error: 'must be a list of single values' })
    .transform((given, context) => {
      const texts = (Array.isArray(given) ? given : given.split(','))
        .map((item) => item.trim())
        .filter((i) => i !== '');
      if (texts.length > maxItems) context.addIssue({ code: 'custom', message: `must have at most ${maxItems} items` });
      const values: T[] = [];
      for (const item of texts) {
        const result = read(item);
        if (result.ok) values.push(result.value);
        else context.addIssue({ code: 'custom', message: `has an item that ${result.problem}` });
      }
      return values;
    });
}

export function textList(about: About, rules: TextRules, maxItems: number) {
  return listOf(readText(rules), maxItems)
    .default([])
    .register(keyFacts, factsOf(about, `list of ${rules.type ?? 'texts'}`, 'empty'));
}

export function choiceList<const T extends string>(about: About, words: readonly T[], fallback: readonly T[]) {
  return listOf(readChoice(words, {}), words.length)
    .default([...fallback])
    .register(keyFacts, factsOf(about, `list of ${words.map(code).join(', ')}`, code(fallback.join(', '))));
}

export function wholeList(about: About, fallback: readonly number[], rules: WholeRules, maxItems: number) {
  return listOf(readWhole(rules), maxItems)
    .default([...fallback])
    .register(keyFacts, factsOf(about, `list of ${wholeType(rules)}`, code(fallback.join(', ')), rules.unit));
}

/** Finds fault with the value at `path`; `problem` is the end of a sentence that begins with the key. */
export function addProblem(context: z.RefinementCtx, path: (string | number)[], problem: string): void {
  context.addIssue({ code: 'custom', path, message: problem });
}
