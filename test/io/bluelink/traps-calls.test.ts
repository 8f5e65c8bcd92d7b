import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadBluelinky } from '../../../src/io/bluelink/bluelinky-surface.ts';
import {
  cached,
  forced,
  how,
  list,
  lock,
  PLAIN_CONFIG,
  plainBluelinky,
  plainCar,
  storedRecord,
  unlock,
} from './support/account.ts';
import { CAR, DEVICE, ok, spa, tokenExpired, VIN, vehicle } from './support/fake-cloud.ts';
import { useWorld } from './support/world.ts';

/**
 * The traps of bluelinky 9.1.0 that concern Europe, by their number in the list of the project's notes. Each test
 * springs the trap with plain bluelinky first, and then shows that the gateway is not caught by it.
 */

const DOOR_V1 = `POST /api/v1/spa/vehicles/${CAR}/control/door`;
const DOOR_V2 = `POST /api/v2/spa/vehicles/${CAR}/control/door`;
const STATUS_V1 = `GET /api/v1/spa/vehicles/${CAR}/status`;
const STATUS_V2 = `GET /api/v2/spa/vehicles/${CAR}/status`;
const LIST = 'GET /api/v1/spa/vehicles';
const PROFILE = `GET /api/v1/spa/vehicles/${CAR}/profile`;
const PIN_CALL = 'PUT /api/v1/user/pin';

/** The brand's key, with which bluelinky masks a stamp. */
function unmask(stamp: string): string {
  const key = Buffer.from('RFtoRq/vDXJmRndoZaZQyfOot7OrIqGVFj96iY2WL3yyH5Z/pUvlUhqmCxD2t+D65SQ=', 'base64');
  return Buffer.from(Buffer.from(stamp, 'base64').map((byte, index) => byte ^ (key[index] ?? 0))).toString('utf8');
}

const world = useWorld();
beforeEach(() => {
  world.cloud.on(PROFILE, () => ok({ vinInfo: [{ basic: { vin: VIN, modelYear: '2023' } }] }));
});

describe('controls', () => {
  it('10: "Lock successful" for any 200, even retCode F, and the action id is thrown away', async () => {
    world.cloud
      .on(DOOR_V2, () => spa(200, '4004', 'Duplicate request'))
      .on(DOOR_V1, () => spa(200, '4004', 'Duplicate request'));
    const car = await plainCar(world.cloud);
    await expect(car.lock()).resolves.toBe('Lock successful');

    const { gateway } = await world.open();
    expect(await gateway.call(lock, how())).toMatchObject({ ok: false, failure: { kind: 'carBusy' } });
    world.cloud.on(DOOR_V1, () => ok(undefined, 'action-9'));
    expect(await gateway.call(lock, how())).toMatchObject({ ok: true, value: { actionId: 'action-9' } });
  });

  it('11: bare strings are thrown, and refusals come back as undefined', async () => {
    world.cloud.on(`POST /api/v2/spa/vehicles/${CAR}/control/charge`, () => ({ status: 202, body: {} }));
    world.cloud.on(`POST /api/v2/spa/vehicles/${CAR}/charge/target`, () => spa(200, '4005', 'Unsupported'));
    const car = await plainCar(world.cloud);
    await expect(car.startCharge()).rejects.toBe('Something went wrong!');
    await expect(car.setChargeTargets({ fast: 80, slow: 100 })).resolves.toBeUndefined();

    world.cloud.on(DOOR_V1, () => ({ status: 202, body: {} }));
    const { gateway } = await world.open();
    expect(await gateway.call(lock, how())).toMatchObject({
      ok: false,
      failure: { kind: 'invalidResponse', reached: 'maybe' },
    });
  });
});

