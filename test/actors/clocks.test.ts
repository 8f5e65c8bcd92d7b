import { describe, expect, it } from 'vitest';
import type { Journal } from '../../src/actors/ports.ts';
import { recordKey, VERSION_KEY } from '../../src/io/journal/format.ts';
import { openJournalOn } from '../../src/io/journal/journal.ts';
import { textOf } from '../../src/io/journal/record-text.ts';
import { actorSystems, type Final, final, ready } from '../support/actor-system.ts';
import { FakeCloud } from '../support/fake-cloud.ts';
import { FakeDisk } from '../support/fake-disk.ts';
import { keptLock } from '../support/kept-command.ts';
import { clock as systemClock } from '../support/quiet.ts';
import { quietLog } from '../support/quiet-log.ts';
import { simCar, type Whole, wholeSystems } from '../support/whole-system.ts';

/**
 * A command is confirmed by what the car reports after it. Cars report by clocks that are right; that of the machine that
 * we run on may be wrong.
 */

const MINUTE_MS = 60_000;
const LOCK = { action: 'lock' };

const begin = wholeSystems();

/** One car, a cloud with the right time, and a machine that is `wrongMs` ahead of it. Time passes for all when it must. */
async function withClock(ccs2: 0 | 2, wrongMs: number) {
  const time = { passedMs: 0 };
  const whole = await begin({
    cars: [simCar('car', ccs2)],
    clock: {
      now: () => systemClock.now() + time.passedMs + wrongMs,
      elapsed: () => systemClock.elapsed() + time.passedMs,
    },
    cloud: { clock: { now: () => systemClock.now() + time.passedMs } },
    settings: { lockConfirmMs: 60_000 },
  });
  return { whole, time };
}
/** However long this process was kept from going on in between, it was then, give or take what clocks may differ by, ms. */
function isBetween(at: number, [from, to]: readonly [from: number, to: number], toleranceMs: number): void {
  expect(at).toBeGreaterThan(from - toleranceMs);
  expect(at).toBeLessThan(to + toleranceMs);
}
/** When the daemon has heard that the cloud took a control, as it publishes it. */
const begun = (whole: Whole) =>
  whole.bus.until('an action', () => whole.bus.published.find(({ topic }) => topic.endsWith('/started_at'))?.payload);

describe.each([
  ['classic', 0, 'status.latest'],
  ['CCS2', 2, 'ccs2.latest'],
] as const)('a car of %s', (_, ccs2, kind) => {
  it.each([
    ['behind', -10 * MINUTE_MS],
    ['ahead', 10 * MINUTE_MS],
  ])('is said to be locked by what it reports after the command only, when our clock is %s', async (_side, wrongMs) => {
    const { whole, time } = await withClock(ccs2, wrongMs);
    const car = whole.car('car');
    car.change({ locked: true });
    car.reportNow();
    // With its key: the cloud does not hear of it.
    car.change({ locked: false });
    // Cars report in whole seconds.
    time.passedMs += 1_000;
    whole.cloud.faults.add({ type: 'carIgnores' });
    const since = whole.mark;
    const askedAt = Date.now();
    const ended = whole.command('car', 'lock', LOCK);
    isBetween(Date.parse(await begun(whole)) - wrongMs, [askedAt, Date.now()], 8_000);
    await whole.cloud.waitFor(() => whole.calls(kind, since).length >= 3, 15_000, since);
    expect(whole.bus.on('hyundai/car/commands/lock/result')).toMatchObject([{ status: 'accepted' }]);

    time.passedMs += 10_000;
    car.change({ locked: true });
    car.reportNow();
    expect(await ended).toMatchObject({ status: 'succeeded', message: "The car's state shows it.", attempts: 1 });
    expect(car.wakes).toBe(0);
  });
});

it.each([
  ['behind', -10 * MINUTE_MS],
  ['ahead', 10 * MINUTE_MS],
])('what is published are the times of the car as it told them, and ours, when our clock is %s', async (_, wrongMs) => {
  const { whole } = await withClock(0, wrongMs);
  const begunAt = Date.now();
  whole.car('car').reportNow();
  const reportedAt = Date.now();
  await whole.command('car', 'refresh', { action: 'cached' });
  const state = whole.bus.on('hyundai/car/state').at(-1) as { readonly [key in 'car_time' | 'fetched_at']: string };
  isBetween(Date.parse(state.car_time), [begunAt, reportedAt], 5_000);
  isBetween(Date.parse(state.fetched_at) - wrongMs, [reportedAt, Date.now()], 8_000);
});

describe('a control that was sent before a crash, by a machine whose clock was 10 min behind', () => {
  const start = actorSystems();
  const never = () => new Promise<undefined>(() => {});

  async function journalOn(disk: FakeDisk): Promise<Journal> {
    const opened = await openJournalOn(disk, { clock: systemClock, log: quietLog });
    if (!opened.ok) throw new Error(opened.problem);
    return opened.journal;
  }

  it.each([
    ['before it came is unknown', -MINUTE_MS, 'unknown'],
    ['since has succeeded', MINUTE_MS, 'succeeded'],
  ])('as far as a damaged journal lets know, and whose car reported %s', async (_, sinceMs, status) => {
    const kept = keptLock('a', 1);
    const disk = new FakeDisk([
      [recordKey(1), textOf(kept)],
      [VERSION_KEY, '2'],
    ]);
    disk.condition = 'damaged';
    const cloud = new FakeCloud(['c1']);
    cloud.aheadMs = 10 * MINUTE_MS;
    cloud.locked.set('c1', true);
    cloud.reportedAt = () => kept.receivedAt + cloud.aheadMs + sinceMs;
    const settings = { lockConfirmMs: 30, callTimeoutMs: 10 };
    const { bus } = start(['c1'], settings, {}, { journal: await journalOn(disk), cloud });
    expect(await final(bus, 'c1', 'a')).toMatchObject({ status });
    expect(cloud.callsOf('control')).toBe(0);
  });

  it.each([
    ['before it was sent is unknown', -MINUTE_MS, 'unknown'],
    ['since has succeeded', MINUTE_MS, 'succeeded'],
  ])('and whose car reported %s', async (_, sinceMs, status) => {
    const disk = new FakeDisk();
    const cloud = new FakeCloud(['c1']);
    cloud.aheadMs = 10 * MINUTE_MS;
    const first = start(['c1'], { shutdownMs: 50 }, {}, { journal: await journalOn(disk), cloud });
    await ready(first.bus, 'c1');
    const sent = new Promise<number>((resolve) => {
      cloud.instead = (call) => {
        if (call.type === 'control') resolve(Date.now() + cloud.aheadMs);
        return call.type === 'control' ? never() : undefined;
      };
    });
    first.bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'a' });
    const sentAt = await sent;

    const next = new FakeCloud(['c1']);
    next.aheadMs = cloud.aheadMs;
    next.locked.set('c1', true);
    next.reportedAt = () => sentAt + sinceMs;
    const journal = await journalOn(disk.afterProcessDied());
    const second = start(['c1'], { lockConfirmMs: 30, callTimeoutMs: 10 }, {}, { journal, cloud: next });
    const record: Final = await final(second.bus, 'c1', 'a');
    expect(record).toMatchObject({ status, attempts: 1 });
    expect(next.callsOf('control')).toBe(0);
    cloud.instead = () => undefined;
  });
});
