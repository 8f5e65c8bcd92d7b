import { describe, expect, it } from 'vitest';
import { USUAL_PLAN } from '../../../src/io/simulator/car/action.ts';
import type { SimCar } from '../../../src/io/simulator/car/car.ts';
import { Car } from '../../../src/io/simulator/car/car.ts';
import { vehicleStatus } from '../../../src/io/simulator/car/classic-payload.ts';
import { localDigits, offsetHours } from '../../../src/io/simulator/local-time.ts';
import { DEFAULT_TIMINGS } from '../../../src/io/simulator/timings.ts';
import { ManualTime } from './support/manual-time.ts';
import { CAR } from './support/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function parked(state: SimCar['state'] = {}, start = '2026-08-01T10:00:00Z') {
  const time = new ManualTime(start);
  const car = new Car({ ...CAR, state: { stateOfChargePercent: 40, ...state } }, time, DEFAULT_TIMINGS);
  return { time, car };
}

describe('a simulated car', () => {
  it('charges to its limit, reports on the way, and stops', () => {
    const { time, car } = parked({ plug: 'station', charging: true, limitAcPercent: 80 });
    time.advance(HOUR);
    expect(car.actual.stateOfChargePercent).toBeCloseTo(40 + (10.5 / 64) * 100, 1);
    expect(time.now() - car.report.at).toBeLessThanOrEqual(DEFAULT_TIMINGS.chargingReportMs);
    time.advance(2 * HOUR);
    expect(car.actual).toMatchObject({ charging: false });
    expect(car.actual.stateOfChargePercent).toBeCloseTo(80, 0);
    expect(car.report.state.charging).toBe(false);
    expect(time.now() - car.report.at).toBeGreaterThan(10 * MINUTE);
  });

  it('charges more slowly with less current, and faster on direct current', () => {
    const [slow, fast] = [
      parked({ plug: 'station', charging: true, chargingCurrentLevel: 3 }),
      parked({ plug: 'fast', charging: true }),
    ];
    slow.time.advance(10 * MINUTE);
    fast.time.advance(10 * MINUTE);
    expect(slow.car.actual.stateOfChargePercent).toBeCloseTo(40 + ((10.5 * 0.6) / 6 / 64) * 100, 1);
    expect(fast.car.actual.stateOfChargePercent).toBeGreaterThan(60);
  });

  it('drains a little while it stands, and more while it heats', () => {
    const [standing, heating] = [parked(), parked({ climateOn: true, climateEndsAt: null })];
    standing.time.advance(DAY);
    heating.time.advance(DAY);
    expect(standing.car.actual.stateOfChargePercent).toBeLessThan(40);
    expect(standing.car.actual.stateOfChargePercent).toBeGreaterThan(39);
    expect(heating.car.actual.stateOfChargePercent).toBe(0);
  });

  it('carries an order out after a while, and only then says so', () => {
    const { time, car } = parked();
    const before = car.report.at;
    const action = car.deliver({ type: 'door', locked: false }, 'device', true, USUAL_PLAN);
    time.advance(999);
    expect([car.actual.locked, car.report.at, action.result]).toEqual([true, before, null]);
    time.advance(1);
    expect([car.actual.locked, car.report.at, action.result]).toEqual([false, before + 1_000, 'success']);
  });

  it('keeps what its driver does to itself until it reports', () => {
    const { time, car } = parked();
    car.change({ locked: false });
    time.advance(HOUR);
    expect(car.report.state.locked).toBe(true);
    car.reportNow();
    expect(car.report).toMatchObject({ at: time.now(), state: { locked: false } });
  });

  it('switches the climate off by itself', () => {
    const { time, car } = parked();
    const order = {
      type: 'climate',
      on: true,
      temperatureC: 22,
      defrost: true,
      steeringWheelHeat: false,
      rearWindowHeat: false,
      mirrorHeat: false,
      seats: car.actual.seats,
      durationMs: 10 * MINUTE,
    } as const;
    car.deliver(order, 'device', true, USUAL_PLAN);
    time.advance(5 * MINUTE);
    expect(car.actual.climateOn).toBe(true);
    time.advance(6 * MINUTE);
    expect(car.actual).toMatchObject({ climateOn: false, defrost: false });
    expect(car.report.state.climateOn).toBe(false);
  });

  it('falls asleep when nobody asks for it, takes longer then, and is awake afterwards', () => {
    const { time, car } = parked();
    expect([car.asleep, car.wake()]).toEqual([false, DEFAULT_TIMINGS.forcedReadMs]);
    time.advance(15 * MINUTE);
    expect(car.asleep).toBe(true);
    expect(car.wake()).toBe(DEFAULT_TIMINGS.forcedReadMs + DEFAULT_TIMINGS.wakeDelayMs);
    expect(car.asleep).toBe(false);
    expect(car.wakes).toBe(2);
  });

  it('does not sleep while it charges', () => {
    const { time, car } = parked({ plug: 'portable', charging: true });
    time.advance(2 * HOUR);
    expect(car.asleep).toBe(false);
  });

  it('pays for being woken with its 12 V battery', () => {
    const { car } = parked({ battery12vPercent: 80 });
    for (let at = 0; at < 200; at += 1) car.wake();
    expect(car.actual.battery12vPercent).toBeCloseTo(70, 5);
  });

  it.each([
    ['charging without a plug', { plug: 'none' } as const, { type: 'charge', on: true } as const],
    [
      'closing the port on a plug',
      { plug: 'station', chargePortOpen: true } as const,
      { type: 'chargePort', open: false } as const,
    ],
    ['locking with the engine on', { engineOn: true, locked: false } as const, { type: 'door', locked: true } as const],
  ])('refuses %s', (_what, state, order) => {
    const { time, car } = parked(state);
    const action = car.deliver(order, 'device', true, USUAL_PLAN);
    time.advance(1_000);
    expect(car.actual).toMatchObject(state);
    expect(action.result).toBe('fail');
  });

  it('lives through a year in one look', () => {
    const { time, car } = parked({ plug: 'station', charging: true });
    time.advance(365 * DAY);
    expect(car.actual.charging).toBe(false);
    expect(car.actual.stateOfChargePercent).toBeGreaterThanOrEqual(0);
  });
});

