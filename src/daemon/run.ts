import { join } from 'node:path';
import type { Journal, Log } from '../actors/ports.ts';
import type { ResolvedConfig } from '../io/config/load.ts';
import { openStateDir } from '../io/config/state-dir.ts';
import type { Inspector } from '../io/inspector/inspector.ts';
import { openJournal } from '../io/journal/journal.ts';
import type { Secrets } from '../io/log/secrets.ts';
import type { Metrics } from '../io/metrics/metrics.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from '../io/mqtt/embedded-broker.ts';
import type { BrokerLocation } from '../io/mqtt/options.ts';
import { budgetFile } from './budget-file.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { openInspector } from './inspector.ts';
import { tellAddress } from './inspector-address.ts';
import { openMetrics } from './metrics.ts';
import { retainedFile } from './retained-file.ts';
import { sessionFile } from './session-file.ts';
import { systemClock } from './system-clock.ts';
import { untilOver } from './until-over.ts';

/**
 * `bluelinkd run`: real accounts, a real broker. Never simulates.
 *
 * @param inspect whether the inspector was asked for besides what the configuration says.
 * @param told resolves when somebody wants it to end.
 * @returns the exit code.
 */
export async function run(
  config: ResolvedConfig,
  plainLog: Log,
  secrets: Secrets,
  told: Promise<void>,
  inspect = false,
): Promise<number> {
  let log = plainLog;
  // What LevelDB writes is nobody else's business; it makes its files as it is told by this.
  process.umask(0o077);
  const stateDir = openStateDir(config.state_dir);
  if (!stateDir.ok) {
    process.stderr.write(`${stateDir.problem}\n`);
    return 2;
  }
  let broker: EmbeddedBroker | null = null;
  let metrics: Metrics | null = null;
  let inspector: Inspector | null = null;
  let forgetAddress: (() => void) | null = null;
  let journal: Journal | null = null;
  try {
    for (const warning of stateDir.warnings) log.write('warn', warning);
    const opened = await openMetrics(config, log);
    if (!opened.ok) {
      process.stderr.write(`${opened.problem}\n`);
      return 2;
    }
    metrics = opened.metrics;
    const shown = await openInspector({ config, log, secrets, isAsked: inspect, simulated: false });
    if (!shown.ok) {
      process.stderr.write(`${shown.problem}\n`);
      return 2;
    }
    inspector = shown.inspector;
    if (inspector !== null) {
      log = inspector.inspection.log(log);
      forgetAddress = tellAddress(stateDir.path, inspector.url);
    }
    const kept = await openJournal(join(stateDir.path, 'journal'), {
      clock: systemClock,
      log,
      onUsable: (isUsable) => metrics?.journal(isUsable),
    });
    if (!kept.ok) {
      process.stderr.write(`${kept.problem}\n`);
      return 2;
    }
    journal = kept.journal;
    broker = await embeddedBroker(config, log);
    const daemon: Daemon = await startDaemon({
      config,
      log,
      secrets,
      broker: broker === null ? locationOf(config) : { url: broker.url },
      budgetStoreOf: (account) => budgetFile(stateDir.path, account, log),
      storeOf: (account) => sessionFile(stateDir.path, account, log),
      retainedStore: retainedFile(stateDir.path, log),
      journal,
      simulated: false,
      metrics,
      inspection: inspector?.inspection ?? null,
    });
    const code = await untilOver(daemon, told, log);
    await daemon.stop();
    return code;
  } finally {
    await journal?.close();
    await broker?.close();
    await metrics?.close();
    forgetAddress?.();
    await inspector?.close();
    stateDir.release();
  }
}

function embeddedBroker({ mqtt }: ResolvedConfig, log: Log): Promise<EmbeddedBroker> | null {
  // The configuration is not valid without both when the broker is embedded.
  if (!mqtt.embedded || mqtt.username === null || mqtt.password === null) return null;
  return startEmbeddedBroker({ port: mqtt.port, username: mqtt.username, password: mqtt.password, log });
}

function locationOf({ mqtt }: ResolvedConfig): BrokerLocation {
  return { host: mqtt.host ?? '127.0.0.1', port: mqtt.port, tls: mqtt.tls };
}
