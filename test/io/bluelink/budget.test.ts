import { describe, expect, it } from 'vitest';
import type { CallOptions } from '../../../src/actors/ports.ts';
import type { BudgetLimits } from '../../../src/io/bluelink/budget.ts';
import { type BudgetRecord, parseBudgetRecord, spentByAll } from '../../../src/io/bluelink/budget-record.ts';
import { createMemoryStore } from '../../../src/io/store/memory-store.ts';
import type { CloudCall, Purpose } from '../../../src/machines/domain/command.ts';
import { Happenings } from '../../support/happenings.ts';
import { cached, forced, list, lock, never } from './support/account.ts';
import { CAR, type FakeAnswer, ok, spa, tokenExpired, vehicle } from './support/fake-cloud.ts';
import { useWorld } from './support/world.ts';

const LIST = 'GET /api/v1/spa/vehicles';
const FORCED = `GET /api/v1/spa/vehicles/${CAR}/status`;
const LATEST = `GET /api/v1/spa/vehicles/${CAR}/status/latest`;
const HOUR_MS = 3_600_000;
const MIDNIGHT = Date.parse('2026-11-07T00:00:00Z');

const other: CloudCall = { type: 'read', car: 'other', source: 'forced' };

const world = useWorld();

/** A gateway whose clock and limits a test sets, after so many calls of this day. */
async function open(limits: Partial<BudgetLimits>, spent: Partial<BudgetRecord> = {}, atHour = 12) {
  const time = { now: MIDNIGHT + atHour * HOUR_MS, setByMs: 0 };
  const store = createMemoryStore<BudgetRecord>({ day: '2026-11-07', calls: 0, forced: [], ...spent });
  world.cloud
    .on(LATEST, () => ok({ vehicleStatusInfo: { vehicleStatus: { doorLock: true } } }))
    .on(FORCED, () => ok({ doorLock: true }));
  const { gateway } = await world.open({
    clock: { now: () => time.now + time.setByMs, elapsed: () => time.now },
    budget: { limits: { callsPerDay: 0, forcedReadsPerDay: 0, forcedReadGapMs: 0, ...limits }, store },
  });
  let commands = 0;
  const call = (what: CloudCall, purpose: Purpose, options: Partial<CallOptions> = {}) => {
    commands += 1;
    return gateway.call(what, { signal: never, commandId: `c-${commands}`, attempt: 1, purpose, ...options });
  };
  return { gateway, store, time, call };
}
const refused = (retryAfterMs: unknown = expect.any(Number)) => ({
  ok: false,
  failure: { kind: 'budget', reached: 'no', answered: false, retryAfterMs },
});

