import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, onTestFailed, test } from 'vitest';
import type { SimAccount } from '../../src/io/simulator/account.ts';
import type { SimCar } from '../../src/io/simulator/car/car.ts';
import { PasswordKey } from '../../src/io/simulator/session/password-key.ts';
import { type SimulatorOptions, startSimulator } from '../../src/io/simulator/simulator.ts';
import { freePort, startBroker, type TestBrokerOptions } from '../support/brokers.ts';
import { HeldTimers } from '../support/held-timers.ts';
import { Observer } from '../support/observer.ts';
import { Stage } from '../support/stage.ts';
import type { Environment } from '../support/test-daemon.ts';

/** Everything that a user story needs: a broker, a simulated cloud, the daemon between them, and a person at the broker. */

export const BASE = 'hyundai';

export const OWNER = {
  username: 'someone@example.com',
  password: 'p4ss-Wörd!',
  pin: '4711',
  refreshToken: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKL',
} as const;

/** Cars and cloud as fast as they go. What is timed by the daemon keeps its default. */
const QUICK_CLOUD = { controlDelayMs: 30, forcedReadMs: 30, wakeDelayMs: 0 };

/** One for all clouds: making it takes a tenth of a second, and nothing that a story sees follows from it. */
const PASSWORD_KEY = new PasswordKey();

/** The daemon looks for confirmations sooner than it would: nothing else about them changes. */
export const QUICK_LOOKS: Environment = {
  BLUELINKD_TIMING_LOOK_AFTER_MS: '50,100,200,400',
  BLUELINKD_TIMING_LOOK_EVERY_MS: '200',
};

export interface StageOptions {
  /** Default 1, named c0, c1, … */
  readonly cars?: number;
  readonly account?: Partial<SimAccount>;
  readonly cloud?: Partial<SimulatorOptions>;
  readonly broker?: TestBrokerOptions;
  /** A broker that refuses MQTT 5 with this code (always aedes). */
  readonly oldBroker?: 0x01 | 0x84;
  /** The base topic that is looked at, default `hyundai`; the configuration is the test's own business. */
  readonly base?: string;
  /** Added to the daemon's environment. */
  readonly environment?: Environment;
  /** Whether the daemon is started; default true. */
  readonly start?: boolean;
  /** Whether to wait until the state of every car has been published; default true if the daemon is started. */
  readonly ready?: boolean;
  /**
   * Whether the daemon may live in the process of the tests, which starts it for a tenth of the price; default false. No
   * daemon does where `BLUELINKD_TEST_PROCESSES` is 1.
   */
  readonly hosted?: boolean;
}

export function carNamed(id: string, n: number): SimCar {
  return {
    id,
    vin: `KMHTEST${String(n).padStart(10, '0')}`,
    name: `Car ${n}`,
    model: 'IONIQ 5',
    year: '2023',
    type: 'EV',
    ccs2: 0,
  };
}

