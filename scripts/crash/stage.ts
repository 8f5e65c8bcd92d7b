import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../../bench/support/broker.ts';
import { type BrokerClient, connectToBroker } from '../../bench/support/broker-client.ts';
import type { Teardown } from '../../bench/support/teardown.ts';
import type { CarTruth, RemoteCloud } from './cloud.ts';
import type { Heard } from './judge.ts';
import { Victim } from './victim.ts';

const BASE = 'crash';
const END_MS = 180_000;
/** For all cars to be read: longer than it takes on a busy machine. */
const READ_MS = 20_000;
/** Of the broker, to notice that a client is gone. */
const NOTICED_MS = 15_000;
/** Lines of the daemon's log that are told when something is wrong. */
const TOLD_LINES = 12;

/** Cars and confirmations as quick as they go: what is killed is killed at the same boundaries. */
const QUICK = {
  BLUELINKD_TIMING_LOOK_AFTER_MS: '100,200,400,800',
  BLUELINKD_TIMING_LOOK_EVERY_MS: '300',
  BLUELINKD_TIMING_LOCK_CONFIRM_MS: '3000',
  // Whoever is not at a call, or waits for a token or the PIN, has something to do: that is how rest is told.
  BLUELINKD_TIMING_SETTLE_MS: '0',
  BLUELINKD_TIMING_CALL_TIMEOUT_MS: '8000',
  BLUELINKD_BUDGET_CALLS_PER_DAY: '0',
  BLUELINKD_BUDGET_FORCED_READS_PER_DAY: '0',
  BLUELINKD_BUDGET_FORCED_READ_GAP_S: '0',
  BLUELINKD_LIMITS_LOGIN_BUDGET_PER_DAY: '100',
  // Each round of a revoked token is a refresh, and rounds are quick.
  BLUELINKD_LIMITS_VISIT_LIMIT: '1000',
  LOG_LEVEL: 'debug',
};

/** A control for one car, as its sender wrote it. */
export interface Order {
  readonly car: string;
  readonly id: string;
  readonly payload: string;
}

/** The daemon that is killed, the broker beside it, and one who sends commands and hears what is said. */
export class Stage {
  readonly broker: 'mosquitto' | 'aedes';
  readonly victim: Victim;
  readonly heard: Heard[] = [];
  /** Cars, as cloud and topics name them. */
  readonly cars: readonly string[];
  readonly #client: BrokerClient;
  readonly #folder: string;
  /** Those whose state this life of the daemon has told. */
  readonly #states = new Set<string>();
  readonly #watchers = new Set<() => void>();
  /** Whether the broker has it that the daemon is there. */
  #isOnline = false;

  /** @param environment of the daemon: where the cloud is, and the account there. */
  static async open(cloud: RemoteCloud, environment: Readonly<Record<string, string>>, teardown: Teardown) {
    const broker = await startBroker();
    teardown.add(() => broker.stop());
    const client = await connectToBroker(broker.port);
    teardown.add(() => client.close());
    const folder = mkdtempSync(join(tmpdir(), 'bluelinkd-crash-'));
    const victim = new Victim(folder, {
      ...QUICK,
      ...environment,
      BLUELINKD_CLOUD_URL: cloud.url,
      MQTT_BROKER_HOST: '127.0.0.1',
      MQTT_BROKER_PORT: String(broker.port),
      MQTT_BASE_TOPIC: BASE,
    });
    teardown.add(() => victim.stop());
    const cars = (await cloud.cars()).map(({ id }) => id);
    const stage = new Stage({ broker: broker.kind, client, folder, victim, cars });
    await stage.#listen();
    return stage;
  }

  private constructor(parts: {
    readonly broker: 'mosquitto' | 'aedes';
    readonly client: BrokerClient;
    readonly folder: string;
    readonly victim: Victim;
    readonly cars: readonly string[];
  }) {
    this.broker = parts.broker;
    this.victim = parts.victim;
    this.cars = parts.cars;
    this.#client = parts.client;
    this.#folder = parts.folder;
  }

