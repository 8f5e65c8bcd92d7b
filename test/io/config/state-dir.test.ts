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
import { openStateDir } from '../../../src/io/config/state-dir.ts';

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
