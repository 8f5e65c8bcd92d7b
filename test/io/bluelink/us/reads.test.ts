import { describe, expect, it } from 'vitest';
import type { FaultInput } from '../../../../src/io/simulator/faults/schema.ts';
import { failureOf, OWNER, resultOf, usWorlds } from './support.ts';

const world = usWorlds();
const HOUR_MS = 3_600_000;

describe('a read of the US cloud', () => {
  it('lists the cars with what each of them can do', async () => {
    const { call } = await world();
    const usual = { year: '2024', model: 'IONIQ 5', generation: 'hata', setTempC: { min: 17, max: 27.5 } };
    expect(resultOf(await call({ type: 'list' }))).toEqual({
      type: 'list',
      cars: [
        { ...usual, id: 'gen3', vin: 'KM8TEST4GEN3', name: 'The gen3', engine: 'ev' },
        { ...usual, id: 'gen2', vin: 'KM8TEST4GEN2', name: 'The gen2', engine: 'ev', plainClimate: true },
        { ...usual, id: 'petrol', vin: 'KM8TEST6PETROL', name: 'The petrol', engine: 'combustion' },
      ],
    });
  });

  it('comes from the memory of the cloud, in our units, and wakes no car', async () => {
    const { simulator, state } = await world();
    simulator.car('gen3').change({ locked: false });
    expect(await state('gen3')).toMatchObject({
      locked: true,
      soc_pct: 40,
      odometer_km: 16_093.4,
      range_ev_km: 172.2,
      charge_limit_ac_pct: 80,
      charge_limit_dc_pct: 90,
      plug_type: 'station',
      set_temp_c: 21.1,
      location: { lat: 52.5163, lon: 13.3777 },
      last_updated_utc: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(await state('petrol')).toMatchObject({ soc_pct: null, fuel_level_pct: 50, range_fuel_km: 349.2 });
    expect(simulator.car('gen3').wakes).toBe(0);
  });

  it('that is forced wakes the car once and waits for its answer', async () => {
    const { simulator, state } = await world();
    simulator.car('gen3').change({ locked: false });
    expect(await state('gen3', 'forced')).toMatchObject({ locked: false });
    expect(simulator.car('gen3').wakes).toBe(1);
    expect(simulator.log.filter(({ kind }) => kind === 'status.forced').map(({ wake }) => wake)).toEqual([true]);
  });

  it.each<[string, FaultInput | null, Readonly<Record<string, number>>]>([
    ['gives the wake back where no more are left', { type: 'rateLimited', match: { kind: 'status.forced' } }, {}],
    ['gives the wake back where nobody can be reached', null, {}],
    ['uses the wake up where the cloud is out of order', { type: 'cutBefore' }, { gen3: 1 }],
  ])('that is forced and fails %s', async (_, fault, forcedReads) => {
    const { call, gateway, simulator, state } = await world();
    await state('gen3');
    if (fault === null) await simulator.close();
    else simulator.faults.add(fault);
    expect((await call({ type: 'read', car: 'gen3', source: 'forced' })).ok).toBe(false);
    expect(gateway.budget().forcedReads).toEqual(forcedReads);
  });

  it('names the car, its generation and the account in every call, by both spellings where clients differ', async () => {
    const { call, simulator } = await world();
    simulator.faults.add({ type: 'rejectFreshTokens', match: { kind: 'list' } });
    expect(failureOf(await call({ type: 'read', car: 'gen3', source: 'cached' })).kind).toBe('tokenRefused');
    simulator.faults.clear();
    // The simulated cloud refuses a car whose VIN or generation is not that of its registration.
    expect((await call({ type: 'read', car: 'gen2', source: 'cached' })).ok).toBe(true);
    expect(failureOf(await call({ type: 'read', car: 'stranger', source: 'cached' })).kind).toBe('unsupported');
  });

  it('loses only the fields whose type the vendor changed', async () => {
    const { simulator, state } = await world();
    const rawStatus = {
      dateTime: 20240720120000,
      doorLock: 'locked',
      engine: false,
      airTemp: { value: 72 },
      evStatus: { batteryStatus: '40', batteryPlugin: 2, realTimePower: '7.2' },
      vehicleLocation: { coord: { lat: '52', lon: 13 } },
      tirePressureLamp: { tirePressureWarningLampAll: 'no', tirePressureWarningLampFrontLeft: 1 },
    };
    simulator.car('gen3').rawStatus = rawStatus;
    expect(await state('gen3')).toMatchObject({
      locked: null,
      engine_on: false,
      soc_pct: null,
      plug_type: 'portable',
      charge_power_kw: null,
      set_temp_c: null,
      location: null,
      last_updated_utc: null,
      tyre_warning: { all: null, front_left: true, front_right: null, rear_left: null, rear_right: null },
      odometer_km: 16_093.4,
    });
  });

  it.each([
    ['a web page', '<html>We will be back soon</html>'],
    ['nothing of a status', { vehicleStatus: {} }],
    ['another thing', { status: 'SUCCESS' }],
  ])('that brings %s is not understood', async (_, value) => {
    const { simulator, call } = await world();
    simulator.faults.add({ type: 'wrongShape', match: { kind: 'status.latest' }, value });
    expect(failureOf(await call({ type: 'read', car: 'gen3', source: 'cached' })).kind).toBe('invalidResponse');
  });

  it('never finds the e-mail address of the owner in the log of the cloud', async () => {
    const { call, simulator } = await world();
    await call({ type: 'list' });
    expect(JSON.stringify(simulator.log)).not.toContain(OWNER.username);
  });
});

describe('the odometer, which only the list has', () => {
  it('is read again hours later with a reading that is newer than the list, and not otherwise', async () => {
    const time = { now: Date.now() };
    const clock = { now: () => time.now, elapsed: () => time.now };
    const { simulator, state } = await world({ clock, lifetimes: { hataMs: 48 * HOUR_MS } }, { clock });
    const lists = () => simulator.log.filter(({ kind }) => kind === 'list').length;
    await state('gen3');
    time.now += 7 * HOUR_MS;
    await state('gen3');
    expect(lists()).toBe(1);
    simulator.car('gen3').change({ odometerKm: 16_254.37 });
    simulator.car('gen3').reportNow();
    expect(await state('gen3')).toMatchObject({ odometer_km: 16_254.4 });
    expect(lists()).toBe(2);
    simulator.car('gen3').change({ odometerKm: 16_415.3 });
    simulator.car('gen3').reportNow();
    expect(await state('gen3')).toMatchObject({ odometer_km: 16_254.4 });
    expect(lists()).toBe(2);
  });

  it('is no reason to lose a reading', async () => {
    const time = { now: Date.now() };
    const clock = { now: () => time.now, elapsed: () => time.now };
    const { simulator, state } = await world({ clock, lifetimes: { hataMs: 48 * HOUR_MS } }, { clock });
    await state('gen3');
    time.now += 7 * HOUR_MS;
    simulator.car('gen3').reportNow();
    simulator.faults.add({ type: 'status', code: 502, match: { kind: 'list' } });
    expect(await state('gen3')).toMatchObject({ soc_pct: 40, odometer_km: 16_093.4 });
  });
});

describe('what the vendor limits', () => {
  it('is requests to the car: only these are counted', async () => {
    const budget = { limits: { callsPerDay: 30, forcedReadsPerDay: 6, forcedReadGapMs: 0 }, store: null };
    const { gateway, call, state } = await world({}, { budget });
    await state('gen3');
    await gateway.refreshSession(new AbortController().signal);
    expect(gateway.budget().calls).toBe(0);
    await state('gen3', 'forced');
    await call({ type: 'control', car: 'gen3', command: { name: 'lock', action: 'lock' } });
    expect(gateway.budget()).toMatchObject({ calls: 2, callsPerDay: 30, forcedReads: { gen3: 1 } });
  });
});
