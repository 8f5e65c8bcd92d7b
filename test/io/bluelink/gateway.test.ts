import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cached,
  forced,
  how,
  list,
  lock,
  never,
  openGateway,
  PIN,
  storedRecord,
  type TestGatewayOptions,
  unlock,
} from './support/account.ts';
import { CAR, DEVICE, FakeCloud, ok, spa, tokenExpired, VIN, vehicle } from './support/fake-cloud.ts';
import { useWorld } from './support/world.ts';

const DOOR = `POST /api/v1/spa/vehicles/${CAR}/control/door`;
const LATEST = `GET /api/v1/spa/vehicles/${CAR}/status/latest`;
const FORCED = `GET /api/v1/spa/vehicles/${CAR}/status`;
const RECORDS = `GET /api/v1/spa/notifications/${CAR}/records`;
const LIST = 'GET /api/v1/spa/vehicles';
const PIN_CALL = 'PUT /api/v1/user/pin';
const REGISTER = 'POST /api/v1/spa/notifications/register';

const world = useWorld();

describe('a control', () => {
  it('locks a classic car by the v1 path, with the access token and no PIN call', async () => {
    const { gateway } = await world.open();
    const before = Date.now();
    const outcome = await gateway.call(lock, how());
    expect(outcome).toEqual({
      ok: true,
      value: { type: 'accepted', actionId: 'action-1', acceptedAt: expect.any(Number) },
      token: { generation: 7, scope: 'access' },
    });
    expect(outcome.ok && outcome.value.type === 'accepted' && outcome.value.acceptedAt).toBeGreaterThanOrEqual(before);
    const [request] = world.cloud.seen(DOOR);
    expect(request?.body).toBe(JSON.stringify({ action: 'close', deviceId: DEVICE }));
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer access-7',
      'ccsp-device-id': DEVICE,
      'ccsp-application-id': '014d2225-8495-4735-812d-2616334fd15d',
      'content-type': 'application/json',
      ccuccs2protocolsupport: '0',
      stamp: expect.any(String),
    });
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(0);
  });

  it('repeats a call with the same path and body', async () => {
    const { gateway } = await world.open();
    await gateway.call(lock, how());
    await gateway.call(lock, { ...how(), attempt: 2 });
    const [first, second] = world.cloud.seen(DOOR);
    expect(second?.body).toBe(first?.body);
    expect(second?.path).toBe(first?.path);
  });

  it('unlocks only after the PIN bought a control token, once for all, and still calls with the access token', async () => {
    const { gateway } = await world.open();
    const outcomes = await Promise.all([
      gateway.call(unlock, how()),
      gateway.call(unlock, how()),
      gateway.call(unlock, how()),
    ]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(world.cloud.seen(PIN_CALL).map(({ body }) => JSON.parse(body))).toEqual([{ deviceId: DEVICE, pin: PIN }]);
    expect(world.cloud.seen(DOOR)).toHaveLength(3);
    for (const { headers, body } of world.cloud.seen(DOOR)) {
      expect(headers.authorization).toBe('Bearer access-7');
      expect(JSON.parse(body)).toEqual({ action: 'open', deviceId: DEVICE });
    }
  });

  it('keeps a control token for its lifetime and no longer', async () => {
    let now = Date.now();
    const { gateway } = await world.open({ clock: { now: () => now } });
    await gateway.call(unlock, how());
    now += 580_000;
    await gateway.call(unlock, how());
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(1);
    now += 15_000;
    await gateway.call(unlock, how());
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(2);
  });

  it('does not unlock without a PIN, and asks nobody', async () => {
    const { gateway } = await world.open({ account: { pin: null } });
    const outcome = await gateway.call(unlock, how());
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'wrongPin', reached: 'no' } });
    expect(world.cloud.seen(DOOR)).toHaveLength(0);
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(0);
  });

  it('asks a wrong PIN once, also across a restart, and still locks', async () => {
    world.cloud.on(PIN_CALL, () => ({ status: 400, body: { errId: 'x', errCode: '4003', errMsg: 'Invalid values' } }));
    const { gateway, store } = await world.open();
    expect(await gateway.call(unlock, how())).toMatchObject({
      ok: false,
      failure: { kind: 'wrongPin', answered: true },
    });
    expect(await gateway.call(unlock, how())).toMatchObject({
      ok: false,
      failure: { kind: 'wrongPin', answered: false },
    });
    const again = await world.open({ store });
    expect(await again.gateway.call(unlock, how())).toMatchObject({ ok: false, failure: { kind: 'wrongPin' } });
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(1);
    expect(await again.gateway.call(lock, how())).toMatchObject({ ok: true });
    const other = await world.open({ store, account: { pin: '0815' } });
    world.cloud.on(PIN_CALL, () => ({ body: { controlToken: 'control-2', expiresTime: 600 } }));
    expect(await other.gateway.call(unlock, how())).toMatchObject({ ok: true });
  });

  it('names a token that the PIN call refused by its generation, as an access token', async () => {
    world.cloud.on(PIN_CALL, () => tokenExpired);
    const { gateway } = await world.open();
    expect(await gateway.call(unlock, how())).toMatchObject({
      ok: false,
      failure: { kind: 'tokenRefused', reached: 'no' },
      token: { generation: 7, scope: 'access' },
    });
    expect(world.cloud.seen(DOOR)).toHaveLength(0);
  });

  it.each([
    ['the connection is cut', 'cut', 'network', 'maybe'],
    ['the connection is cut inside the answer', 'cutInside', 'network', 'maybe'],
    ['nothing comes back', 'hang', 'timeout', 'maybe'],
    ['504', { status: 504, body: '<html></html>' }, 'cloudUnavailable', 'maybe'],
    ['4081', spa(408, '4081', 'Request timeout'), 'carUnreachable', 'maybe'],
    ['503 HTML', { status: 503, body: '<html></html>' }, 'cloudUnavailable', 'no'],
    ['503 empty', { status: 503 }, 'cloudUnavailable', 'no'],
    ['500', { status: 500 }, 'cloudUnavailable', 'no'],
    ['5031', spa(503, '5031', 'Unavailable remote control'), 'carUnreachable', 'no'],
    ['4004', spa(400, '4004', 'Duplicate request'), 'carBusy', 'no'],
    ['retCode F in a 200', spa(200, '4005', 'Unsupported control request'), 'unsupported', 'no'],
    ['retCode F in a 200 without a code', { body: { retCode: 'F' } }, 'carRefused', 'no'],
    ['a token that expired', tokenExpired, 'tokenRefused', 'no'],
  ] as const)('when %s, it is %s → %s, and the car may have got it: %s', async (_, answer, kind, reached) => {
    world.cloud.on(DOOR, () => answer);
    const { gateway } = await world.open({ callTimeoutMs: 300 });
    await gateway.call(list, how());
    expect(await gateway.call(lock, how())).toMatchObject({ ok: false, failure: { kind, reached } });
    expect(world.cloud.seen(DOOR)).toHaveLength(1);
  });

  it('knows that a cloud that is not there got nothing', async () => {
    const { gateway } = await world.open();
    await gateway.call(list, how());
    await world.cloud.close();
    expect(await gateway.call(lock, how())).toMatchObject({
      ok: false,
      failure: { kind: 'network', cause: 'ECONNREFUSED', reached: 'no', answered: false },
    });
    cloud = await FakeCloud.start();
  });

  describe('of a car of the newer protocol', () => {
    const DOOR_CCS2 = `POST /api/v2/spa/vehicles/${CAR}/ccs2/control/door`;

    beforeEach(() => {
      world.cloud.on(LIST, () => ok({ vehicles: [vehicle({ ccuCCS2ProtocolSupport: 2 })] }));
      world.cloud.on(DOOR_CCS2, () => ok(undefined, 'action-2'));
    });

    it('is made with the control token, to lock as to unlock', async () => {
      const { gateway } = await world.open();
      expect(await gateway.call(lock, how())).toMatchObject({
        ok: true,
        value: { actionId: 'action-2' },
        token: { generation: 7, scope: 'control' },
      });
      await gateway.call(unlock, how());
      expect(world.cloud.seen(PIN_CALL)).toHaveLength(1);
      expect(world.cloud.seen(DOOR_CCS2).map(({ body }) => JSON.parse(body))).toEqual([
        { command: 'close' },
        { command: 'open' },
      ]);
      expect(world.cloud.seen(DOOR_CCS2)[0]?.headers).toMatchObject({
        authorization: 'Bearer control-1',
        authorizationccsp: 'Bearer control-1',
        ccuccs2protocolsupport: '1',
      });
    });

    it('that refuses the control token says so, and buys another one the next time', async () => {
      world.cloud.on(DOOR_CCS2, (_, times) => (times === 1 ? tokenExpired : ok(undefined, 'action-3')));
      const { gateway } = await world.open();
      expect(await gateway.call(lock, how())).toMatchObject({
        ok: false,
        failure: { kind: 'tokenRefused', reached: 'no' },
        token: { generation: 7, scope: 'control' },
      });
      expect(await gateway.call(lock, how())).toMatchObject({ ok: true });
      expect(world.cloud.seen(PIN_CALL)).toHaveLength(2);
    });

    it('is refused without a PIN', async () => {
      const { gateway } = await world.open({ account: { pin: null } });
      expect(await gateway.call(lock, how())).toMatchObject({ ok: false, failure: { kind: 'wrongPin' } });
    });

    it('is not possible yet for a read that wakes it, which is said in a sentence and without a call', async () => {
      const { gateway } = await world.open();
      await gateway.call(list, how());
      const before = world.cloud.requests.length;
      expect(await gateway.call(forced, how())).toMatchObject({
        ok: false,
        failure: { kind: 'unsupported', message: expect.stringContaining('CCS2') },
      });
      expect(world.cloud.requests).toHaveLength(before);
    });
  });
});

