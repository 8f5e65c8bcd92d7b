import { type ChildProcess, spawn } from 'node:child_process';
import { inject } from 'vitest';
import { Happenings } from './happenings.ts';

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type Environment = Readonly<Record<string, string>>;

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

/** How long an orderly end may take before the process is killed. */
const STOP_MS = 15_000;

/** The real daemon, as a child process of the test. */
export class DaemonProcess {
  /** Every line of its log. */
  readonly log = new Happenings<LogLine>();
  readonly exited: Promise<Exit>;
  /** Everything that it wrote to standard output, and to standard error. */
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  #rest = '';
  #isOver = false;

  constructor({ words, environment, folder, nodeOptions = [] }: DaemonOptions) {
    this.#child = spawn(process.execPath, [...SHORT_LIVED, ...nodeOptions, mainOfTheBuild(), ...words], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, BLUELINKD_LOG_PRETTY: 'never', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#heard(text));
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

  /** Rejects when it has not ended by itself in time. */
  async ended(deadlineMs = STOP_MS): Promise<Exit> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`The daemon still runs after ${deadlineMs} ms.`)), deadlineMs);
    });
    try {
      return await Promise.race([this.exited, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** In good order if possible. */
  async stop(): Promise<Exit> {
    if (this.#isOver) return this.exited;
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), STOP_MS);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  #heard(text: string): void {
    this.stdout += text;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const parsed = parseLine(line);
      if (parsed !== null) this.log.add(parsed);
    }
  }
}

function mainOfTheBuild(): string {
  const { main, problem } = inject('daemon');
  if (problem !== null) throw new Error(problem);
  return main;
}

/** What is not JSON (the demo's welcome) is no line of the log. */
function parseLine(line: string): LogLine | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return null;
  }
}
