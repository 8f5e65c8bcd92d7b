import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openJournalOn } from '../../../src/io/journal/journal.ts';
import { FakeDisk } from '../../support/fake-disk.ts';
import { keptLock } from '../../support/kept-command.ts';
import { recordingLog } from '../../support/quiet-log.ts';

const TIMING = { writeTimeoutMs: 5_000, probeMs: 1_000, probeMaxMs: 4_000 };

async function journalWith(disk = new FakeDisk()) {
  const { log, lines } = recordingLog();
  const usable: boolean[] = [];
  const opened = await openJournalOn(disk, {
    clock: { now: () => Date.now(), elapsed: () => performance.now() },
    log,
    onUsable: (isUsable) => usable.push(isUsable),
    timing: TIMING,
  });
  if (!opened.ok) throw new Error(opened.problem);
  const begun = disk.batches.length;
  return { journal: opened.journal, disk, lines, usable, batches: () => disk.batches.slice(begun) };
}

describe('the journal and its disk', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('writes all that comes within one tick as one synced batch', async () => {
    const { journal, batches } = await journalWith();
    const kept = [1, 2, 3].map((key) => journal.write(keptLock(`id${key}`, key)));
    journal.note(keptLock('id4', 4));
    expect(await Promise.all(kept)).toEqual([true, true, true]);
    expect(batches().map(({ operations, sync }) => [operations.length, sync])).toEqual([[4, true]]);
  });

  it('makes one batch of what comes while another is on its way', async () => {
    const { journal, disk, batches } = await journalWith();
    disk.hold();
    const first = journal.write(keptLock('a', 1));
    await vi.advanceTimersByTimeAsync(0);
    const later = [2, 3].map((key) => journal.write(keptLock(`id${key}`, key)));
    await vi.advanceTimersByTimeAsync(0);
    expect(batches()).toHaveLength(1);
    disk.goOn();
    expect(await Promise.all([first, ...later])).toEqual([true, true, true]);
    expect(batches().map(({ operations }) => operations.length)).toEqual([1, 2]);
  });

  it('does not sync what nobody waits for', async () => {
    const { journal, disk, batches } = await journalWith();
    journal.note(keptLock('a', 1));
    await vi.advanceTimersByTimeAsync(0);
    expect(batches().map(({ sync }) => sync)).toEqual([false]);
    expect((await disk.afterProcessDied().entries()).length).toBe(2);
    expect((await disk.afterPowerFailure().entries()).length).toBe(1);
  });

  it('says no when the disk fails, at once while it is known to, and writes everything when it works again', async () => {
    const { journal, disk, lines, usable } = await journalWith();
    disk.failsWith = new Error('No space left on device');
    expect(await journal.write(keptLock('a', 1))).toBe(false);
    const known = disk.batches.length;
    expect(await journal.write(keptLock('b', 2))).toBe(false);
    expect(disk.batches).toHaveLength(known);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(disk.opened).toBe(3);
    disk.failsWith = null;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(await journal.write(keptLock('c', 3))).toBe(true);
    const kept = await disk.afterPowerFailure().entries();
    expect(kept.map(([key]) => key.slice(-1))).toEqual(['1', '2', '3', 'n']);
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
    expect(usable).toEqual([true, false, true]);
    expect(JSON.stringify(lines)).toContain('No space left on device');
  });

  it('does not wait longer than its limit for a slow disk, and trusts it again when it has done its work', async () => {
    const { journal, disk } = await journalWith();
    disk.hold();
    const slow = journal.write(keptLock('a', 1));
    const behind = vi.fn();
    await vi.advanceTimersByTimeAsync(10);
    void journal.write(keptLock('b', 2)).then(behind);
    await vi.advanceTimersByTimeAsync(TIMING.writeTimeoutMs);
    expect(await slow).toBe(false);
    expect(behind).toHaveBeenCalledWith(false);
    disk.goOn();
    await vi.advanceTimersByTimeAsync(0);
    expect(await journal.write(keptLock('c', 3))).toBe(true);
    expect(await disk.afterPowerFailure().entries()).toHaveLength(4);
  });

  it('starts on a disk that cannot be opened, refuses, and recovers', async () => {
    const broken = new FakeDisk();
    broken.failsWith = new Error('Permission denied');
    const { journal, disk } = await journalWith(broken);
    expect(await journal.write(keptLock('a', 1))).toBe(false);
    disk.failsWith = null;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await journal.write(keptLock('b', 2))).toBe(true);
  });

  it('writes at its end what nobody waited for', async () => {
    const { journal, disk } = await journalWith();
    disk.hold();
    const first = journal.write(keptLock('a', 1));
    await vi.advanceTimersByTimeAsync(0);
    journal.note(keptLock('b', 2));
    const closed = journal.close();
    disk.goOn();
    await vi.advanceTimersByTimeAsync(0);
    await Promise.all([first, closed]);
    expect(await disk.afterProcessDied().entries()).toHaveLength(3);
  });

  it('ends within its limit on a disk that hangs', async () => {
    const { journal, disk } = await journalWith();
    disk.hold();
    void journal.write(keptLock('a', 1));
    await vi.advanceTimersByTimeAsync(0);
    const closed = vi.fn();
    void journal.close().then(closed);
    await vi.advanceTimersByTimeAsync(TIMING.writeTimeoutMs + 5_000);
    expect(closed).toHaveBeenCalledOnce();
  });
});
