import type { Log, LogLevel } from '../../actors/ports.ts';
import { type Clean, createSanitiser } from './sanitise.ts';
import type { Secrets } from './secrets.ts';

export interface TapOptions {
  /** Lines below it are not told. */
  readonly level: LogLevel;
  /** What must not be told. Personal data never is, whatever these secrets let pass by name. */
  readonly secrets: Secrets;
}

type Heard = (level: LogLevel, message: string, fields: Readonly<Record<string, Clean>>) => void;
type Fields = Readonly<Record<string, unknown>>;

const RANK: Readonly<Record<LogLevel, number>> = { trace: 0, debug: 1, info: 2, warn: 3, error: 4 };

/** The same log, with somebody who hears every line after everything secret and personal has been taken out of it. */
export function tappedLog(log: Log, { level, secrets }: TapOptions, heard: Heard): Log {
  const sanitiser = createSanitiser({ secrets, showPrivate: false, showStacks: false, escapeAll: true });
  const tap = (inner: Log, chain: readonly Fields[]): Log => ({
    child: (fields) => tap(inner.child(fields), [...chain, fields]),
    write(at, message, fields) {
      inner.write(at, message, fields);
      if (RANK[at] < RANK[level]) return;
      try {
        heard(at, sanitiser.message(message), sanitiser.fields(fields === undefined ? chain : [...chain, fields]));
      } catch {
        // A foreign object that cannot be listed, or a listener in trouble: the log itself has the line.
      }
    },
  });
  return tap(log, []);
}