describe('a read', () => {
  it('translates the cached status', async () => {
    world.cloud.on(LATEST, () => ok({ vehicleStatusInfo: { vehicleStatus: { doorLock: true, time: '20240720120000' } } }));
    const { gateway } = await world.open();
    expect(await gateway.call(cached, how())).toMatchObject({
      ok: true,
      value: {
        type: 'reading',
        reading: { source: 'cached', state: { locked: true, last_updated_utc: '2024-07-20T10:00:00Z' } },
      },
    });
  });

  it('translates the forced status, which has neither odometer nor position', async () => {
    world.cloud.on(FORCED, () => ok({ doorLock: false, evStatus: { batteryStatus: 61 } }));
    const { gateway } = await world.open();
    expect(await gateway.call(forced, how())).toMatchObject({
      ok: true,
      value: {
        reading: {
          source: 'forced',
          state: { locked: false, soc_pct: 61, odometer_km: null, location: null, last_updated_utc: null },
        },
      },
    });
  });

  it('has a longer patience for a forced read than for others', async () => {
    world.cloud.on(FORCED, () => 'hang').on(LATEST, () => 'hang');
    const { gateway } = await world.open({ callTimeoutMs: 150, forcedReadTimeoutMs: 600 });
    await gateway.call(list, how());
    const begun = performance.now();
    const [short, long] = await Promise.all([
      gateway.call(cached, how()).then((outcome) => ({ outcome, ms: performance.now() - begun })),
      gateway.call(forced, how()).then((outcome) => ({ outcome, ms: performance.now() - begun })),
    ]);
    expect(short.outcome).toMatchObject({ failure: { kind: 'timeout', reached: 'no' } });
    expect(long.outcome).toMatchObject({ failure: { kind: 'timeout', reached: 'no' } });
    expect(short.ms).toBeLessThan(500);
    expect(long.ms).toBeGreaterThanOrEqual(590);
  });

  it('answers something that is no status with a failure', async () => {
    world.cloud.on(LATEST, () => ok('surprise'));
    const { gateway } = await world.open();
    expect(await gateway.call(cached, how())).toMatchObject({
      ok: false,
      failure: { kind: 'invalidResponse', answered: true },
    });
  });
});

