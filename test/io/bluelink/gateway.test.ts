import { describe, expect, it } from 'vitest';
import type { CloudCall } from '../../../src/machines/domain/command.ts';
import { turn } from '../../support/turn.ts';
import { cached, forced, how, list, lock, never, PIN, storedRecord, unlock } from './support/account.ts';
import { CAR, DEVICE, ok, spa, tokenExpired, VIN, vehicle } from './support/fake-cloud.ts';
import { inVirtualTime } from './support/virtual-time.ts';
import { useWorld } from './support/world.ts';

const DOOR = `POST /api/v1/spa/vehicles/${CAR}/control/door`;
const LATEST = `GET /api/v1/spa/vehicles/${CAR}/status/latest`;
const FORCED = `GET /api/v1/spa/vehicles/${CAR}/status`;
const RECORDS = `GET /api/v1/spa/notifications/${CAR}/records`;
const LIST = 'GET /api/v1/spa/vehicles';
const REGISTER = 'POST /api/v1/spa/notifications/register';

const world = useWorld();

describe('a read', () => {
  it('translates the cached status', async () => {
    world.cloud.on(LATEST, () =>
      ok({ vehicleStatusInfo: { vehicleStatus: { doorLock: true, time: '20240720120000' } } }),
    );
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
    await inVirtualTime(async ({ pass }) => {
      await gateway.call(list, how());
      const ended: string[] = [];
      const made = (read: CloudCall, name: string) => gateway.call(read, how()).finally(() => ended.push(name));
      const [short, long] = [made(cached, 'cached'), made(forced, 'forced')];
      await Promise.all([world.cloud.arrived(LATEST), world.cloud.arrived(FORCED)]);
      const endedAfter = async (ms: number) => {
        await pass(ms);
        await turn();
        return ended;
      };
      expect(await endedAfter(149)).toEqual([]);
      expect(await endedAfter(1)).toEqual(['cached']);
      expect(await short).toMatchObject({ failure: { kind: 'timeout', reached: 'no' } });
      expect(await endedAfter(449)).toEqual(['cached']);
      expect(await endedAfter(1)).toEqual(['cached', 'forced']);
      expect(await long).toMatchObject({ failure: { kind: 'timeout', reached: 'no' } });
    });
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
    expect(gateway.budget().server).toEqual({ limit: 100, remaining: 97, resetAt: 1_700_000_000_000 });
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

  it('tells every secret that it learns, so that the log can know it', async () => {
    const secrets: unknown[] = [];
    world.cloud.on('POST /api/v1/user/oauth2/token', () => ({
      body: { access_token: 'access-8', refresh_token: 'refresh-8' },
    }));
    const vehicleLocation = { coord: { lat: 52.52, lon: 13.405 } };
    world.cloud.on(LATEST, () => ok({ vehicleStatusInfo: { vehicleStatus: { doorLock: true }, vehicleLocation } }));
    const { gateway } = await world.open({ onSecret: (value, kind) => secrets.push([kind, value]) });
    await gateway.refreshSession(never);
    await gateway.call(unlock, how());
    await gateway.call(cached, how());
    expect(secrets).toEqual(
      expect.arrayContaining([
        ['token', 'access-7'],
        ['token', 'refresh-7'],
        ['token', 'access-8'],
        ['token', 'refresh-8'],
        ['token', 'control-1'],
        ['person', VIN],
        ['place', 52.52],
        ['place', 13.405],
      ]),
    );
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
