import type { RunReport } from './run.ts';

/** What a run took: by the clock on the wall, and of processors (the garbage collector's included). */
export interface Took {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** A run as a person reads it. */
export function reportOf(report: RunReport, { wallMs, cpuMs }: Took): string {
  const { seed, hours, events, steps, commands, refreshes, restarts, untouched, longestMs, digest } = report;
  const doneMs = report.failure?.atMs ?? hours * 3_600_000;
  const speed = (tookMs: number) => Math.round(doneMs / tookMs);
  const done = report.failure === null ? `${hours}` : `${(doneMs / 3_600_000).toFixed(1)} of ${hours}`;
  const seconds = (tookMs: number) => (tookMs / 1_000).toFixed(1);
  const lines = [
    `seed ${seed}: ${done} virtual hours in ${seconds(wallMs)} s (${speed(wallMs)} × real time), of processors ${seconds(cpuMs)} s (${speed(cpuMs)} ×)`,
    `${events} events (${Math.round((events / wallMs) * 1_000)} per second), ${steps} steps, SHA-256 ${digest}`,
    `${commands} commands (${untouched} touched by no trouble), the longest took ${Math.round(longestMs / 1_000)} s; ${refreshes} sessions, ${restarts} restarts`,
    `ended  ${counts(report.endings)}`,
    `faults ${counts(report.troubles)}`,
  ];
  if (report.failure !== null) lines.push(...failureLines(report, report.failure));
  lines.push(
    report.failure === null
      ? `PASSED: every promise was kept for ${hours} virtual hours (seed ${seed}).`
      : `FAILED: seed ${seed} broke a promise; see VIOLATED above.`,
  );
  return `${lines.join('\n')}\n`;
}

function counts(counted: ReadonlyMap<string, number>): string {
  const sorted = [...counted].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.map(([name, count]) => `${name} ${count}`).join(' · ');
}

function failureLines({ seed, hours }: RunReport, failure: NonNullable<RunReport['failure']>): readonly string[] {
  const { error, atMs, log } = failure;
  const isViolation = error instanceof Error && error.name === 'Violation';
  const what = isViolation ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  const found = [
    '',
    `VIOLATED after ${atMs} virtual ms: ${what}`,
    `Again: npm run simulate -- --seed ${seed} --hours ${hours} --log run.log`,
    '',
  ];
  // Before the log and after it: a reader may have one end only.
  return [...found, ...log, ...found];
}
