import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JournalRecord } from '../../../src/actors/ports.ts';
import { recordKey, VERSION_KEY } from '../../../src/io/journal/format.ts';
import { openJournalOn } from '../../../src/io/journal/journal.ts';
import { recordOf, textOf } from '../../../src/io/journal/record-text.ts';
import { FakeDisk } from '../../support/fake-disk.ts';
import { keptLock } from '../../support/kept-command.ts';
import { recordingLog } from '../../support/quiet-log.ts';

const TIMING = { writeTimeoutMs: 5_000, probeMs: 1_000, probeMaxMs: 4_000 };
const FULL = new Error('No space left on device');
const sent = keptLock('sent', 1, { dispatch: { first: 'sent', at: 1, calls: 1, taken: null } });
const unsent = keptLock('unsent', 2);

/** The disk of a run that died with these commands under way. */
function diskWith(records: readonly JournalRecord[] = [sent, unsent]): FakeDisk {
  return new FakeDisk([
    ...records.map((record) => [recordKey(record.key), textOf(record)] as const),
    [VERSION_KEY, '2'],
  ]);
}

async function open(disk: FakeDisk) {
  const { log, lines } = recordingLog();
  const usable: boolean[] = [];
  const clock = { now: () => Date.now(), elapsed: () => performance.now() };
  const opened = await openJournalOn(disk, { clock, log, timing: TIMING, onUsable: (is) => usable.push(is) });
  if (!opened.ok) throw new Error(opened.problem);
  return { journal: opened.journal, lines, usable };
}

async function recordsOn(disk: FakeDisk): Promise<readonly (JournalRecord | null)[]> {
  return (await disk.entries()).filter(([key]) => key !== VERSION_KEY).map(([, text]) => recordOf(text));
}

describe('a journal that cannot be opened', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is read all the same, refuses, and has everything when it can be opened', async () => {
    const disk = diskWith();
    disk.failsWith = FULL;
    const { journal, usable } = await open(disk);
    expect([journal.isRead, journal.left]).toEqual([true, [sent, unsent]]);
    const ended = { ...sent, payload: null, record: '{"status":"succeeded"}' };
    expect([await journal.write(ended), await journal.write(keptLock('new', 3))]).toEqual([false, false]);
    expect(await recordsOn(disk)).toEqual([sent, unsent]);
    disk.failsWith = null;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await recordsOn(disk.afterPowerFailure())).toMatchObject([ended, unsent, { id: 'new' }]);
    expect(await journal.write(keptLock('newer', 4))).toBe(true);
    expect([usable, disk.isComplete]).toEqual([[false, true], true]);
  });

  it('is not trusted by the next run if this one dies before it could be written', async () => {
    const disk = diskWith();
    disk.failsWith = FULL;
    await open(disk);
    const next = disk.afterProcessDied();
    const guess = { first: 'unsent', at: unsent.receivedAt, isGuessed: true, calls: 1, taken: null };
    const asSent = { ...unsent, dispatch: guess };
    expect((await open(next)).journal.left).toEqual([sent, asSent]);
    // Nor by the one after that, which finds nothing wrong.
    expect((await open(next.afterProcessDied())).journal.left).toEqual([sent, asSent]);
    expect(next.isComplete).toBe(true);
  });

  it('keeps the doubts of a damaged one for the run after this', async () => {
    const disk = diskWith([unsent, early]);
    disk.condition = 'damaged';
    await open(disk);
    expect((await open(disk.afterProcessDied())).journal.left).toMatchObject([
      { id: 'unsent', dispatch: { first: 'unsent' } },
      { kind: 'message', isDoubted: true },
    ]);
  });

  it('that cannot be read, either, keeps nothing, and tells what is in it when it can', async () => {
    const disk = diskWith();
    disk.failsWith = FULL;
    disk.cannotBeRead = true;
    const { journal, lines } = await open(disk);
    expect([journal.isRead, journal.left]).toEqual([false, []]);
    expect(lines.map(({ level }) => level)).toEqual(['error', 'error']);
    // It could take the place of a record that nobody has seen.
    expect(await journal.write(keptLock('other', 1))).toBe(false);
    journal.note(keptLock('other', 2));
    journal.remove(1);
    const told: unknown[] = [];
    journal.onRead((left) => {
      told.push(left);
      journal.note(keptLock('mine', 7));
    });
    disk.failsWith = null;
    await vi.advanceTimersByTimeAsync(1_000);
    expect([told, journal.isRead, journal.left]).toEqual([[[sent, unsent]], true, [sent, unsent]]);
    await vi.advanceTimersByTimeAsync(0);
    expect(await recordsOn(disk)).toMatchObject([sent, unsent, { id: 'mine' }]);
    expect(await journal.write(keptLock('b', 8))).toBe(true);
  });

  it('is refused for good, with a sentence, when there are other commands in it than at the start', async () => {
    const disk = diskWith([]);
    disk.failsWith = FULL;
    const { journal, lines, usable } = await open(disk);
    const late = diskWith();
    for (const [key, value] of await late.entries()) disk.put(key, value);
    disk.failsWith = null;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await journal.write(keptLock('new', 1))).toBe(false);
    expect(await recordsOn(disk)).toEqual([sent, unsent]);
    expect(usable).toEqual([false]);
    expect(lines.filter(({ message }) => message.includes('restarted'))).toHaveLength(1);
  });

  it('stops the start if it is of a newer format', async () => {
    const disk = new FakeDisk([[VERSION_KEY, '99']]);
    disk.failsWith = FULL;
    await expect(open(disk)).rejects.toThrow('format 99 is newer');
  });
});

const early: JournalRecord = {
  kind: 'message',
  key: 9,
  isDoubted: false,
  message: {
    topic: 'hyundai/c1/commands/lock',
    payload: new TextEncoder().encode('lock'),
    retain: false,
    dup: false,
    qos: 1,
    messageExpiryS: null,
    responseTopic: null,
    correlationData: null,
    receivedAt: 1,
  },
};
