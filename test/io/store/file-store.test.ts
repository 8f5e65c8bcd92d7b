import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../../src/actors/ports.ts';
import {
  emptyRecord,
  parseSessionRecord,
  SESSION_RECORD_VERSION,
  type SessionRecord,
  salvageSessionRecord,
} from '../../../src/io/bluelink/session-record.ts';
import { createFileStore } from '../../../src/io/store/file-store.ts';

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
const open = (changes: { directory?: string; name?: string } = {}) =>
  createFileStore<SessionRecord>({
    directory: join(directory, 'state'),
    name: 'session-main',
    version: SESSION_RECORD_VERSION,
    parse: parseSessionRecord,
    salvage: salvageSessionRecord,
    clock: { now: () => 1_700_000_000_000 },
    log,
    ...changes,
  });
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
    await open().save(record(1));
    expect(await open().load()).toEqual(record(1));
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'state'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(directory, 'state'))).toEqual(['session-main.json']);
    expect(JSON.parse(await readFile(path(), 'utf8'))).toMatchObject({ version: 1, generation: 1 });
  });

  it('keeps the one before, for its owner only', async () => {
    const store = open();
    await store.save(record(1));
    await store.save(record(2));
    expect(JSON.parse(await readFile(`${path()}.previous`, 'utf8'))).toMatchObject({ generation: 1 });
    expect((await stat(`${path()}.previous`)).mode & 0o777).toBe(0o600);
  });

  it('ends as the last of many saves at once', async () => {
    const store = open();
    await Promise.all([1, 2, 3, 4, 5].map((generation) => store.save(record(generation))));
    expect(await store.load()).toEqual(record(5));
  });

  it('is whole after a crash in the middle of writing', async () => {
    await open().save(record(1));
    await writeFile(`${path()}.tmp`, '{"version":1,"gener', { mode: 0o644 });
    expect(await open().load()).toEqual(record(1));
    await open().save(record(2));
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
  ])('that is %s is reported, set aside and not used', async (_, spoil, suffix) => {
    const store = open();
    await store.save(record(4));
    await store.save(record(5));
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

  it('that cannot be written is an error for its caller, and the next save works', async () => {
    const blocked = join(directory, 'file');
    await writeFile(blocked, '');
    const store = open({ directory: join(blocked, 'inside') });
    await expect(store.save(record(1))).rejects.toThrow('ENOTDIR');
    await rm(blocked);
    await store.save(record(2));
    expect(await store.load()).toEqual(record(2));
  });

  it('is never shared by two names', async () => {
    await open({ name: '../../etc/a' }).save(record(1));
    await open({ name: '../../etc/b' }).save(record(2));
    const files = await readdir(join(directory, 'state'));
    expect(files).toHaveLength(2);
    for (const file of files) expect(file).toMatch(/^[0-9a-f]{32}\.json$/);
    expect((await open({ name: '../../etc/a' }).load())?.generation).toBe(1);
  });
});
