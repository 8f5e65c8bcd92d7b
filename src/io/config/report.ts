import type { Loaded } from './load.ts';
import { LOGINS } from './regions.ts';

/** The problems as text for standard error, one line each. */
export function problemReport(problems: readonly string[]): string {
  const head =
    problems.length === 1
      ? 'There is a mistake in the configuration:'
      : `There are ${problems.length} mistakes in the configuration:`;
  return `${[head, ...problems.map((problem) => `  - ${problem}`)].join('\n')}\n`;
}

export interface Report {
  readonly text: string;
  /** The exit code: 0, or 2 if something is wrong. */
  readonly code: 0 | 2;
}

function brokerLine({ mqtt }: Extract<Loaded, { ok: true }>['config']): string {
  const user = mqtt.username === null ? 'without a user name' : 'with a user name';
  if (mqtt.embedded) return `inside the daemon, port ${mqtt.port}, ${user}`;
  return `${mqtt.host}:${mqtt.port}${mqtt.tls ? ' over TLS' : ''}, ${user}`;
}

/** What `bluelinkd check` prints: the mistakes, or a summary without user names and secrets. */
export function checkReport(loaded: Loaded): Report {
  if (!loaded.ok) return { text: problemReport(loaded.problems), code: 2 };
  const { config } = loaded;
  const lines = ['The configuration is fine.', `  file       ${loaded.file ?? 'none'}`];
  for (const account of config.accounts) {
    const cars = account.vehicle_id === null ? 'all cars' : 'one car';
    const named = account.vehicles.length === 0 ? '' : `, named: ${account.vehicles.map((car) => car.name).join(', ')}`;
    const ways = account.login.filter((way) => LOGINS[account.region].includes(way));
    const pin = account.pin === null ? 'no PIN' : 'a PIN';
    lines.push(
      `  account    ${account.name}: ${account.brand}, ${account.region}, ${pin}, ${cars}${named}; login by ${ways.join(', ')}`,
    );
  }
  lines.push(
    `  broker     ${brokerLine(config)}`,
    `  topics     ${config.mqtt.base_topic}/…, quality of service up to ${config.mqtt.qos}`,
    `  cloud      ${config.cloud_url ?? 'the vendor’s'}`,
    `  state      ${config.state_dir}`,
    `  log        ${config.log.level}${config.log.private ? ', with personal data' : ''}`,
    ...loaded.warnings.map((warning) => `  warning    ${warning}`),
  );
  return { text: `${lines.join('\n')}\n`, code: 0 };
}
