import { type Exploration, explore } from '../test/model/explore.ts';
import { INVARIANTS } from '../test/model/invariants.ts';
import { MUTATIONS } from '../test/model/mutations.ts';
import { table, transitionsTable } from '../test/model/report.ts';
import type { Slice } from '../test/model/slice.ts';
import { DEEP_SUITES, Explorer, OVERTAKING, SUITES } from '../test/model/suites.ts';
import { readable } from '../test/model/trace.ts';

/**
 * The explorations, with what they saw: `npm run test:model`. With `--deep`, those that take minutes besides; with
 * `--slice NAME`, those of all with that in their names, and nothing else; with `--traces`, how each seeded bug was
 * caught, as a sequence diagram.
 */
const isDeep = process.argv.includes('--deep');
const showsTraces = process.argv.includes('--traces');
const at = process.argv.indexOf('--slice');
const only = at === -1 ? null : (process.argv[at + 1] ?? '');
const STATES_AT_MOST = 20_000_000;

const explorer = new Explorer();
let failures = 0;
const say = (text: string) => process.stdout.write(`${text}\n`);

function tell(exploration: Exploration): void {
  const { slice, states, edges, ms, found, complete } = exploration;
  say(`  ${slice.name}: ${states} states, ${edges} edges, ${(ms / 1_000).toFixed(1)} s`);
  say(`    leaves out: ${slice.leavesOut.join('; ')}`);
  if (found !== null) say(readable(exploration));
  if (found !== null || !complete) failures += 1;
}

function exploreAll(suites: Readonly<Record<string, readonly Slice[]>>): void {
  for (const [suite, slices] of Object.entries(suites)) {
    const chosen = slices.filter(({ name }) => only === null || name.includes(only));
    if (chosen.length > 0) say(`\n${suite}`);
    for (const slice of chosen) tell(explorer.explore(slice, STATES_AT_MOST));
  }
}

function exploreBugs(): void {
  say('\nseeded bugs, each caught by the exploration of one small slice');
  for (const { bug, slice, breaks, ...mutation } of MUTATIONS) {
    const exploration = explore(slice, { mutation, invariants: INVARIANTS.filter(({ name }) => name === breaks) });
    const { found } = exploration;
    if (found === null) failures += 1;
    say(`  ${found === null ? 'NOT CAUGHT' : breaks.padEnd(20)} a machine that ${bug}`);
    if (found === null) continue;
    const way = found.trace.map(({ label }) => label).join(' · ');
    say(`    in "${slice.name}", after ${found.trace.length} steps: ${way}`);
    if (showsTraces) say(readable(exploration));
  }
}

const SEEDED = { 'where bugs are seeded': [...new Set(MUTATIONS.map(({ slice }) => slice))] };
exploreAll({
  ...SUITES,
  ...OVERTAKING,
  ...(isDeep || only !== null ? DEEP_SUITES : {}),
  ...(only === null ? {} : SEEDED),
});
if (only === null) {
  failures += explorer.exploreClosing().filter(({ wrong }) => wrong !== null).length;
  say(`\n${table(explorer.done, explorer.alone)}`);
  say('\ninvariants, each judged in every state of every slice');
  for (const { name, promise } of INVARIANTS) say(`  ${name.padEnd(20)} ${promise}`);
  const transitions = explorer.transitions();
  failures += transitions.filter(({ missing }) => missing.length > 0).length;
  say(`\n${transitionsTable(transitions)}`);
  exploreBugs();
} else if (explorer.done.length === 0) {
  say(`There is no slice with "${only}" in its name.`);
  failures += 1;
}
const memoryMb = Math.round(process.resourceUsage().maxRSS / 1_000);
say(`\n${new Date().toISOString()}, Node ${process.versions.node}, ${memoryMb} MB at most; ${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;
