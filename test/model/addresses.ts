import type { Address, Target } from '../../src/machines/domain/events.ts';

/** Which machine lives at an address. */
export type Kind = 'token' | 'breaker' | 'account' | 'vehicle' | 'command';

const ACCOUNT = 'account/main';
export const TOKEN: Address = `${ACCOUNT}/token`;
export const BREAKER: Address = `${ACCOUNT}/breaker`;
export const ACCOUNT_ADDRESS: Address = ACCOUNT;
export const BRIDGE: Address = 'bridge';
export const vehicleAddress = (car: string): Address => `${ACCOUNT}/vehicle/${car}`;
export const commandAddress = (car: string, n: number): Address => `${vehicleAddress(car)}/command/${n}`;

export const parentOf = (address: Address): Address => {
  const parts = address.split('/');
  const at = parts.at(-2);
  // `vehicle/a`, `command/3` and `account/main` are one name each; `token` and `breaker` too.
  return parts.slice(0, at === 'vehicle' || at === 'command' || at === 'account' ? -2 : -1).join('/');
};

export function kindOf(address: Address): Kind | null {
  if (address === TOKEN) return 'token';
  if (address === BREAKER) return 'breaker';
  if (address === ACCOUNT) return 'account';
  const at = address.split('/').at(-2);
  return at === 'vehicle' || at === 'command' ? at : null;
}

/** Whom `target` means when the actor at `from` says it: what src/actors resolves in production. */
export function resolve(from: Address, target: Target): Address {
  if (typeof target === 'object') return 'address' in target ? target.address : `${from}/${target.child}`;
  switch (target) {
    case 'token':
    case 'breaker':
      return `${ACCOUNT}/${target}`;
    case 'account':
      return ACCOUNT;
    case 'owner':
      return parentOf(from);
    case 'bridge':
    case 'fleet':
      return target;
  }
}

/** For people: `token`, `a`, `a/1`. */
export const shortName = (address: Address): string =>
  address === ACCOUNT
    ? 'account'
    : address.replace(`${ACCOUNT}/`, '').replace(/^vehicle\//, '').replace('/command/', '/');
