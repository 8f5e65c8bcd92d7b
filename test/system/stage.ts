import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, onTestFailed, test, vi } from 'vitest';
import type { SimAccount } from '../../src/io/simulator/account.ts';
import type { LoggedCall } from '../../src/io/simulator/call-log.ts';
import type { SimCar } from '../../src/io/simulator/car/car.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/io/simulator/simulator.ts';
import { freePort, startBroker, type TestBroker, type TestBrokerOptions } from '../support/brokers.ts';
import { DaemonProcess, type Environment } from '../support/daemon-process.ts';
import { Observer } from '../support/observer.ts';

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
}

export class Stage {
  readonly cloud: Simulator;
  readonly broker: TestBroker;
  readonly mqtt: Observer;
  readonly folder: string;
  readonly cars: readonly string[];
  readonly #environment: Environment;
  readonly #daemons: DaemonProcess[] = [];
  readonly #cleanUps: (() => Promise<unknown>)[] = [];

  constructor(parts: {
    readonly cloud: Simulator;
    readonly broker: TestBroker;
    readonly mqtt: Observer;
    readonly folder: string;
    readonly cars: readonly string[];
    readonly environment: Environment;
  }) {
    this.cloud = parts.cloud;
    this.broker = parts.broker;
    this.mqtt = parts.mqtt;
    this.folder = parts.folder;
    this.cars = parts.cars;
    this.#environment = parts.environment;
  }

  /** The daemon that was started last. */
  get daemon(): DaemonProcess {
    const daemon = this.#daemons.at(-1);
    if (daemon === undefined) throw new Error('No daemon has been started.');
    return daemon;
  }

  get first(): DaemonProcess {
    return this.#daemons[0] ?? this.daemon;
  }

  get car(): string {
    return this.cars[0] ?? '';
  }

  get stateDir(): string {
    return join(this.folder, 'state');
  }

  start(environment: Environment = {}, words: readonly string[] = ['run']): DaemonProcess {
    const daemon = new DaemonProcess({
      words,
      folder: this.folder,
      environment: { ...this.#environment, ...environment },
    });
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Resolves when the state of every car has been published since `since`. */
  async ready(deadlineMs = 15_000, since = 0): Promise<void> {
    const states = this.cars.map((car) => this.mqtt.on(`${car}/state`, () => true, deadlineMs, since));
    const ended = this.daemon.exited.then(({ code }) => {
      throw new Error(`The daemon ended with code ${code}.`);
    });
    await Promise.race([Promise.all(states), ended]);
  }

  /** Run at the end, last first. */
  onClose(cleanUp: () => Promise<unknown>): void {
    this.#cleanUps.push(cleanUp);
  }

  /** The calls of a kind (`control` also means `control.door`) after call number `since`. */
  calls(kind: string, since = 0): readonly LoggedCall[] {
    const isKind = (call: LoggedCall) => call.kind === kind || call.kind.startsWith(`${kind}.`);
    return this.cloud.log.filter((call) => call.n > since && isKind(call));
  }

  /** Number of the last call so far. */
  get mark(): number {
    return this.cloud.cloud.log.count;
  }

  /** Refreshes and logins after call number `since`: each is one, whatever way it takes. */
  refreshes(since = 0): readonly LoggedCall[] {
    return [...this.calls('token.refresh', since), ...this.calls('cci.refresh', since)];
  }

  logins(since = 0): readonly LoggedCall[] {
    return this.calls('idp.signin', since);
  }

  async close(): Promise<void> {
    for (const cleanUp of this.#cleanUps.splice(0).reverse()) await cleanUp();
    await Promise.all(this.#daemons.map((daemon) => daemon.stop()));
    await this.mqtt.end();
    await this.broker.stop();
    await this.cloud.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What happened, for whoever has to find out why a test failed. */
  report(): string {
    const calls = this.cloud.log.slice(-40).map((call) => {
      const answer = call.outcome === 'answered' ? `${call.status} ${call.code ?? ''}` : call.outcome;
      return `${time(call.at)} #${call.n} ${call.kind} ${call.car ?? ''} ${answer} ${call.faults.join()}`;
    });
    const logs = this.#daemons.map(({ stdout, stderr }) => `${stdout.slice(-6_000)}\n${stderr.slice(-2_000)}`);
    const seen = this.mqtt.seen.all
      .filter(({ topic }) => /bridge|commands|action/.test(topic))
      .slice(-40)
      .map(({ at, topic, text }) => `${time(at)} ${topic} ${text.slice(0, 300)}`);
    return ['— cloud', ...calls, '— broker', ...seen, '— daemon', ...logs].join('\n');
  }
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
  const cloud = await startSimulator({
    accounts: [account],
    ...options.cloud,
    timings: { ...QUICK_CLOUD, ...options.cloud?.timings },
  });
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
  };
}

// Several stories at a time on a busy machine: what must be quick has deadlines of its own.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A user story: `aStage` opens stages that are closed when the test is over, and explained when it failed. */
export const it = test.extend<{
  readonly aStage: (options?: StageOptions) => Promise<Stage>;
  /** An empty folder. */
  readonly folder: string;
}>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of what a fixture needs from its parameter.
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'bluelinkd-system-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  aStage: async ({ onTestFailed }, use) => {
    const stages: Stage[] = [];
    onTestFailed(() => {
      for (const stage of stages) process.stderr.write(`${stage.report()}\n`);
    });
    await use(async (options = {}) => {
      const stage = await openStage(options);
      stages.push(stage);
      return stage;
    });
    await Promise.all(stages.map((stage) => stage.close()));
  },
});

/** Prints what happened if the running test fails: for a stage that several tests share. */
export function explainFailure(stage: Stage): void {
  onTestFailed(() => {
    process.stderr.write(`${stage.report()}\n`);
  });
}

export { freePort };

function time(at: number): string {
  return new Date(at).toISOString().slice(14, 23);
}
