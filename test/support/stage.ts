import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LoggedCall } from '../../src/io/simulator/call-log.ts';
import type { Simulator } from '../../src/io/simulator/simulator.ts';
import type { TestBroker } from './brokers.ts';
import { DaemonProcess } from './daemon-process.ts';
import { HELD_MS, type HeldTimers } from './held-timers.ts';
import { HostedDaemon } from './hosted-daemon.ts';
import type { CommandResult, Observer } from './observer.ts';
import { settled } from './settled.ts';
import type { Environment, TestDaemon } from './test-daemon.ts';

/** For what must come, however many start at the same time. */
const START_MS = 45_000;
/** For what the cloud must hear of. */
const CALL_MS = 30_000;

/** Calls that wait at the cloud. */
export interface Held {
  /** Those that wait go on, and no other waits any more. */
  letGo(): void;
  /** Those that wait go on; others wait as before. */
  letThese(): void;
}

/** Broker, simulated cloud, daemon and a person at the broker, together. */
export class Stage {
  readonly cloud: Simulator;
  readonly broker: TestBroker;
  readonly mqtt: Observer;
  readonly folder: string;
  readonly cars: readonly string[];
  readonly #environment: Environment;
  readonly #isHosted: boolean;
  readonly #timers: HeldTimers;
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
    /** Those of the cloud. */
    readonly timers: HeldTimers;
  }) {
    this.cloud = parts.cloud;
    this.broker = parts.broker;
    this.mqtt = parts.mqtt;
    this.folder = parts.folder;
    this.cars = parts.cars;
    this.#environment = parts.environment;
    this.#isHosted = parts.isHosted;
    this.#timers = parts.timers;
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
      if (code !== 0) throw new Error(`The daemon ended with code ${code}.\n${this.daemon.stderr.slice(-2_000)}`);
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

  /** Sends a control and waits for its end, and until the daemon asks the cloud nothing more because of it. */
  async commandAndSettle(car: string, command: string, body: object): Promise<CommandResult> {
    const id = await this.mqtt.send(car, command, body);
    const result = await this.mqtt.result(id);
    await settled(this.daemon, car, id);
    return result;
  }

  async lockAndSettle(car: string, action: 'lock' | 'unlock' = 'lock'): Promise<CommandResult> {
    return this.commandAndSettle(car, 'lock', { action });
  }

  /** The first call of a kind after call number `since`, past or to come, as soon as it has arrived. */
  called(kind: string, since: number, fits: (call: LoggedCall) => boolean = () => true): Promise<LoggedCall> {
    const isKind = (call: LoggedCall) => call.kind === kind || call.kind.startsWith(`${kind}.`);
    return this.cloud.waitFor((call) => isKind(call) && fits(call), CALL_MS, since);
  }

  /** Calls of these kinds (separated by commas) wait at the cloud, before they take effect, until they are let go. */
  hold(kind: string): Held {
    const fault = this.cloud.faults.add({ type: 'latency', ms: HELD_MS, match: { kind } });
    return {
      letGo: () => {
        fault.lift();
        this.#timers.letGo();
      },
      letThese: () => this.#timers.letGo(),
    };
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
    const logs = this.#daemons.map(({ stdout, stderr }) => `${stdout.slice(-6_000)}\n${stderr.slice(-2_000)}`);
    return [
      ...['— cloud', ...this.#callsTold(40)],
      ...['— broker', ...this.#messagesTold(40, 300)],
      ...['— daemon', ...logs],
    ].join('\n');
  }

  /** The same in some twenty lines, for where only the sentence of a failure is left. */
  digest(): string {
    const lines = this.#daemons.at(-1)?.log.all ?? [];
    const isLoud = ({ level }: { readonly level: string }) => level === 'warn' || level === 'error';
    const log = [...lines.slice(0, -4).filter(isLoud).slice(-3), ...lines.slice(-4)];
    return [
      ...['— the last calls', ...this.#callsTold(7)],
      ...['— the last messages', ...this.#messagesTold(7, 160)],
      ...['— of its log', ...log.map((line) => JSON.stringify(line).slice(0, 240))],
    ].join('\n');
  }

  #callsTold(count: number): readonly string[] {
    return this.cloud.log.slice(-count).map((call) => {
      const answer = call.outcome === 'answered' ? `${call.status} ${call.code ?? ''}` : call.outcome;
      return `${time(call.at)} #${call.n} ${call.kind} ${call.car ?? ''} ${answer} ${call.faults.join()}`;
    });
  }

  #messagesTold(count: number, length: number): readonly string[] {
    return this.mqtt.seen.all
      .filter(({ topic }) => /bridge|commands|action/.test(topic))
      .slice(-count)
      .map(({ at, topic, text }) => `${time(at)} ${topic} ${text.slice(0, length)}`);
  }
}

function time(at: number): string {
  return new Date(at).toISOString().slice(14, 23);
}
