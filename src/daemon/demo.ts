import type { Log } from '../actors/ports.ts';
import type { SessionRecord } from '../io/bluelink/session-record.ts';
import { INSPECTOR_PORT } from '../io/config/inspector-section.ts';
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
import { untilOver } from './until-over.ts';

const BASE_TOPIC = 'demo';
/** Nothing of the demo can lock anybody's account. */
const LOGINS_A_DAY = 1_000;
const CALLS_A_DAY = 10_000;

/**
 * `bluelinkd demo`: broker, cloud and cars in this process, all of it imagined and marked as such.
 *
 * @param told resolves when somebody wants it to end.
 * @param set the keys that the environment sets: a port that was asked for is not replaced by another. One in the file is
 *   that of a real broker.
 * @param cloudPort of the simulated cloud; null: any that is free.
 * @returns the exit code: 2 if a port that was asked for cannot be had.
 */
export async function demo(
  given: ResolvedConfig,
  set: ReadonlySet<string>,
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
  const shown = await startInspector(config, set, plainLog, secrets);
  const inspector = shown.ok ? shown.inspector : null;
  const log = inspector?.inspection.log(plainLog) ?? plainLog;
  const served = shown.ok ? await startBroker(config.mqtt.port, set, log) : shown;
  if (!served.ok) {
    process.stderr.write(`${served.problem}\n`);
    await simulator.close();
    await inspector?.close();
    return 2;
  }
  const { broker } = served;
  const daemon = await startDaemon({
    config,
    log,
    secrets,
    broker: { url: broker.url },
    budgetStoreOf: null,
    retainedStore: null,
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
      inspector,
      { broker: config.mqtt.port, inspector: config.inspector.port ?? INSPECTOR_PORT },
    ),
  );
  const code = await untilOver(daemon, told, log);
  await daemon.stop();
  await broker.close();
  await simulator.close();
  await inspector?.close();
  return code;
}

/** Null if the port that was asked for cannot be had. */
async function startCloud(account: SimAccount, port: number | null): Promise<Simulator | null> {
  if (port === null) return startSimulator({ accounts: [account] });
  return startSimulator({ accounts: [account], port }).catch(() => null);
}

function nameInTopics(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

interface Refusal {
  readonly ok: false;
  /** A sentence for a person. */
  readonly problem: string;
}

/** On the port that was asked for, or on the usual one and if that cannot be had on any. */
async function startInspector(
  config: ResolvedConfig,
  set: ReadonlySet<string>,
  log: Log,
  secrets: Secrets,
): Promise<{ readonly ok: true; readonly inspector: Inspector | null } | Refusal> {
  const wish = { config, log, secrets, isAsked: true, simulated: true };
  const opened = await openInspector(wish);
  if (opened.ok) return opened;
  if (set.has('inspector.port')) {
    return { ok: false, problem: `${opened.problem} Free it, or name another (BLUELINKD_INSPECTOR_PORT; 0: any).` };
  }
  const again = await openInspector({ ...wish, config: { ...config, inspector: { ...config.inspector, port: 0 } } });
  return again.ok ? again : { ok: true, inspector: null };
}

/** On the port that was asked for, or on the usual one and if that cannot be had on any. */
async function startBroker(
  port: number,
  set: ReadonlySet<string>,
  log: Log,
): Promise<{ readonly ok: true; readonly broker: EmbeddedBroker } | Refusal> {
  try {
    return { ok: true, broker: await startEmbeddedBroker({ port, log }) };
  } catch (error) {
    if (!set.has('mqtt.port')) return { ok: true, broker: await startEmbeddedBroker({ port: 0, log }) };
    const why = error instanceof Error ? error.message : 'cannot be opened.';
    return { ok: false, problem: `mqtt.port: ${why} Free it, or name another (MQTT_BROKER_PORT).` };
  }
}

/** A line that somebody has from elsewhere would go to whoever has the usual port. */
function insteadOf(wish: number, port: number): string {
  return wish === port || wish === 0 ? '' : `   (instead of ${wish}, which is taken)`;
}

function welcome(
  { url, port }: EmbeddedBroker,
  cloud: string,
  cars: readonly string[],
  inspector: Inspector | null,
  wishes: { readonly broker: number; readonly inspector: number },
): string {
  const [car = 'car'] = cars;
  const { username, password, pin } = DEMO_CREDENTIALS;
  return [
    '',
    '  bluelinkd demo: everything here is imagined, no real car is touched.',
    '',
    `  Broker  ${url}${insteadOf(wishes.broker, port)}   cars: ${cars.join(', ')}`,
    `  Cloud   ${cloud}   (simulated; its calls: ${cloud}/__sim/log)`,
    `          for other clients: ${username}, password ${password}, PIN ${pin}`,
    ...(inspector === null
      ? []
      : [
          `  Look    ${inspector.url}${insteadOf(wishes.inspector, Number(new URL(inspector.url).port))}   (the actors at work, in a browser)`,
        ]),
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
