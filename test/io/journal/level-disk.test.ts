import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Journal } from '../../../src/actors/ports.ts';
import { openJournal } from '../../../src/io/journal/journal.ts';
import { createLevelDisk } from '../../../src/io/journal/level-disk.ts';
import { keptLock } from '../../support/kept-command.ts';
import { quietLog, recordingLog } from '../../support/quiet-log.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'journal');
}

async function open(folder: string): Promise<{ journal: Journal; lines: ReturnType<typeof recordingLog>['lines'] }> {
  const { log, lines } = recordingLog();
  const opened = await openJournal(folder, { clock: { now: () => 1_000, elapsed: () => 0 }, log });
  if (!opened.ok) throw new Error(opened.problem);
  cleanUps.push(() => opened.journal.close());
  return { journal: opened.journal, lines };
}

const filesOf = (folder: string) => readdirSync(folder).map((name) => readFileSync(join(folder, name)));

describe('the journal in a folder', () => {
  it('keeps what was written, in order, and for nobody else to see', async () => {
    const folder = aFolder();
    const { journal } = await open(folder);
    const [first, second] = [keptLock('a', 9), keptLock('b', 10)];
    expect(await journal.write(second)).toBe(true);
    expect(await journal.write(first)).toBe(true);
    journal.note(keptLock('c', 11));
    journal.remove(11);
    await journal.close();
    expect((await open(folder)).journal.left).toEqual([first, second]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('forgets where somebody goes once the command has ended and the journal was closed', async () => {
    const folder = aFolder();
    const { journal } = await open(folder);
    const payload = new TextEncoder().encode('{"lat": 52.5163, "secretPlace": true}');
    const written = Buffer.from(payload).toString('base64');
    const navigation = keptLock('a', 1, { command: 'navigation', payload });
    await journal.write(navigation);
    expect(filesOf(folder).some((bytes) => bytes.includes(written))).toBe(true);
    await journal.write({ ...navigation, payload: null, record: '{}' });
    await journal.close();
    expect(filesOf(folder).some((bytes) => bytes.includes(written))).toBe(false);
  });

  it('stays small, however many commands come and go', async () => {
    const folder = aFolder();
    const { journal } = await open(folder);
    for (let round = 0; round < 20; round += 1) {
      const keys = Array.from({ length: 200 }, (_, n) => round * 200 + n + 1);
      await Promise.all(keys.map((key) => journal.write(keptLock(`id${key}`, key, { hint: 'x'.repeat(1_000) }))));
      for (const key of keys) journal.remove(key);
    }
    await journal.close();
    const bytes = filesOf(folder).reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBeLessThan(200_000);
  });

  /** What is said of a journal with garbage in one of its files, which must be of use all the same. */
  async function saidOfGarbageIn(part: string): Promise<readonly string[]> {
    const folder = aFolder();
    const { journal } = await open(folder);
    await journal.write(keptLock('a', 1));
    await journal.close();
    const name = readdirSync(folder).find((file) => file.includes(part));
    if (name === undefined) throw new Error(`There is no ${part} in the journal.`);
    writeFileSync(join(folder, name), 'garbage\n');
    const { journal: next, lines } = await open(folder);
    expect(await next.write(keptLock('b', 2))).toBe(true);
    return lines.map(({ level }) => level);
  }

  it.each(['CURRENT', 'MANIFEST'])('repairs or replaces a journal whose %s is damaged, and says so', async (part) => {
    expect(await saidOfGarbageIn(part)).toContain('error');
  });

  it('takes a few bytes of garbage in the log for a write that was torn, and goes on', async () => {
    expect(await saidOfGarbageIn('.log')).toEqual([]);
  });

  /** A journal with two commands in its log, as a process leaves it that is killed. */
  async function killed(folder: string, copy: string): Promise<void> {
    const { journal } = await open(folder);
    await journal.write(keptLock('a', 1));
    await journal.write(keptLock('b', 2));
    cpSync(folder, copy, { recursive: true });
  }
  const fileOf = (folder: string, part: string) =>
    join(folder, readdirSync(folder).find((file) => file.includes(part)) ?? part);

  it('says that a record in the middle cannot be read, and sends nothing again that may have been sent', async () => {
    const [folder, copy] = [aFolder(), aFolder()];
    await killed(folder, copy);
    const log = fileOf(copy, '.log');
    const bytes = readFileSync(log);
    const at = bytes.lastIndexOf('"id":"b"');
    bytes[at + 6] = 'c'.charCodeAt(0);
    writeFileSync(log, bytes);
    const { journal, lines } = await open(copy);
    expect(lines).toMatchObject([{ level: 'error', message: expect.stringContaining('damaged') }]);
    expect(journal.left).toMatchObject([{ id: 'a', dispatch: { first: 'a', taken: null } }]);
    expect(await journal.write(keptLock('c', 3))).toBe(true);
  });

  it('says nothing when the last write was torn, which a crash may do', async () => {
    const [folder, copy] = [aFolder(), aFolder()];
    await killed(folder, copy);
    truncateSync(fileOf(copy, '.log'), statSync(fileOf(copy, '.log')).size - 20);
    const { journal, lines } = await open(copy);
    expect(journal.left).toMatchObject([{ id: 'a', dispatch: null }]);
    expect(lines).toEqual([]);
  });

  it.each(['CURRENT', '.log', '.ldb', 'MANIFEST'])('says so when %s has been deleted', async (part) => {
    const [folder, copy] = [aFolder(), aFolder()];
    await killed(folder, copy);
    rmSync(fileOf(copy, part));
    const { journal, lines } = await open(copy);
    expect(lines).toMatchObject([{ level: 'error' }]);
    expect(journal.left.length).toBe(part === '.log' ? 0 : 2);
    expect(await journal.write(keptLock('c', 3))).toBe(true);
  });

  it('keeps what is in the tables when CURRENT has been deleted', async () => {
    const folder = aFolder();
    const { journal } = await open(folder);
    await journal.write(keptLock('a', 1));
    await journal.close();
    rmSync(join(folder, 'CURRENT'));
    expect((await open(folder)).journal.left).toMatchObject([{ id: 'a' }]);
  });

  it.each([
    ['is empty', 0],
    ['is half of it', 0.5],
  ])('repairs or replaces a journal with a table that %s', async (_, share) => {
    const folder = aFolder();
    const { journal } = await open(folder);
    await journal.write(keptLock('a', 1));
    await journal.close();
    const table = fileOf(folder, '.ldb');
    truncateSync(table, Math.floor(statSync(table).size * share));
    const { journal: next, lines } = await open(folder);
    expect(lines).toMatchObject([{ level: 'error', message: expect.stringContaining('damaged') }]);
    expect(await next.write(keptLock('b', 2))).toBe(true);
  });

  it('keeps one aside that is beyond repair', async () => {
    const folder = aFolder();
    const { journal } = await open(folder);
    await journal.write(keptLock('a', 1));
    await journal.close();
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'garbage\n');
    const { journal: next, lines } = await open(folder);
    expect(await next.write(keptLock('b', 2))).toBe(true);
    expect(lines.map(({ level }) => level)).toContain('error');
  });

  /** Whoever wants to open it cannot make a file that is needed for that; answers how to make room. */
  function fill(folder: string): () => void {
    const names = Array.from({ length: 60 }, (_, n) => `MANIFEST-${String(n).padStart(6, '0')}`);
    const taken = names.map((name) => join(folder, name)).filter((path) => !existsSync(path));
    for (const path of taken) mkdirSync(path);
    return () => {
      for (const path of taken) rmSync(path, { recursive: true });
    };
  }
  const diskOf = (folder: string, places?: readonly string[]) =>
    createLevelDisk(folder, { clock: { now: () => 1_000, elapsed: () => 0 }, log: quietLog }, places);

  it('shows what is in it where it cannot be opened, leaves it as it is, and no copy anywhere', async () => {
    const [folder, copy, place] = [aFolder(), aFolder(), join(aFolder(), '..')];
    await killed(folder, copy);
    const makeRoom = fill(copy);
    const before = readFileSync(fileOf(copy, '.log'));
    const { journal, lines } = await open(copy);
    expect(journal.left).toMatchObject([{ id: 'a', dispatch: null }, { id: 'b' }]);
    expect(await journal.write(keptLock('c', 3))).toBe(false);
    expect(lines).toMatchObject([{ level: 'error' }, { level: 'info', fields: { records: 2 } }]);
    await journal.close();
    expect(readFileSync(fileOf(copy, '.log'))).toEqual(before);
    expect((await diskOf(copy, ['/nowhere', place]).peek()).entries.map(([key]) => key.slice(-1))).toEqual([
      '1',
      '2',
      'n',
      '~',
    ]);
    expect(readdirSync(place)).toEqual([]);
    await expect(diskOf(copy, ['/nowhere']).peek()).rejects.toThrow('ENOENT');
    makeRoom();
    // The run that could not write it has told who knows what.
    expect((await open(copy)).journal.left).toMatchObject([{ dispatch: { first: 'a' } }, { dispatch: { first: 'b' } }]);
    expect((await diskOf(aFolder()).peek()).entries).toEqual([]);
  });

  it('is not repaired where there is no room for that, but shows what can be read', async () => {
    const [folder, copy] = [aFolder(), aFolder()];
    await killed(folder, copy);
    rmSync(fileOf(copy, 'CURRENT'));
    mkdirSync(join(copy, 'room'));
    const before = readdirSync(copy).filter((name) => name !== 'complete');
    const { journal } = await open(copy);
    expect(journal.left).toMatchObject([{ dispatch: { first: 'a' } }, { dispatch: { first: 'b' } }]);
    expect(await journal.write(keptLock('c', 3))).toBe(false);
    expect(readdirSync(copy)).toEqual(before);
  });

  it('refuses controls, but starts, where it may not write', async () => {
    const folder = aFolder();
    writeFileSync(folder, 'a file, not a folder');
    const { journal, lines } = await open(folder);
    expect(await journal.write(keptLock('a', 1))).toBe(false);
    expect(lines).toMatchObject([{ level: 'error' }]);
  });
});
