import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationPage } from './docs-configuration.ts';
import { brokenLinks } from './docs-links.ts';
import { metricsPage } from './docs-metrics.ts';

/** Writes the generated pages of docs/; with `--check` only tells whether they are fresh, and which links lead nowhere. */

const PAGES: readonly { readonly file: string; readonly text: () => string }[] = [
  { file: 'docs/configuration.md', text: configurationPage },
  { file: 'docs/metrics.md', text: metricsPage },
];

function current(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const root = join(import.meta.dirname, '..');
const stale = PAGES.filter(({ file, text }) => current(join(root, file)) !== text());
if (process.argv.includes('--check')) {
  for (const { file } of stale) process.stderr.write(`${file} is stale: run npm run docs\n`);
  const broken = brokenLinks(root);
  for (const sentence of broken) process.stderr.write(`${sentence}\n`);
  process.exitCode = stale.length + broken.length === 0 ? 0 : 1;
} else {
  for (const { file, text } of stale) {
    writeFileSync(join(root, file), text());
    process.stdout.write(`${file} written\n`);
  }
}
