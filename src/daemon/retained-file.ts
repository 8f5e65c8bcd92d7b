import type { Log } from '../actors/ports.ts';
import type { DocumentStore } from '../io/store/file-store.ts';
import { parseRetainedRecord, RETAINED_RECORD_VERSION, type RetainedRecord } from '../io/store/retained-topics.ts';
import { stateFile } from './state-file.ts';

/** The file of the topics on which the broker keeps readings of ours. */
export function retainedFile(directory: string, log: Log): DocumentStore<RetainedRecord> {
  return stateFile<RetainedRecord>(directory, log, {
    name: 'retained',
    version: RETAINED_RECORD_VERSION,
    parse: parseRetainedRecord,
  });
}
