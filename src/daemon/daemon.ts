import { randomUUID } from 'node:crypto';
import { Publisher } from '../actors/bridge/publisher.ts';
import type { Requests } from '../actors/bridge/requests.ts';
import { createTopics } from '../actors/contract/topics.ts';
import type { Journal, Log, Randomness } from '../actors/ports.ts';
import { type AccountOptions, createSystem, type SystemOptions } from '../actors/system.ts';
import type { Transport } from '../io/bluelink/bluelinky-surface.ts';
import type { BudgetStore } from '../io/bluelink/budget-record.ts';
import { createGateway, type Gateway } from '../io/bluelink/gateway.ts';
import type { SessionStore } from '../io/bluelink/session-record.ts';
import { callsPerDayOf } from '../io/config/budget-section.ts';
import type { ResolvedConfig } from '../io/config/load.ts';
import { settingsOf } from '../io/config/timing.ts';
import type { Inspection } from '../io/inspector/inspection.ts';
import type { Secrets } from '../io/log/secrets.ts';
import type { Metrics } from '../io/metrics/metrics.ts';
import { createMqttBus } from '../io/mqtt/bus.ts';
import type { BrokerLocation, MqttBusOptions } from '../io/mqtt/options.ts';
import type { DocumentStore } from '../io/store/file-store.ts';
import { type RetainedRecord, StoredTopics } from '../io/store/retained-topics.ts';
import type { Controls } from '../machines/domain/arming.ts';
import { systemClock } from './system-clock.ts';
import { VERSION } from './version.ts';

export interface DaemonOptions {
  readonly config: ResolvedConfig;
  readonly log: Log;
  readonly secrets: Pick<Secrets, 'register'>;
  readonly broker: BrokerLocation;
  readonly storeOf: (account: string) => SessionStore;
  /** Null: what was spent is forgotten at the end. */
  readonly budgetStoreOf: ((account: string) => BudgetStore) | null;
  /** Where it is kept which readings the broker keeps. Null: it is forgotten at the end. */
  readonly retainedStore: DocumentStore<RetainedRecord> | null;
  /** What survives a crash; absent: nothing does. Whoever opened it closes it, after the end. */
  readonly journal?: Journal;
  readonly simulated: boolean;
  readonly extraRequests?: Requests['extra'];
  readonly inspect?: SystemOptions['inspect'];
  /** Absent: nothing is measured. */
  readonly metrics?: Metrics | null;
  /** Absent: nobody looks. */
  readonly inspection?: Inspection | null;
  /** Other ways to the cloud and to the broker than the network. */
  readonly transport?: Transport;
  readonly openStream?: MqttBusOptions['openStream'];
}

export interface Daemon {
  /** Answers everybody, says `offline`, closes. Bounded. */
  stop(): Promise<void>;
  /** Resolves when no actor goes on: after `stop`, or because they could not, and the log says why. */
  readonly ended: Promise<void>;
}

const systemRandomness: Randomness = { random: () => Math.random(), id: () => randomUUID() };
/** Reserved for Home Assistant's discovery: nobody may have answers sent there. */
const DISCOVERY_PREFIX = 'homeassistant';

/** The daemon with everything in it, from a configuration. Rejects only if bluelinky cannot be loaded. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { config, log, broker, simulated } = options;
  const metrics = options.metrics ?? null;
  const inspection = options.inspection ?? null;
  const observers = [metrics?.observer, inspection?.observer].filter((observer) => observer !== undefined);
  const settings = settingsOf(config);
  const gateways: Gateway[] = [];
  const accounts: AccountOptions[] = [];
  for (const account of config.accounts) {
    const cloud = await createGateway({
      account: { ...account, loginFlows: account.login },
      cloudUrl: config.cloud_url,
      store: options.storeOf(account.name),
      clock: systemClock,
      log: log.child({ actor: 'gateway' }),
      onSecret: (value, kind) => options.secrets.register(value, kind),
      timeouts: settings,
      loginBudgetPerDay: config.limits.login_budget_per_day,
      ...(options.transport === undefined ? {} : { transport: options.transport }),
      budget: {
        limits: {
          callsPerDay: config.budget.calls_per_day ?? callsPerDayOf(account.region),
          forcedReadsPerDay: config.budget.forced_reads_per_day,
          forcedReadGapMs: config.budget.forced_read_gap_s * 1000,
        },
        store: options.budgetStoreOf?.(account.name) ?? null,
      },
    });
    gateways.push(cloud);
    const measured = metrics?.cloud(account.name, cloud) ?? cloud;
    accounts.push({
      name: account.name,
      cloud: inspection?.cloud(account.name, measured) ?? measured,
      onlyCars: account.vehicle_id === null ? null : [account.vehicle_id],
      controls: controlsOf(config, account),
    });
  }
  const retained = options.retainedStore === null ? null : await StoredTopics.open(options.retainedStore, log);
  const { mqtt } = config;
  const topics = createTopics(mqtt.base_topic);
  const bus = createMqttBus({
    broker,
    username: mqtt.username,
    password: mqtt.password,
    clientId: mqtt.client_id,
    will: Publisher.offline(topics),
    ...(mqtt.ca_pem === null ? {} : { ca: mqtt.ca_pem }),
    qosCeiling: mqtt.qos === 0 ? 0 : 1,
    sessionExpiryS: mqtt.session_expiry_s,
    log: log.child({ actor: 'mqtt' }),
    clock: systemClock,
    ...(options.openStream === undefined ? {} : { openStream: options.openStream }),
  });
  const measuredBus = metrics?.bus(bus) ?? bus;
  const system = createSystem({
    settings,
    accounts,
    bus: inspection?.bus(measuredBus) ?? measuredBus,
    ...(options.journal === undefined ? {} : { journal: options.journal }),
    baseTopic: mqtt.base_topic,
    discoveryPrefix: DISCOVERY_PREFIX,
    responsePrefixes: mqtt.response_topics,
    carNames: new Map(config.accounts.flatMap(({ vehicles }) => vehicles.map(({ id, name }) => [id, name] as const))),
    location: config.publish_location,
    republishUnchanged: mqtt.republish_unchanged,
    ...(retained === null ? {} : { retained }),
    readAtStart: config.initial_refresh,
    simulated,
    version: VERSION,
    cloudUrl: config.cloud_url,
    ...(options.extraRequests === undefined ? {} : { extraRequests: options.extraRequests }),
    ...(options.inspect === undefined ? {} : { inspect: options.inspect }),
    ...(observers.length === 0 ? {} : { observers }),
    clock: systemClock,
    randomness: systemRandomness,
    log,
  });
  system.start();
  log.write('info', 'started', { version: VERSION, accounts: accounts.length, simulated });
  return {
    ended: system.ended,
    async stop() {
      metrics?.stopping();
      await system.stop();
      await Promise.all([...gateways.map((gateway) => gateway.close()), retained?.close()]);
      log.write('info', 'stopped');
    },
  };
}

/** What opens a car is allowed where somebody took the trouble to give the PIN, unless the configuration says otherwise. */
function controlsOf(config: ResolvedConfig, account: ResolvedConfig['accounts'][number]): Controls {
  if (account.read_only ?? config.read_only) return 'none';
  return account.controls ?? config.controls ?? (account.pin === null ? 'withoutPin' : 'all');
}
