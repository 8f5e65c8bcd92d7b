import type { SimAccount } from '../../src/io/simulator/account.ts';
import { type Simulator, startSimulator } from '../../src/io/simulator/simulator.ts';

const OWNER = { username: 'crash@example.com', password: 'crash-password', pin: '1234' } as const;

/** What the daemon needs to log in at our own cloud. */
export const OWN_ACCOUNT: Readonly<Record<string, string>> = {
  HYUNDAI_USERNAME: OWNER.username,
  HYUNDAI_PASSWORD: OWNER.password,
  HYUNDAI_PIN: OWNER.pin,
};

const account: SimAccount = {
  ...OWNER,
  brand: 'hyundai',
  refreshToken: 'CRASH0REFRESH0TOKEN0OF0THE0SIMULATED0CLOUD000001',
  cars: ['c0', 'c1', 'c2'].map((id, n) => ({
    id,
    vin: `KMHCRASH${String(n).padStart(9, '0')}`,
    name: id,
    model: 'IONIQ 5',
    year: '2023',
    type: 'EV',
    // One car takes the token that the PIN buys for everything, the others for unlocking only.
    ccs2: n === 0 ? 1 : 0,
  })),
};

/** The simulated cloud of `bluelinkd demo` with three cars that obey after this time. */
export function startOwnCloud(controlDelayMs: number): Promise<Simulator> {
  return startSimulator({
    accounts: [account],
    timings: { controlDelayMs, forcedReadMs: 30, wakeDelayMs: 0 },
    limits: { logEntries: 20_000 },
  });
}
