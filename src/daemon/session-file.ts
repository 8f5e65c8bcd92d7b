import type { Log } from '../actors/ports.ts';
import {
  parseSessionRecord,
  SESSION_RECORD_VERSION,
  type SessionRecord,
  type SessionStore,
  salvageSessionRecord,
} from '../io/bluelink/session-record.ts';
import { takeLock } from '../io/config/lock.ts';
import { systemProcesses } from '../io/config/processes.ts';
import { createFileStore } from '../io/store/file-store.ts';
import { systemClock } from './system-clock.ts';

/** The file of an account's session in the state folder: the daemon's, and `bluelinkd login`'s beside it. */
export function sessionFile(directory: string, account: string, log: Log): SessionStore {
  return createFileStore<SessionRecord>({
    directory,
    name: `session-${account}`,
    version: SESSION_RECORD_VERSION,
    parse: parseSessionRecord,
    salvage: salvageSessionRecord,
    takeLock: (file) => takeLock(file, systemProcesses()),
    clock: systemClock,
    log,
  });
}
