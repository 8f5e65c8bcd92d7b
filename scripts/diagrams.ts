import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagrams, staleFiles, writeFiles } from './diagrams/files.ts';
import { TRAFFIC_FILE } from './diagrams/traffic.ts';

/**
 * `diagrams.ts [--check] [directory]` draws every machine and the system (under diagrams/, if no other directory is
 * named); with `--check` it only tells which pictures are stale, and fails if any is. With `--observe` it finds out anew
 * who says what to whom before it draws; a test tells when that is due.
 */
const named = process.argv.slice(2).find((word) => !word.startsWith('--'));
const directory = named ?? join(import.meta.dirname, '..', 'diagrams');
const shown = named ?? 'diagrams';
if (process.argv.includes('--observe')) {
  const { observedTraffic } = await import('./diagrams/observe.ts');
  writeFileSync(TRAFFIC_FILE, `${JSON.stringify(await observedTraffic(), null, 2)}\n`);
}
const files = await diagrams();

if (process.argv.includes('--check')) {
  const stale = staleFiles(directory, files);
  for (const name of stale) process.stderr.write(`${join(shown, name)} is stale: run npm run diagrams\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const name of writeFiles(directory, files)) process.stdout.write(`${join(shown, name)} written\n`);
}