describe('reads', () => {
  it('12: retCode F in a 200 becomes a TypeError', async () => {
    world.cloud.on(`${STATUS_V2}/latest`, () => spa(200, '5921', 'No Data Found'));
    world.cloud.on(`${STATUS_V1}/latest`, () => spa(200, '5921', 'No Data Found'));
    const car = await plainCar(world.cloud);
    await expect(car.status({ refresh: false, parsed: true })).rejects.toThrow(TypeError);

    const { gateway } = await world.open();
    expect(await gateway.call(cached, how())).toMatchObject({
      ok: false,
      failure: { kind: 'unsupported', cause: 'resCode 5921' },
    });
  });

  it('13: one failing forced read wakes the car three times, and a failing PIN call is made three times', async () => {
    world.cloud.on(STATUS_V2, () => ({ status: 503 })).on(STATUS_V1, () => ({ status: 503 }));
    world.cloud.on(PIN_CALL, () => ({ status: 500 }));
    const car = await plainCar(world.cloud);
    const { controller } = await plainBluelinky(world.cloud);
    await Promise.all([
      expect(car.status({ refresh: true, parsed: true })).rejects.toThrow('503'),
      expect(controller.enterPin()).rejects.toThrow('500'),
    ]);
    expect(world.cloud.seen(STATUS_V2)).toHaveLength(3);
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(3);

    const { gateway } = await world.open();
    expect(await gateway.call(forced, how())).toMatchObject({ ok: false, failure: { kind: 'cloudUnavailable' } });
    expect(await gateway.call(unlock, how())).toMatchObject({ ok: false, failure: { kind: 'cloudUnavailable' } });
    expect(world.cloud.seen(STATUS_V1)).toHaveLength(1);
    expect(world.cloud.seen(PIN_CALL)).toHaveLength(4);
  });

  it('13: a server that does not answer is waited for without end', async () => {
    world.cloud.on(LIST, () => 'hang');
    const client = await plainBluelinky(world.cloud);
    const waiting = Symbol('still waiting');
    const plain = client.getVehicles().catch((error: unknown) => error);
    const { gateway } = await world.open({ callTimeoutMs: 100 });
    expect(await gateway.call(list, how())).toMatchObject({ ok: false, failure: { kind: 'timeout' } });
    expect(await Promise.race([plain, Promise.resolve(waiting)])).toBe(waiting);
  });

  it('14: a car of the newer protocol without door data is reported as locked', async () => {
    world.cloud.on(LIST, () => ok({ vehicles: [vehicle({ ccuCCS2ProtocolSupport: 1 })] }));
    const empty = ok({ lastUpdateTime: '1700000000000', state: { Vehicle: { Cabin: {}, Green: {} } } });
    world.cloud.on(`GET /api/v2/spa/vehicles/${CAR}/ccs2/carstatus/latest`, () => empty);
    world.cloud.on(`GET /api/v1/spa/vehicles/${CAR}/ccs2/carstatus/latest`, () => empty);
    const car = await plainCar(world.cloud);
    expect((await car.status({ refresh: false, parsed: true })).chassis?.locked).toBe(true);

    const { gateway } = await world.open();
    expect(await gateway.call(cached, how())).toMatchObject({
      ok: true,
      value: { reading: { state: { locked: null } } },
    });
  });

  it('16: the time of a state is read in the time zone of the process', async () => {
    const status = { time: '20240720120000', doorLock: true };
    world.cloud.on(`${STATUS_V2}/latest`, () => ok({ vehicleStatusInfo: { vehicleStatus: status } }));
    world.cloud.on(`${STATUS_V1}/latest`, () => ok({ vehicleStatusInfo: { vehicleStatus: status } }));
    const car = await plainCar(world.cloud);
    const parsed = await car.status({ refresh: false, parsed: true });
    expect(Number(parsed.lastupdate)).toBe(new Date(2024, 6, 20, 12, 0, 0).getTime());

    const { gateway } = await world.open();
    expect(await gateway.call(cached, how())).toMatchObject({
      value: { reading: { state: { last_updated_utc: '2024-07-20T10:00:00Z' } } },
    });
  });

  it('17: the lamp for all tyres is never on, and 255 % of the 12 V battery are passed on', async () => {
    const status = { tirePressureLamp: { tirePressureLampAll: 1 }, battery: { batSoc: 255 }, time: '20240720120000' };
    world.cloud.on(`${STATUS_V2}/latest`, () => ok({ vehicleStatusInfo: { vehicleStatus: status } }));
    world.cloud.on(`${STATUS_V1}/latest`, () => ok({ vehicleStatusInfo: { vehicleStatus: status } }));
    const car = await plainCar(world.cloud);
    expect(await car.status({ refresh: false, parsed: true })).toMatchObject({
      chassis: { tirePressureWarningLamp: { all: false } },
      engine: { batteryCharge12v: 255 },
    });

    const { gateway } = await world.open();
    expect(await gateway.call(cached, how())).toMatchObject({
      value: { reading: { state: { tyre_warning: { all: true }, battery_12v_pct: null } } },
    });
  });
});

