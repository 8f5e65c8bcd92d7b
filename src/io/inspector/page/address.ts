/**
 * What an actor's address tells: `account/demo/vehicle/5a1c/command/3`. A place is a kind and a name, except for the
 * token and the breaker, which need none; fleet and bridge are roots.
 */

const levelsOf = (address: string) => address.split('/');

export function accountIn(address: string): string | null {
  const [kind, account] = levelsOf(address);
  return kind === 'account' ? (account ?? null) : null;
}

export function parentAt(address: string): string | null {
  const levels = levelsOf(address);
  if (address === 'fleet') return null;
  if (levels.length <= 2) return 'fleet';
  return levels.slice(0, levels.length % 2 === 0 ? -2 : -1).join('/');
}

/** Whether `address` is `ancestor` or lives under it. The fleet has everybody under it. */
export const isWithin = (address: string, ancestor: string): boolean =>
  ancestor === 'fleet' || address === ancestor || address.startsWith(`${ancestor}/`);
