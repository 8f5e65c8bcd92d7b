import type { z } from 'zod';
import { MISSING } from './fields.ts';
import { childrenOf, type Key, keyAt } from './keys.ts';
import { nearest } from './suggest.ts';
import { type Given, keyOf, type Path, valueAt } from './tree.ts';

/** Turns what the schema found fault with into sentences that name the place, the key and what it must be. */
export interface Speaker {
  readonly keys: readonly Key[];
  readonly given: Given;
  /** The configuration file, as people should call it. */
  readonly file: string;
  /** The account that the environment speaks of; -1 if none. */
  readonly envAccount: number;
}

/** Foreign text in a sentence: short, quoted, and without control characters. */
export function quoted(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(short).replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (c) => {
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The environment variables that can set the key at `path`. */
function environmentOf(speaker: Speaker, path: Path): readonly string[] {
  if (path[0] === 'accounts' && path[1] !== undefined && path[1] !== speaker.envAccount) return [];
  const last = path.at(-1);
  const file = typeof last === 'string' ? keyAt(speaker.keys, [...path.slice(0, -1), `${last}_file`]) : undefined;
  return [keyAt(speaker.keys, path)?.env, file?.env].filter((name): name is string => typeof name === 'string');
}

/** `accounts[0].password is missing: set it in bluelinkd.yaml, or by HYUNDAI_PASSWORD or HYUNDAI_PASSWORD_FILE.` */
export function missingSentence(speaker: Speaker, path: Path): string {
  const names = environmentOf(speaker, path);
  const environment = names.length === 0 ? '' : `, or by ${names.join(' or ')} in the environment`;
  return `${keyOf(path)} is missing: set it in ${speaker.file}${environment}.`;
}

function originOf(speaker: Speaker, path: Path): string | null {
  for (let length = path.length; length > 0; length -= 1) {
    const origin = speaker.given.origins.get(keyOf(path.slice(0, length)));
    if (origin !== undefined) return origin.name;
  }
  return null;
}

function at(speaker: Speaker, path: Path): string {
  const origin = originOf(speaker, path);
  return origin === null ? '' : `${origin}: `;
}

/** A key that the schema does not know at `path`. */
export function unknownSentence(speaker: Speaker, path: Path, origin: string | null): string {
  const word = String(path.at(-1));
  const parent = path.slice(0, -1);
  const siblings = childrenOf(speaker.keys, parent).map((key) => key.path.at(-1) ?? '');
  const near = nearest(word, siblings);
  const elsewhere =
    near === null
      ? nearest(
          word,
          speaker.keys.map((key) => key.path.at(-1) ?? ''),
        )
      : null;
  const meant =
    near !== null
      ? ` Did you mean ${keyOf([...parent, near])}?`
      : elsewhere !== null
        ? ` Did you mean ${speaker.keys.find((key) => key.path.at(-1) === elsewhere)?.name}?`
        : ` Known here: ${siblings.join(', ')}.`;
  const place = origin === null ? at(speaker, path) : `${origin}: `;
  const where = parent.length === 0 ? '' : ` in ${keyOf(parent)}`;
  return `${place}there is no key ${quoted(word)}${where}.${meant}`;
}

function wrongValue(speaker: Speaker, path: Path, message: string): string {
  const value = valueAt(speaker.given.tree, path);
  const facts = keyAt(speaker.keys, path)?.facts;
  const secret = facts?.secret !== undefined || facts?.unspoken === true;
  const echo =
    typeof value === 'string' && value !== '' && !secret && message.startsWith('must be ')
      ? `, not ${quoted(value)}`
      : '';
  return `${at(speaker, path)}${keyOf(path)} ${message}${echo}.`;
}

/** Where the schema found it. */
export function pathOf(issue: z.core.$ZodIssue): Path {
  return issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
}

function sentencesOf(speaker: Speaker, issue: z.core.$ZodIssue): readonly string[] {
  const path = pathOf(issue);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((word) => unknownSentence(speaker, [...path, word], null));
  }
  if (issue.message === MISSING) return [missingSentence(speaker, path)];
  if (issue.code === 'invalid_type') {
    const kind = issue.expected === 'array' ? 'a list' : 'a section with keys of its own';
    return [`${at(speaker, path)}${keyOf(path)} must be ${kind}.`];
  }
  return [wrongValue(speaker, path, issue.message)];
}

/** One sentence for each thing that is wrong, in the order of the schema, none twice. */
export function sentences(speaker: Speaker, issues: readonly z.core.$ZodIssue[]): readonly string[] {
  return [...new Set(issues.flatMap((issue) => sentencesOf(speaker, issue)))];
}
