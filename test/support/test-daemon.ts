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

/** How long an orderly end may take. */
export const STOP_MS = 30_000;

/** A running daemon of the tests, wherever it runs. */
export abstract class TestDaemon {
  /** Every line of its log. */
  readonly log = new Happenings<LogLine>(STOP_MS);
  abstract readonly exited: Promise<Exit>;
  abstract readonly pid: number;
  /** Everything that it wrote to standard output, and to standard error. */
  stdout = '';
  stderr = '';
  #rest = '';

  abstract signal(name: NodeJS.Signals): void;

  /** In good order if possible. */
  abstract stop(): Promise<Exit>;

  /** Rejects when it has not ended by itself in time. */
  async ended(deadlineMs = STOP_MS): Promise<Exit> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new Error(`The daemon still runs after ${deadlineMs} ms. Its last words:\n${this.stdout.slice(-1_500)}`),
          ),
        deadlineMs,
      );
    });
    try {
      return await Promise.race([this.exited, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  protected heard(text: string): void {
    this.stdout += text;
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const parsed = parseLine(line);
      if (parsed !== null) this.log.add(parsed);
    }
  }
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