describe('the calls of a day', () => {
  it.each([
    // At noon polling may have used a tenth and half of the forty hundredths after it.
    ['poll', 29, 'goes on'],
    ['poll', 30, 'is refused'],
    ['own', 59, 'goes on'],
    ['own', 60, 'is refused'],
    ['asked', 74, 'goes on'],
    ['asked', 75, 'is refused'],
    ['needed', 5_000, 'goes on'],
  ] as const)('a read that is %s after %i calls of 100 %s', async (purpose, calls, what) => {
    const { call } = await open({ callsPerDay: 100 }, { calls });
    const outcome = await call(cached, purpose);
    if (what === 'goes on') expect(outcome).toMatchObject({ ok: true });
    else expect(outcome).toMatchObject(refused(12 * HOUR_MS));
  });

  it('never refuse a control', async () => {
    const { call } = await open({ callsPerDay: 10 }, { calls: 1_000 });
    expect(await call(lock, 'needed')).toMatchObject({ ok: true });
  });

  it('are counted for every request, and begin anew at midnight', async () => {
    const { gateway, call, time } = await open({ callsPerDay: 100 }, { calls: 80 });
    await call(cached, 'needed');
    // The list, which tells the generation of the car, and the status.
    expect(gateway.budget()).toMatchObject({ calls: 82, callsPerDay: 100 });
    time.now += 12 * HOUR_MS;
    expect(gateway.budget().calls).toBe(0);
    expect(await call(cached, 'asked')).toMatchObject({ ok: true });
    expect(gateway.budget().calls).toBe(1);
  });

  it('are shared by the cars in turn, where polling gets less than all of them want', async () => {
    const { call, time } = await open({ callsPerDay: 48 }, {}, 0);
    const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const polled = new Map(all.map((car) => [car, 0]));
    for (let round = 0; round < 46; round += 1) {
      for (const car of all) {
        const outcome = await call({ type: 'read', car, source: 'cached' }, 'poll');
        // The vehicle list does not have these cars: what counts is who was let through to it.
        if (!outcome.ok && outcome.failure.kind !== 'budget') polled.set(car, (polled.get(car) ?? 0) + 1);
      }
      time.now += HOUR_MS / 2;
    }
    const turns = [...polled.values()];
    expect(Math.min(...turns)).toBeGreaterThan(1);
    expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(1);
  });

  it('have no limit if it is 0', async () => {
    const { gateway, call } = await open({ callsPerDay: 0 }, { calls: 5_000 });
    expect(await call(cached, 'poll')).toMatchObject({ ok: true });
    expect(gateway.budget().callsPerDay).toBeNull();
  });

  it('are stored at the first, then now and then, and at the end', async () => {
    const { gateway, store, call } = await open({});
    const stored = new Promise<void>((resolve) => {
      const stop = store.watch(() => {
        stop();
        resolve();
      });
    });
    await call(cached, 'needed');
    await stored;
    expect(store.saved).toHaveLength(1);
    expect(store.saved[0]).toMatchObject({ day: '2026-11-07', calls: 1 });
    for (let n = 0; n < 7; n += 1) await call(cached, 'needed');
    expect(store.saved).toHaveLength(1);
    await gateway.close();
    expect(store.saved.at(-1)).toMatchObject({ calls: 9 });
  });

  it('are told to whoever listens, once for many', async () => {
    const { gateway, call } = await open({});
    const told = new Happenings<'told'>();
    const stop = gateway.onBudgetChange(() => told.add('told'));
    await call(cached, 'needed');
    await call(cached, 'needed');
    await told.next('the news');
    expect(told.all).toHaveLength(1);
    stop();
  });
});

