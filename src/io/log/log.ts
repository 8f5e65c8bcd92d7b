import { pino } from 'pino';
import type { Log, LogLevel } from '../../actors/ports.ts';
import { createSanitiser } from './sanitise.ts';
import type { Secrets } from './secrets.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly secrets: Secrets;
  /** Whether VIN, e-mail and position may be written. */
  readonly showPrivate: boolean;
  /** Where a whole line goes, its line end included. */
  readonly write: (line: string) => void;
  /** Turns a line of JSON into lines for a person; null: JSON it stays. */
  readonly format: ((line: string) => string) | null;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * A log of JSON lines: `{"level":"info","time":"2026-11-07T10:30:00.000Z", …fields, "msg":"…"}`. Every field, of a child too,
 * passes the sanitiser when its line is written, so that a secret registered later than the child is found all the same.
 * Below the level nothing is looked at.
 */
export function createLog(options: LogOptions): Log {
  const { level, secrets, showPrivate, format } = options;
  const write = (line: string) => options.write(format === null ? line : format(line));
  const output = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // The sanitiser has done this already.
      serializers: {},
    },
    { write },
  );
  const showStacks = level === 'debug' || level === 'trace';
  const sanitiser = createSanitiser({ secrets, showPrivate, showStacks, escapeAll: format !== null });

  const clean = (chain: readonly Fields[]) => {
    try {
      return sanitiser.fields(chain);
    } catch {
      // A foreign object that cannot even be listed: the message is worth more.
      return { fields: '<unreadable>' };
    }
  };
  const logWith = (chain: readonly Fields[]): Log => ({
    child: (fields) => logWith([...chain, fields]),
    write(at, message, fields) {
      if (!output.isLevelEnabled(at)) return;
      output[at](clean(fields === undefined ? chain : [...chain, fields]), sanitiser.message(message));
    },
  });
  return logWith([]);
}
