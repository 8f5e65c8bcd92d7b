import { z } from 'zod';

/** What was asked of the cloud today, and when cars were woken: what must outlive a restart. */
const budgetRecordSchema = z.object({
  /** The day (UTC) that `calls` is about: `2026-11-07`. */
  day: z.string().max(10),
  calls: z.number().int().nonnegative(),
  /** Forced reads of the last 24 hours, oldest first; `at` in epoch ms. */
  forced: z.array(z.object({ car: z.string().max(128), at: z.number().int() })).max(10_000),
});
export type BudgetRecord = z.infer<typeof budgetRecordSchema>;

export const BUDGET_RECORD_VERSION = 1;
export const NOTHING_SPENT: BudgetRecord = { day: '', calls: 0, forced: [] };

export function parseBudgetRecord(document: unknown): BudgetRecord | null {
  const parsed = budgetRecordSchema.safeParse(document);
  return parsed.success ? parsed.data : null;
}

/** Where the record is kept: a file in production, nowhere in the demo. */
export interface BudgetStore {
  /** Never rejects for a damaged record. */
  load(): Promise<BudgetRecord | null>;
  /** Rejects when it cannot be kept. */
  change(next: (stored: BudgetRecord | null) => BudgetRecord): Promise<BudgetRecord>;
}
