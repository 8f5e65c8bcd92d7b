import { afterEach, beforeEach } from 'vitest';
import type { CallOutcome, Clock } from '../../../../src/actors/ports.ts';
import { createGateway, type Gateway } from '../../../../src/io/bluelink/gateway.ts';
import type { SessionRecord } from '../../../../src/io/bluelink/session-record.ts';
import type { SimAccount } from '../../../../src/io/simulator/account.ts';
import type { Car, SimCar } from '../../../../src/io/simulator/car/car.ts';
import { DEMO_CREDENTIALS } from '../../../../src/io/simulator/demo-account.ts';
import { type Simulator, startSimulator } from '../../../../src/io/simulator/simulator.ts';
import { createMemoryStore } from '../../../../src/io/store/memory-store.ts';
import type { CloudCall, Control, RecordWord } from '../../../../src/machines/domain/command.ts';
import type { Reading } from '../../../../src/machines/domain/vehicle-state.ts';
import { createMemoryLog, how, never, TIMEOUT_MS } from './account.ts';

export type Generation = 'classic' | 'ccs2';

const carOf = (id: Generation): SimCar => ({
  id,
  vin: id === 'classic' ? 'KMHTEST0000000001' : 'KMHTEST0000000002',
  name: id,
  model: 'IONIQ 5',
  year: '2023',
  type: 'EV',
  ccs2: id === 'classic' ? 0 : 2,
  state: { stateOfChargePercent: 40, plug: 'station', limitAcPercent: 80, limitDcPercent: 90 },
});

type MemoryStore = ReturnType<typeof createMemoryStore<SessionRecord>>;

export interface SimulatedCars {
  readonly simulator: Simulator;
  /** Logged in. */
  readonly gateway: Gateway;
  readonly store: MemoryStore;
  /** A second gateway of the same account, on a machine with this clock. */
  again(clock: Clock): Promise<{ readonly gateway: Gateway; readonly log: ReturnType<typeof createMemoryLog> }>;
  car(generation: Generation): Car;
  control(generation: Generation, command: Control): Promise<CallOutcome>;
  read(generation: Generation, source?: Reading['source'], commandId?: string): Promise<CallOutcome>;
  /** The record of an action, when it is no longer pending. */
  word(generation: Generation, actionId: string | null): Promise<RecordWord>;
  /** Paths and kinds of the calls of a kind, after call number `since`. */
  calls(kind: string, since?: number): Simulator['log'];
}

/** One account with a car of each generation, in a simulated cloud that is as fast as it goes; fresh for every test. */
export function useSimulatedCars(
  timeouts: { readonly forcedReadTimeoutMs?: number; readonly wakePollMs?: number } = {},
  owner: Pick<SimAccount, 'brand' | 'region' | 'stampKey'> = { brand: 'hyundai' },
): () => SimulatedCars {
  let current: SimulatedCars | null = null;
  const gateways: Gateway[] = [];
  beforeEach(async () => {
    const simulator = await startSimulator({
      accounts: [{ ...DEMO_CREDENTIALS, ...owner, cars: [carOf('classic'), carOf('ccs2')] }],
      timings: { controlDelayMs: 0, forcedReadMs: 10, ccs2WakeMs: 30 },
    });
    const store = createMemoryStore<SessionRecord>();
    const again = async (clock: Clock) => {
      const log = createMemoryLog();
      const gateway = await createGateway({
        account: {
          ...DEMO_CREDENTIALS,
          name: 'main',
          brand: owner.brand,
          region: owner.region ?? 'EU',
          language: 'en',
          loginFlows: owner.region === undefined ? ['bluelinky'] : [],
        },
        cloudUrl: simulator.url,
        store,
        clock,
        log,
        timeouts: {
          callTimeoutMs: TIMEOUT_MS,
          forcedReadTimeoutMs: TIMEOUT_MS,
          refreshTimeoutMs: TIMEOUT_MS,
          wakePollMs: 10,
          ...timeouts,
        },
        loginBudgetPerDay: 10,
      });
      gateways.push(gateway);
      return { gateway, log };
    };
    const { gateway } = await again({ now: () => Date.now(), elapsed: () => performance.now() });
    const login = await gateway.login(never);
    if (!login.ok) throw new Error(login.failure.message);
    const call = (asked: CloudCall, commandId = 'c-1') => gateway.call(asked, { ...how(), commandId });
    current = {
      simulator,
      gateway,
      store,
      again,
      car: (generation) => simulator.car(generation),
      control: (generation, command) => call({ type: 'control', car: generation, command }),
      read: (generation, source = 'cached', commandId) => call({ type: 'read', car: generation, source }, commandId),
      async word(generation, actionId) {
        for (let looks = 0; looks < 200; looks += 1) {
          const outcome = await call({ type: 'record', car: generation, actionId: actionId ?? '' });
          if (!outcome.ok || outcome.value.type !== 'record') throw new Error(JSON.stringify(outcome));
          if (outcome.value.word !== 'pending') return outcome.value.word;
        }
        throw new Error('The record stays pending.');
      },
      calls: (kind, since = 0) => simulator.log.filter((logged) => logged.n > since && logged.kind === kind),
    };
  });
  afterEach(async () => {
    await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
    await current?.simulator.close();
    current = null;
  });
  return () => {
    if (current === null) throw new Error('The cars exist inside a test only.');
    return current;
  };
}
