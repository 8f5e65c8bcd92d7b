import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nowMs } from './clock.ts';
import { News } from './news.ts';

/** Asks on standard Node IPC: `{id, ask, …}` → `{id, answer}`. Whatever else a child says is news: `{tell, …}`. */
export type Told = Readonly<Record<string, unknown>> & { readonly tell: string };

interface Answer {
  readonly id: number;
  readonly answer: unknown;
}

export interface Usage {
  /** Since the start of the process, all threads. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  readonly heapUsedBytes: number;
  /** How long the main thread had to wait for a processor since its start, ms; null where the system does not say. */
  readonly starvedMs: number | null;
}

/** How much later than due the event loop came round, ms. */
export interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Processor time of the process between two rounds: what p99 would be if nobody else wanted the processors. */
  readonly cpuP99Ms: number;
}

export interface Child {
  /** Of the monotonic clock: when the process was started. */
  readonly startedAt: number;
  /** Rejects when the process is gone. */
  readonly failure: Promise<never>;
  ask(question: string, fields?: object): Promise<unknown>;
  usage(): Promise<Usage>;
  /** What the program says when it can be asked: `{tell: 'ready', …}`. The probe answers earlier than that. */
  ready(): Promise<Told>;
  /** Hears what the child tells of its own accord. */
  onTold(listener: (told: Told) => void): void;
  /** SIGTERM, and SIGKILL if that does not help. Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  /** Of the program; `.ts` files run through tsx, others as they are. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Options for node besides ours. */
  readonly nodeArgs?: readonly string[];
  /** A file descriptor for standard output and error; default: standard error of the bench. */
  readonly output?: number;
}

const ANSWER_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 15_000;
const PROBE = new URL('./probe.mjs', import.meta.url).href;
const KEPT = ['PATH', 'HOME', 'TMPDIR', 'LANG'] as const;

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Starts a Node process with the probe in it. It inherits nothing of our environment that could change it. */
export function startChild(options: ChildOptions): Child {
  const { file, args = [], environment = {}, nodeArgs = [], output = 2 } = options;
  const loader = file.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [];
  const inherited = Object.fromEntries(KEPT.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])));
  const startedAt = nowMs();
  const child = spawn(process.execPath, [...nodeArgs, ...loader, '--import', PROBE, file, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...inherited, ...environment },
    stdio: ['ignore', output, output, 'ipc'],
  });
  return new RunningChild(child, startedAt, file);
}

class RunningChild implements Child {
  readonly startedAt: number;
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #exited: Promise<void>;
  readonly failure: Promise<never>;
  readonly #ready = new News<Told>();
  readonly #listeners: ((told: Told) => void)[] = [];
  readonly #answers = new News<Answer>();
  #asks = 0;

  constructor(child: ChildProcess, startedAt: number, file: string) {
    this.#child = child;
    this.startedAt = startedAt;
    this.#name = basename(file);
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    this.failure = this.#exited.then(() => {
      throw new Error(`${this.#name} ended (${child.exitCode ?? child.signalCode}).`);
    });
    this.failure.catch(() => undefined);
    child.on('message', (message) =>
      this.#heard(message as Told & { readonly id?: number; readonly answer?: unknown }),
    );
  }

  async ask(question: string, fields: object = {}): Promise<unknown> {
    this.#asks += 1;
    const id = this.#asks;
    const answer = this.#answers.until(`${this.#name} to say ${question}`, ANSWER_DEADLINE_MS, (one) => one.id === id);
    this.#child.send({ id, ask: question, ...fields });
    const { answer: value } = await Promise.race([answer, this.failure]);
    this.#answers.clear();
    return value;
  }

  ready(): Promise<Told> {
    return Promise.race([this.#ready.until(`${this.#name} to be ready`, ANSWER_DEADLINE_MS, () => true), this.failure]);
  }

  async usage(): Promise<Usage> {
    return (await this.ask('usage')) as Usage;
  }

  onTold(listener: (told: Told) => void): void {
    this.#listeners.push(listener);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #heard(message: Told | Answer): void {
    if ('id' in message) this.#answers.add(message as Answer);
    else if (message.tell === 'ready') this.#ready.add(message);
    else for (const listener of this.#listeners) listener(message);
  }
}
