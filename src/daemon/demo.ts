import type { Log } from '../actors/ports.ts';
import type { SessionRecord } from '../io/bluelink/session-record.ts';
import type { ResolvedConfig } from '../io/config/load.ts';
import type { Inspector } from '../io/inspector/inspector.ts';
import type { Secrets } from '../io/log/secrets.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from '../io/mqtt/embedded-broker.ts';
import type { SimAccount } from '../io/simulator/account.ts';
import { DEMO_CCS2_CAR, DEMO_CREDENTIALS, demoAccount } from '../io/simulator/demo-account.ts';
import { type Simulator, startSimulator } from '../io/simulator/simulator.ts';
import { createMemoryStore } from '../io/store/memory-store.ts';
import { startDaemon } from './daemon.ts';
import { openInspector } from './inspector.ts';

const BASE_TOPIC = 'demo';
/** Nothing of the demo can lock anybody's account. */
const LOGINS_A_DAY = 1_000;
const CALLS_A_DAY = 10_000;

/**
 * `bluelinkd demo`: broker, cloud and cars in this process, all of it imagined and marked as such.
 *
 * @param told resolves when somebody wants it to end.
 * @param cloudPort of the simulated cloud; null: any that is free.
 * @returns the exit code.
 */
export async function demo(
  given: ResolvedConfig,
  plainLog: Log,
  secrets: Secrets,
  told: Promise<void>,
  cloudPort: number | null,
): Promise<number> {
  const classic = demoAccount();
  const account = { ...classic, cars: [...classic.cars, DEMO_CCS2_CAR] };
  const simulator = await startCloud(account, cloudPort);
  if (simulator === null) {
    process.stderr.write(`The simulated cloud cannot have the port ${cloudPort}: it is taken or reserved.\n`);
    return 2;
  }
  const config: ResolvedConfig = {
    ...given,
    accounts: [
      {
        ...DEMO_CREDENTIALS,
        name: 'demo',
        brand: 'hyundai',
        region: 'EU',
        language: 'en',
        vehicles: account.cars.map(({ id, name }) => ({ id, name: nameInTopics(name) })),
        vehicle_id: null,
        login: ['oneApp', 'bluelinky'],
        read_only: false,
        controls: 'all',
      },
    ],
    mqtt: { ...given.mqtt, base_topic: BASE_TOPIC, client_id: 'bluelinkd-demo', username: null, password: null },
    cloud_url: simulator.url,
    // What is imagined costs nobody anything: enough for whatever somebody tries in a day, and a budget to be seen.
    budget: { calls_per_day: CALLS_A_DAY, forced_reads_per_day: 0, forced_read_gap_s: 0, min_battery_12v_pct: 0 },
    limits: { ...given.limits, login_budget_per_day: LOGINS_A_DAY },
    // Nor is it worth keeping beside what is real.
    inspector: { ...given.inspector, keep_recordings: 0 },
  };
  const inspector = await startInspector(config, plainLog, secrets);
  const log = inspector?.inspection.log(plainLog) ?? plainLog;
  const broker = await startBroker(config.mqtt.port, log);
  const daemon = await startDaemon({
    config,
    log,
    secrets,
    broker: { url: broker.url },
    budgetStoreOf: null,
    storeOf: () => createMemoryStore<SessionRecord>(),
    simulated: true,
    inspection: inspector?.inspection ?? null,
    extraRequests: {
      demo_expire: async () => {
        const count = simulator.revokeTokens();
        return `The simulated cloud took back ${count} tokens: watch the next command.`;
      },
    },
  });
  process.stdout.write(
    welcome(
      broker,
      simulator.url,
      account.cars.map(({ name }) => nameInTopics(name)),
      inspector?.url ?? null,
    ),
  );
  await told;
  await daemon.stop();
  await broker.close();
  await simulator.close();
  await inspector?.close();
  return 0;
}

/** Null if the port that was asked for cannot be had. */
async function startCloud(account: SimAccount, port: number | null): Promise<Simulator | null> {
  if (port === null) return startSimulator({ accounts: [account] });
  return startSimulator({ accounts: [account], port }).catch(() => null);
}

function nameInTopics(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** On the port that is configured, or the usual one; if it is taken, on any. */
async function startInspector(config: ResolvedConfig, log: Log, secrets: Secrets): Promise<Inspector | null> {
  const wish = { config, log, secrets, isAsked: true, simulated: true };
  const opened = await openInspector(wish);
  if (opened.ok) return opened.inspector;
  const elsewhere = { ...config, inspector: { ...config.inspector, port: 0 } };
  const again = await openInspector({ ...wish, config: elsewhere });
  return again.ok ? again.inspector : null;
}

/** On the usual port if it is free, else on any. */
async function startBroker(port: number, log: Log): Promise<EmbeddedBroker> {
  try {
    return await startEmbeddedBroker({ port, log });
  } catch {
    return startEmbeddedBroker({ port: 0, log });
  }
}

function welcome(
  { url, port }: EmbeddedBroker,
  cloud: string,
  cars: readonly string[],
  inspector: string | null,
): string {
  const [car = 'car'] = cars;
  const { username, password, pin } = DEMO_CREDENTIALS;
  return [
    '',
    '  bluelinkd demo: everything here is imagined, no real car is touched.',
    '',
    `  Broker  ${url}   cars: ${cars.join(', ')}`,
    `  Cloud   ${cloud}   (simulated; its calls: ${cloud}/__sim/log)`,
    `          for other clients: ${username}, password ${password}, PIN ${pin}`,
    ...(inspector === null ? [] : [`  Look    ${inspector}   (the actors at work, in a browser)`]),
    '',
    '  Watch:   ',
    `    mosquitto_sub -p ${port} -v -t '${BASE_TOPIC}/#'`,
    '  Lock a car:',
    `    mosquitto_pub -p ${port} -t ${BASE_TOPIC}/${car}/commands/lock -m '{"action": "lock"}'`,
    '  Expire the token, then lock again and see it recover:',
    `    mosquitto_pub -p ${port} -t ${BASE_TOPIC}/bridge/request/demo_expire -m now`,
    '',
    '',
  ].join('\n');
}