/** Sets everything up; the caller closes it. Tests with a stage of their own use `it` of this file. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const cars = Array.from({ length: options.cars ?? 1 }, (_, n) => `c${n}`);
  const account = { ...OWNER, brand: 'hyundai' as const, cars: cars.map(carNamed), ...options.account };
  const timers = new HeldTimers();
  const cloud = await startSimulator({
    // One that is still ours when it comes back from being offline.
    port: await freePort(),
    timers,
    accounts: [account],
    ...options.cloud,
    timings: { ...QUICK_CLOUD, ...options.cloud?.timings },
  });
  Object.assign(cloud.cloud, { passwordKey: PASSWORD_KEY });
  const { oldBroker } = options;
  const broker =
    oldBroker === undefined
      ? await startBroker(inject('systemBroker'), options.broker)
      : await startBroker('aedes', { refuseMqtt5With: oldBroker });
  const { username, password } = options.broker ?? {};
  const mqtt = await Observer.connect(broker.port, options.base ?? BASE, {
    ...(username === undefined || password === undefined ? {} : { username, password }),
    ...(oldBroker === undefined ? {} : { protocolVersion: 4 }),
  });
  const folder = mkdtempSync(join(tmpdir(), 'bluelinkd-system-'));
  mkdirSync(join(folder, 'state'), { mode: 0o700 });
  const stage = new Stage({
    cloud,
    broker,
    mqtt,
    folder,
    cars: account.cars.map(({ id }) => id),
    environment: {
      ...environmentFor({ cloudUrl: cloud.url, brokerPort: broker.port, folder }),
      ...QUICK_LOOKS,
      ...options.environment,
    },
    isHosted: options.hosted === true && !inject('areAllProcesses'),
    timers,
  });
  if (options.start === false) return stage;
  try {
    stage.start();
    if (options.ready !== false) await stage.ready();
  } catch (error) {
    const report = stage.report();
    await stage.close();
    throw new Error(`${error instanceof Error ? error.message : 'It did not start.'}\n${report}`);
  }
  return stage;
}

/** The stories ask more in a minute than a person in a day; what they say of limits they set themselves. */
const NO_LIMITS: Environment = {
  BLUELINKD_BUDGET_CALLS_PER_DAY: '0',
  BLUELINKD_BUDGET_FORCED_READS_PER_DAY: '0',
  BLUELINKD_BUDGET_FORCED_READ_GAP_S: '0',
  BLUELINKD_BUDGET_MIN_BATTERY_12V_PCT: '0',
};

export function environmentFor(at: {
  readonly cloudUrl: string;
  readonly brokerPort: number;
  readonly folder: string;
}): Environment {
  return {
    BLUELINKD_CLOUD_URL: at.cloudUrl,
    BLUELINKD_STATE_DIR: join(at.folder, 'state'),
    HYUNDAI_USERNAME: OWNER.username,
    HYUNDAI_PASSWORD: OWNER.password,
    HYUNDAI_PIN: OWNER.pin,
    MQTT_BROKER_HOST: '127.0.0.1',
    MQTT_BROKER_PORT: String(at.brokerPort),
    LOG_LEVEL: 'debug',
    ...NO_LIMITS,
  };
}

interface Fixtures {
  readonly aStage: (options?: StageOptions) => Promise<Stage>;
  /** An empty folder. */
  readonly folder: string;
}

const stories = (hosted: boolean) =>
  test.extend<Fixtures>({
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of what a fixture needs from its parameter.
    folder: async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'bluelinkd-system-'));
      await use(folder);
      rmSync(folder, { recursive: true, force: true });
    },
    aStage: async ({ onTestFailed }, use) => {
      const stages: Stage[] = [];
      onTestFailed(({ task }) => {
        for (const stage of stages) explain(stage, task.result?.errors);
      });
      await use(async (options = {}) => {
        const stage = await openStage({ hosted, ...options });
        stages.push(stage);
        return stage;
      });
      await Promise.all(stages.map((stage) => stage.close()));
    },
  });

/**
 * A user story with the built daemon as a process: `aStage` opens stages that are closed when the test is over, and
 * explained when it failed.
 */
export const it = stories(false);

/** The same with a daemon in the process of the tests: for what cloud, broker and cars get to see. */
export const hosted = stories(true);

/** Tells what happened if the running test fails: for a stage that several tests share. */
export function explainFailure(stage: Stage): void {
  onTestFailed(({ task }) => explain(stage, task.result?.errors));
}

/** All of it to the standard error; the end of it with the failure itself, which may be all that somebody gets to see. */
function explain(stage: Stage, errors: readonly { stack?: string }[] | undefined): void {
  process.stderr.write(`${stage.report()}\n`);
  const [first] = errors ?? [];
  if (first !== undefined) first.stack = `${first.stack ?? ''}\n${stage.digest()}`;
}
