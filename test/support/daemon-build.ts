import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

/**
 * Vitest's global setup: builds the daemon once if the run has system tests and the build is older than its source, and
 * says which broker they will use. A build that fails fails the system tests only.
 *
 * - `BLUELINKD_TEST_BROKER`: `aedes` (the default) or `mosquitto`.
 * - `BLUELINKD_TEST_SLOW=1`: also the stories that take a minute.
 * - `BLUELINKD_TEST_MAIN`: tests this `main.js` as it is, instead of building one; every daemon is then a process of its own.
 * - `BLUELINKD_TEST_PROCESSES=1`: every daemon is a process of its own, also where a story does not need that.
 */
declare module 'vitest' {
  export interface ProvidedContext {
    readonly daemon: DaemonBuild;
    readonly systemBroker: 'aedes' | 'mosquitto';
    readonly areAllProcesses: boolean;
  }
}

export interface DaemonBuild {
  /** Absolute path of the daemon's `main.js`. */
  readonly main: string;
  /** What the compiler said when it failed; null when it did not. */
  readonly problem: string | null;
}

const ROOT = resolve(import.meta.dirname, '../..');

export default async function setup(project: TestProject): Promise<void> {
  const given = process.env.BLUELINKD_TEST_MAIN;
  const broker = brokerKind();
  project.provide('systemBroker', broker);
  project.provide('areAllProcesses', given !== undefined || process.env.BLUELINKD_TEST_PROCESSES === '1');
  if (given !== undefined) {
    project.provide('daemon', { main: resolve(given), problem: null });
    announce(broker);
    return;
  }
  const main = join(ROOT, 'dist/main.js');
  const isNeeded = await hasSystemTests(project);
  project.provide('daemon', { main, problem: isNeeded ? buildIfStale(main) : null });
  if (isNeeded) announce(broker);
}

function brokerKind(): 'aedes' | 'mosquitto' {
  const kind = process.env.BLUELINKD_TEST_BROKER ?? 'aedes';
  if (kind === 'aedes' || kind === 'mosquitto') return kind;
  throw new Error(`BLUELINKD_TEST_BROKER is "${kind}": it must be aedes or mosquitto.`);
}

/** Tests of single rooms should not wait for a build that they do not use. */
async function hasSystemTests({ vitest }: TestProject): Promise<boolean> {
  const { filenamePattern } = vitest as { readonly filenamePattern?: readonly string[] };
  const specifications = await vitest.globTestSpecifications([...(filenamePattern ?? [])]);
  return specifications.some(({ moduleId }) => moduleId.startsWith(join(ROOT, 'test/system/')));
}

function buildIfStale(main: string): string | null {
  const source = Math.max(newest(join(ROOT, 'src')), changed(join(ROOT, 'tsconfig.build.json')));
  if (changed(main) > source) return null;
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, encoding: 'utf8' });
  if (built.status === 0) return null;
  return `npm run build failed:\n${built.stdout}${built.stderr}`;
}

function newest(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(...entries.map((entry) => changed(join(entry.parentPath, entry.name))));
}

function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function announce(broker: 'aedes' | 'mosquitto'): void {
  const notRun = [
    ...(broker === 'mosquitto' ? [] : ['MQTT 5 features against Mosquitto (BLUELINKD_TEST_BROKER=mosquitto)']),
    ...(process.env.BLUELINKD_TEST_SLOW === '1' ? [] : ['what takes a minute (BLUELINKD_TEST_SLOW=1)']),
  ];
  process.stdout.write(`System tests: the broker is ${broker}. Not run: ${notRun.join('; ') || 'nothing'}.\n`);
}
