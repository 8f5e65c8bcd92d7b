import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

// Work, not waiting: on a busy machine it takes many times as long.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BIOME = join(ROOT, 'node_modules/.bin/biome');
const run = promisify(execFile);

/** Files that must not pass: where they would lie, and what they import. */
const PLANTED: readonly (readonly [string, string])[] = [
  ['src/machines/planted.ts', 'node:fs'],
  ['src/machines/planted.ts', 'mqtt'],
  ['src/io/mqtt/planted.ts', 'prom-client'],
  ['src/io/store/planted.ts', 'classic-level'],
  ['src/actors/planted.ts', 'classic-level'],
  ['src/io/metrics/planted.ts', '../../actors/observe/observe.ts'],
  ['src/io/inspector/planted.ts', '../../actors/system.ts'],
  ['src/io/inspector/journey.ts', 'node:fs'],
  ['src/io/inspector/page/planted.ts', '../feed.ts'],
  ['src/io/inspector/page/planted.ts', 'zod'],
  ['src/io/watch/planted.ts', 'prom-client'],
  ['src/machines/planted.ts', '../actors/ports.ts'],
  ['src/machines/domain/planted.ts', 'xstate'],
  ['src/machines/domain/planted.ts', '../story.ts'],
  ['src/actors/planted.ts', '../io/mqtt/bus.ts'],
  ['src/actors/bridge/planted.ts', 'pino'],
  ['src/io/config/planted.ts', 'mqtt'],
  ['src/io/config/planted.ts', '../../actors/system.ts'],
  ['src/io/simulator/planted.ts', 'bluelinky'],
  ['src/io/mqtt/planted.ts', '../../machines/token.machine.ts'],
];
/** What the same fences must let through. */
const ALLOWED: readonly (readonly [string, string])[] = [
  ['src/machines/allowed.ts', 'xstate'],
  ['src/machines/allowed.ts', './domain/command.ts'],
  ['src/actors/allowed.ts', '../machines/token.machine.ts'],
  ['src/io/mqtt/allowed.ts', 'mqtt'],
  ['src/io/metrics/allowed.ts', 'prom-client'],
  ['src/io/inspector/allowed.ts', '../../actors/observe/observation.ts'],
  ['src/io/inspector/journey.ts', './hop.ts'],
  ['src/io/inspector/page/allowed.ts', '../journey.ts'],
  ['src/io/journal/allowed.ts', 'classic-level'],
  ['src/io/metrics/allowed.ts', '../../actors/observe/observation.ts'],
  ['src/io/bluelink/allowed.ts', '../../actors/ports.ts'],
];

describe('the import fence', () => {
  let folder = '';
  beforeAll(() => {
    // The rules are of folders, so a bare folder with the configuration in it has them, too.
    folder = mkdtempSync(join(tmpdir(), 'fence-'));
    const config = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')) as Record<string, unknown>;
    const { vcs: _, $schema: __, ...rest } = config;
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...rest, root: true }));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What is said of each of these files, which lie there together: one look of the linter for all of them. */
  async function complaints(files: readonly (readonly [string, string])[]): Promise<ReadonlyMap<string, string>> {
    for (const [path, imported] of files) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `import { thing } from '${imported}';\n\nexport { thing };\n`);
    }
    const paths = files.map(([path]) => path);
    const words = ['lint', '--reporter=github', '--max-diagnostics=none', ...paths];
    const { stdout } = await run(BIOME, words, { cwd: folder }).catch((error: { readonly stdout: string }) => error);
    for (const path of paths) rmSync(join(folder, path));
    const lines = stdout.split('\n');
    return new Map(paths.map((path) => [path, lines.filter((line) => line.includes(`${path},`)).join('\n')]));
  }

  describe('keeps', () => {
    let said: ReadonlyMap<string, string> = new Map();
    const planted = PLANTED.map(([path, imported], n) => [numbered(path, n), imported] as const);
    beforeAll(async () => {
      said = await complaints(planted);
    });

    it.each(planted)('%s from importing %s', (path) => {
      expect(said.get(path)).toContain('noRestrictedImports');
    });
  });

  describe('lets', () => {
    let said: ReadonlyMap<string, string> = new Map();
    const allowed = ALLOWED.map(([path, imported], n) => [numbered(path, n), imported] as const);
    beforeAll(async () => {
      said = await complaints(allowed);
    });

    it.each(allowed)('%s import %s', (path) => {
      expect(said.get(path)).toBe('');
    });
  });
});

/** `allowed.ts` becomes `allowed3.ts`; what has a name of its own keeps it. */
function numbered(path: string, n: number): string {
  return path.replace(/(planted|allowed)\.ts$/, `$1${n}.ts`);
}
