import { z } from 'zod';

const MOST_FORCED = 10_000;

/** What was asked of the cloud today, and when cars were woken: what must outlive a restart. */
const budgetRecordSchema = z.object({
  /** The day (UTC) that `calls` is about: `2026-11-07`. */
  day: z.string().max(10),
  calls: z.number().int().nonnegative(),
  /** Forced reads of the last 24 hours, oldest first; `at` in epoch ms. */
  forced: z.array(z.object({ car: z.string().max(128), at: z.number().int() })).max(MOST_FORCED),
});
export type BudgetRecord = z.infer<typeof budgetRecordSchema>;

export const BUDGET_RECORD_VERSION = 1;
export const NOTHING_SPENT: BudgetRecord = { day: '', calls: 0, forced: [] };

export function parseBudgetRecord(document: unknown): BudgetRecord | null {
  const parsed = budgetRecordSchema.safeParse(document);
  return parsed.success ? parsed.data : null;
}

/**
 * What all have spent: others ask the same cloud, too (`bluelinkd login` beside the daemon).
 *
 * @param stored what is kept now; null: nothing that can be used.
 * @param known what was kept when `ours` was last the same as it.
 */
export function spentByAll(
  stored: BudgetRecord | null,
  { known, ours }: { readonly known: BudgetRecord; readonly ours: BudgetRecord },
): BudgetRecord {
  if (stored === null) return ours;
  const callsOf = ({ day, calls }: BudgetRecord) => (day === ours.day ? calls : 0);
  const byOthers = Math.max(0, callsOf(stored) - callsOf(known));
  const isKnown = new Set(known.forced.map(keyOf));
  const forcedByOthers = stored.forced.filter((wake) => !isKnown.has(keyOf(wake)));
  const forced = [...forcedByOthers, ...ours.forced].sort((one, other) => one.at - other.at);
  return {
    day: ours.day,
    calls: ours.calls + byOthers,
    forced: forced.slice(-MOST_FORCED),
  };
}

const keyOf = ({ car, at }: BudgetRecord['forced'][number]) => `${at} ${car}`;

/** Where the record is kept: a file in production, nowhere in the demo. */
export interface BudgetStore {
  /** Never rejects for a damaged record. */
  load(): Promise<BudgetRecord | null>;
  /** Rejects when it cannot be kept. */
  change(next: (stored: BudgetRecord | null) => BudgetRecord): Promise<BudgetRecord>;
}
