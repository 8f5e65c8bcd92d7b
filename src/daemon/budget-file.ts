import type { Log } from '../actors/ports.ts';
import {
  BUDGET_RECORD_VERSION,
  type BudgetRecord,
  type BudgetStore,
  parseBudgetRecord,
} from '../io/bluelink/budget-record.ts';
import { stateFile } from './state-file.ts';

/** The file of what an account has asked of the cloud today. */
export function budgetFile(directory: string, account: string, log: Log): BudgetStore {
  return stateFile<BudgetRecord>(directory, log, {
    name: `budget-${account}`,
    version: BUDGET_RECORD_VERSION,
    parse: parseBudgetRecord,
  });
}