describe('forced reads', () => {
  it('are refused within the gap, for their own car, and say when it is over', async () => {
    const { gateway, call, time } = await open({ forcedReadGapMs: HOUR_MS });
    expect(await call(forced, 'asked')).toMatchObject({ ok: true });
    time.now += HOUR_MS / 4;
    expect(await call(forced, 'asked')).toMatchObject(refused((3 * HOUR_MS) / 4));
    expect(await call(other, 'asked')).toMatchObject({ failure: { kind: 'unsupported' } });
    expect(await call(cached, 'asked')).toMatchObject({ ok: true });
    time.now += (3 * HOUR_MS) / 4;
    expect(await call(forced, 'asked')).toMatchObject({ ok: true });
    expect(world.cloud.seen(FORCED)).toHaveLength(2);
    expect(gateway.budget().forcedReads[CAR]).toBe(2);
  });

  it.each([2, -2])('keep their gap also when the clock is set by %i h meanwhile', async (hours) => {
    const { call, time } = await open({ forcedReadGapMs: HOUR_MS });
    expect(await call(forced, 'asked')).toMatchObject({ ok: true });
    time.setByMs = hours * HOUR_MS;
    time.now += HOUR_MS / 4;
    expect(await call(forced, 'asked')).toMatchObject(refused((3 * HOUR_MS) / 4));
    time.now += (3 * HOUR_MS) / 4;
    expect(await call(forced, 'asked')).toMatchObject({ ok: true });
  });

  it('are refused over the number of a day, until the first is a day old', async () => {
    const at = MIDNIGHT + HOUR_MS;
    const { call, time } = await open({ forcedReadsPerDay: 2 }, { forced: [{ car: CAR, at }] });
    expect(await call(forced, 'asked')).toMatchObject({ ok: true });
    expect(await call(forced, 'asked')).toMatchObject(refused(13 * HOUR_MS));
    time.now = at + 24 * HOUR_MS;
    expect(await call(forced, 'asked')).toMatchObject({ ok: true });
  });

  it('are not refused when they are needed, but count', async () => {
    const { gateway, call } = await open({ forcedReadsPerDay: 1, forcedReadGapMs: HOUR_MS });
    expect(await call(forced, 'needed')).toMatchObject({ ok: true });
    expect(await call(forced, 'needed')).toMatchObject({ ok: true });
    expect(await call(forced, 'asked')).toMatchObject(refused());
    expect(gateway.budget()).toMatchObject({ forcedReads: { [CAR]: 2 }, forcedReadsPerDay: 1 });
  });

  it('of one command count once, although it is repeated', async () => {
    const { gateway, call } = await open({ forcedReadsPerDay: 1, forcedReadGapMs: HOUR_MS });
    const same = { commandId: 'the same' };
    await call(forced, 'asked', same);
    expect(await call(forced, 'asked', { ...same, attempt: 2 })).toMatchObject({ ok: true });
    expect(gateway.budget().forcedReads[CAR]).toBe(1);
  });

  it('are stored before the car is woken', async () => {
    const { store, call } = await open({ forcedReadGapMs: HOUR_MS });
    let storedAtWake: unknown;
    world.cloud.on(FORCED, () => {
      storedAtWake = store.saved.at(-1)?.forced;
      return ok({ doorLock: true });
    });
    await call(forced, 'asked');
    expect(storedAtWake).toEqual([{ car: CAR, at: MIDNIGHT + 12 * HOUR_MS }]);
  });

  it('are known after a restart', async () => {
    const at = MIDNIGHT + 11.9 * HOUR_MS;
    const { call } = await open({ forcedReadGapMs: HOUR_MS }, { forced: [{ car: CAR, at }] });
    expect(await call(forced, 'asked')).toMatchObject(refused());
  });
});

