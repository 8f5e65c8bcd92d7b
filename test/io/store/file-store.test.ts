import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '../../../src/actors/ports.ts';
import {
  emptyRecord,
  parseSessionRecord,
  SESSION_RECORD_VERSION,
  type SessionRecord,
  salvageSessionRecord,
} from '../../../src/io/bluelink/session-record.ts';
import { takeLock } from '../../../src/io/config/lock.ts';
import { systemProcesses } from '../../../src/io/config/processes.ts';
import type { TakeLock } from '../../../src/io/store/exclusively.ts';
import { createFileStore, type DocumentStore, type FileStoreOptions } from '../../../src/io/store/file-store.ts';

const UUID = '0b8c4c1e-5f0e-4a51-9f0b-0d6a35d9a001';

let directory: string;
let lines: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bluelinkd-store-'));
  lines = [];
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const log: Log = { child: () => log, write: (level, message) => lines.push(`${level} ${message}`) };
const open = (changes: Partial<Pick<FileStoreOptions<SessionRecord>, 'directory' | 'name' | 'takeLock'>> = {}) =>
  createFileStore<SessionRecord>({
    directory: join(directory, 'state'),
    name: 'session-main',
    version: SESSION_RECORD_VERSION,
    parse: parseSessionRecord,
    salvage: salvageSessionRecord,
    takeLock: (file) => takeLock(file, systemProcesses()),
    clock: { now: () => 1_700_000_000_000, elapsed: () => 0 },
    log,
    ...changes,
  });
const saved = (store: DocumentStore<SessionRecord>, document: SessionRecord) => store.change(() => document);
const path = () => join(directory, 'state', 'session-main.json');
const record = (generation: number): SessionRecord => ({
  ...emptyRecord('owner', UUID),
  generation,
  logins: [1],
  session: {
    flow: 'oneApp',
    accessToken: `token-${generation}`,
    expiresAt: 5,
    grant: { kind: 'identity', refreshToken: 'r' },
  },
});

describe('a session file', () => {
  it('comes back as it was saved, for its owner only, and leaves no temporary file', async () => {
    expect(await open().load()).toBeNull();
    await saved(open(), record(1));
    expect(await open().load()).toEqual(record(1));
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'state'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(directory, 'state'))).toEqual(['session-main.json']);
    expect(JSON.parse(await readFile(path(), 'utf8'))).toMatchObject({ version: 1, generation: 1 });
  });

  it('keeps the one before, for its owner only', async () => {
    const store = open();
    await saved(store, record(1));
    await saved(store, record(2));
    expect(JSON.parse(await readFile(`${path()}.previous`, 'utf8'))).toMatchObject({ generation: 1 });
    expect((await stat(`${path()}.previous`)).mode & 0o777).toBe(0o600);
  });

  it('ends as the last of many saves at once', async () => {
    const store = open();
    await Promise.all([1, 2, 3, 4, 5].map((generation) => saved(store, record(generation))));
    expect(await store.load()).toEqual(record(5));
  });

  it('is whole after a crash in the middle of writing', async () => {
    await saved(open(), record(1));
    await writeFile(`${path()}.tmp`, '{"version":1,"gener', { mode: 0o644 });
    expect(await open().load()).toEqual(record(1));
    await saved(open(), record(2));
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect(await open().load()).toEqual(record(2));
  });

  it.each([
    ['not JSON', async () => writeFile(path(), '{"version":1'), 'corrupt'],
    ['empty', async () => writeFile(path(), ''), 'corrupt'],
    ['something else', async () => writeFile(path(), '{"version":1,"generation":"seven"}'), 'corrupt'],
    ['without a version', async () => writeFile(path(), '{"generation":7}'), 'corrupt'],
    ['from a newer program', async () => writeFile(path(), JSON.stringify({ version: 2, ...record(9) })), 'newer'],
    ['readable by others', async () => chmod(path(), 0o640), 'shared'],
    [
      'unreadable',
      async () => {
        await rm(path());
        await mkdir(path());
      },
      'unreadable',
    ],
  ])('that is %s is reported, set aside and not used', async (_, spoil, suffix) => {
    const store = open();
    await saved(store, record(4));
    await saved(store, record(5));
    await spoil();
    const loaded = await store.load();
    expect(loaded?.session).toBeNull();
    expect(loaded?.generation).toBeGreaterThanOrEqual(5);
    expect(loaded?.logins).toEqual([1]);
    expect(loaded?.clientUuid).toBe(UUID);
    expect(lines).toEqual([expect.stringMatching(/^error A stored file was not used: .*\.$/)]);
    const files = await readdir(join(directory, 'state'));
    expect(files).toContain(`session-main.json.${suffix}-1700000000000`);
    expect(files).not.toContain('session-main.json');
    expect((await stat(join(directory, 'state', `session-main.json.${suffix}-1700000000000`))).mode & 0o077).toBe(0);
  });

  it('that is spoilt while it is in use is set aside, too, and what we have is stored', async () => {
    const store = open();
    await saved(store, record(4));
    await writeFile(path(), '{"version":1');
    let found: SessionRecord | null = record(1);
    await store.change((stored) => {
      found = stored;
      return record(5);
    });
    expect(found).toBeNull();
    expect(await open().load()).toEqual(record(5));
    expect(await readdir(join(directory, 'state'))).toContain('session-main.json.corrupt-1700000000000');
    expect(lines).toEqual(['error A stored file was not used: it is damaged.']);
  });

  it('that cannot be written is an error for its caller, and the next save works', async () => {
    const blocked = join(directory, 'file');
    await writeFile(blocked, '');
    const store = open({ directory: join(blocked, 'inside') });
    await expect(saved(store, record(1))).rejects.toThrow('ENOTDIR');
    await rm(blocked);
    await saved(store, record(2));
    expect(await store.load()).toEqual(record(2));
  });

  it('is never shared by two names', async () => {
    await saved(open({ name: '../../etc/a' }), record(1));
    await saved(open({ name: '../../etc/b' }), record(2));
    const files = await readdir(join(directory, 'state'));
    expect(files).toHaveLength(2);
    for (const file of files) expect(file).toMatch(/^[0-9a-f]{32}\.json$/);
    expect((await open({ name: '../../etc/a' }).load())?.generation).toBe(1);
  });
});

