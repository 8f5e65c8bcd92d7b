import { describe, expect, it } from 'vitest';
import { ManualTime } from './support/manual-time.ts';
import { PlainClient, stampOf } from './support/plain-client.ts';
import { ACCOUNT, CAR, KIA_ACCOUNT, simulators } from './support/world.ts';

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
