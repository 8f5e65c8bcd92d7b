import { loadConfig, type ResolvedConfig } from '../../src/io/config/load.ts';
import type { SimAccount } from '../../src/io/simulator/account.ts';
import type { SimCar } from '../../src/io/simulator/car/car.ts';

/** Who takes part in every run. */

export const CLIENT_ID = 'bluelinkd-simulation';
export const BASE = 'hyundai';
export const START = Date.parse('2026-11-07T06:00:00Z');
/** Nobody listens there: requests never leave the process. */
const CLOUD_URL = 'http://127.0.0.1:9';

const PASSWORD = 'p4ss-word';
const PIN = '4711';

function car(id: string, n: number, more: Partial<SimCar>): SimCar {
  return {
    id,
    vin: `KMHSIMULATED${String(n).padStart(5, '0')}`,
    name: `Car ${n}`,
    model: 'IONIQ 5',
    year: '2023',
    type: 'EV',
    ccs2: 0,
    ...more,
  };
}

/** Three cars of both generations. */
export const CARS: readonly SimCar[] = [
  car('c1', 1, { state: { stateOfChargePercent: 40, plug: 'station', chargePortOpen: true } }),
  car('c2', 2, { state: { stateOfChargePercent: 70 } }),
  car('c3', 3, {
    ccs2: 1,
    model: 'IONIQ 6',
    state: { stateOfChargePercent: 30, plug: 'station', chargePortOpen: true },
  }),
];

export const ACCOUNT: SimAccount = {
  username: 'someone@example.com',
  password: PASSWORD,
  pin: PIN,
  brand: 'hyundai',
  cars: CARS,
  refreshToken: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKL',
};

/** The daemon's configuration, from what a person would write. */
export function configuration(): ResolvedConfig {
  const loaded = loadConfig({
    command: 'run',
    configPath: null,
    logLevel: null,
    environment: {
      BLUELINKD_CLOUD_URL: CLOUD_URL,
      BLUELINKD_STATE_DIR: '/nowhere',
      HYUNDAI_USERNAME: ACCOUNT.username,
      HYUNDAI_PASSWORD: PASSWORD,
      HYUNDAI_PIN: PIN,
      MQTT_BROKER_HOST: 'broker.invalid',
      // A day here has as many troubles as a year elsewhere.
      BLUELINKD_LIMITS_LOGIN_BUDGET_PER_DAY: '48',
      BLUELINKD_BUDGET_CALLS_PER_DAY: '0',
      BLUELINKD_BUDGET_FORCED_READS_PER_DAY: '0',
      BLUELINKD_BUDGET_FORCED_READ_GAP_S: '0',
    },
    cwd: '/nowhere',
    readFile: () => {
      throw Object.assign(new Error('There are no files here.'), { code: 'ENOENT' });
    },
  });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const { config } = loaded;
  return { ...config, mqtt: { ...config.mqtt, client_id: CLIENT_ID, base_topic: BASE } };
}
