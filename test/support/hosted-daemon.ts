import { readFileSync } from 'node:fs';
import { run } from '../../src/daemon/run.ts';
import { loadConfig } from '../../src/io/config/load.ts';
import { problemReport } from '../../src/io/config/report.ts';
import { secretsOf } from '../../src/io/config/secrets-of.ts';
import { openLog } from '../../src/io/log/open-log.ts';
import { createSecrets } from '../../src/io/log/secrets.ts';
import { type Environment, type Exit, TestDaemon } from './test-daemon.ts';

/**
 * `bluelinkd run` inside the process of the tests: the same configuration, log, files, sockets and actors, put together
 * as `main.ts` does it, without the half second of processor time that a process of its own needs to begin.
 *
 * It is for stories about what cloud, broker and cars get to see. Signals, exit codes, what a process prints, what it
 * loads, and that nothing keeps it alive at the end, only a `DaemonProcess` proves. What `run` itself says when it
 * refuses to start goes to the standard error of the tests.
 */
export class HostedDaemon extends TestDaemon {
  readonly exited: Promise<Exit>;
  readonly pid = process.pid;
  #tell: () => void = () => undefined;

  constructor(environment: Environment, folder: string) {
    super();
    const told = new Promise<void>((resolve) => {
      this.#tell = resolve;
    });
    this.exited = this.#live(environment, folder, told).then(
      (code) => ({ code, signal: null }),
      (error: unknown) => {
        this.stderr += `bluelinkd broke: ${error instanceof Error ? error.stack : 'unknown error'}\n`;
        return { code: 1, signal: null };
      },
    );
  }

  signal(name: NodeJS.Signals): void {
    if (name !== 'SIGTERM' && name !== 'SIGINT') throw new Error(`${name} would end the tests: that takes a process.`);
    this.#tell();
  }

  stop(): Promise<Exit> {
    this.#tell();
    return this.ended();
  }

  async #live(environment: Environment, folder: string, told: Promise<void>): Promise<number> {
    const loaded = loadConfig({
      command: 'run',
      configPath: null,
      logLevel: null,
      environment: { HOME: folder, ...environment },
      cwd: folder,
      readFile: (path) => readFileSync(path, 'utf8'),
    });
    if (!loaded.ok) {
      this.stderr += problemReport(loaded);
      return 2;
    }
    const { config, warnings } = loaded;
    const secrets = createSecrets({ showPrivate: config.log.private });
    for (const { value, kind } of secretsOf(config)) secrets.register(value, kind);
    const stream = { write: (text: string) => this.#wrote(text), on: () => undefined };
    const log = await openLog({ ...config.log, pretty: 'never', showPrivate: config.log.private, secrets, stream });
    for (const warning of warnings) log.write('warn', warning);
    const umask = process.umask();
    const running = run(config, log, secrets, told);
    // It sets its own at once. The processes beside it shall not inherit that.
    process.umask(umask);
    return running;
  }

  #wrote(text: string): boolean {
    this.heard(text);
    return true;
  }
}
