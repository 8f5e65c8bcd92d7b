import { describe, expect, it } from 'vitest';
import { ManualTime } from './support/manual-time.ts';
import { PlainClient } from './support/plain-client.ts';
import { CAR, CCS2_CAR, simulators } from './support/world.ts';

const start = simulators();
const spa = (car: string, rest: string, version = 'v1') => `/api/${version}/spa/vehicles/${car}/${rest}`;

describe('controls', () => {
  it.each([
    ['control/door', { action: 'open' }, { locked: false }],
    [
      'control/temperature',
      {
        action: 'start',
        hvacType: 0,
        options: { defrost: true, heating1: 4, igniOnDuration: 20 },
        tempCode: '0EH',
        unit: 'C',
      },
      { climateOn: true, targetTemperatureC: 21, defrost: true, rearWindowHeat: true },
    ],
    ['control/charge', { action: 'start' }, { charging: true }],
    ['control/portdoor', { action: 'open' }, { chargePortOpen: true }],
    [
      'control/windowcurtain',
      { frontLeft: 2, frontRight: 1, backLeft: 0, backRight: 0 },
      { windows: { frontLeft: 2, frontRight: 1, backLeft: 0, backRight: 0 } },
    ],
    ['control/valet', { action: 'activate' }, { valet: true }],
    [
      'charge/target',
      {
        targetSOClist: [
          { plugType: 0, targetSOClevel: 90 },
          { plugType: 1, targetSOClevel: 70 },
        ],
      },
      { limitDcPercent: 90, limitAcPercent: 70 },
    ],
    ['location/routes', { poiInfoList: [{ name: 'Home' }] }, {}],
    ['ccs2/control/light', { command: 'on' }, {}],
    ['ccs2/control/hornlight', { command: 'on' }, {}],
  ])('does what %s asks of a classic car', async (path, body, expected) => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    sim.car(CAR.id).change({ plug: 'station', stateOfChargePercent: 40 });
    const answer = await client.post(spa(CAR.id, path, 'v2'), body, 'control');
    expect(answer.body).toMatchObject({ retCode: 'S', resCode: '0000', msgId: expect.any(String) });
    expect(sim.car(CAR.id).actual).toMatchObject(expected);
    expect(sim.car(CAR.id).deliveryCount).toBe(1);
  });

  it.each([
    ['ccs2/control/door', { command: 'open' }, { locked: false }],
    [
      'ccs2/control/temperature',
      {
        command: 'start',
        ignitionDuration: 10,
        strgWhlHeating: 1,
        hvacTempType: 1,
        hvacTemp: 21.5,
        sideRearMirrorHeating: 1,
        drvSeatLoc: 'L',
        seatClimateInfo: { drvSeatClimateState: 8 },
        tempUnit: 'C',
        windshieldFrontDefogState: true,
      },
      { climateOn: true, targetTemperatureC: 21.5, seats: { frontLeft: 8 } },
    ],
    ['ccs2/control/charge', { command: 'start' }, { charging: true }],
    ['ccs2/charge/chargingcurrent', { chargingCurrent: 3 }, { chargingCurrentLevel: 3 }],
    ['ccs2/charge/dischargelimit', { dischargingLimit: 35 }, { dischargeLimitPercent: 35 }],
  ])('does what %s asks of a CCS2 car', async (path, body, expected) => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    sim.car(CCS2_CAR.id).change({ plug: 'station', stateOfChargePercent: 40 });
    expect((await client.post(spa(CCS2_CAR.id, path, 'v2'), body, 'control')).status).toBe(200);
    expect(sim.car(CCS2_CAR.id).actual).toMatchObject(expected);
  });

  it('ignores a charging current for a classic car, and knows no CCS2 door there', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    expect((await client.post(spa(CAR.id, 'ccs2/charge/chargingcurrent'), { chargingCurrent: 3 })).status).toBe(200);
    expect(sim.car(CAR.id).actual.chargingCurrentLevel).toBe(1);
    const door = await client.post(spa(CAR.id, 'ccs2/control/door', 'v2'), { command: 'open' }, 'control');
    expect(door.body.resCode).toBe('4005');
  });

  it.each([
    ['control/door', { action: 'lock' }],
    ['control/temperature', { action: 'start', tempCode: '-1H' }],
    ['control/windowcurtain', { frontLeft: 3, frontRight: 0, backLeft: 0, backRight: 0 }],
    ['charge/target', { targetSOClist: [{ plugType: 0, targetSOClevel: 55 }] }],
  ])('refuses a body of %s that makes no sense', async (path, body) => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    const answer = await client.post(spa(CAR.id, path, 'v2'), body, 'control');
    expect([answer.status, answer.body.retCode]).toEqual([400, 'F']);
    expect(sim.car(CAR.id).deliveryCount).toBe(0);
  });

  it('are a duplicate request while the last one of the car is pending, and only of that car', async () => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time, timings: { controlDelayMs: 1_000 } });
    const client = await PlainClient.ready(sim.url);
    expect((await client.unlock(CAR.id)).status).toBe(200);
    expect((await client.lock(CAR.id)).body).toMatchObject({
      resCode: '4004',
      resMsg: 'Duplicate request - Duplicate request',
    });
    expect((await client.lock(CCS2_CAR.id)).status).toBe(200);
    time.advance(1_000);
    expect((await client.lock(CAR.id)).status).toBe(200);
    expect(sim.car(CAR.id).deliveryCount).toBe(2);
  });

  it('block the next one no longer than the bound when their record never comes', async () => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time, timings: { pendingLimitMs: 60_000 } });
    sim.faults.add({ type: 'carIgnores', times: 1 });
    const client = await PlainClient.ready(sim.url);
    await client.unlock(CAR.id);
    time.advance(59_999);
    expect((await client.lock(CAR.id)).status).toBe(400);
    time.advance(1);
    expect((await client.lock(CAR.id)).status).toBe(200);
  });
});

describe('action records', () => {
  it('are empty of words until the car has confirmed, and belong to the device that asked', async () => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time, timings: { controlDelayMs: 1_000, recordDelayMs: 500 } });
    const client = await PlainClient.ready(sim.url);
    const { msgId } = (await client.unlock(CAR.id)).body;
    const result = async () => (await client.records(CAR.id)).body.resMsg[0];
    expect(await result()).toMatchObject({ recordId: msgId, result: null });
    time.advance(1_000);
    expect(sim.car(CAR.id).actual.locked).toBe(false);
    expect(await result()).toMatchObject({ result: null });
    time.advance(500);
    expect(await result()).toMatchObject({ recordId: msgId, result: 'success' });
    await client.register();
    expect((await client.records(CAR.id)).body.resMsg).toEqual([]);
  });

  it('say that the car refused, when a condition was not met', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    sim
      .car(CAR.id)
      .change({ doorsOpen: { frontLeft: true, frontRight: false, backLeft: false, backRight: false }, locked: false });
    await client.lock(CAR.id);
    expect((await client.records(CAR.id)).body.resMsg[0].result).toBe('fail');
    expect(sim.car(CAR.id).actual.locked).toBe(false);
  });

  it('do not list charge limits', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    await client.post(spa(CAR.id, 'charge/target'), { targetSOClist: [{ plugType: 1, targetSOClevel: 60 }] });
    expect((await client.records(CAR.id)).body.resMsg).toEqual([]);
  });
});
