import { beforeEach, describe, expect, it } from 'vitest';
import { cached, how, list, never, plainBluelinky, plainCar, unlock } from './support/account.ts';
import { CAR, ok, spa, VIN } from './support/fake-cloud.ts';
import { useWorld } from './support/world.ts';

/**
 * The traps of bluelinky 9.1.0 that concern Europe, by their number in the list of the project's notes. Each test
 * springs the trap with plain bluelinky first, and then shows that the gateway is not caught by it.
 */

const DOOR_V1 = `POST /api/v1/spa/vehicles/${CAR}/control/door`;
const STATUS_V1 = `GET /api/v1/spa/vehicles/${CAR}/status`;
const PROFILE = `GET /api/v1/spa/vehicles/${CAR}/profile`;
const TOKEN = 'POST /api/v1/user/oauth2/token';
const PIN_CALL = 'PUT /api/v1/user/pin';

const world = useWorld();
beforeEach(() => {
  world.cloud.on(PROFILE, () => ok({ vinInfo: [{ basic: { vin: VIN, modelYear: '2023' } }] }));
});

describe('logging in', () => {
  it('1, 2: login() returns the text of an error, or throws it without a listener', async () => {
    const client = await plainBluelinky(world.cloud);
    client.controller.refreshAccessToken = async () => '';
    Object.assign(client.controller, { login: () => Promise.reject(new Error('no such user')) });
    await expect(client.login()).rejects.toThrow('no such user');
    client.on('error', () => {});
    await expect(client.login()).resolves.toBe('no such user');

    const { gateway } = await world.open({ record: null, account: { loginFlows: ['bluelinky'] } });
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'cloudUnavailable' } });
  });

  it('3: the vehicle list is fetched and not kept, with a profile per car, and all of it fails if one fails', async () => {
    const client = await plainBluelinky(world.cloud);
    await client.getVehicles();
    expect(client.cachedVehicles).toEqual([]);
    expect(client.getVehicle(VIN)).toBeUndefined();
    expect(world.cloud.seen(PROFILE)).toHaveLength(1);
    world.cloud.on(PROFILE, () => spa(400, '4005', 'no profile'));
    await expect(client.getVehicles()).rejects.toThrow('4005');

    const { gateway } = await world.open();
    expect(await gateway.call(list, how())).toMatchObject({ ok: true, value: { cars: [{ id: CAR, vin: VIN }] } });
    expect(world.cloud.seen(PROFILE)).toHaveLength(2);
  });
});

describe('refreshing', () => {
  it('4, 5: a token that the server revoked is kept while the clock trusts it, and failures are sentences', async () => {
    world.cloud.on(TOKEN, () => ({ status: 400, body: { errCode: '4002', errMsg: 'Invalid parameters' } }));
    const { controller } = await plainBluelinky(world.cloud);
    await expect(controller.refreshAccessToken()).resolves.toBe('Token not expired, no need to refresh');
    expect(world.cloud.seen(TOKEN)).toHaveLength(0);
    controller.session.tokenExpiresAt = 0;
    await expect(controller.refreshAccessToken()).resolves.toMatch(/^Refresh token failed: /);

    const { gateway } = await world.open();
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: false, failure: { kind: 'grantRefused' } });
    world.cloud.on(TOKEN, () => ({ body: { access_token: 'access-8', expires_in: 3600 } }));
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, generation: 8 });
  });

  it('6: a failed refresh is passed over, and a rotated refresh token is dropped', async () => {
    const { controller } = await plainBluelinky(world.cloud, { tokenExpiresAt: 0 });
    world.cloud.on(TOKEN, () => ({ status: 400, body: {} }));
    await controller.checkControlToken();
    expect(controller.session.accessToken).toBe('Bearer access-7');
    world.cloud.on(TOKEN, () => ({ body: { access_token: 'access-8', refresh_token: 'rotated', expires_in: 3600 } }));
    await controller.refreshAccessToken();
    expect(controller.session.refreshToken).toBe('refresh-7');

    const { gateway, store } = await world.open();
    await gateway.refreshSession(never);
    expect(store.saved.at(-1)?.session?.grant).toEqual({ kind: 'vehicleApi', refreshToken: 'rotated' });
  });
});

describe('the PIN', () => {
  it('7: any 2xx is a control token, and a broken one is never fetched again', async () => {
    world.cloud.on(PIN_CALL, () => ({ body: { errCode: '4003', errMsg: 'Invalid values' } }));
    const { controller } = await plainBluelinky(world.cloud, { controlToken: undefined });
    await controller.checkControlToken();
    await controller.checkControlToken();
    expect(controller.session.controlToken).toBe('Bearer undefined');
    expect(controller.session.controlTokenExpiresAt).toBeNaN();
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(1);

    const { gateway } = await world.open();
    expect(await gateway.call(unlock, how())).toMatchObject({ ok: false, failure: { kind: 'wrongPin' } });
    expect(world.cloud.seen(DOOR_V1)).toHaveLength(0);
  });

  it('8: a restored session without an expiry never gets a control token, nor notices a missing access token', async () => {
    const restored = { controlToken: undefined, controlTokenExpiresAt: undefined };
    const { controller } = await plainBluelinky(world.cloud, restored);
    await controller.checkControlToken();
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(0);
    controller.session.accessToken = undefined;
    await controller.enterPin();
    expect(world.cloud.seen(PIN_CALL)[0]?.headers.authorization).toBeUndefined();

    const { gateway } = await world.open();
    expect(await gateway.call(unlock, how())).toMatchObject({ ok: true });
    expect(world.cloud.seen(PIN_CALL)[1]?.headers.authorization).toBe('Bearer access-7');
  });

  it('9: a missing access token is thrown as a bare string', async () => {
    const client = await plainBluelinky(world.cloud, { accessToken: undefined });
    await expect(client.getVehicles()).rejects.toBe('Token not set');

    const { gateway } = await world.open({ record: null });
    expect(await gateway.call(list, how())).toMatchObject({ ok: false, failure: { kind: 'tokenRefused' } });
  });

  it('24: two calls at once fetch two control tokens', async () => {
    const { controller } = await plainBluelinky(world.cloud, { controlToken: undefined });
    await Promise.all([controller.getVehicleHttpService(), controller.getVehicleHttpService()]);
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(2);

    const { gateway } = await world.open();
    await Promise.all([gateway.call(unlock, how()), gateway.call(unlock, how())]);
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(3);
  });

  it('a wrong PIN shuts plain bluelinky out of reading too', async () => {
    world.cloud.on(PIN_CALL, () => ({ status: 400, body: { errCode: '4003', errMsg: 'Invalid values' } }));
    const car = await plainCar(world.cloud, { controlToken: undefined });
    await expect(car.status({ refresh: false, parsed: true })).rejects.toThrow('4003');

    world.cloud.on(`${STATUS_V1}/latest`, () => ok({ vehicleStatusInfo: { vehicleStatus: { doorLock: true } } }));
    const { gateway } = await world.open();
    expect(await gateway.call(cached, how())).toMatchObject({ ok: true });
  });
});