describe('a forced read that failed', () => {
  type Asking = Awaited<ReturnType<typeof open>>['call'];
  const WATCHED = `GET /api/v1/spa/vehicles/${CAR}/ccs2/carstatus`;
  const down = (): FakeAnswer => ({ status: 503, body: '<html>Service Unavailable</html>' });
  const wakeOf = (ccs2: 0 | 1) => (ccs2 === 1 ? WATCHED : FORCED);

  it.each<[string, 0 | 1, (call: Asking) => unknown]>([
    ['the list before it failed', 0, () => world.cloud.on(LIST, down)],
    [
      'nobody could be reached',
      0,
      async (call) => {
        await call(list, 'needed');
        await world.cloud.close();
      },
    ],
    ['the token was refused', 0, () => world.cloud.on(FORCED, () => tokenExpired)],
    [
      'the device was refused',
      0,
      () => world.cloud.on(FORCED, () => spa(400, '4002', 'Invalid request body - invalid deviceId')),
    ],
    ['the look before it failed', 1, () => world.cloud.on(`${WATCHED}/latest`, down)],
    ['its token was refused', 1, () => world.cloud.on(WATCHED, () => tokenExpired)],
  ])('gives the wake back, also on the disk, where %s', async (_, ccs2, prepare) => {
    const { gateway, store, call } = await open({ forcedReadsPerDay: 1, forcedReadGapMs: HOUR_MS });
    world.cloud
      .on(LIST, () => ok({ vehicles: [vehicle({ ccuCCS2ProtocolSupport: ccs2 })] }))
      .on(`${WATCHED}/latest`, () => ok({ lastUpdateTime: '20261107110000', state: { Vehicle: {} } }));
    await prepare(call);
    for (let count = 0; count < 2; count += 1) {
      const outcome = await call(forced, 'asked');
      expect(outcome.ok || outcome.failure.kind).not.toBe('budget');
    }
    expect(gateway.budget().forcedReads).toEqual({});
    await gateway.close();
    expect(store.saved.at(-1)?.forced).toEqual([]);
  });

  it.each<[string, 0 | 1, () => FakeAnswer]>([
    ['the cloud was out of order', 0, down],
    ['the connection broke', 0, () => 'cut'],
    ['the car did not answer', 0, () => spa(408, '4081', 'Request timeout')],
    ['the cloud was out of order', 1, down],
  ])('has used the wake up where %s (protocol %i)', async (_, ccs2, answer) => {
    const { gateway, call } = await open({ forcedReadsPerDay: 1 });
    world.cloud
      .on(LIST, () => ok({ vehicles: [vehicle({ ccuCCS2ProtocolSupport: ccs2 })] }))
      .on(`${WATCHED}/latest`, () => ok({ lastUpdateTime: '20261107110000', state: { Vehicle: {} } }))
      .on(wakeOf(ccs2), answer);
    expect((await call(forced, 'asked')).ok).toBe(false);
    expect(gateway.budget().forcedReads).toEqual({ [CAR]: 1 });
    expect(await call(forced, 'asked')).toMatchObject(refused());
  });

  it('leaves the gap as it was when it woke nobody', async () => {
    const { call, time } = await open({ forcedReadGapMs: HOUR_MS });
    expect(await call(forced, 'asked')).toMatchObject({ ok: true });
    time.now += HOUR_MS / 2;
    world.cloud.on(FORCED, () => tokenExpired);
    expect(await call(forced, 'needed')).toMatchObject({ failure: { kind: 'tokenRefused' } });
    expect(await call(forced, 'asked')).toMatchObject(refused(HOUR_MS / 2));
  });

  it('counts when it is repeated with a renewed token', async () => {
    const { gateway, call } = await open({ forcedReadsPerDay: 1, forcedReadGapMs: HOUR_MS });
    const same = { commandId: 'the same' };
    world.cloud.on(FORCED, (_, times) => (times === 1 ? tokenExpired : ok({ doorLock: true })));
    expect(await call(forced, 'asked', same)).toMatchObject({ failure: { kind: 'tokenRefused' } });
    expect(await call(forced, 'asked', { ...same, attempt: 2 })).toMatchObject({ ok: true });
    expect(gateway.budget().forcedReads).toEqual({ [CAR]: 1 });
  });

  it('does not take back the wake of its own first attempt', async () => {
    const { gateway, call } = await open({});
    const same = { commandId: 'the same' };
    expect((await call(forced, 'asked', same)).ok).toBe(true);
    await world.cloud.close();
    expect((await call(forced, 'asked', { ...same, attempt: 2 })).ok).toBe(false);
    expect(gateway.budget().forcedReads).toEqual({ [CAR]: 1 });
  });
});

describe("the server's own word that no calls remain", () => {
  const exhausted = (resetAt: number | null) => ({
    body: { retCode: 'S', resMsg: { vehicles: [] } },
    headers: {
      'x-ratelimit-limit': '200',
      'x-ratelimit-remaining': '0',
      ...(resetAt === null ? {} : { 'x-ratelimit-reset': String(resetAt / 1000) }),
    },
  });

  it('stops everything until its time is over, also controls', async () => {
    const { call, time } = await open({ callsPerDay: 200 });
    world.cloud.on(LIST, () => exhausted(time.now + 2 * HOUR_MS));
    await call(list, 'needed');
    expect(await call(lock, 'needed')).toMatchObject({
      ok: false,
      failure: { kind: 'rateLimited', answered: false, reached: 'no', retryAfterMs: 2 * HOUR_MS },
    });
    expect(world.cloud.requests).toHaveLength(1);
    time.now += 2 * HOUR_MS;
    world.cloud.on(LIST, () => ok({ vehicles: [] }));
    expect(await call(list, 'needed')).toMatchObject({ ok: true });
  });

  it('is heeded as well where we have no limit of our own', async () => {
    const { call, time } = await open({ callsPerDay: 0 });
    world.cloud.on(LIST, () => exhausted(time.now + 2 * HOUR_MS));
    await call(list, 'needed');
    expect(await call(lock, 'needed')).toMatchObject({ failure: { kind: 'rateLimited', retryAfterMs: 2 * HOUR_MS } });
    expect(world.cloud.requests).toHaveLength(1);
  });

  it('stops everything for an hour when it names no time', async () => {
    const { call, time } = await open({ callsPerDay: 200 });
    world.cloud.on(LIST, () => exhausted(null));
    await call(list, 'needed');
    expect(await call(list, 'needed')).toMatchObject({ failure: { kind: 'rateLimited', retryAfterMs: HOUR_MS } });
    time.now += HOUR_MS;
    expect(await call(list, 'needed')).toMatchObject({ ok: true });
  });
});

