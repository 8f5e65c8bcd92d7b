import { afterAll } from 'vitest';
import { describeExplorations } from './exploring.ts';
import { table } from './report.ts';
import { Explorer, OVERTAKING } from './suites.ts';

/** Two cars, whatever goes wrong, and messages of which nothing is promised but the order between two actors. */
const explorer = new Explorer();
describeExplorations(OVERTAKING, explorer);

afterAll(() => {
  process.stdout.write(`${table(explorer.done, explorer.alone)}\n`);
});
