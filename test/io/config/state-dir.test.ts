import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Processes, systemProcesses } from '../../../src/io/config/processes.ts';
import { openStateDir, probeStateDir } from '../../../src/io/config/state-dir.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bluelinkd-state-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function opened(path: string, processes?: Processes) {
  const dir = openStateDir(path, processes);
  if (!dir.ok) throw new Error(dir.problem);
  return dir;
}

/** A machine with these processes; `own` is the one that asks. */
function machine(own: number, starts: Readonly<Record<number, string>>): Processes {
  return { ownPid: own, startToken: (pid) => starts[pid] ?? null };
}

describe('the state folder', () => {
  it('is made for this user only, with the folders above it', () => {
    const dir = opened(join(home, 'a', 'b'));
    expect(statSync(dir.path).mode & 0o777).toBe(0o700);
    expect(dir.warnings).toEqual([]);
    expect(statSync(join(dir.path, 'lock')).mode & 0o777).toBe(0o600);
    dir.release();
  });

  it('is made private, and that is said, if others could look into it', () => {
    chmodSync(home, 0o755);
    const dir = opened(home);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    expect(dir.warnings).toEqual([expect.stringContaining('0700 now')]);
    dir.release();
  });

  it.each([
    ['nothing else', []],
    [
      'what an earlier run left',
      [
        ...['lock', 'journal', 'journal.corrupt-1', 'recordings', 'session-main.json', 'budget-main.json'],
        ...['retained.json', 'retained.json.previous', 'inspector.json'],
        // Of an account whose name is too long for a file's.
        '6e6c87b29c18c7582923855e83eb2c6a.json',
      ],
    ],
    ['what file systems and people put into a new volume', ['lost+found', '.gitkeep', 'bluelinkd.yaml']],
  ])('is made private also with %s in it', (_, names) => {
    for (const name of names) writeFileSync(join(home, name), '');
    chmodSync(home, 0o777);
    opened(home).release();
    expect(statSync(home).mode & 0o7777).toBe(0o700);
  });

  it.each(['photo.jpg', '.bashrc', 'lib', 'sessions'])('keeps its mode, which is said, if it holds %s', (name) => {
    mkdirSync(join(home, name));
    chmodSync(home, 0o755);
    const said = expect.stringMatching(new RegExp(`"${name}".*left as it is.*a folder of its own .*chmod 700`));
    expect(probeStateDir(home)).toEqual({ ok: true, warnings: [said] });
    const dir = opened(home);
    expect(dir.warnings).toEqual([said]);
    expect(statSync(home).mode & 0o7777).toBe(0o755);
    expect(statSync(join(home, 'lock')).mode & 0o777).toBe(0o600);
    dir.release();
  });

  it.each([0o775, 0o777])('is refused if it holds what is not ours and others can write there (%o)', (mode) => {
    mkdirSync(join(home, 'lib'));
    chmodSync(home, mode);
    const problem = expect.stringMatching(/written by others .*"lib".*a folder of its own \(state_dir .*chmod 700/);
    expect(openStateDir(home)).toEqual({ ok: false, problem });
    expect(statSync(home).mode & 0o7777).toBe(mode);
    expect(readdirSync(home)).toEqual(['lib']);
    chmodSync(home, 0o700);
    opened(home).release();
  });

  it('is never one that is there for everybody, even if it is empty', () => {
    chmodSync(home, 0o1777);
    expect(openStateDir(home)).toEqual({ ok: false, problem: expect.stringContaining(`such as ${home}/bluelinkd`) });
    expect(statSync(home).mode & 0o7777).toBe(0o1777);
    opened(join(home, 'bluelinkd')).release();
  });

  it.runIf(existsSync('/proc/self'))('is refused where no folder can be made, without trying for ever', () => {
    const refusal = { ok: false, problem: expect.stringContaining('cannot be made there') };
    expect(openStateDir('/proc/bluelinkd/state')).toEqual(refusal);
    expect(probeStateDir('/proc/bluelinkd/state')).toEqual(refusal);
  });

  it('is refused if it is a link to a folder that others can look into', () => {
    mkdirSync(join(home, 'open'));
    chmodSync(join(home, 'open'), 0o755);
    symlinkSync(join(home, 'open'), join(home, 'link'));
    expect(openStateDir(join(home, 'link'))).toEqual({ ok: false, problem: expect.stringContaining('chmod 700') });
  });

  it('is refused in a sentence if it is a file', () => {
    writeFileSync(join(home, 'file'), '');
    expect(openStateDir(join(home, 'file'))).toEqual({
      ok: false,
      problem: expect.stringContaining('it is not a folder'),
    });
    expect(openStateDir(join(home, 'file', 'below'))).toMatchObject({ ok: false });
    symlinkSync(join(home, 'nowhere'), join(home, 'link'));
    expect(openStateDir(join(home, 'link'))).toEqual({
      ok: false,
      problem: expect.stringContaining('it cannot be made there'),
    });
  });
});

describe('a look at the state folder', () => {
  it('finds it usable without making, changing or keeping anything', () => {
    expect(probeStateDir(join(home, 'a', 'b'))).toEqual({ ok: true, warnings: [] });
    expect(readdirSync(home)).toEqual([]);
    chmodSync(home, 0o755);
    expect(probeStateDir(home)).toEqual({ ok: true, warnings: [expect.stringContaining('makes it private (0700)')] });
    expect(statSync(home).mode & 0o777).toBe(0o755);
    expect(readdirSync(home)).toEqual([]);
  });

  it('does not mind its owner', () => {
    const owner = opened(home);
    expect(probeStateDir(home)).toEqual({ ok: true, warnings: [] });
    owner.release();
  });

  it.runIf(existsSync('/sys/kernel'))(
    'leaves it to whatever starts the daemon to make one that this user may not',
    () => {
      const path = '/sys/bluelinkd/state';
      expect(openStateDir(path)).toMatchObject({ ok: false });
      expect(probeStateDir(path)).toEqual({ ok: true, warnings: [expect.stringContaining('StateDirectory')] });
    },
  );

  it('says what is in the way, in the words of the start', () => {
    writeFileSync(join(home, 'file'), '');
    chmodSync(home, 0o777);
    for (const path of [home, join(home, 'file'), join(home, 'file', 'below')]) {
      const found = probeStateDir(path);
      expect(found).toMatchObject({ ok: false, problem: expect.stringContaining(path) });
      expect(openStateDir(path)).toEqual(found);
    }
  });
});

describe('its owner', () => {
  it('is one: the second is told who has it', () => {
    const first = opened(home);
    expect(openStateDir(home)).toEqual({
      ok: false,
      problem: expect.stringContaining(`belongs to a bluelinkd that is running (process ${process.pid})`),
    });
    first.release();
    opened(home).release();
    expect(readdirSync(home)).toEqual([]);
  });

  it('is followed when it died', () => {
    opened(home, machine(10, { 10: 'a' }));
    const next = opened(home, machine(11, { 11: 'b' }));
    expect(JSON.parse(readFileSync(join(home, 'lock'), 'utf8'))).toMatchObject({ pid: 11 });
    next.release();
    expect(readdirSync(home)).toEqual([]);
  });

  it('is followed when another process got its number', () => {
    opened(home, machine(10, { 10: 'a' }));
    opened(home, machine(11, { 10: 'later', 11: 'b' })).release();
    opened(home, machine(1, { 1: 'first container' }));
    opened(home, machine(1, { 1: 'second container' })).release();
    expect(existsSync(join(home, 'lock'))).toBe(false);
  });

  it.each(['', '{', 'null', '{"pid":"x"}', '{"pid":-1,"start":"a"}'])('is nobody when the lock holds %j', (text) => {
    writeFileSync(join(home, 'lock'), text);
    opened(home).release();
    expect(existsSync(join(home, 'lock'))).toBe(false);
  });

  it('is followed also when somebody died while following', () => {
    const dead = JSON.stringify({ pid: 10, start: 'a' });
    writeFileSync(join(home, 'lock'), dead);
    writeFileSync(join(home, 'lock.takeover'), dead);
    opened(home, machine(11, { 11: 'b' })).release();
    expect(readdirSync(home)).toEqual([]);
  });

  it('is left alone by the release of who was followed', () => {
    const old = opened(home, machine(10, { 10: 'a' }));
    const next = opened(home, machine(11, { 11: 'b' }));
    old.release();
    expect(openStateDir(home, machine(12, { 11: 'b', 12: 'c' })).ok).toBe(false);
    next.release();
    next.release();
  });

  it('is followed after kill -9, and not before', async () => {
    const script = join(home, 'owner.mjs');
    const state = join(home, 'state');
    const source = new URL('../../../src/io/config/state-dir.ts', import.meta.url).href;
    writeFileSync(
      script,
      `const { openStateDir } = await import(${JSON.stringify(source)});
       const dir = openStateDir(${JSON.stringify(state)});
       process.send(dir.ok);
       setInterval(() => {}, 1000);`,
    );
    const tsx = import.meta.resolve('tsx');
    const child = fork(script, { execArgv: ['--import', tsx] });
    try {
      const [owns] = await once(child, 'message');
      expect(owns).toBe(true);
      expect(openStateDir(state)).toEqual({ ok: false, problem: expect.stringContaining(`process ${child.pid}`) });
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      opened(state).release();
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('has a start token that stays, and a process that is not there has none', () => {
    const processes = systemProcesses();
    expect(processes.startToken(process.pid)).toBe(processes.startToken(process.pid));
    expect(processes.startToken(process.pid)).not.toBeNull();
    expect(processes.startToken(2 ** 22 + 1)).toBeNull();
  });
});
