import { z } from 'zod';
import { Answer } from '../shape-reports.ts';
import { number, part, text } from './scalars.ts';

const reportSchema = z.object({
  lastUpdateTime: z.union([z.string(), z.number()]).optional(),
  state: part({
    Vehicle: part({ Date: text, Drivetrain: part({ FuelSystem: part({ DTE: part({ Unit: number }) }) }) }),
  }),
});

/**
 * What tells one report of a CCS2 car from the next: a number that grows with every report, to be compared with others of
 * the same car only. Null if the payload (`resMsg` of the status) has none.
 */
export function reportStamp(resMsg: unknown, answer: Answer): number | null {
  const report = answer.read(reportSchema, resMsg);
  if (report === null) return null;
  const digits = [report.lastUpdateTime, report.state?.Vehicle?.Date]
    .map((value) => /^\d{8,17}(?=\.|$)/.exec(String(value ?? ''))?.[0])
    .find((match) => match !== undefined);
  return digits === undefined ? null : Number(digits);
}

/** Cars that count in miles are driven on the left; null if the payload does not tell. */
export function driverSide(resMsg: unknown): 'L' | 'R' | null {
  const report = Answer.silent().read(reportSchema, resMsg);
  const unit = report?.state?.Vehicle?.Drivetrain?.FuelSystem?.DTE?.Unit ?? null;
  return driverSideBy(unit);
}

/** By a car's unit of distance. */
export function driverSideBy(unit: number | null): 'L' | 'R' | null {
  if (unit === null) return null;
  return unit === 2 || unit === 3 ? 'R' : 'L';
}
