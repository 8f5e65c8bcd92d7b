import type { SecretKind } from './fields.ts';
import { allKeys } from './keys.ts';
import type { Config } from './schema.ts';

/** Everything in the configuration that must not be read in a log, to be registered before the first line is written. */
export function secretsOf(
  config: Pick<Config, 'accounts' | 'mqtt' | 'inspector'>,
): readonly { readonly value: string; readonly kind: SecretKind }[] {
  return allKeys().flatMap(({ path, facts: { secret } }) => {
    if (secret === undefined) return [];
    return valuesAt(config, path).map((value) => ({ value, kind: secret }));
  });
}

function valuesAt(from: unknown, path: readonly string[]): readonly string[] {
  const [part, ...rest] = path;
  if (part === undefined) return typeof from === 'string' ? [from] : [];
  if (typeof from !== 'object' || from === null) return [];
  const next: readonly unknown[] = part === '[]' ? Object.values(from) : [Reflect.get(from, part)];
  return next.flatMap((value) => valuesAt(value, rest));
}