describe('a session file that two processes use', () => {
  const counted = (stored: SessionRecord | null) => record((stored?.generation ?? 0) + 1);

  it('loses no change of either', async () => {
    const [one, other] = [open(), open()];
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : other).change(counted)));
    expect((await open().load())?.generation).toBe(20);
  });

  it('stays as it is when a change is given up', async () => {
    const store = open();
    await saved(store, record(3));
    const givenUp = store.change(() => {
      throw new Error('never mind');
    });
    await expect(givenUp).rejects.toThrow('never mind');
    expect(await open().load()).toEqual(record(3));
    expect(await readdir(join(directory, 'state'))).not.toContain('session-main.json.lock');
  });

  it('tells the one what the other has stored, and not what it has stored itself', async () => {
    const [one, other] = [open(), open()];
    await saved(one, record(1));
    const heard: number[] = [];
    const arrived = new Promise<void>((resolve) => {
      const stop = one.watch(({ generation }) => {
        heard.push(generation);
        if (generation !== 4) return;
        stop();
        resolve();
      });
    });
    await saved(one, record(2));
    await saved(other, record(3));
    await one.change(() => record(3));
    await saved(other, record(4));
    await arrived;
    expect(heard.filter((generation) => generation < 3)).toEqual([]);
    expect(heard.at(-1)).toBe(4);
  });

  it('is heard of although its folder came into being later', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const one = open();
    const arrived = new Promise<SessionRecord>((resolve) => {
      const stop = one.watch((document) => {
        stop();
        resolve(document);
      });
    });
    await saved(open(), record(7));
    vi.advanceTimersByTime(5_000);
    vi.useRealTimers();
    expect((await arrived).generation).toBe(7);
  });

  it('that becomes useless while it is watched is reported and left alone', async () => {
    const one = open();
    await saved(one, record(1));
    const said = new Promise<string>((resolve) => {
      lines.push = (line) => {
        resolve(line);
        return 0;
      };
    });
    const stop = one.watch(() => {});
    await writeFile(path(), JSON.stringify({ version: 2, ...record(9) }));
    expect(await said).toMatch(/^warn A stored file has changed: .*\.$/);
    stop();
    expect(await readdir(join(directory, 'state'))).toContain('session-main.json');
  });

  it('waits for the lock of a living process, and says who keeps it in the end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    await saved(open(), record(1));
    const lock = takeLock(`${path()}.lock`, systemProcesses());
    let knock = () => {};
    const knocked = new Promise<void>((resolve) => {
      knock = resolve;
    });
    const takeAndTell: TakeLock = (file) => {
      knock();
      return takeLock(file, systemProcesses());
    };
    const late = open({ takeLock: takeAndTell }).change(counted);
    const refused = expect(late).rejects.toThrow(`The process ${process.pid} keeps`);
    await knocked;
    await vi.advanceTimersByTimeAsync(5_000);
    await refused;
    vi.useRealTimers();
    if (lock.ok) lock.release();
    expect((await open().change(counted)).generation).toBe(2);
  });
});

describe('a session file whose process is killed', () => {
  const CHILD = fileURLToPath(new URL('./storing-child.ts', import.meta.url));

  it('holds the last record that was said to be stored, or the one after it, and can be changed again', async () => {
    for (const killAfter of [1, 3, 8]) {
      const child = spawn(process.execPath, ['--import', 'tsx', CHILD, join(directory, 'state')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = 0;
      await new Promise<void>((resolve) => {
        child.once('close', () => resolve());
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          said = Number(text.trim().split('\n').at(-1));
          if (said % 10 >= killAfter) child.kill('SIGKILL');
        });
      });
      expect(child.signalCode).toBe('SIGKILL');
      const generation = (await open().load())?.generation ?? 0;
      expect([said, said + 1]).toContain(generation);
      expect(lines).toEqual([]);
      // The next multiple of ten, for the next child.
      await open().change(() => record(Math.ceil((generation + 1) / 10) * 10));
    }
  });
});
