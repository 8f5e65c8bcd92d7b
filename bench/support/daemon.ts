import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOGIN } from './cars.ts';
import { ROOT, startChild, type Usage } from './child.ts';

export interface DaemonOptions {
  readonly command: 'run' | 'demo';
  readonly brokerPort: number;
  /** Not for the demo, which brings its own. */
  readonly cloudUrl?: string;
  readonly baseTopic: string;
  /** Configuration keys, as environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The daemon as it is shipped (`dist/main.js`), in a process and with a state folder of its own. */
export interface Daemon {
  /** Of the monotonic clock: when its process was started. */
  readonly startedAt: number;
  usage(): Promise<Usage>;
  /** The answer to a wait; if the wait or the daemon ends in failure, an error with the last of the daemon's log. */
  unlessItFails<T>(wait: Promise<T>): Promise<T>;
  /** As `systemctl stop` does it. Removes its state. */
  stop(): Promise<void>;
}

/** Node options for the daemon, to profile it: `BENCH_NODE_ARGS=--cpu-prof npm run bench:overhead`. */
const NODE_ARGS = (process.env.BENCH_NODE_ARGS ?? '').split(' ').filter((word) => word !== '');

const LOG_LINES = 20;

export function startDaemon({ command, brokerPort, cloudUrl, baseTopic, environment }: DaemonOptions): Daemon {
  const folder = mkdtempSync(join(tmpdir(), 'bluelinkd-bench-'));
  const logFile = join(folder, 'log');
  const output = openSync(logFile, 'w');
  const child = startChild({
    file: join(ROOT, 'dist/main.js'),
    args: [command],
    nodeArgs: NODE_ARGS,
    // No `bluelinkd.yaml` there. A profile that was asked for is to be found again, so that stays here.
    cwd: NODE_ARGS.length === 0 ? folder : process.cwd(),
    output,
    environment: {
      HYUNDAI_USERNAME: LOGIN.username,
      HYUNDAI_PASSWORD: LOGIN.password,
      HYUNDAI_PIN: LOGIN.pin,
      HYUNDAI_BRAND: 'hyundai',
      HYUNDAI_REGION: 'EU',
      ...(cloudUrl === undefined ? {} : { BLUELINKD_CLOUD_URL: cloudUrl }),
      MQTT_BROKER_HOST: '127.0.0.1',
      MQTT_BROKER_PORT: String(brokerPort),
      MQTT_BASE_TOPIC: baseTopic,
      BLUELINKD_STATE_DIR: join(folder, 'state'),
      BLUELINKD_BUDGET_CALLS_PER_DAY: '0',
      BLUELINKD_BUDGET_FORCED_READS_PER_DAY: '0',
      BLUELINKD_BUDGET_FORCED_READ_GAP_S: '0',
      ...environment,
    },
  });
  closeSync(output);
  return {
    startedAt: child.startedAt,
    usage: () => child.usage(),
    unlessItFails: async (wait) => {
      try {
        return await Promise.race([wait, child.failure]);
      } catch (error) {
        const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
        throw new Error(`${error}\n${lines.join('\n')}`);
      }
    },
    stop: async () => {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
