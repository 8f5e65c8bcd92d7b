import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Log } from '../../actors/ports.ts';
import type { Contents, Disk, DiskCondition } from './disk.ts';

/** Of what was written lately, in memory: larger ones make a start after a crash longer. */
const WRITE_BUFFER_BYTES = 1_048_576;
const CACHE_BYTES = 1_048_576;
/** An empty file: all that should be in the journal is. LevelDB leaves it alone. */
const COMPLETE = 'complete';
/** Where a copy can be made of a journal that cannot be opened: in memory first, nothing of it is for another disk. */
const PLACES = ['/dev/shm', tmpdir()];
/** Behind all others, so that every file reaches up to it. */
const LAST_KEY = '~';

/**
 * LevelDB in a folder of its own, which is made (0700). A damaged one is repaired; if that does not help it is kept
 * under another name, and a new one is begun: the log says so. Nothing of LevelDB is loaded before it is opened.
 */
export function createLevelDisk(
  folder: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  places: readonly string[] = PLACES,
): Disk {
  let level: Level | null = null;
  let wasTried = false;
  const opened = (): Level => {
    if (level === null) throw new Error('The journal is not open.');
    return level;
  };
  return {
    open: async () => {
      const isFirst = !wasTried;
      wasTried = true;
      await level?.close();
      level = null;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const names = await readdir(folder);
      if (isIncomplete(names)) {
        await mark(folder, false);
        level = await repaired(folder, clock.now(), log);
        return 'damaged';
      }
      try {
        level = await openLevel(folder);
      } catch (error) {
        if (names.length === 0 || !isDamage(error)) throw error;
        await mark(folder, false);
        level = await repaired(folder, clock.now(), log);
        return 'damaged';
      }
      if (await hasDropped(folder)) {
        log.write('error', 'The journal was damaged: some of what was written last cannot be read, and is lost.');
        return 'damaged';
      }
      if (names.includes(COMPLETE) || !names.some((name) => DATA.test(name))) return 'whole';
      if (isFirst) log.write('warn', INCOMPLETE);
      return 'damaged';
    },
    vouch: (isComplete) => mark(folder, isComplete),
    peek: async () => {
      const names = await namesIn(folder);
      if (!names.some((name) => DATA.test(name))) return { condition: 'whole', entries: [] };
      let problem: unknown;
      for (const place of places) {
        try {
          return await contentsOfCopy(folder, names, place, clock);
        } catch (error) {
          problem = error;
        }
      }
      throw problem;
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

const INCOMPLETE =
  'The last run could not write down everything in the journal: what it had not sent is not sent any more.';

/** Of no folder: none. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}

/** LevelDB writes when it opens: it is given a copy, which is deleted at once. */
async function contentsOfCopy(
  folder: string,
  names: readonly string[],
  place: string,
  clock: Clock,
): Promise<Contents> {
  const root = await mkdtemp(join(place, 'bluelinkd-'));
  try {
    const copy = join(root, 'journal');
    await mkdir(copy, { mode: 0o700 });
    for (const name of names) {
      if (name !== 'LOCK' && (await stat(join(folder, name))).isFile())
        await copyFile(join(folder, name), join(copy, name));
    }
    const disk = createLevelDisk(copy, { clock, log: UNHEARD });
    try {
      const condition: DiskCondition = await disk.open();
      return { condition, entries: await disk.entries() };
    } finally {
      await disk.close();
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** What is wrong with the original is said when that is opened. */
const UNHEARD: Log = { child: () => UNHEARD, write: () => {} };

/** Must outlive the machine, where the file system can do that. */
async function mark(folder: string, isComplete: boolean): Promise<void> {
  const file = join(folder, COMPLETE);
  if (isComplete) await writeFile(file, '', { mode: 0o600 });
  else {
    await unlink(file).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  }
  const handle = await open(folder).catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** A repair that has no room for what it writes leaves less than it found. */
async function demandRoom(folder: string): Promise<void> {
  let bytes = WRITE_BUFFER_BYTES;
  for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
  const file = join(folder, 'room');
  try {
    await writeFile(file, Buffer.alloc(bytes), { mode: 0o600 });
  } finally {
    await rm(file, { force: true });
  }
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
  await demandRoom(folder);
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
