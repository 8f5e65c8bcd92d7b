import { afterEach } from 'vitest';
import type { SimAccount } from '../../../../src/io/simulator/account.ts';
import type { SimCar } from '../../../../src/io/simulator/car/car.ts';
import type { Simulator, SimulatorOptions } from '../../../../src/io/simulator/simulator.ts';
import { startSimulator } from '../../../../src/io/simulator/simulator.ts';

export const CAR: SimCar = {
  id: '0a1b2c3d-0000-4000-8000-000000000001',
  vin: 'KMHTEST0000000001',
  name: 'Ada',
  model: 'IONIQ 5',
  year: '2023',
  type: 'EV',
  ccs2: 0,
};

export const CCS2_CAR: SimCar = {
  ...CAR,
  id: '0a1b2c3d-0000-4000-8000-000000000002',
  vin: 'KMHTEST0000000002',
  name: 'Bea',
  ccs2: 1,
};

export const ACCOUNT: SimAccount = {
  username: 'someone@example.com',
  password: 'p4ss-Wörd!',
  pin: '4711',
  brand: 'hyundai',
  refreshToken: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKL',
  cars: [CAR, CCS2_CAR],
};

export const KIA_ACCOUNT: SimAccount = {
  ...ACCOUNT,
  username: 'somebody@example.com',
  brand: 'kia',
  refreshToken: 'KKKDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKL',
  cars: [{ ...CAR, id: 'kia-car-1', vin: 'KNATEST0000000003' }],
};

/** Everything as fast as it goes: the tests do not wait for cars. */
export const FAST = { controlDelayMs: 0, forcedReadMs: 0, ccs2WakeMs: 0, wakeDelayMs: 0 };

/** Starts simulators that are closed at the end of each test. Call it once in a `describe` or at the top of a file. */
export function simulators(): (options?: Partial<SimulatorOptions>) => Promise<Simulator> {
  const open: Simulator[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((simulator) => simulator.close()));
  });
  return async (options = {}) => {
    const simulator = await startSimulator({ accounts: [ACCOUNT, KIA_ACCOUNT], timings: FAST, ...options });
    open.push(simulator);
    return simulator;
  };
}
