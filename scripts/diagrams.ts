import { join } from 'node:path';
import { diagrams, staleFiles, writeFiles } from './diagrams/files.ts';

/**
 * `diagrams.ts [--check] [directory]` draws every machine (under diagrams/, if no other directory is named); with
 * `--check` it only tells which pictures are stale, and fails if any is.
 */
const named = process.argv.slice(2).find((word) => !word.startsWith('--'));
const directory = named ?? join(import.meta.dirname, '..', 'diagrams');
const shown = named ?? 'diagrams';
const files = await diagrams();

if (process.argv.includes('--check')) {
  const stale = staleFiles(directory, files);
  for (const name of stale) process.stderr.write(`${join(shown, name)} is stale: run npm run diagrams\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const name of writeFiles(directory, files)) process.stdout.write(`${join(shown, name)} written\n`);
}
