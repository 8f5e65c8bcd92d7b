import { afterEach } from 'vitest';
import type { Clock } from '../../src/actors/ports.ts';
import { createSystem, type SystemOptions } from '../../src/actors/system.ts';
import { createGateway } from '../../src/io/bluelink/gateway.ts';
import type { SessionRecord } from '../../src/io/bluelink/session-record.ts';
import type { Car, SimCar } from '../../src/io/simulator/car/car.ts';
import { DEMO_CREDENTIALS } from '../../src/io/simulator/demo-account.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/io/simulator/simulator.ts';
import { createMemoryStore } from '../../src/io/store/memory-store.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/machines/domain/settings.ts';
import { FakeBus } from './fake-bus.ts';
import { clock as systemClock, usualSystem } from './quiet.ts';
import { recordingLog } from './quiet-log.ts';

/** Everything at a tenth of its time and less: looks, deadlines, rests. */
export const QUICK_SETTINGS: Settings = {
  ...DEFAULT_SETTINGS,
  lookAfterMs: [20, 60, 120, 200],
  lookEveryMs: 50,
  lockConfirmMs: 600,
  windowsConfirmMs: 600,
  climateConfirmMs: 600,
  otherConfirmMs: 600,
  settleMs: 20,
  readPauseMs: 5,
  visitLimit: 1_000,
  pollIntervalMs: 0,
};

/** The last word on a command, as its sender reads it. */
export interface Result {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly message: string;
  readonly attempts: number;
  readonly retry_at?: string;
}

/** Actors, gateway and simulated cloud together in this process; only the broker is a fake. */
export interface Whole {
  readonly cloud: Simulator;
  readonly bus: FakeBus;
  car(id: string): Car;
  /** Sends a command and waits for its end. */
  command(car: string, name: string, body: object, deadlineMs?: number): Promise<Result>;
  /** Number of the last call so far. */
  readonly mark: number;
  /** The calls of a kind (`control` also means `control.door`) after call number `since`. */
  calls(kind: string, since?: number): Simulator['log'];
}

export interface WholeOptions {
  readonly cars: readonly SimCar[];
  readonly settings?: Partial<Settings>;
  readonly cloud?: Partial<SimulatorOptions>;
  readonly pin?: string;
  /** The machine's that the daemon runs on. */
  readonly clock?: Clock;
  readonly observers?: SystemOptions['observers'];
}

export const simCar = (id: string, ccs2: 0 | 2, n = 1): SimCar => ({
  id,
  vin: `KMHWHOLE${String(n).padStart(9, '0')}`,
  name: id,
  model: 'IONIQ 5',
  year: '2023',
  type: 'EV',
  ccs2,
  state: { stateOfChargePercent: 40, plug: 'station', limitAcPercent: 80, limitDcPercent: 90 },
});

/** Makes whole systems whose cars have been read; each is stopped after its test. */
export function wholeSystems(): (options: WholeOptions) => Promise<Whole> {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  return async (options) => {
    const { cars, settings = {}, cloud: simulation = {}, pin = DEMO_CREDENTIALS.pin, clock = systemClock } = options;
    const { observers = [] } = options;
    const cloud = await startSimulator({
      accounts: [{ ...DEMO_CREDENTIALS, brand: 'hyundai', cars }],
      ...simulation,
      timings: { controlDelayMs: 10, forcedReadMs: 10, ccs2WakeMs: 10, wakeDelayMs: 0, ...simulation.timings },
    });
    cleanUps.push(() => cloud.close());
    const all = { ...QUICK_SETTINGS, ...settings };
    const { log } = recordingLog();
    const gateway = await createGateway({
      account: {
        ...DEMO_CREDENTIALS,
        pin,
        name: 'main',
        brand: 'hyundai',
        region: 'EU',
        language: 'en',
        loginFlows: ['bluelinky'],
      },
      cloudUrl: cloud.url,
      store: createMemoryStore<SessionRecord>(),
      clock,
      log,
      timeouts: { ...all, wakePollMs: 10 },
      loginBudgetPerDay: 10,
    });
    cleanUps.push(() => gateway.close());
    const bus = new FakeBus();
    const system = createSystem({
      settings: all,
      accounts: [{ name: 'main', cloud: gateway, onlyCars: null }],
      bus,
      ...usualSystem,
      simulated: true,
      cloudUrl: cloud.url,
      clock,
      log,
      observers,
    });
    cleanUps.push(() => system.stop());
    system.start();
    for (const { id } of cars) await bus.until(`the state of ${id}`, () => bus.on(`hyundai/${id}/state`)[0]);
    let commands = 0;
    return {
      cloud,
      bus,
      car: (id) => cloud.car(id),
      command(car, name, body, deadlineMs) {
        commands += 1;
        const id = `t-${commands}`;
        const isEnd = (record: Result) => record.id === id && record.status !== 'accepted';
        const results = () => bus.on(`hyundai/${car}/commands/${name}/result`) as Result[];
        bus.send(`hyundai/${car}/commands/${name}`, { id, ...body });
        return bus.until(`the end of ${name} ${id}`, () => results().find(isEnd), deadlineMs);
      },
      get mark() {
        return cloud.cloud.log.count;
      },
      calls: (kind, since = 0) =>
        cloud.log.filter((call) => call.n > since && (call.kind === kind || call.kind.startsWith(`${kind}.`))),
    };
  };
}
