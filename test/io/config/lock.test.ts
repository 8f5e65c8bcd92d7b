import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Processes } from '../../../src/io/config/processes.ts';
import { openStateDir, type StateDir, visitStateDir } from '../../../src/io/config/state-dir.ts';

/** A disk that takes names, and not a byte more. */
const disk = vi.hoisted(() => ({ isFull: false }));
vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>();
  const writeFileSync: typeof fs.writeFileSync = (file, data, options) => {
    fs.writeFileSync(file, disk.isFull ? '' : data, options);
    if (disk.isFull) throw Object.assign(new Error('No space left on device'), { code: 'ENOSPC' });
  };
  return { ...fs, writeFileSync };
});

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bluelinkd-lock-'));
  disk.isFull = true;
});
afterEach(() => {
  disk.isFull = false;
  rmSync(home, { recursive: true, force: true });
});

/** A machine on which these live, each since its start; `own` is the one that asks. */
const machine = (own: number, starts: Readonly<Record<number, string>>): Processes => ({
  ownPid: own,
  startToken: (pid) => starts[pid] ?? null,
});
const BOOT = '7b5e9d3c-0f0e-4c2a-9f11-4a2f7d9b1c55';

function opened(state: StateDir): Extract<StateDir, { ok: true }> {
  if (!state.ok) throw new Error(state.problem);
  return state;
}

describe('the lock of the state folder on a full disk', () => {
  it('is taken without a byte of space, and is one: the second is told who has it', () => {
    const lives = { 1234567: `${BOOT}:1234567890`, 8: 'b' };
    const first = opened(openStateDir(home, machine(1234567, lives)));
    expect(readdirSync(home)).toEqual(['lock']);
    expect(lstatSync(join(home, 'lock')).size).toBeLessThan(60);
    const second = openStateDir(home, machine(8, lives));
    expect(second).toEqual({ ok: false, problem: expect.stringContaining('(process 1234567)') });
    expect(visitStateDir(home, machine(8, lives))).toMatchObject({ ok: true, owner: 1234567 });
    disk.isFull = false;
    expect(openStateDir(home, machine(8, lives)).ok).toBe(false);
    first.release();
    expect(readdirSync(home)).toEqual([]);
  });

  it.each([
    ['full', 'full'],
    ['full', 'free'],
    ['free', 'full'],
  ])('is taken over from the dead (then %s, now %s)', (before, after) => {
    disk.isFull = before === 'full';
    const dead = opened(openStateDir(home, machine(7, { 7: 'a' })));
    disk.isFull = after === 'full';
    const next = opened(openStateDir(home, machine(8, { 8: 'first container' })));
    dead.release();
    expect(openStateDir(home, machine(9, { 8: 'first container', 9: 'c' }))).toMatchObject({ ok: false });
    expect(readdirSync(home)).toEqual(['lock']);
    if (after === 'free') expect(readFileSync(join(home, 'lock'), 'utf8')).toContain('"pid":8');
    next.release();
    next.release();
    expect(readdirSync(home)).toEqual([]);
  });

  it('belongs to nobody any more when its process died and another has its number', () => {
    opened(openStateDir(home, machine(7, { 7: 'a' })));
    opened(openStateDir(home, machine(8, { 7: 'later', 8: 'b' }))).release();
    expect(readdirSync(home)).toEqual([]);
  });
});
