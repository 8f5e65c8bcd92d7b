import type { Address, Target } from '../machines/domain/events.ts';

/** The names of actors (their systemIds), built here and nowhere else. An address is a path: a child lives under its parent. */

export const FLEET: Address = 'fleet';
export const BRIDGE: Address = 'bridge';
export const accountAddress = (account: string): Address => `account/${account}`;
export const tokenAddress = (account: string): Address => `account/${account}/token`;
export const vehicleAddress = (account: string, car: string): Address => `account/${account}/vehicle/${car}`;

/** Where a child of `parent` lives. The fleet and the bridge are roots of their own. */
export const childAddress = (parent: Address, child: string): Address =>
  parent === FLEET ? child : `${parent}/${child}`;

/** The account that an address belongs to; null for fleet and bridge. */
export const accountOf = (address: Address): string | null => {
  const [kind, account] = address.split('/');
  return kind === 'account' && account !== undefined ? account : null;
};

/** What lives there: `token`, `breaker`, `vehicle`, `command`, `list`, `account`, `bridge`, `fleet`. */
export const kindOf = (address: Address): string => {
  const levels = address.split('/');
  // A place is a kind and a name, except for the token and the breaker, which need none.
  return levels.length % 2 === 0 ? (levels.at(-2) ?? address) : (levels.at(-1) ?? address);
};

/** Who is meant by a role, seen from `self`; null if `self` has no such relative. */
export function resolve(self: Address, target: Target): Address | null {
  if (typeof target === 'object') return 'address' in target ? target.address : childAddress(self, target.child);
  switch (target) {
    case 'fleet':
      return FLEET;
    case 'bridge':
      return BRIDGE;
    case 'owner':
      return self.split('/').slice(0, -2).join('/');
    default: {
      const account = accountOf(self);
      if (account === null) return null;
      return target === 'account' ? accountAddress(account) : childAddress(accountAddress(account), target);
    }
  }
}
