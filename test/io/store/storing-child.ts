import { emptyRecord, parseSessionRecord, salvageSessionRecord } from '../../../src/io/bluelink/session-record.ts';
import { takeLock } from '../../../src/io/config/lock.ts';
import { systemProcesses } from '../../../src/io/config/processes.ts';
import { createFileStore } from '../../../src/io/store/file-store.ts';
import { quietLog } from '../../support/quiet-log.ts';

/** Stores record after record, and says the generation of each when it is stored, until it is killed. */
const store = createFileStore({
  directory: process.argv[2] ?? '',
  name: 'session-main',
  version: 1,
  parse: parseSessionRecord,
  salvage: salvageSessionRecord,
  takeLock: (file) => takeLock(file, systemProcesses()),
  clock: { now: () => Date.now(), elapsed: () => performance.now() },
  log: quietLog,
});
for (;;) {
  const { generation } = await store.change((stored) => {
    const record = stored ?? emptyRecord('owner', '0b8c4c1e-5f0e-4a51-9f0b-0d6a35d9a001');
    return { ...record, generation: record.generation + 1 };
  });
  process.stdout.write(`${generation}\n`);
}