describe('the time of a classic car', () => {
  it.each([
    ['2026-01-15T12:00:00Z', '20260115130000', 1],
    ['2026-07-15T12:00:00Z', '20260715140000', 2],
    ['2026-03-29T00:59:59Z', '20260329015959', 1],
    ['2026-03-29T01:00:00Z', '20260329030000', 2],
    ['2026-10-25T00:59:59Z', '20261025025959', 2],
    ['2026-10-25T01:00:00Z', '20261025020000', 1],
    ['2026-12-31T23:30:00Z', '20270101003000', 1],
    ['2026-06-30T22:00:00Z', '20260701000000', 2],
  ])('writes %s as %s', (utc, digits, offset) => {
    expect(localDigits('Europe/Berlin', Date.parse(utc))).toBe(digits);
    expect(offsetHours('Europe/Berlin', Date.parse(utc))).toBe(offset);
  });

  it('stands in the status, and can be left out', () => {
    const { car } = parked({}, '2026-08-01T10:00:00Z');
    expect(vehicleStatus(car.actual, car.spec, 'EV', car.report.at)).toMatchObject({ time: '20260801120000' });
    expect(vehicleStatus(car.actual, car.spec, 'EV', null)).not.toHaveProperty('time');
  });
});

describe('what a status says of the battery', () => {
  it('counts the minutes to the limit by plug, and the current ones only while charging', () => {
    const { car } = parked({ plug: 'station', charging: true, limitAcPercent: 80 });
    const status = vehicleStatus(car.actual, car.spec, 'EV', car.report.at);
    expect(status).toMatchObject({
      evStatus: {
        batteryStatus: 40,
        batteryPlugin: 3,
        batteryCharge: true,
        batteryPower: { batteryStndChrgPower: 10.5 },
        remainTime2: { atc: { value: 147 }, etc2: { value: 668 }, etc3: { value: 147 } },
        drvDistance: [{ rangeByFuel: { totalAvailableRange: { value: 172, unit: 1 } } }],
      },
    });
    car.change({ charging: false });
    expect(vehicleStatus(car.actual, car.spec, 'EV', null)).toMatchObject({
      evStatus: { remainTime2: { atc: { value: 0 } } },
    });
  });

  it('leaves the battery out of a combustion car and the tank out of an electric one', () => {
    const { car } = parked({ fuelLevelPercent: 50 });
    expect(vehicleStatus(car.actual, car.spec, 'GN', null)).toMatchObject({
      fuelLevel: 50,
      dte: { value: 350, unit: 1 },
    });
    expect(vehicleStatus(car.actual, car.spec, 'GN', null)).not.toHaveProperty('evStatus');
    expect(vehicleStatus(car.actual, car.spec, 'EV', null)).not.toHaveProperty('dte');
  });
});
