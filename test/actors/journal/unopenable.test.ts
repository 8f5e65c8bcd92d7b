import { afterEach, describe, expect, it, vi } from 'vitest';
import { HeldMessages } from '../../../src/actors/bridge/held-messages.ts';
import type { InboundMessage } from '../../../src/actors/ports.ts';
import { openJournalOn } from '../../../src/io/journal/journal.ts';
import type { CloudFailure } from '../../../src/machines/domain/failure.ts';
import { actorSystems, type Final, final, finals, ready } from '../../support/actor-system.ts';
import type { FakeBus } from '../../support/fake-bus.ts';
import { FakeCloud } from '../../support/fake-cloud.ts';
import { FakeDisk } from '../../support/fake-disk.ts';
import { clock } from '../../support/quiet.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import { turn } from '../../support/turn.ts';

/** A process that starts where nothing can be written, after one that died there in the middle of its work. */
const start = actorSystems();
const dead: FakeCloud[] = [];
const never = () => new Promise<CloudFailure>(() => {});
const FULL = new Error('No space left on device');

afterEach(() => {
  vi.useRealTimers();
  for (const cloud of dead.splice(0)) cloud.instead = () => undefined;
});

async function aRun(disk: FakeDisk, cloud = new FakeCloud(['c1']), settings = {}) {
  const { log, said } = recordingLog();
  const timing = { writeTimeoutMs: 60_000, probeMs: 5, probeMaxMs: 20 };
  const opened = await openJournalOn(disk, { clock, log, timing });
  if (!opened.ok) throw new Error(opened.problem);
  const run = start(['c1'], { shutdownMs: 60, ...settings }, {}, { journal: opened.journal, cloud });
  return { ...run, disk, journalSaid: said };
}
type Run = Awaited<ReturnType<typeof aRun>>;

const lock = (bus: FakeBus, id: string | null, more: Partial<InboundMessage> = {}) =>
  bus.send('hyundai/c1/commands/lock', id === null ? { action: 'lock' } : { action: 'lock', id }, more);
const controls = ({ cloud }: Run) => cloud.callsOf('control');
const isAcknowledged = async ({ bus }: Run) => {
  await turn();
  return Promise.race([bus.kept.at(-1)?.then(() => true), turn().then(() => false)]);
};

/** Its lock `a` has reached the car, and it has not heard what came of it. */
async function aRunWithLock(id: string | null = 'a'): Promise<Run> {
  const run = await aRun(new FakeDisk());
  await ready(run.bus, 'c1');
  run.cloud.instead = (call) => (call.type === 'record' ? never() : undefined);
  lock(run.bus, id);
  await run.cloud.called('record', 1);
  return run;
}
/** Its lock `a` is taken, and not sent. */
async function aRunWithoutToken(): Promise<Run> {
  const run = await aRun(new FakeDisk());
  await ready(run.bus, 'c1');
  run.cloud.revoke();
  run.cloud.refreshInstead = never;
  lock(run.bus, 'a');
  await run.cloud.called('control', 1);
  await run.bus.kept.at(-1);
  return run;
}

async function diskOf(run: Run): Promise<FakeDisk> {
  await turn();
  dead.push(run.cloud);
  run.cloud.instead = never;
  return run.disk.afterProcessDied();
}
/** The run dies, and the next one finds its disk like that. */
async function successorOf(run: Run, how: 'full' | 'unreadable' | 'free', settings = {}): Promise<Run> {
  const disk = await diskOf(run);
  disk.failsWith = how === 'free' ? null : FULL;
  disk.cannotBeRead = how === 'unreadable';
  return aRun(disk, undefined, settings);
}
const written = ({ journalSaid }: Run) =>
  journalSaid.next('that it can be written', ({ message }) => message.includes('written again'));
const read = (bus: FakeBus) => {
  bus.send('hyundai/c1/commands/refresh', 'cached');
  return bus.until('the reading', () =>
    (bus.on('hyundai/c1/commands/refresh/result') as Final[]).find(({ status }) => status === 'succeeded'),
  );
};

describe('a start with a journal that cannot be opened', () => {
  it('confirms what was sent, knows it again, refuses what is new, and reads', async () => {
    const next = await successorOf(await aRunWithLock(), 'full');
    const first = await final(next.bus, 'c1', 'a');
    expect(first).toMatchObject({ status: 'succeeded', attempts: 1 });
    lock(next.bus, 'a');
    await next.bus.until('the repetition', () => finals(next.bus, 'c1')[1]);
    lock(next.bus, 'b');
    expect(await final(next.bus, 'c1', 'b')).toMatchObject({ status: 'rejected', reason: 'journalUnavailable' });
    await read(next.bus);
    next.disk.failsWith = null;
    await written(next);
    lock(next.bus, 'a');
    await next.bus.until('the repetition', () => finals(next.bus, 'c1')[3]);
    expect(finals(next.bus, 'c1').filter(({ id }) => id === 'a')).toEqual([
      first,
      { ...first, duplicate: true },
      { ...first, duplicate: true },
    ]);
    expect(controls(next)).toBe(0);
    // The next run knows all of it.
    const third = await successorOf(next, 'free');
    await ready(third.bus, 'c1');
    for (const id of ['a', 'b']) lock(third.bus, id);
    await third.bus.until('both', () => finals(third.bus, 'c1')[1]);
    expect(finals(third.bus, 'c1')).toMatchObject([
      { id: 'a', status: 'succeeded' },
      { id: 'b', status: 'rejected' },
    ]);
    expect(controls(third)).toBe(0);
  });

  it('never sends what it refused, also after it died before it could write that down', async () => {
    const next = await successorOf(await aRunWithoutToken(), 'full');
    expect(await final(next.bus, 'c1', 'a')).toMatchObject({ status: 'rejected', reason: 'journalUnavailable' });
    const third = await successorOf(next, 'free', { lockConfirmMs: 30, callTimeoutMs: 10 });
    expect(await final(third.bus, 'c1', 'a')).toMatchObject({ status: 'unknown' });
    const fourth = await successorOf(third, 'free');
    await ready(fourth.bus, 'c1');
    expect([controls(third), controls(fourth)]).toEqual([0, 0]);
  });

  it('acknowledges a message for a car that is not listed yet when it has been looked at', async () => {
    const disk = new FakeDisk();
    disk.failsWith = FULL;
    const cloud = new FakeCloud(['c1']);
    let list = (): void => {};
    const listed = new Promise<void>((resolve) => {
      list = resolve;
    });
    cloud.preparing = () => listed;
    const run = await aRun(disk, cloud);
    await run.bus.until('online', () => run.bus.on('hyundai/bridge/state')[0]);
    lock(run.bus, 'early');
    expect(await isAcknowledged(run)).toBe(false);
    list();
    expect(await final(run.bus, 'c1', 'early')).toMatchObject({ status: 'rejected', reason: 'journalUnavailable' });
    await run.bus.kept.at(-1);
  });
});

