import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const STOP_MS = 15_000;

/** The daemon as it is shipped, in a process that may be killed. Its state outlives it. */
export class Victim {
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #listeners = new Set<() => void>();
  #child: ChildProcess | null = null;
  #hasEnded = false;

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

  /**
   * Whether none of its threads has anything to do, as the kernel sees it: who is only kept from going on, by a busy machine
   * or for want of a page, is not at rest. True where nobody can say (no `/proc`).
   */
  get isAtRest(): boolean {
    const pid = this.#child?.pid;
    if (pid === undefined) return true;
    try {
      return readdirSync(`/proc/${pid}/task`).every((thread) => {
        const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
        // pid (name) state …: a name may have anything in it.
        return stat.slice(stat.lastIndexOf(')') + 2).startsWith('S');
      });
    } catch {
      return true;
    }
  }

  /** Whether its present life is over without a signal of ours. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Hears when a life is over that nobody ended. */
  onEnd(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** The last lines of its log (of all its lives) that have this word in them. */
  lastLines(count: number, word = ''): readonly string[] {
    try {
      const lines = readFileSync(this.log, 'utf8').split('\n');
      return lines.filter((line) => line !== '' && line.includes(word)).slice(-count);
    } catch {
      return [];
    }
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
    this.#hasEnded = false;
    child.once('exit', () => {
      if (this.#child !== child) return;
      this.#hasEnded = true;
      for (const listener of this.#listeners) listener();
    });
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
