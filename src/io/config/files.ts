import { isAbsolute, join, resolve } from 'node:path';
import type { Key } from './keys.ts';
import { type Given, isObject, keyOf, type Path, put, type Raw, remove, valueAt } from './tree.ts';

/** Reads a text file; throws what `node:fs` throws. */
export type ReadFile = (path: string) => string;

const MAX_SECRET_LENGTH = 65_536;

/** Why a file could not be read, in words: `ENOENT` → `there is no such file`. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'it may not be read by this user',
    EISDIR: 'it is a folder',
  };
  return words[code] ?? code;
}

/** Every path in the tree that the key stands for. */
function pathsOf(tree: Raw, key: Key): readonly Path[] {
  let paths: Path[] = [[]];
  for (const part of key.path) {
    paths = paths.flatMap((path) => {
      if (part !== '[]') return [[...path, part]];
      const list = valueAt(tree, path);
      return Array.isArray(list) ? list.map((_, index) => [...path, index]) : [];
    });
  }
  return paths.filter((path) => valueAt(tree, path) !== undefined);
}

/** Makes every path absolute: relative to the file (or the working directory) that names it, `~/` is the home folder. */
export function resolvePaths(given: Given, keys: readonly Key[], home: string | undefined): void {
  for (const key of keys.filter((k) => k.facts.path === true)) {
    for (const path of pathsOf(given.tree, key)) {
      const value = valueAt(given.tree, path);
      const origin = given.origins.get(keyOf(path));
      if (typeof value !== 'string' || value === '' || origin === undefined || isAbsolute(value)) continue;
      const inHome = home !== undefined && home !== '' && value.startsWith('~/');
      put(given, path, inHome ? join(home, value.slice(2)) : resolve(origin.folder, value), origin);
    }
  }
}

export interface SecretFiles {
  readonly problems: readonly string[];
  /** The keys whose files were of no use: all that there is to say of them is said. */
  readonly unread: readonly string[];
}

/** Stands where a secret should: no schema takes it for a value, and none says that there is none. */
const UNREAD: Raw = [];

/** Replaces every `…_file` by what the file holds, without the line end at its end. */
export function readSecretFiles(given: Given, keys: readonly Key[], readFile: ReadFile): SecretFiles {
  const problems: string[] = [];
  const unread: string[] = [];
  for (const key of keys.filter((k) => k.path.at(-1)?.endsWith('_file'))) {
    for (const path of pathsOf(given.tree, key)) {
      const file = valueAt(given.tree, path);
      const origin = given.origins.get(keyOf(path));
      if (typeof file !== 'string' || file === '' || origin === undefined) continue;
      const target: Path = [...path.slice(0, -1), String(path.at(-1)).slice(0, -'_file'.length)];
      const problem = (text: string) => {
        problems.push(`${origin.name}: ${keyOf(path)} names ${file}, but ${text}.`);
        unread.push(keyOf(target));
        put(given, target, UNREAD, origin);
      };
      if (isObject(valueAt(given.tree, path.slice(0, -1))) && valueAt(given.tree, target) !== undefined) {
        problems.push(`${origin.name}: ${keyOf(target)} and ${keyOf(path)} are both given: one of them is enough.`);
        continue;
      }
      let text: string;
      try {
        text = readFile(file);
      } catch (error) {
        problem(whyUnreadable(error));
        continue;
      } finally {
        remove(given, path);
      }
      const secret = text.replace(/\r?\n$/, '');
      if (secret.length === 0) problem('it is empty');
      else if (secret.length > MAX_SECRET_LENGTH) problem('it is too large for a secret');
      else put(given, target, secret, origin);
    }
  }
  return { problems, unread };
}