describe('a stored budget', () => {
  it('of two who ask the same cloud is the sum of both, and each learns of the other', async () => {
    const { gateway, store, call } = await open({}, { calls: 10 });
    await call(cached, 'needed');
    const limits = { callsPerDay: 0, forcedReadsPerDay: 0, forcedReadGapMs: 0 };
    const clock = { now: () => MIDNIGHT + 12 * HOUR_MS, elapsed: () => 0 };
    const { gateway: second } = await world.open({ clock, budget: { limits, store } });
    await second.call(forced, { signal: never, commandId: 'its', attempt: 1 });
    const seen = second.budget().calls;
    await second.close();
    await call(cached, 'needed');
    await gateway.close();
    const made = world.cloud.requests.length;
    expect(seen).toBeGreaterThan(10);
    expect(store.saved.at(-1)).toMatchObject({ calls: 10 + made, forced: [{ car: CAR }] });
    expect(gateway.budget()).toMatchObject({ calls: 10 + made, forcedReads: { [CAR]: 1 } });
  });

  const day = (calls: number, name = '2026-11-07') => ({ day: name, calls, forced: [] });
  it.each([
    ['nothing that can be used', null, day(3), day(5), 5],
    ['what we know', day(3), day(3), day(5), 5],
    ['what others spent besides', day(7), day(3), day(5), 9],
    ['less than we know', day(1), day(3), day(5), 5],
    ['another day', day(90, '2026-11-06'), day(90, '2026-11-06'), day(1), 1],
    ['what others spent on a day that began for us since', day(2), day(90, '2026-11-06'), day(1), 3],
  ] as const)('where there is %s', (_, stored, known, ours, calls) => {
    expect(spentByAll(stored, { known, ours })).toEqual({ day: '2026-11-07', calls, forced: [] });
  });

  it('has the forced reads of all, none twice, and not those that we have forgotten', () => {
    const wake = (hour: number, car = 'c1') => ({ car, at: MIDNIGHT + hour * HOUR_MS });
    const known = { ...day(0), forced: [wake(1), wake(24)] };
    const stored = { ...day(0), forced: [wake(1), wake(24), wake(25, 'c2')] };
    const ours = { ...day(0), forced: [wake(24), wake(26)] };
    expect(spentByAll(stored, { known, ours }).forced).toEqual([wake(24), wake(25, 'c2'), wake(26)]);
  });

  it.each([null, 'x', {}, { day: '2026-11-07', calls: -1, forced: [] }, { day: 1, calls: 1, forced: [] }])(
    'that is none counts as nothing spent: %j',
    (document) => {
      expect(parseBudgetRecord(document)).toBeNull();
    },
  );

  it('that cannot be read or written stops nothing, and is reported', async () => {
    const store = { load: () => Promise.reject(new Error('disk')), change: () => Promise.reject(new Error('disk')) };
    const limits = { callsPerDay: 100, forcedReadsPerDay: 0, forcedReadGapMs: 0 };
    const { gateway, log } = await world.open({ budget: { limits, store } });
    await gateway.call(list, { signal: never, commandId: null, attempt: 1 });
    await gateway.close();
    expect(log.lines.some(({ level, message }) => level === 'warn' && /calls could not be stored/.test(message))).toBe(
      true,
    );
  });
});