  /** Whether the daemon has read its cars in this life. */
  get isUp(): boolean {
    return this.cars.every((car) => this.#states.has(car));
  }

  /** Whether the daemon has come so far that its senders can tell. */
  get isOnline(): boolean {
    return this.#isOnline;
  }

  /** Begins a life of the daemon. */
  begin(): void {
    this.#states.clear();
    this.victim.start();
  }

  /** Resolves when the daemon has read its cars; or is there, and a read has failed, which it does not repeat so soon. */
  async up(): Promise<void> {
    await this.until(() => this.isUp || this.victim.hasEnded, READ_MS);
    if (!this.isUp) await this.online();
  }

  /** Resolves when the daemon says that it is there. */
  async online(): Promise<void> {
    await this.until(() => this.#isOnline || this.victim.hasEnded, END_MS);
    if (this.victim.hasEnded) throw this.#trouble('has ended by itself');
    if (!this.#isOnline) throw this.#trouble(`is not online after ${END_MS} ms`);
  }

  /** `kill -9`. Resolves when all is here that the daemon has said: the broker speaks for it only then. */
  async kill(): Promise<void> {
    if (this.victim.hasEnded) throw this.#trouble('has ended by itself');
    await this.victim.kill();
    if (this.#isOnline) await this.until(() => !this.#isOnline, NOTICED_MS);
  }

  /** An order for each car: the opposite of what is, so that the car itself shows whether it was told. */
  orders(before: ReadonlyMap<string, CarTruth>, name: string): readonly Order[] {
    return this.cars.map((car) => {
      const id = `${name}-${car}`;
      const action = before.get(car)?.state.locked === true ? 'unlock' : 'lock';
      return { car, id, payload: JSON.stringify({ action, id }) };
    });
  }

  send({ car, payload }: Order): void {
    void this.#client.publish(`${BASE}/${car}/commands/lock`, payload).catch(() => {});
  }

  hasEnd(id: string): boolean {
    return this.heard.some((one) => one.id === id && one.status !== 'accepted');
  }

  /** Resolves when all have a final record, or it has taken too long. */
  async ended(orders: readonly Order[]): Promise<void> {
    await this.until(() => orders.every(({ id }) => this.hasEnd(id)), END_MS);
  }

  /** Resolves to true when it is so; to false when it is not in time. */
  until(isSo: () => boolean, deadlineMs: number): Promise<boolean> {
    if (isSo()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (isMet: boolean) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(isMet);
      };
      const timer = setTimeout(() => end(false), deadlineMs);
      const look = () => {
        if (isSo()) end(true);
      };
      this.#watchers.add(look);
    });
  }

  /** What the daemon's log has about a command, in its last lines. */
  logOf(id: string): readonly string[] {
    return this.victim.lastLines(TOLD_LINES, id).map((line) => line.slice(0, 400));
  }

  /** Deletes log and journal of the daemon, or answers where they are. */
  leave(isKept: boolean): string | null {
    if (isKept) return this.#folder;
    rmSync(this.#folder, { recursive: true, force: true });
    return null;
  }

  async #listen(): Promise<void> {
    await this.#client.subscribe(`${BASE}/+/commands/+/result`, ({ payload }) => {
      const { id, status, reason } = JSON.parse(payload) as Heard;
      this.heard.push({ id, status, reason, text: payload });
      this.#look();
    });
    await this.#client.subscribe(`${BASE}/+/state`, ({ topic, payload }) => {
      if (topic === `${BASE}/bridge/state`) this.#isOnline = payload === 'online';
      else this.#states.add(topic.split('/')[1] ?? '');
      this.#look();
    });
    this.victim.onEnd(() => this.#look());
  }

  #look(): void {
    for (const look of [...this.#watchers]) look();
  }

  #trouble(what: string): Error {
    const { victim } = this;
    return new Error(`The daemon ${what}; its log (${victim.log}) ends:\n${victim.lastLines(TOLD_LINES).join('\n')}`);
  }
}
