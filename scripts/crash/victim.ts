import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const STOP_MS = 15_000;

/** The daemon as it is shipped, in a process that may be killed. Its state outlives it. */
export class Victim {
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;

  constructor(folder: string, environment: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#environment = environment;
    mkdirSync(folder, { recursive: true });
  }

  get journal(): string {
    return join(this.#folder, 'state', 'journal');
  }

  get log(): string {
    return join(this.#folder, 'log');
  }

  start(): void {
    const child = spawn(process.execPath, [MAIN, 'run'], {
      cwd: this.#folder,
      env: {
        PATH: process.env.PATH,
        HOME: this.#folder,
        BLUELINKD_LOG_PRETTY: 'never',
        BLUELINKD_STATE_DIR: join(this.#folder, 'state'),
        ...this.#environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => appendFileSync(this.log, text));
    }
    this.#child = child;
  }

  /** `kill -9`. Resolves when it is dead. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(timer);
  }
}
