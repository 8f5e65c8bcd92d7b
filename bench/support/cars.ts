import type { SimAccount } from '../../src/io/simulator/account.ts';

/** What the benches log in with. None of it exists outside the simulated cloud. */
export const LOGIN = { username: 'bench@example.com', password: 'bench-password', pin: '1234' } as const;
/** Owner of the car that the floor program locks, so that neither program's calls disturb the other's. */
const FLOOR_LOGIN = { username: 'floor@example.com', password: 'floor-password', pin: '1234' } as const;

export const FLOOR_CAR = 'floor-car';

export function carId(n: number): string {
  return `car-${n}`;
}

/** An account with so many classic cars; the second account has one, for the floor program. */
export function benchAccounts(count: number): readonly SimAccount[] {
  const cars = Array.from({ length: count }, (_, n) => car(carId(n), n));
  return [
    { ...LOGIN, brand: 'hyundai', cars },
    { ...FLOOR_LOGIN, brand: 'hyundai', cars: [car(FLOOR_CAR, count)] },
  ];
}

/** The login of account number `n` of several. */
export function loginOf(n: number) {
  return { username: `bench-${n}@example.com`, password: `bench-password-${n}`, pin: '1234' } as const;
}

/** Several accounts with equally many classic cars, numbered through all accounts. */
export function manyAccounts(accounts: number, cars: number): readonly SimAccount[] {
  const each = cars / accounts;
  return Array.from({ length: accounts }, (_, n) => ({
    ...loginOf(n),
    brand: 'hyundai' as const,
    cars: Array.from({ length: each }, (_, i) => car(carId(n * each + i), n * each + i)),
  }));
}

function car(id: string, n: number): SimAccount['cars'][number] {
  const vin = `KMHBENCH0${String(n).padStart(8, '0')}`;
  return { id, vin, name: id, model: 'IONIQ 5', year: '2023', type: 'EV', ccs2: 0 };
}
