import { describe, expect, it } from 'vitest';
import { ManualTime } from './support/manual-time.ts';
import { PlainClient, stampOf } from './support/plain-client.ts';
import { ACCOUNT, CAR, CCS2_CAR, KIA_ACCOUNT, simulators } from './support/world.ts';

const start = simulators();
const spa = (car: string, rest: string, version = 'v1') => `/api/${version}/spa/vehicles/${car}/${rest}`;

describe('admission to the vehicle API', () => {
  it('refuses a token that is missing, unknown, expired or revoked', async () => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time });
    const client = await PlainClient.ready(sim.url);
    expect((await client.send('GET', '/api/v1/spa/vehicles')).body).toEqual({ error: 'Authorization field missing' });
    expect((await client.get('/api/v1/spa/vehicles')).status).toBe(200);
    const refused = { status: 401, body: { error: 'Key not authorized: Token is expired' } };
    sim.revokeTokens();
    expect(await client.get('/api/v1/spa/vehicles')).toMatchObject(refused);
    await client.refresh();
    expect((await client.get('/api/v1/spa/vehicles')).status).toBe(200);
    time.advance(86_400_000);
    expect(await client.get('/api/v1/spa/vehicles')).toMatchObject(refused);
    client.access = 'of-another-world';
    expect(await client.get('/api/v1/spa/vehicles')).toMatchObject(refused);
  });

  it('binds a control token to its device and to ten minutes', async () => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time });
    const client = await PlainClient.ready(sim.url);
    const path = spa(CAR.id, 'status/latest', 'v2');
    expect((await client.get(path, 'control')).status).toBe(200);
    await client.register();
    expect((await client.get(path, 'control')).body.resCode).toBe('4002');
    await client.enterPin();
    time.advance(599_000);
    expect((await client.get(path, 'control')).status).toBe(200);
    time.advance(1_000);
    expect((await client.get(path, 'control')).status).toBe(401);
    expect((await client.get(path, 'access')).status).toBe(200);
  });

  it('wants the control token where the PIN is asked for, and either where it is not', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    const door = { action: 'close', deviceId: client.deviceId };
    expect((await client.post(spa(CAR.id, 'control/door'), door)).status).toBe(200);
    expect((await client.post(spa(CAR.id, 'control/door'), door, 'control')).status).toBe(200);
    expect((await client.post(spa(CAR.id, 'control/door', 'v2'), door)).status).toBe(403);
    expect((await client.post(spa(CAR.id, 'control/door', 'v2'), door, 'control')).status).toBe(200);
    expect((await client.post(spa(CAR.id, 'control/portdoor', 'v2'), { action: 'open' })).status).toBe(403);
    expect((await client.post(spa(CAR.id, 'control/portdoor', 'v2'), { action: 'open' }, 'control')).status).toBe(200);
    const pin = await client.send('PUT', '/api/v1/user/pin', {
      headers: { authorization: `Bearer ${client.control}` },
      json: { deviceId: client.deviceId, pin: ACCOUNT.pin },
    });
    expect(pin.status).toBe(403);
  });

  it('knows no device that was not registered, or is not valid any more', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    const invalid = {
      status: 400,
      body: { retCode: 'F', resCode: '4002', resMsg: 'Invalid request body - Invalid deviceId' },
    };
    sim.cloud.invalidateDevices();
    expect(await client.get('/api/v1/spa/vehicles')).toMatchObject(invalid);
    await client.register();
    expect((await client.get('/api/v1/spa/vehicles')).status).toBe(200);
    client.deviceId = '0a1b2c3d-0000-4000-8000-00000000dead';
    expect(await client.get('/api/v1/spa/vehicles')).toMatchObject(invalid);
  });

  it('accepts both Hyundai application ids, and stamps in seconds and in milliseconds', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    for (const appId of client.brand.appIds) {
      for (const time of [Date.now(), Math.floor(Date.now() / 1000)]) {
        const stamp = stampOf(appId, client.brand.stampKey, time);
        const headers = { ...client.vehicle('access'), 'ccsp-application-id': appId, stamp };
        expect((await client.send('GET', '/api/v1/spa/vehicles', { headers })).status).toBe(200);
      }
    }
  });

  it('accepts the Kia stamp of clients whose key differs in its last two bytes', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url, KIA_ACCOUNT);
    const key = client.brand.stampKey.replace('MQeU=', 'MbZs=');
    expect(key).not.toBe(client.brand.stampKey);
    const headers = { ...client.vehicle('access'), stamp: stampOf(client.appId, key, Date.now()) };
    expect((await client.send('GET', '/api/v1/spa/vehicles', { headers })).status).toBe(200);
  });

  it('refuses a stamp of another application, and no stamp at all', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    const [appId = '', oldAppId = ''] = client.brand.appIds;
    const headers = { ...client.vehicle('access'), stamp: stampOf(oldAppId, client.brand.stampKey, Date.now()) };
    expect(appId).not.toBe(oldAppId);
    expect((await client.send('GET', '/api/v1/spa/vehicles', { headers })).body.resCode).toBe('4017');
    const { stamp: _none, ...without } = client.vehicle('access');
    expect((await client.send('GET', '/api/v1/spa/vehicles', { headers: without })).body.resCode).toBe('4017');
  });

  it('keeps accounts apart', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url, KIA_ACCOUNT);
    expect((await client.get(spa(CAR.id, 'status/latest'))).body).toMatchObject({
      retCode: 'F',
      resMsg: 'Invalid values - Invalid vehicleId',
    });
    expect((await client.get(spa('nobody', 'status/latest'))).status).toBe(400);
  });

  it('counts calls, says so in headers, and answers 509 when the day is used up', async () => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time, limits: { callsPerDay: 2 } });
    const client = await PlainClient.ready(sim.url);
    const first = await client.get('/api/v1/spa/vehicles');
    expect(first.headers.get('x-ratelimit-limit')).toBe('2');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('1');
    expect(Number(first.headers.get('x-ratelimit-reset'))).toBe((time.now() + 86_400_000) / 1000);
    await client.get('/api/v1/spa/vehicles');
    const third = await client.get('/api/v1/spa/vehicles');
    expect([third.status, third.body.resCode]).toEqual([509, '5091']);
    expect(third.headers.get('x-ratelimit-remaining')).toBe('0');
    time.advance(86_400_000);
    await client.refresh();
    expect((await client.get('/api/v1/spa/vehicles')).status).toBe(200);
  });
});

