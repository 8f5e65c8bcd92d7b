import type { Log, LogLevel } from '../../src/actors/ports.ts';

/** A log that nobody reads. */
export const quietLog: Log = {
  child: () => quietLog,
  write: () => undefined,
};

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that a test reads. */
export function recordingLog(): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const withFields = (inherited: Readonly<Record<string, unknown>>): Log => ({
    child: (fields) => withFields({ ...inherited, ...fields }),
    write: (level, message, fields) => {
      lines.push({ level, message, fields: { ...inherited, ...fields } });
    },
  });
  return { log: withFields({}), lines };
}
