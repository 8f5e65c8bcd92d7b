import type { Log } from '../actors/ports.ts';
import {
  parseSessionRecord,
  SESSION_RECORD_VERSION,
  type SessionRecord,
  type SessionStore,
  salvageSessionRecord,
} from '../io/bluelink/session-record.ts';
import { stateFile } from './state-file.ts';

/** The file of an account's session in the state folder: the daemon's, and `bluelinkd login`'s beside it. */
export function sessionFile(directory: string, account: string, log: Log): SessionStore {
  return stateFile<SessionRecord>(directory, log, {
    name: `session-${account}`,
    version: SESSION_RECORD_VERSION,
    parse: parseSessionRecord,
    salvage: salvageSessionRecord,
  });
}
