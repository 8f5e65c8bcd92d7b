import { describe, expect, it } from 'vitest';
import type { ApiReader, Attempt } from '../../../src/io/bluelink/api-reader.ts';
import { Budget, NO_LIMITS } from '../../../src/io/bluelink/budget.ts';
import { CloudError, ownFailure } from '../../../src/io/bluelink/cloud-error.ts';
import { Parking } from '../../../src/io/bluelink/parking.ts';
import { RateLimit } from '../../../src/io/bluelink/rate-limit.ts';
import { Answer } from '../../../src/io/bluelink/shape-reports.ts';
import type { Purpose, ReadSource } from '../../../src/machines/domain/command.ts';
import type { Position, VehicleState } from '../../../src/machines/domain/vehicle-state.ts';
import { stateWith } from '../../support/vehicle-states.ts';
import { createMemoryLog, never } from './support/account.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A car, whose positions the cloud tells by a call of its own, one after the other. */
async function parkedCar(callsPerDay = 0) {
  const clock = { time: Date.UTC(2026, 0, 7), now: () => clock.time, elapsed: () => clock.time };
  const answers: (Position | 'fails')[] = [];
  const asked: string[] = [];
  const reader: Pick<ApiReader, 'glance'> = {
    async glance(path) {
      asked.push(path);
      const resMsg = answers.shift() ?? null;
      if (resMsg === 'fails') throw new CloudError(ownFailure('cloudUnavailable', 'Not now.', 'HTTP 503'));
      return { resMsg, msgId: null, answer: Answer.silent() };
    },
  };
  const budget = await Budget.open({
    limits: { ...NO_LIMITS, callsPerDay },
    store: null,
    rateLimit: new RateLimit(),
    clock,
    log: createMemoryLog(),
  });
  const parking = new Parking({
    endpoint: { path: (car) => `/${car}/park`, translate: (resMsg) => resMsg as Position | null },
    reader: reader as ApiReader,
    budget,
    clock,
    callTimeoutMs: 1_000,
  });
  return {
    asked,
    budget,
    /** Answers where the reading says that the car is. */
    async read(
      state: Partial<VehicleState>,
      { source = 'cached', purpose = 'poll' }: { source?: ReadSource; purpose?: Purpose } = {},
    ) {
      const attempt = { purpose, commandId: null, patience: { signal: never, timeoutMs: 1_000 } } as Attempt;
      return (await parking.located('c', { state: stateWith(state), source }, attempt, {})).location;
    },
    later: (ms: number) => {
      clock.time += ms;
    },
    tells: (...positions: (Position | 'fails')[]) => answers.push(...positions),
  };
}

const home: Position = { lat: -33.8, lon: 151.2, time_utc: null };
const away: Position = { lat: -37.8, lon: 144.9, time_utc: null };
const STILL = { odometer_km: 100, engine_on: false, location: null };

describe('the position of a car that is asked for by a call of its own', () => {
  it('is asked for once while the car stands still, and told with every reading', async () => {
    const car = await parkedCar();
    car.tells(home);
    for (let hour = 0; hour < 6; hour += 1) {
      expect(await car.read(STILL)).toEqual(home);
      car.later(HOUR_MS - 1);
    }
    expect(car.asked).toEqual(['/c/park']);
  });

  it.each([
    ['the odometer moved', { ...STILL, odometer_km: 100.1 }, {}],
    ['the engine was started', { ...STILL, engine_on: true }, {}],
    ['the car was woken', STILL, { source: 'forced' }],
  ] as const)('is asked for again when %s', async (_, state, how) => {
    const car = await parkedCar();
    car.tells(home, away);
    await car.read(STILL);
    expect(await car.read(state, how)).toEqual(away);
    expect(car.asked).toHaveLength(2);
  });

  it('is asked for again after six hours, in case the car was moved by less than the odometer counts', async () => {
    const car = await parkedCar();
    car.tells(home, away);
    await car.read(STILL);
    car.later(6 * HOUR_MS);
    expect(await car.read(STILL)).toEqual(away);
  });

  it('is not asked for again because a reading leaves out the odometer', async () => {
    const car = await parkedCar();
    car.tells(home);
    await car.read(STILL);
    expect(await car.read({ odometer_km: null, engine_on: null, location: null })).toEqual(home);
    expect(car.asked).toHaveLength(1);
  });

  it('goes before the older one in the status, which stands in for it while there is none', async () => {
    const car = await parkedCar();
    car.tells('fails', home);
    expect(await car.read({ ...STILL, location: away })).toEqual(away);
    car.later(30 * MINUTE_MS);
    expect(await car.read({ ...STILL, location: away })).toEqual(home);
  });

  it('is not asked for sooner than half an hour after a failure, unless the car is woken', async () => {
    const car = await parkedCar();
    car.tells('fails', 'fails', home);
    await car.read(STILL);
    car.later(29 * MINUTE_MS);
    expect(await car.read({ ...STILL, odometer_km: 200 })).toBeNull();
    expect(car.asked).toHaveLength(1);
    await car.read(STILL, { source: 'forced' });
    expect(car.asked).toHaveLength(2);
    car.later(30 * MINUTE_MS);
    expect(await car.read(STILL)).toEqual(home);
  });

  it('stays known through a failure, and is asked for again because of what the failure missed', async () => {
    const car = await parkedCar();
    car.tells(home, 'fails', away);
    await car.read(STILL);
    const driven = { ...STILL, odometer_km: 300 };
    expect(await car.read(driven)).toEqual(home);
    car.later(30 * MINUTE_MS);
    expect(await car.read(driven)).toEqual(away);
  });

  it('is not asked for to confirm a command, unless the car is woken for it', async () => {
    const car = await parkedCar();
    car.tells(home);
    expect(await car.read(STILL, { purpose: 'needed' })).toBeNull();
    expect(car.asked).toEqual([]);
    expect(await car.read(STILL, { purpose: 'needed', source: 'forced' })).toEqual(home);
  });

  it('is not asked for when the calls of the day are kept for controls', async () => {
    const car = await parkedCar(10);
    for (let calls = 0; calls < 6; calls += 1) car.budget.count();
    expect(await car.read(STILL)).toBeNull();
    expect(car.asked).toEqual([]);
    car.tells(home);
    expect(await car.read(STILL, { purpose: 'asked' })).toEqual(home);
  });
});
