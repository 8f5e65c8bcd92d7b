import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LoggedCall } from '../../src/io/simulator/call-log.ts';
import type { Simulator } from '../../src/io/simulator/simulator.ts';
import type { TestBroker } from './brokers.ts';
import { DaemonProcess } from './daemon-process.ts';
import { HostedDaemon } from './hosted-daemon.ts';
import type { Observer } from './observer.ts';
import type { Environment, TestDaemon } from './test-daemon.ts';

/** For what must come, however many start at the same time. */
const START_MS = 30_000;

/** Broker, simulated cloud, daemon and a person at the broker, together. */
export class Stage {
  readonly cloud: Simulator;
  readonly broker: TestBroker;
  readonly mqtt: Observer;
  readonly folder: string;
  readonly cars: readonly string[];
  readonly #environment: Environment;
  readonly #isHosted: boolean;
  readonly #daemons: TestDaemon[] = [];
  readonly #cleanUps: (() => Promise<unknown>)[] = [];

  constructor(parts: {
    readonly cloud: Simulator;
    readonly broker: TestBroker;
    readonly mqtt: Observer;
    readonly folder: string;
    readonly cars: readonly string[];
    readonly environment: Environment;
    /** Whether `run` runs in this process, not in one of its own. */
    readonly isHosted: boolean;
  }) {
    this.cloud = parts.cloud;
    this.broker = parts.broker;
    this.mqtt = parts.mqtt;
    this.folder = parts.folder;
    this.cars = parts.cars;
    this.#environment = parts.environment;
    this.#isHosted = parts.isHosted;
  }

  /** The daemon that was started last. */
  get daemon(): TestDaemon {
    const daemon = this.#daemons.at(-1);
    if (daemon === undefined) throw new Error('No daemon has been started.');
    return daemon;
  }

  get first(): TestDaemon {
    return this.#daemons[0] ?? this.daemon;
  }

  get car(): string {
    return this.cars[0] ?? '';
  }

  get stateDir(): string {
    return join(this.folder, 'state');
  }

  start(environment: Environment = {}, words: readonly string[] = ['run']): TestDaemon {
    const all = { ...this.#environment, ...environment };
    const { folder } = this;
    const daemon =
      this.#isHosted && words.join() === 'run'
        ? new HostedDaemon(all, folder)
        : new DaemonProcess({ words, folder, environment: all });
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Resolves when the state of every car has been published since `since`. */
  async ready(deadlineMs = START_MS, since = 0): Promise<void> {
    const states = this.cars.map((car) => this.mqtt.on(`${car}/state`, () => true, deadlineMs, since));
    // Code 0 is that of a `bluelinkd login` beside the daemon.
    const ended = this.daemon.exited.then(({ code }) => {
      if (code !== 0) throw new Error(`The daemon ended with code ${code}.`);
      return Promise.all(states);
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

function time(at: number): string {
  return new Date(at).toISOString().slice(14, 23);
}