describe('the PIN', () => {
  it('counts down, and locks even the right one out for a while', async () => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time, limits: { attempts: 2 } });
    const client = await PlainClient.ready(sim.url);
    const wrong = await client.enterPin('0000');
    expect(wrong.status).toBe(400);
    expect(wrong.body).toMatchObject({ errCode: '4003', errBody: { remainCount: 1, remainTime: 300 } });
    await client.enterPin('0000');
    expect((await client.enterPin()).body.errBody.remainCount).toBe(0);
    time.advance(300_000);
    expect((await client.enterPin()).body.expiresTime).toBe(600);
  });

  it('is always wrong when the owner has set none', async () => {
    const sim = await start({ accounts: [{ ...ACCOUNT, pin: null }] });
    const client = await PlainClient.ready(sim.url, { ...ACCOUNT, pin: '1234' });
    expect(client.control).toBe('');
  });
});

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

describe('reads', () => {
  it('answer a classic car in the shape of the classic protocol', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    const { vehicleStatusInfo } = (await client.get(spa(CAR.id, 'status/latest'))).body.resMsg;
    expect(vehicleStatusInfo).toMatchObject({
      vehicleLocation: { coord: { lat: 52.5163, lon: 13.3777 }, time: expect.stringMatching(/^\d{14}$/) },
      vehicleStatus: { doorLock: true, airTemp: { value: '0EH' }, time: expect.stringMatching(/^\d{14}$/) },
      odometer: { value: 15_234.5, unit: 1 },
    });
    const forced = (await client.get(spa(CAR.id, 'status'))).body.resMsg;
    expect(forced).toMatchObject({ doorLock: true });
    expect(forced).not.toHaveProperty('odometer');
    expect((await client.get(spa(CAR.id, 'location'))).body.resMsg.gpsDetail.coord.lat).toBe(52.5163);
    expect((await client.get(spa(CAR.id, 'location/park'))).body.resMsg.coord.lat).toBe(52.5163);
    expect((await client.get(spa(CAR.id, 'ccs2/carstatus/latest'))).body.resCode).toBe('5921');
  });

  it('wake a CCS2 car at once and show its report later', async () => {
    const time = new ManualTime('2026-08-01T10:00:00.000Z');
    const sim = await start({ clock: time, timers: time, timings: { ccs2WakeMs: 15_000 } });
    const client = await PlainClient.ready(sim.url);
    const latest = async () => (await client.get(spa(CCS2_CAR.id, 'ccs2/carstatus/latest'))).body.resMsg;
    const before = Number((await latest()).lastUpdateTime);
    time.advance(60_000);
    const woken = await client.get(spa(CCS2_CAR.id, 'ccs2/carstatus'));
    expect(woken.body).not.toHaveProperty('resMsg');
    expect(Number((await latest()).lastUpdateTime)).toBe(before);
    time.advance(15_000);
    expect(Number((await latest()).lastUpdateTime)).toBe(before + 75_000);
    expect((await latest()).state.Vehicle).toMatchObject({ Date: '20260801120115.000', Offset: '2' });
    expect(sim.car(CCS2_CAR.id).wakes).toBe(1);
  });

  it('serve a payload of your own as the car’s status', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    sim.car(CAR.id).rawStatus = { vehicleStatus: { doorLock: false } };
    expect((await client.get(spa(CAR.id, 'status/latest'))).body.resMsg).toEqual({
      vehicleStatusInfo: { vehicleStatus: { doorLock: false } },
    });
    expect((await client.get(spa(CAR.id, 'status'))).body.resMsg).toEqual({ doorLock: false });
    sim.car(CCS2_CAR.id).rawStatus = { Date: '20250420202723.000' };
    const { state } = (await client.get(spa(CCS2_CAR.id, 'ccs2/carstatus/latest'))).body.resMsg;
    expect(state.Vehicle).toEqual({ Date: '20250420202723.000' });
  });

  it('let only one forced read of a car be under way', async () => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time, timings: { forcedReadMs: 20_000 } });
    const client = await PlainClient.ready(sim.url);
    const first = client.get(spa(CAR.id, 'status'));
    await sim.waitFor((call) => call.kind === 'status.forced', 5_000);
    const second = await client.get(spa(CAR.id, 'location'));
    expect(second.body.resCode).toBe('4004');
    time.advance(20_000);
    expect((await first).body.resMsg.time).toBe('20260801120020');
    expect(time.waiting).toBe(0);
  });
});
