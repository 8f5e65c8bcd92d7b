import type { Log } from '../actors/ports.ts';
import {
  BUDGET_RECORD_VERSION,
  type BudgetRecord,
  type BudgetStore,
  parseBudgetRecord,
} from '../io/bluelink/budget-record.ts';
import { takeLock } from '../io/config/lock.ts';
import { systemProcesses } from '../io/config/processes.ts';
import { createFileStore } from '../io/store/file-store.ts';
import { systemClock } from './system-clock.ts';

/** The file of what an account has asked of the cloud today. */
export function budgetFile(directory: string, account: string, log: Log): BudgetStore {
  return createFileStore<BudgetRecord>({
    directory,
    name: `budget-${account}`,
    version: BUDGET_RECORD_VERSION,
    parse: parseBudgetRecord,
    salvage: parseBudgetRecord,
    takeLock: (file) => takeLock(file, systemProcesses()),
    clock: systemClock,
    log,
  });
}