describe('the surroundings', () => {
  it('21: at the log level debug plain bluelinky prints the bodies of token answers; loaded by us it does not', async () => {
    const surface = new URL('../../../src/io/bluelink/bluelinky-surface.ts', import.meta.url).pathname;
    const script = (load: string) => `
      import { createServer } from 'node:http';
      const server = createServer((_, response) => { response.writeHead(400); response.end('{"planted":"S3CRET"}'); });
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { BlueLinky } = await ${load};
      const client = new BlueLinky({ region: 'EU', brand: 'kia', autoLogin: false, stampMode: 'LOCAL', username: '', password: '' });
      const c = client.controller;
      c._environment = { ...c.environment, endpoints: { token: 'http://127.0.0.1:' + server.address().port + '/' } };
      c.session.refreshToken = 'x';
      console.log(String(await c.refreshAccessToken()).slice(0, 20));
      server.close();`;
    const run = async (load: string) => {
      const args = ['--import', 'tsx', '--input-type=module', '-e', script(load)];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
        env: { ...process.env, LOG_LEVEL: 'debug' },
      });
      return stdout + stderr;
    };
    const [plain, ours] = await Promise.all([
      run(`import('bluelinky')`),
      run(`import(${JSON.stringify(surface)}).then(({ loadBluelinky }) => loadBluelinky())`),
    ]);
    expect(plain).toContain('S3CRET');
    expect(ours).not.toContain('S3CRET');
    expect(ours).toContain('Refresh token failed');
  });

  it('22: the environment is frozen, and its stamp keeps the retired application id', async () => {
    const { controller } = await plainBluelinky(world.cloud);
    expect(controller.environment.appId).toBe('1eba27d2-9a5b-4eba-8ec7-97eb6c62fb51');
    const { BlueLinky } = await loadBluelinky();
    const untouched = new BlueLinky(PLAIN_CONFIG).controller.environment;
    expect(Object.isFrozen(untouched)).toBe(true);
    expect(unmask(await untouched.stamp())).toMatch(/^1eba27d2-/);

    const { gateway } = await world.open();
    await gateway.call(list, how());
    const [request] = world.cloud.seen(LIST);
    const plainText = unmask(String(request?.headers.stamp));
    expect(plainText).toMatch(/^014d2225-8495-4735-812d-2616334fd15d:\d{13}$/);
    expect(Math.abs(Date.now() - Number(plainText.slice(37)))).toBeLessThan(60_000);
    expect(request?.headers['ccsp-application-id']).toBe('014d2225-8495-4735-812d-2616334fd15d');
  });

  it('the control token of plain bluelinky hides which token was refused; the gateway names it', async () => {
    world.cloud.on(DOOR_V1, () => tokenExpired).on(DOOR_V2, () => tokenExpired);
    const car = await plainCar(world.cloud);
    await expect(car.lock()).rejects.toMatchObject({ name: 'ManagedBluelinkyError' });
    expect(world.cloud.seen(DOOR_V2)[0]?.headers.authorization).toBe('Bearer control-0');

    const { gateway } = await world.open({ record: storedRecord({ deviceId: DEVICE }) });
    expect(await gateway.call(lock, how())).toMatchObject({ token: { generation: 7, scope: 'access' } });
  });
});
