import type { Loaded } from './load.ts';
import { LOGINS } from './regions.ts';
import type { StateDirProbe } from './state-dir.ts';

/** The problems as text for standard error, one line each, and after them what may explain them. */
export function problemReport({ problems, warnings }: Extract<Loaded, { ok: false }>): string {
  const head =
    problems.length === 1
      ? 'There is a mistake in the configuration:'
      : `There are ${problems.length} mistakes in the configuration:`;
  const besides = warnings.length === 0 ? [] : ['Besides:', ...warnings.map((warning) => `  - ${warning}`)];
  return `${[head, ...problems.map((problem) => `  - ${problem}`), ...besides].join('\n')}\n`;
}

export interface Report {
  readonly text: string;
  /** The exit code: 0, or 2 if something is wrong. */
  readonly code: 0 | 2;
}

type Config = Extract<Loaded, { ok: true }>['config'];

function brokerLine({ mqtt }: Config): string {
  const user = mqtt.username === null ? 'without a user name' : 'with a user name';
  if (mqtt.embedded) return `inside the daemon, port ${mqtt.port}, ${user}`;
  return `${mqtt.host}:${mqtt.port}${mqtt.tls ? ' over TLS' : ''}, ${user}`;
}

function serverLine({ host, port }: { readonly host: string; readonly port: number | null }): string {
  return port === null ? 'none' : `${host}, ${port === 0 ? 'a free port' : `port ${port}`}`;
}

/** Which controls the cars of an account may be sent. */
function controlsOf(config: Config, account: Config['accounts'][number]): string {
  if (account.read_only ?? config.read_only) return 'no controls';
  return `${account.controls ?? config.controls ?? (account.pin === null ? 'safe' : 'all')} controls`;
}

/**
 * What `bluelinkd check` prints: the mistakes, or a summary without user names and secrets.
 *
 * @param probe looks whether the state folder can be used.
 */
export function checkReport(loaded: Loaded, probe: (stateDir: string) => StateDirProbe): Report {
  if (!loaded.ok) return { text: problemReport(loaded), code: 2 };
  const { config } = loaded;
  const stateDir = probe(config.state_dir);
  if (!stateDir.ok) return { text: `${stateDir.problem}\n`, code: 2 };
  const lines = ['The configuration is fine.', `  file       ${loaded.file ?? 'none'}`];
  for (const account of config.accounts) {
    const cars = account.vehicle_id === null ? 'all cars' : 'one car';
    const named = account.vehicles.length === 0 ? '' : `, named: ${account.vehicles.map((car) => car.name).join(', ')}`;
    const ways = account.login.filter((way) => LOGINS[account.region].includes(way));
    const pin = account.pin === null ? 'no PIN' : 'a PIN';
    lines.push(
      `  account    ${account.name}: ${account.brand}, ${account.region}, ${pin}, ${controlsOf(config, account)}, ${cars}${named}; login by ${ways.join(', ')}`,
    );
  }
  lines.push(
    `  broker     ${brokerLine(config)}`,
    `  topics     ${config.mqtt.base_topic}/…, quality of service up to ${config.mqtt.qos}`,
    `  cloud      ${config.cloud_url ?? 'the vendor’s'}`,
    `  state      ${config.state_dir}`,
    `  polling    ${config.poll_interval_s === 0 ? 'never' : `every ${config.poll_interval_s} s`}`,
    `  metrics    ${serverLine(config.metrics)}`,
    `  inspector  ${serverLine(config.inspector)}`,
    `  log        ${config.log.level}${config.log.private ? ', with personal data' : ''}`,
    ...[...loaded.warnings, ...stateDir.warnings].map((warning) => `  warning    ${warning}`),
  );
  return { text: `${lines.join('\n')}\n`, code: 0 };
}