describe('the vehicle list', () => {
  it('is one call, whatever the number of cars', async () => {
    const second = vehicle({ vehicleId: 'car-2', ccuCCS2ProtocolSupport: 1, type: 'GN', nickname: '' });
    world.cloud.on(LIST, () => ok({ vehicles: [vehicle(), second, { vehicleName: 'without an id' }] }));
    const { gateway, log } = await world.open();
    expect(await gateway.call(list, how())).toMatchObject({
      ok: true,
      value: {
        type: 'list',
        cars: [
          { id: CAR, vin: VIN, name: 'Blue', model: 'EV6', year: '2023', engine: 'ev', generation: 'classic' },
          { id: 'car-2', name: 'EV6', engine: 'combustion', generation: 'ccs2' },
        ],
      },
    });
    expect(world.cloud.requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
    expect(log.lines.some(({ level, fields }) => level === 'warn' && fields.skipped === 1)).toBe(true);
  });

  it('may be empty', async () => {
    world.cloud.on(LIST, () => ok({ vehicles: [] }));
    const { gateway } = await world.open();
    expect(await gateway.call(list, how())).toMatchObject({ ok: true, value: { cars: [] } });
  });
});

describe('the action records', () => {
  it.each([
    [null, 'pending'],
    [undefined, 'pending'],
    ['success', 'success'],
    ['fail', 'fail'],
    ['non-response', 'nonResponse'],
    ['something new', 'pending'],
  ] as const)('%s is %s', async (result, word) => {
    world.cloud.on(RECORDS, () =>
      ok([
        { recordId: 'other', result: 'fail' },
        { recordId: 'action-1', result },
      ]),
    );
    const { gateway } = await world.open();
    expect(await gateway.call({ type: 'record', car: CAR, actionId: 'action-1' }, how())).toMatchObject({
      ok: true,
      value: { type: 'record', word },
    });
  });

  it('say when an action is not among them', async () => {
    world.cloud.on(RECORDS, () => ok([]));
    const { gateway } = await world.open();
    expect(await gateway.call({ type: 'record', car: CAR, actionId: 'action-1' }, how())).toMatchObject({
      value: { word: 'missing' },
    });
  });
});

describe('the device', () => {
  it('is registered before the first call, once for all, with the push service of its brand', async () => {
    const { gateway } = await world.open({ record: storedRecord({ deviceId: null }) });
    await Promise.all([gateway.call(list, how()), gateway.call(list, how())]);
    const [request, ...others] = world.cloud.seen(REGISTER);
    expect(others).toEqual([]);
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      pushType: 'GCM',
      pushRegId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(request?.headers.authorization).toBeUndefined();
    expect(world.cloud.seen(LIST)[0]?.headers['ccsp-device-id']).toBe(DEVICE);
  });

  it('is registered again after the cloud has forgotten it', async () => {
    world.cloud.on(LIST, (_, times) =>
      times === 1 ? spa(400, '4002', 'Invalid request body - Invalid deviceId') : ok({ vehicles: [] }),
    );
    world.cloud.on(REGISTER, () => ok({ deviceId: 'device-2' }));
    const { gateway, store } = await world.open();
    expect(await gateway.call(list, how())).toMatchObject({ ok: false, failure: { kind: 'deviceIdInvalid' } });
    expect(await gateway.call(list, how())).toMatchObject({ ok: true });
    expect(world.cloud.seen(LIST).map(({ headers }) => headers['ccsp-device-id'])).toEqual([DEVICE, 'device-2']);
    expect(store.saved.at(-1)?.deviceId).toBe('device-2');
  });
});

describe('a call', () => {
  it('ends at once when its signal is aborted, and says so', async () => {
    world.cloud.on(DOOR, () => 'hang');
    const { gateway } = await world.open();
    const abort = new AbortController();
    const pending = gateway.call(lock, how(abort.signal));
    await world.cloud.arrived(DOOR);
    abort.abort();
    expect(await pending).toMatchObject({ ok: false, failure: { kind: 'aborted', reached: 'maybe' } });
    expect(await gateway.call(lock, how(abort.signal))).toMatchObject({ failure: { kind: 'aborted', reached: 'no' } });
    expect(world.cloud.seen(DOOR)).toHaveLength(1);
  });

  it('without a session is a refused token, and asks nobody', async () => {
    const { gateway } = await world.open({ record: null });
    expect(await gateway.call(list, how())).toMatchObject({
      ok: false,
      failure: { kind: 'tokenRefused' },
      token: { generation: 0, scope: 'access' },
    });
    expect(world.cloud.requests).toEqual([]);
  });

  it('does not follow a redirect', async () => {
    world.cloud.on(LIST, () => ({ status: 302, headers: { location: `${world.cloud.url}/elsewhere` } }));
    const { gateway } = await world.open();
    expect(await gateway.call(list, how())).toMatchObject({ ok: false, failure: { kind: 'invalidResponse' } });
    expect(world.cloud.seen('GET /elsewhere')).toHaveLength(0);
  });

  it('reads the rate limit from the answers', async () => {
    world.cloud.on(LIST, () => ({
      body: { retCode: 'S', resMsg: { vehicles: [] } },
      headers: { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '97', 'x-ratelimit-reset': '1700000000' },
    }));
    const { gateway } = await world.open();
    await gateway.call(list, how());
    expect(gateway.budget()).toEqual({ limit: 100, remaining: 97, resetAt: 1_700_000_000_000 });
  });

  it('leaves begin and end in the log, and no secret, VIN or address', async () => {
    const { gateway, log } = await world.open();
    await gateway.call(list, how());
    await gateway.call(unlock, how());
    world.cloud.on(LIST, () => tokenExpired);
    await gateway.call(list, how());
    const text = JSON.stringify(log.lines);
    for (const secret of [PIN, 'access-7', 'refresh-7', 'control-1', VIN, world.cloud.url])
      expect(text).not.toContain(secret);
    expect(log.lines.at(-1)).toEqual({
      level: 'debug',
      message: 'Cloud call done.',
      fields: {
        call: 'list',
        id: 'c-1',
        attempt: 1,
        durationMs: expect.any(Number),
        result: 'tokenRefused',
        cause: 'HTTP 401',
        generation: 7,
      },
    });
  });

  it('is ended by closing the gateway', async () => {
    world.cloud.on(LIST, () => 'hang');
    const { gateway } = await world.open();
    const pending = gateway.call(list, how(never));
    await world.cloud.arrived(LIST);
    await gateway.close();
    expect(await pending).toMatchObject({ ok: false, failure: { kind: 'aborted' } });
  });
});
