import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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

  async function complaints(path: string, imported: string): Promise<string> {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `import { thing } from '${imported}';\n\nexport { thing };\n`);
    try {
      await run(BIOME, ['lint', '--reporter=github', path], { cwd: folder });
      return '';
    } catch (error) {
      return String((error as { stdout?: string }).stdout).trim();
    } finally {
      rmSync(file);
    }
  }

  it.each(PLANTED)('keeps %s from importing %s', async (path, imported) => {
    expect(await complaints(path, imported)).toContain('noRestrictedImports');
  });

  it.each(ALLOWED)('lets %s import %s', async (path, imported) => {
    expect(await complaints(path, imported)).toBe('');
  });
});
