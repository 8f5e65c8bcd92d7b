import type { Report } from './report.ts';
import { median, rounded } from './statistics.ts';

/** Something that is measured beside others. */
export interface Candidate {
  readonly name: string;
  /** Of each round that counts. */
  readonly cpuMs: number[];
}

/**
 * Measures the candidates in turns, after a round each that does not count, and reports them.
 *
 * @param cpuOfRound processor time of 1,000 commands, ms.
 * @returns the median of each; of the first one the ratios are.
 */
export async function measureInTurns<T extends Candidate>(
  candidates: readonly T[],
  { rounds, cpuOfRound, report }: { rounds: number; cpuOfRound: (one: T) => Promise<number>; report: Report },
): Promise<readonly number[]> {
  for (const one of candidates) await cpuOfRound(one);
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first has no advantage: the order turns.
    for (let n = 0; n < candidates.length; n += 1) {
      const one = candidates[(n + round) % candidates.length];
      if (one !== undefined) one.cpuMs.push(await cpuOfRound(one));
    }
  }
  const medians = candidates.map(({ cpuMs }) => median(cpuMs));
  const [first = Number.NaN] = medians;
  for (const { name, cpuMs } of candidates) {
    const ms = median(cpuMs);
    report.line('result', {
      name,
      cpuMsPer1000Commands: rounded(ms),
      spreadMs: [rounded(Math.min(...cpuMs)), rounded(Math.max(...cpuMs))],
      ratio: rounded(ms / first),
    });
  }
  return medians;
}
