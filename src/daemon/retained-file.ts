import type { Log } from '../actors/ports.ts';
import { takeLock } from '../io/config/lock.ts';
import { systemProcesses } from '../io/config/processes.ts';
import { createFileStore, type DocumentStore } from '../io/store/file-store.ts';
import { parseRetainedRecord, RETAINED_RECORD_VERSION, type RetainedRecord } from '../io/store/retained-topics.ts';
import { systemClock } from './system-clock.ts';

/** The file of the topics on which the broker keeps readings of ours. */
export function retainedFile(directory: string, log: Log): DocumentStore<RetainedRecord> {
  return createFileStore<RetainedRecord>({
    directory,
    name: 'retained',
    version: RETAINED_RECORD_VERSION,
    parse: parseRetainedRecord,
    salvage: parseRetainedRecord,
    takeLock: (file) => takeLock(file, systemProcesses()),
    clock: systemClock,
    log,
  });
}
