import { beforeEach, describe, expect, it } from 'vitest';
import { how, list, lock, PIN, TIMEOUT_MS, unlock } from './support/account.ts';
import { CAR, DEVICE, ok, spa, tokenExpired, vehicle } from './support/fake-cloud.ts';
import { runOut } from './support/virtual-time.ts';
import { useWorld } from './support/world.ts';

const DOOR = `POST /api/v1/spa/vehicles/${CAR}/control/door`;
const LIST = 'GET /api/v1/spa/vehicles';
const PIN_CALL = 'PUT /api/v1/user/pin';

const world = useWorld();

describe('a control', () => {
  it('locks a classic car by the v1 path, with the access token and no PIN call', async () => {
    const { gateway } = await world.open();
    const before = Date.now();
    const outcome = await gateway.call(lock, how());
    expect(outcome).toEqual({
      ok: true,
      value: { type: 'accepted', actionId: 'action-1', acceptedAt: expect.any(Number) },
      device: 1,
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

  it('asks to be let go once, when nothing but the control itself is left to be sent', async () => {
    const { gateway } = await world.open();
    const seen: number[][] = [];
    const beforeSending = async () => {
      seen.push([world.cloud.seen(PIN_CALL).length, world.cloud.seen(DOOR).length]);
      return null;
    };
    expect(await gateway.call(unlock, { ...how(), beforeSending })).toMatchObject({ ok: true });
    expect(seen).toEqual([[1, 0]]);
    expect(world.cloud.seen(DOOR)).toHaveLength(1);
  });

  it('stays here when it is not let go, or was ended meanwhile', async () => {
    const { gateway } = await world.open();
    const refusal = {
      kind: 'journalUnavailable',
      message: 'It could not be written down.',
      cause: 'journal',
      reached: 'no',
      answered: false,
      retryAfterMs: null,
    } as const;
    const token = { generation: 7, scope: 'access' };
    expect(await gateway.call(lock, { ...how(), beforeSending: async () => refusal })).toEqual({
      ok: false,
      failure: refusal,
      token,
      device: 1,
    });
    const ending = new AbortController();
    const beforeSending = async () => {
      ending.abort();
      return null;
    };
    expect(await gateway.call(lock, { ...how(), signal: ending.signal, beforeSending })).toMatchObject({
      ok: false,
      failure: { kind: 'aborted', reached: 'no' },
    });
    expect(world.cloud.seen(DOOR)).toEqual([]);
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

  it('tells the failure of a purchase to all who waited for it, and one of them reports it', async () => {
    world.cloud.on(PIN_CALL, () => ({ status: 503, body: '' }));
    const { gateway } = await world.open();
    const outcomes = await Promise.all([gateway.call(unlock, how()), gateway.call(unlock, how())]);
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(1);
    const failures = outcomes.map((outcome) => (outcome.ok ? null : outcome.failure));
    expect(failures.map((failure) => failure?.kind)).toEqual(['cloudUnavailable', 'cloudUnavailable']);
    expect(failures.map((failure) => failure?.shared)).toEqual([undefined, true]);
  });

  it('keeps a control token for its lifetime and no longer', async () => {
    const time = { now: Date.now(), elapsed: 0 };
    const { gateway } = await world.open({ clock: { now: () => time.now, elapsed: () => time.elapsed } });
    await gateway.call(unlock, how());
    time.elapsed += 580_000;
    await gateway.call(unlock, how());
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(1);
    time.now -= 4_200_000;
    time.elapsed += 15_000;
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
    const { gateway } = await world.open();
    await gateway.call(list, how());
    const make = () => gateway.call(lock, how());
    const outcome = answer === 'hang' ? runOut(make, () => world.cloud.arrived(DOOR), TIMEOUT_MS) : make();
    expect(await outcome).toMatchObject({ ok: false, failure: { kind, reached } });
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
  });
});
