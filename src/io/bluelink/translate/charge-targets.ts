import { z } from 'zod';
import type { Answer } from '../shape-reports.ts';
import { list, number } from './scalars.ts';

const targetsSchema = z.object({ targetSOClist: list(z.object({ plugType: number, targetSOClevel: number })) });
const DC = 0;
const AC = 1;

export interface ChargeTargets {
  /** %; null if the cloud does not say, or says something that cannot be a limit. */
  readonly acPct: number | null;
  readonly dcPct: number | null;
}

/** The charge limits: `resMsg` of `charge/target`. Entries may repeat; the last of a plug type is true. */
export function translateChargeTargets(resMsg: unknown, answer: Answer): ChargeTargets {
  const targets = answer.read(targetsSchema, resMsg)?.targetSOClist ?? [];
  const last = (plug: number) => {
    const level = targets.findLast(({ plugType }) => plugType === plug)?.targetSOClevel ?? null;
    return level !== null && level >= 50 && level <= 100 && level % 10 === 0 ? level : null;
  };
  return { acPct: last(AC), dcPct: last(DC) };
}
