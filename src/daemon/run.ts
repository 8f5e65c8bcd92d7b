import type { Log } from '../actors/ports.ts';
import type { ResolvedConfig } from '../io/config/load.ts';
import { openStateDir } from '../io/config/state-dir.ts';
import type { Secrets } from '../io/log/secrets.ts';
import { type EmbeddedBroker, startEmbeddedBroker } from '../io/mqtt/embedded-broker.ts';
import type { BrokerLocation } from '../io/mqtt/options.ts';
import { budgetFile } from './budget-file.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { sessionFile } from './session-file.ts';

/**
 * `bluelinkd run`: real accounts, a real broker. Never simulates.
 *
 * @param told resolves when somebody wants it to end.
 * @returns the exit code.
 */
export async function run(config: ResolvedConfig, log: Log, secrets: Secrets, told: Promise<void>): Promise<number> {
  const stateDir = openStateDir(config.state_dir);
  if (!stateDir.ok) {
    process.stderr.write(`${stateDir.problem}\n`);
    return 2;
  }
  let broker: EmbeddedBroker | null = null;
  try {
    for (const warning of stateDir.warnings) log.write('warn', warning);
    broker = await embeddedBroker(config, log);
    const daemon: Daemon = await startDaemon({
      config,
      log,
      secrets,
      broker: broker === null ? locationOf(config) : { url: broker.url },
      budgetStoreOf: (account) => budgetFile(stateDir.path, account, log),
      storeOf: (account) => sessionFile(stateDir.path, account, log),
      simulated: false,
    });
    await told;
    await daemon.stop();
    return 0;
  } finally {
    await broker?.close();
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
