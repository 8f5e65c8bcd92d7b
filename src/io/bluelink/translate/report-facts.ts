import { z } from 'zod';
import { number, part, text } from './scalars.ts';

const reportSchema = z.object({
  lastUpdateTime: z.union([z.string(), z.number()]).nullish().catch(null),
  state: part({
    Vehicle: part({ Date: text, Drivetrain: part({ FuelSystem: part({ DTE: part({ Unit: number }) }) }) }),
  }),
});

/**
 * What tells one report of a CCS2 car from the next: a number that grows with every report, to be compared with others of
 * the same car only. Null if the payload (`resMsg` of the status) has none.
 */
export function reportStamp(resMsg: unknown): number | null {
  const parsed = reportSchema.safeParse(resMsg);
  if (!parsed.success) return null;
  const digits = [parsed.data.lastUpdateTime, parsed.data.state?.Vehicle?.Date]
    .map((value) => /^\d{8,17}(?=\.|$)/.exec(String(value ?? ''))?.[0])
    .find((match) => match !== undefined);
  return digits === undefined ? null : Number(digits);
}

/** Cars that count in miles are driven on the left; null if the payload does not tell. */
export function driverSide(resMsg: unknown): 'L' | 'R' | null {
  const parsed = reportSchema.safeParse(resMsg);
  const unit = parsed.success ? (parsed.data.state?.Vehicle?.Drivetrain?.FuelSystem?.DTE?.Unit ?? null) : null;
  if (unit === null) return null;
  return unit === 2 || unit === 3 ? 'R' : 'L';
}
