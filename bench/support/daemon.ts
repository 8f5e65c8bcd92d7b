import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOGIN } from './cars.ts';
import { type LoopDelay, ROOT, startChild, type Usage } from './child.ts';

export interface DaemonOptions {
  readonly command: 'run' | 'demo';
  readonly brokerPort: number;
  /** Not for the demo, which brings its own. */
  readonly cloudUrl?: string;
  readonly baseTopic: string;
  /** What `bluelinkd.yaml` says; it must name the accounts. Absent: there is none, and one account. */
  readonly file?: string;
  /** Lets `heap` be asked. */
  readonly exposeGc?: boolean;
  /** Configuration keys, as environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The daemon as it is shipped (`dist/main.js`), in a process and with a state folder of its own. */
export interface Daemon {
  /** Of the monotonic clock: when its process was started. */
  readonly startedAt: number;
  usage(): Promise<Usage>;
  /** Heap in use after a full collection, bytes. */
  heap(): Promise<number>;
  /** Delays of the event loop since the last time that this was asked. */
  loopDelay(): Promise<LoopDelay>;
  /** The answer to a wait; if the wait or the daemon ends in failure, an error with the last of the daemon's log. */
  unlessItFails<T>(wait: Promise<T>): Promise<T>;
  /** As `systemctl stop` does it. Removes its state. */
  stop(): Promise<void>;
}

/** Node options for the daemon, to profile it: `BENCH_NODE_ARGS=--cpu-prof npm run bench:overhead`. */
const NODE_ARGS = (process.env.BENCH_NODE_ARGS ?? '').split(' ').filter((word) => word !== '');

const LOG_LINES = 20;
const ONE_ACCOUNT = {
  HYUNDAI_USERNAME: LOGIN.username,
  HYUNDAI_PASSWORD: LOGIN.password,
  HYUNDAI_PIN: LOGIN.pin,
  HYUNDAI_BRAND: 'hyundai',
  HYUNDAI_REGION: 'EU',
};

export function startDaemon(options: DaemonOptions): Daemon {
  const { command, brokerPort, cloudUrl, baseTopic, environment, file, exposeGc = false } = options;
  const folder = mkdtempSync(join(tmpdir(), 'bluelinkd-bench-'));
  const logFile = join(folder, 'log');
  const output = openSync(logFile, 'w');
  if (file !== undefined) writeFileSync(join(folder, 'bluelinkd.yaml'), file);
  const child = startChild({
    file: join(ROOT, 'dist/main.js'),
    args: [command],
    nodeArgs: exposeGc ? [...NODE_ARGS, '--expose-gc'] : NODE_ARGS,
    // No `bluelinkd.yaml` but ours there. A profile that was asked for is to be found again, so that stays here.
    cwd: NODE_ARGS.length === 0 ? folder : process.cwd(),
    output,
    environment: {
      ...(file === undefined ? ONE_ACCOUNT : {}),
      ...(cloudUrl === undefined ? {} : { BLUELINKD_CLOUD_URL: cloudUrl }),
      MQTT_BROKER_HOST: '127.0.0.1',
      MQTT_BROKER_PORT: String(brokerPort),
      MQTT_BASE_TOPIC: baseTopic,
      BLUELINKD_STATE_DIR: join(folder, 'state'),
      BLUELINKD_BUDGET_CALLS_PER_DAY: '0',
      BLUELINKD_BUDGET_FORCED_READS_PER_DAY: '0',
      BLUELINKD_BUDGET_FORCED_READ_GAP_S: '0',
      BLUELINKD_BUDGET_MIN_BATTERY_12V_PCT: '0',
      ...environment,
    },
  });
  closeSync(output);
  return {
    startedAt: child.startedAt,
    usage: () => child.usage(),
    heap: async () => Number(await child.ask('heap')),
    loopDelay: async () => (await child.ask('loopDelay')) as LoopDelay,
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
