import type { Log } from '../actors/ports.ts';
import { takeLock } from '../io/config/lock.ts';
import { systemProcesses } from '../io/config/processes.ts';
import { createFileStore, type DocumentStore, type FileStoreOptions } from '../io/store/file-store.ts';
import { systemClock } from './system-clock.ts';

/** One document in the state folder. Without a `salvage` what cannot be parsed is worth nothing. */
export function stateFile<T>(
  directory: string,
  log: Log,
  format: Pick<FileStoreOptions<T>, 'name' | 'version' | 'parse'> & Partial<Pick<FileStoreOptions<T>, 'salvage'>>,
): DocumentStore<T> {
  return createFileStore<T>({
    salvage: format.parse,
    ...format,
    directory,
    takeLock: (file) => takeLock(file, systemProcesses()),
    clock: systemClock,
    log,
  });
}
