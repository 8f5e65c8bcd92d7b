import { describe, expect, it } from 'vitest';
import type { HttpService } from '../../../src/io/bluelink/bluelinky-surface.ts';
import { CloudClient } from '../../../src/io/bluelink/cloud-client.ts';
import { CloudClock } from '../../../src/io/bluelink/cloud-clock.ts';
import { RateLimit } from '../../../src/io/bluelink/rate-limit.ts';
import { ShapeReports } from '../../../src/io/bluelink/shape-reports.ts';
import type { CallResult, CloudCall, Control } from '../../../src/machines/domain/command.ts';
import { createMemoryLog, never } from './support/account.ts';
import { useSimulatedCars } from './support/simulated-cars.ts';
import { resultOf, usWorlds } from './us/support.ts';

/** Times that a gateway tells are the cloud's, whatever our clock says. */

const MINUTE_MS = 60_000;
/** What may be added to be on the safe side, and how long the calls of a test may take. */
const LEEWAY_MS = 10_000;
const LOCK: Control = { name: 'lock', action: 'lock' };
const clock = (wrongMs: number) => ({ now: () => Date.now() + wrongMs, elapsed: () => performance.now() });

const europe = useSimulatedCars();
const america = usWorlds();
type Call = (call: CloudCall) => Promise<CallResult>;

async function gatewayOf(cloud: 'Europe' | 'the US', wrongMs: number) {
  if (cloud === 'Europe') {
    const { again, simulator } = europe();
    return { ...(await again(clock(wrongMs))), simulator, id: 'classic' };
  }
  const world = await america({}, { clock: clock(wrongMs) });
  return { ...world, id: 'gen3' };
}

describe.each(['Europe', 'the US'] as const)('a gateway to the cloud of %s', (cloud) => {
  it.each([
    ['behind', -10 * MINUTE_MS],
    ['ahead', 10 * MINUTE_MS],
  ])('whose clock is 10 min %s tells the times of the cloud', async (side, wrongMs) => {
    const { gateway, simulator, log, id } = await gatewayOf(cloud, wrongMs);
    const call: Call = async (made) =>
      resultOf(await gateway.call(made, { signal: never, commandId: 'c-1', attempt: 1 }));
    await call({ type: 'list' });
    expect(gateway.clockAheadMs() + wrongMs).toBeGreaterThanOrEqual(0);
    expect(gateway.clockAheadMs() + wrongMs).toBeLessThan(LEEWAY_MS);

    const before = Date.now();
    const accepted = await call({ type: 'control', car: id, command: LOCK });
    if (accepted.type !== 'accepted') throw new Error(accepted.type);
    expect(accepted.acceptedAt).toBeGreaterThanOrEqual(before);
    expect(accepted.acceptedAt).toBeLessThan(before + LEEWAY_MS);

    simulator.car(id).reportNow();
    const read = await call({ type: 'read', car: id, source: 'cached' });
    if (read.type !== 'reading') throw new Error(read.type);
    const { state, fetchedAt } = read.reading;
    expect(fetchedAt).toBeGreaterThanOrEqual(before);
    expect(fetchedAt).toBeLessThan(before + LEEWAY_MS);
    // Not cut down to our clock.
    expect(Date.parse(state.last_updated_utc ?? '')).toBeGreaterThanOrEqual(Math.floor(before / 1_000) * 1_000);
    expect(Date.parse(state.last_updated_utc ?? '')).toBeLessThan(before + LEEWAY_MS);

    const warnings = log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    const words = side === 'behind' ? 'behind' : 'ahead of';
    expect(warnings).toEqual([
      expect.stringMatching(new RegExp(`^The clock of this machine is (59[89]|60[012]) s ${words} the cloud's\\.$`)),
    ]);
  });

  it('whose clock is right tells the time of that clock, and says nothing', async () => {
    const { gateway, log, id } = await gatewayOf(cloud, 0);
    await gateway.call({ type: 'read', car: id, source: 'cached' }, { signal: never, commandId: 'c-1', attempt: 1 });
    expect(gateway.clockAheadMs()).toBe(0);
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });
});

it('the time is taken from the host that takes the controls, and from no other', async () => {
  const answer = {
    statusCode: 200,
    headers: { date: new Date(Date.now() + 10 * MINUTE_MS).toUTCString() },
    body: '{}',
  };
  const service: HttpService = Object.assign(() => Promise.resolve(answer), { extend: () => service });
  const log = createMemoryLog();
  const cloudClock = new CloudClock(clock(0), log);
  const client = new CloudClient(
    { environment: { baseUrl: 'https://cars.example:8080' }, getApiHttpService: async () => service },
    { clock: clock(0), cloudClock, rateLimit: new RateLimit(), shapes: new ShapeReports(log), onCall: () => {} },
  );
  const get = (url: string) => client.plain({ method: 'GET', url }, 'login', { timeoutMs: 1_000, signal: never });
  await get('https://login.example/');
  await get('https://cars.example/');
  expect(cloudClock.aheadMs()).toBe(0);
  await get('/api/v1/spa/vehicles');
  expect(cloudClock.aheadMs()).toBeGreaterThan(9 * MINUTE_MS);
  client.close();
});
