import { explore } from '../test/model/explore.ts';
import { INVARIANTS } from '../test/model/invariants.ts';
import { MUTATIONS } from '../test/model/mutations.ts';
import { table, transitionsTable } from '../test/model/report.ts';
import { DEEP_SUITES, Explorer, SUITES } from '../test/model/suites.ts';
import { readable } from '../test/model/trace.ts';

/**
 * The explorations, with what they saw: `npm run test:model`. With `--deep`, those that take minutes besides; with
 * `--traces`, how each seeded bug was caught, as a sequence diagram.
 */
const isDeep = process.argv.includes('--deep');
const showsTraces = process.argv.includes('--traces');
const STATES_AT_MOST = 20_000_000;

const explorer = new Explorer();
let failures = 0;
const say = (text: string) => process.stdout.write(`${text}\n`);

for (const [suite, slices] of Object.entries(isDeep ? { ...SUITES, ...DEEP_SUITES } : SUITES)) {
  say(`\n${suite}`);
  for (const slice of slices) {
    const exploration = explorer.explore(slice, STATES_AT_MOST);
    const { states, edges, ms, found, complete } = exploration;
    say(`  ${slice.name}: ${states} states, ${edges} edges, ${(ms / 1_000).toFixed(1)} s`);
    say(`    leaves out: ${slice.leavesOut.join('; ')}`);
    if (found !== null) say(readable(exploration));
    if (found !== null || !complete) failures += 1;
  }
}
failures += explorer.exploreClosing().filter(({ wrong }) => wrong !== null).length;

say(`\n${table(explorer.done, explorer.alone)}`);
say(`\ninvariants, each judged in every state of every slice: ${INVARIANTS.map(({ name }) => name).join(', ')}`);
say('  and from every state a rest is reachable at which nobody waits and nothing is held');
const transitions = explorer.transitions();
failures += transitions.filter(({ missing }) => missing.length > 0).length;
say(`\n${transitionsTable(transitions)}`);

say('\nseeded bugs, each caught by the exploration of one small slice');
for (const { bug, slice, breaks, ...mutation } of MUTATIONS) {
  const exploration = explore(slice, { mutation, invariants: INVARIANTS.filter(({ name }) => name === breaks) });
  const { found } = exploration;
  if (found === null) failures += 1;
  say(`  ${found === null ? 'NOT CAUGHT' : breaks.padEnd(20)} a machine that ${bug}`);
  if (found !== null) {
    say(
      `    in "${slice.name}", after ${found.trace.length} steps: ${found.trace.map(({ label }) => label).join(' · ')}`,
    );
    if (showsTraces) say(readable(exploration));
  }
}
const memoryMb = Math.round(process.resourceUsage().maxRSS / 1_000);
say(`\n${new Date().toISOString()}, Node ${process.versions.node}, ${memoryMb} MB at most; ${failures} failures`);
process.exitCode = failures === 0 ? 0 : 1;
