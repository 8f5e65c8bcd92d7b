import type { Log, LogLevel } from '../../actors/ports.ts';
import { createLog } from './log.ts';
import type { Secrets } from './secrets.ts';

/** A stream such as `process.stdout`. */
export interface LogStream {
  readonly isTTY?: boolean | undefined;
  write(text: string): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface OpenLogOptions {
  readonly level: LogLevel;
  readonly pretty: 'auto' | 'always' | 'never';
  readonly showPrivate: boolean;
  readonly secrets: Secrets;
  readonly stream: LogStream;
}

/**
 * The daemon's log: JSON lines on the stream, lines for people if it is a terminal. Who stops reading does not stop the
 * daemon: errors of the stream are swallowed.
 */
export async function openLog(options: OpenLogOptions): Promise<Log> {
  const { level, pretty, showPrivate, secrets, stream } = options;
  const isTerminal = stream.isTTY === true;
  const format = pretty === 'always' || (pretty === 'auto' && isTerminal) ? await prettyFormat(isTerminal) : null;
  stream.on('error', () => {});
  return createLog({ level, secrets, showPrivate, format, write: (line) => void stream.write(line) });
}

/** Formats in this process and thread; loaded only if needed. */
async function prettyFormat(colorize: boolean): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty');
  return prettyFactory({
    colorize,
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
    // Every field is shown alike; the formatter's own treatment of errors would print a stack with its line ends.
    errorLikeObjectKeys: [],
  });
}
