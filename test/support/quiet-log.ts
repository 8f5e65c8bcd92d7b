import type { Log, LogLevel } from '../../src/actors/ports.ts';
import { Happenings } from './happenings.ts';

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

/** A log that a test reads: all `lines` so far, or those to come. */
export function recordingLog(): { readonly log: Log; readonly lines: LogLine[]; readonly said: Happenings<LogLine> } {
  const said = new Happenings<LogLine>();
  const withFields = (inherited: Readonly<Record<string, unknown>>): Log => ({
    child: (fields) => withFields({ ...inherited, ...fields }),
    write: (level, message, fields) => {
      said.add({ level, message, fields: { ...inherited, ...fields } });
    },
  });
  return { log: withFields({}), lines: said.all, said };
}
