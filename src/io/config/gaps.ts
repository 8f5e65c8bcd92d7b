import { emptyObject, type Given, isObject, put, valueAt } from './tree.ts';

/** What the configuration does not say of an account, and `bluelinkd login` can ask a person for. */
export interface Gap {
  /** Index in `accounts`. */
  readonly account: number;
  readonly key: 'brand' | 'username' | 'password';
}

/** Puts something in the place of what is missing, so that the rest can be checked and used. */
export function fillGaps(given: Given): readonly Gap[] {
  const { tree } = given;
  if (tree.accounts === undefined || (Array.isArray(tree.accounts) && tree.accounts.length === 0)) {
    tree.accounts = [emptyObject()];
  }
  if (!Array.isArray(tree.accounts)) return [];
  return tree.accounts.flatMap((entry, account) => {
    if (!isObject(entry)) return [];
    const gaps: Gap[] = [];
    const isMissing = (key: Gap['key']) => valueAt(entry, [key]) === undefined;
    // Whoever has not said whose account it is may not have thought of the brand either.
    if (isMissing('brand') && isMissing('username')) gaps.push({ account, key: 'brand' });
    for (const key of ['username', 'password'] as const) {
      if (!isMissing(key)) continue;
      gaps.push({ account, key });
      put(given, ['accounts', account, key], `missing-${account}`, { name: 'login', folder: '' });
    }
    return gaps;
  });
}
