import {
  accountAddress,
  BRIDGE,
  childAddress,
  FLEET,
  kindOf as kindName,
  vehicleAddress as productionVehicleAddress,
} from '../../src/actors/addresses.ts';
import type { Address } from '../../src/machines/domain/events.ts';

/** The addresses of the one account that is explored; how roles are resolved is production's own. */
export { BRIDGE, FLEET };
export const ACCOUNT = accountAddress('main');
export const TOKEN = childAddress(ACCOUNT, 'token');
export const BREAKER = childAddress(ACCOUNT, 'breaker');
export const vehicleAddress = (car: string): Address => productionVehicleAddress('main', car);
export const commandAddress = (car: string, n: number): Address => childAddress(vehicleAddress(car), `command/${n}`);

/** Which machine lives at an address. */
export const KINDS = ['token', 'breaker', 'account', 'vehicle', 'command'] as const;
export type Kind = (typeof KINDS)[number];
export const kindOf = (address: Address): Kind | null => {
  const name = kindName(address);
  return KINDS.find((kind) => kind === name) ?? (name === 'list' ? 'command' : null);
};

/** For people: `token`, `a`, `a/1`. */
export const shortName = (address: Address): string =>
  address === ACCOUNT
    ? 'account'
    : address
        .replaceAll(`${ACCOUNT}/`, '')
        .replace(/^vehicle\//, '')
        .replace('/command/', '/');
