import { appendFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Chance, replaceRandomness } from '../test/simulation/chance.ts';
import { reportOf } from '../test/simulation/report.ts';
import { VirtualTime } from '../test/simulation/virtual-time.ts';

/**
 * `npm run simulate -- --seed N [--hours H] [--log FILE] [--deep]`: the daemon, its broker and its cloud on a virtual clock.
 * Everything follows from the seed; without one a fresh one is chosen and told. The last line is `PASSED` (exit code 0) or
 * `FAILED` (1; what was violated and the log before it come first); 2 is a command line that makes no sense.
 */
const DEFAULT_HOURS = 50;
const DEEP_HOURS = 10_000;
const HIGHEST_SEED = 2 ** 31;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    hours: { type: 'string' },
    log: { type: 'string' },
    deep: { type: 'boolean', default: false },
  },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * HIGHEST_SEED) : Number(values.seed);
const wanted = values.hours ?? process.env.BLUELINKD_SIM_HOURS;
const hours = wanted === undefined ? (values.deep ? DEEP_HOURS : DEFAULT_HOURS) : Number(wanted);
if (!Number.isSafeInteger(seed) || !(hours > 0)) {
  process.stderr.write('Usage: npm run simulate -- --seed 7 [--hours 50] [--log run.log] [--deep]\n');
  process.exit(2);
}
const { log } = values;
if (log !== undefined) writeFileSync(log, '');

// Before anything else is loaded: whoever keeps a reference to a timer must get one of ours.
process.env.TZ = 'UTC';
replaceRandomness(new Chance(seed, 'process'));
const time = new VirtualTime(Date.parse('2026-11-07T06:00:00Z'));
time.install();
const { run } = await import('../test/simulation/run.ts');

const begun = process.hrtime.bigint();
const usedBefore = process.cpuUsage();
const report = await run(time, { seed, hours, write: log === undefined ? null : (text) => appendFileSync(log, text) });
const used = process.cpuUsage(usedBefore);
process.stdout.write(
  reportOf(report, {
    wallMs: Number(process.hrtime.bigint() - begun) / 1e6,
    cpuMs: (used.user + used.system) / 1_000,
  }),
);
process.exit(report.failure === null ? 0 : 1);
