import { type Key, keyAt } from './keys.ts';
import { nearest } from './suggest.ts';
import { emptyObject, type Given, isObject, type Origin, type Path, put, remove, valueAt } from './tree.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Read before the schema is asked. */
export const CONFIG_VARIABLE = 'BLUELINKD_CONFIG';

export interface Overlay {
  /** The account of the file that the environment speaks of, or the one that it made; -1 if none. */
  readonly envAccount: number;
  readonly problems: readonly string[];
}

/** An empty variable is a variable that is not set: compose files write `HYUNDAI_PIN=`. */
function setting(environment: Environment, name: string | null): string | undefined {
  const value = name === null ? undefined : environment[name];
  return value === '' ? undefined : value;
}

/** The only account; of several the one named `main`; -1 when that does not decide. */
function accountIndex(given: Given): number {
  const list = given.tree.accounts;
  if (list === undefined || (Array.isArray(list) && list.length === 0)) return 0;
  if (!Array.isArray(list)) return -1;
  if (list.length === 1) return 0;
  return list.findIndex((account) => isObject(account) && (account.name ?? 'main') === 'main');
}

/** The key that excludes this one: `password` and `password_file`. */
function twinOf(keys: readonly Key[], key: Key): Key | undefined {
  const last = key.path.at(-1) ?? '';
  const twin = last.endsWith('_file') ? last.slice(0, -'_file'.length) : `${last}_file`;
  return keyAt(keys, [...key.path.slice(0, -1), twin]);
}

/** Lays the environment over what the file said. `folder` is what relative paths count from. */
export function overlayEnvironment(
  given: Given,
  keys: readonly Key[],
  environment: Environment,
  folder: string,
): Overlay {
  const problems: string[] = [];
  const set = keys.filter((key) => setting(environment, key.env) !== undefined);
  const ofAccount = set.filter((key) => key.path[0] === 'accounts');
  const index = accountIndex(given);
  if (ofAccount.length > 0 && index === -1 && Array.isArray(given.tree.accounts)) {
    problems.push(
      `${ofAccount.map((key) => key.env).join(', ')}: it is not clear which account is meant, because none of the several accounts is named main.`,
    );
  }
  if (ofAccount.length > 0 && index === 0 && valueAt(given.tree, ['accounts', 0]) === undefined) {
    given.tree.accounts = [emptyObject()];
  }
  for (const key of set) {
    const value = setting(environment, key.env) ?? '';
    const path: Path = key.path.map((part) => (part === '[]' ? index : part));
    const origin: Origin = { name: key.env ?? '', folder };
    const twin = twinOf(keys, key);
    if (twin !== undefined && setting(environment, twin.env) !== undefined && key.path.at(-1)?.endsWith('_file')) {
      problems.push(`${twin.env} and ${key.env} are both set: one of them is enough.`);
      continue;
    }
    if (twin !== undefined) remove(given, [...path.slice(0, -1), twin.path.at(-1) ?? '']);
    put(given, path, value, origin);
  }
  return { envAccount: index, problems };
}

/** A sentence for each variable that looks like one of ours and is none. */
export function unknownVariables(keys: readonly Key[], environment: Environment): readonly string[] {
  const known = [CONFIG_VARIABLE, ...keys.flatMap((key) => key.env ?? [])];
  return Object.keys(environment)
    .filter(
      (name) => /^(BLUELINKD|HYUNDAI)_/.test(name) && !known.includes(name) && setting(environment, name) !== undefined,
    )
    .map((name) => {
      const near = nearest(name, known);
      return `${name} in the environment is not known and has no effect.${near === null ? '' : ` Did you mean ${near}?`}`;
    });
}

/** Lays one value of the command line over everything else. */
export function overlayOption(given: Given, path: Path, value: string, option: string, folder: string): void {
  put(given, path, value, { name: option, folder });
}
