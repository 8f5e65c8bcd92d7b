import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Log } from '../../actors/ports.ts';
import type { Disk } from './disk.ts';

/** Of what was written lately, in memory: larger ones make a start after a crash longer. */
const WRITE_BUFFER_BYTES = 1_048_576;
const CACHE_BYTES = 1_048_576;
/** Behind all others, so that every file reaches up to it. */
const LAST_KEY = '~';

/**
 * LevelDB in a folder of its own, which is made (0700). A damaged one is repaired; if that does not help it is kept
 * under another name, and a new one is begun: the log says so. Nothing of LevelDB is loaded before it is opened.
 */
export function createLevelDisk(folder: string, { clock, log }: { readonly clock: Clock; readonly log: Log }): Disk {
  let level: Level | null = null;
  const opened = (): Level => {
    if (level === null) throw new Error('The journal is not open.');
    return level;
  };
  return {
    open: async () => {
      await level?.close();
      level = null;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const names = await readdir(folder);
      if (isIncomplete(names)) {
        level = await repaired(folder, clock.now(), log);
        return 'damaged';
      }
      try {
        level = await openLevel(folder);
      } catch (error) {
        if (names.length === 0 || !isDamage(error)) throw error;
        level = await repaired(folder, clock.now(), log);
        return 'damaged';
      }
      if (!(await hasDropped(folder))) return 'whole';
      log.write('error', 'The journal was damaged: some of what was written last cannot be read, and is lost.');
      return 'damaged';
    },
    entries: () => opened().iterator().all(),
    batch: async (operations, sync) => {
      const changes = operations.map(({ key, value }) =>
        value === null ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
      );
      await opened().batch(changes, { sync });
    },
    compact: async () => {
      // LevelDB drops what is replaced when it merges two files: the second round has the first one's to merge with.
      for (let round = 0; round < 2; round += 1) {
        await opened().put(LAST_KEY, '');
        await opened().compactRange('', LAST_KEY);
      }
    },
    close: async () => {
      await level?.close();
      level = null;
    },
  };
}

type Level = Awaited<ReturnType<typeof openLevel>>;

async function openLevel(folder: string) {
  const { ClassicLevel } = await import('classic-level');
  const options = { writeBufferSize: WRITE_BUFFER_BYTES, cacheSize: CACHE_BYTES };
  const level = new ClassicLevel<string, string>(folder, options);
  await level.open();
  try {
    // A file that cannot be read is met when somebody reads it, not before.
    for await (const _ of level.keys());
  } catch (error) {
    await level.close();
    throw error;
  }
  return level;
}

const DATA = /^\d+\.(log|ldb|sst)$/;

/** LevelDB begins anew without `CURRENT` and goes on without its log, and in both cases says nothing. */
function isIncomplete(names: readonly string[]): boolean {
  if (!names.some((name) => DATA.test(name))) return false;
  return !names.includes('CURRENT') || !names.some((name) => name.endsWith('.log'));
}

/** What is damaged in its log LevelDB leaves out: only its own notes of this opening tell. */
async function hasDropped(folder: string): Promise<boolean> {
  const notes = await readFile(join(folder, 'LOG'), 'utf8').catch(() => '');
  return /: dropping \d+ bytes/.test(notes);
}

async function repaired(folder: string, now: number, log: Log): Promise<Level> {
  const { ClassicLevel } = await import('classic-level');
  try {
    await ClassicLevel.repair(folder);
    const level = await openLevel(folder);
    log.write('error', 'The journal was damaged and has been repaired; what could not be read of it is lost.');
    return level;
  } catch (error) {
    if (!isDamage(error)) throw error;
    const keptAs = `${folder}.corrupt-${now}`;
    await rename(folder, keptAs);
    await mkdir(folder, { mode: 0o700 });
    const level = await openLevel(folder);
    log.write('error', 'The journal was damaged beyond repair: it is kept aside, and a new one is begun.', { keptAs });
    return level;
  }
}

const DAMAGE =
  /corrupt|missing files|does not exist|no such file|not an sstable|checksum|bad block|no meta-?nextfile|no last-sequence|\.(ldb|sst): invalid argument/i;

/** Whether LevelDB's files are not as it left them. A full disk or a missing right is no damage. */
function isDamage(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at ? String(at.code) : '';
    if (code === 'LEVEL_CORRUPTION' || DAMAGE.test(at.message)) return true;
  }
  return false;
}