describe('a start with a journal that cannot be read, either', () => {
  it.each([
    ['has an id', 'a', false],
    ['is delivered again', null, true],
  ])('holds back a control that %s until it can, and then knows what it was', async (_, id, dup) => {
    const first = await aRunWithLock(id);
    const next = await successorOf(first, 'unreadable');
    await ready(next.bus, 'c1');
    lock(next.bus, id, { dup });
    expect([await isAcknowledged(next), finals(next.bus, 'c1')]).toEqual([false, []]);
    await read(next.bus);
    next.disk.failsWith = null;
    const accepted = (first.bus.on('hyundai/c1/commands/lock/result') as Final[])[0];
    expect(await final(next.bus, 'c1', accepted?.id ?? '')).toMatchObject({ status: 'succeeded', attempts: 1 });
    await next.bus.kept.at(-1);
    expect(new Set(finals(next.bus, 'c1').map((record) => record.id)).size).toBe(1);
    expect(controls(next)).toBe(0);
  });

  it('claims nothing of a control for a car that is not there now', async () => {
    const next = await successorOf(await aRunWithLock(), 'unreadable');
    await ready(next.bus, 'c1');
    next.bus.send('hyundai/gone/commands/lock', { action: 'lock', id: 'x' });
    expect(await final(next.bus, 'gone', 'x')).toMatchObject({ status: 'unknown', reason: 'journalUnavailable' });
    next.bus.send('hyundai/gone/commands/lock', 'lock');
    await next.bus.until('the refusal', () => finals(next.bus, 'gone')[1]);
    expect(finals(next.bus, 'gone')[1]).toMatchObject({ status: 'rejected', reason: 'unknownCar' });
  });

  it('refuses a control that cannot have come before, and carries out after it has been read what is new', async () => {
    const next = await successorOf(await aRunWithLock(), 'unreadable');
    await ready(next.bus, 'c1');
    lock(next.bus, null);
    await next.bus.until('the refusal', () => finals(next.bus, 'c1')[0]);
    expect(finals(next.bus, 'c1')).toMatchObject([{ status: 'rejected', reason: 'journalUnavailable' }]);
    lock(next.bus, 'new');
    next.disk.failsWith = null;
    expect(await final(next.bus, 'c1', 'new')).toMatchObject({ status: 'succeeded' });
    expect(await final(next.bus, 'c1', 'a')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(controls(next)).toBe(1);
  });

  it('holds back no control for longer than its sender wants it', async () => {
    const first = await aRunWithLock();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    const next = await successorOf(first, 'unreadable');
    await ready(next.bus, 'c1');
    lock(next.bus, 'late', { messageExpiryS: 5 });
    // Not one of them refused, and the other one carried out.
    lock(next.bus, 'late', { messageExpiryS: 9 });
    lock(next.bus, 'soon', { messageExpiryS: 9 });
    await vi.advanceTimersByTimeAsync(6_000);
    next.disk.failsWith = null;
    for (let step = 0; step < 20; step += 1) {
      await vi.advanceTimersByTimeAsync(50);
      await turn();
    }
    const ends = finals(next.bus, 'c1').map(({ id, status }) => [id, status]);
    expect(ends.toSorted()).toEqual([
      ['a', 'succeeded'],
      ['late', 'expired'],
      ['late', 'expired'],
      ['soon', 'succeeded'],
    ]);
  });

  it('leaves to the broker what it held back when it is stopped', async () => {
    const next = await successorOf(await aRunWithLock(), 'unreadable');
    await ready(next.bus, 'c1');
    lock(next.bus, 'a');
    await next.system.stop();
    expect([await isAcknowledged(next), finals(next.bus, 'c1')]).toEqual([false, []]);
  });
});

describe('messages that are held back', () => {
  it('are given up after ten seconds, or at once when there are too many', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const held = new HeldMessages();
    const given = vi.fn();
    const message = {} as InboundMessage;
    const all = Array.from({ length: 256 }, () => held.hold(message, null, { since: 0, lifeMs: null }, given));
    await held.hold(message, null, { since: 0, lifeMs: null }, given);
    expect(given).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(given).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(all);
    expect(given).toHaveBeenCalledTimes(257);
    expect(held.clear()).toEqual([]);
  });
});
