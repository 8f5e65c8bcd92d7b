import type { Log, LogLevel } from '../../src/actors/ports.ts';

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that a test can read. */
export function recordingLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const logWith = (bound: Readonly<Record<string, unknown>>): Log => ({
    child: (fields) => logWith({ ...bound, ...fields }),
    write: (level, message, fields) => {
      lines.push({ level, message, fields: { ...bound, ...fields } });
    },
  });
  return Object.assign(logWith({}), { lines });
}

let serial = 0;
export const randomness = {
  random: () => 0.5,
  id: () => {
    serial += 1;
    return `own-${serial}`;
  },
};
export const clock = { now: () => Date.now() };
