import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
// Its setup is not used here, but what it provides is.
import type {} from '../../support/daemon-build.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'dist/main.js');

/** Vitest's global setup: builds daemon and page if either is older than the source. */
export default function setup(project: TestProject): void {
  project.provide('daemon', { main: MAIN, problem: buildIfStale() });
}

function buildIfStale(): string | null {
  const built = Math.min(changed(MAIN), changed(join(ROOT, 'dist/io/inspector/page/page/main.js')));
  if (built > newest(join(ROOT, 'src'))) return null;
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? null : `npm run build failed:\n${stdout}${stderr}`;
}

function newest(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(...entries.map((entry) => changed(join(entry.parentPath, entry.name))));
}

function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
