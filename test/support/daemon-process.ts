import { type ChildProcess, spawn } from 'node:child_process';
import { inject } from 'vitest';
import { type Environment, type Exit, STOP_MS, TestDaemon } from './test-daemon.ts';

export interface DaemonOptions {
  readonly words: readonly string[];
  /** The whole environment but for PATH and the format of the log. */
  readonly environment: Environment;
  /** Where it runs; its home folder too. */
  readonly folder: string;
  /** For Node.js itself. */
  readonly nodeOptions?: readonly string[];
}

/**
 * Most of these processes live for a second: what V8's optimising compiler does in it costs a quarter of their processor
 * time and is never used. It changes nothing that a test could see but how fast a long run would be.
 */
const SHORT_LIVED = ['--no-opt'];

/** The real daemon, as a child process of the test. */
export class DaemonProcess extends TestDaemon {
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #isOver = false;

  constructor({ words, environment, folder, nodeOptions = [] }: DaemonOptions) {
    super();
    this.#child = spawn(process.execPath, [...SHORT_LIVED, ...nodeOptions, mainOfTheBuild(), ...words], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, BLUELINKD_LOG_PRETTY: 'never', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.heard(text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      // `close`, not `exit`: only then everything that it wrote has arrived.
      this.#child.once('close', (code, signal) => {
        this.#isOver = true;
        resolve({ code, signal });
      });
    });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('The daemon did not start.');
    return pid;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Killed when it takes too long. */
  async stop(): Promise<Exit> {
    if (this.#isOver) return this.exited;
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), STOP_MS);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }
}

function mainOfTheBuild(): string {
  const { main, problem } = inject('daemon');
  if (problem !== null) throw new Error(problem);
  return main;
}
