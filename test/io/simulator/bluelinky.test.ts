import { describe, expect, it } from 'vitest';
import { bluelinkyAt } from './support/bluelinky.ts';
import { ACCOUNT, CAR, CCS2_CAR, KIA_ACCOUNT, simulators } from './support/world.ts';

const start = simulators();
const kindsOf = (calls: readonly { kind: string }[]) => calls.map((call) => call.kind);

describe('bluelinky 9.1.0, unchanged but for its addresses', () => {
  it.each([ACCOUNT, KIA_ACCOUNT])('logs in through the login page of $brand', async (account) => {
    const sim = await start();
    const client = await bluelinkyAt(sim.url, account);
    await expect(client.controller.login()).resolves.toBe('Login success');
    expect(kindsOf(sim.log)).toEqual([
      'oauth.authorize',
      'page',
      'language',
      'integrationinfo',
      'keycloak.form',
      'keycloak.submit',
      'keycloak.return',
      'page',
      'silentsignin',
      'device.register',
      'token.code',
    ]);
    expect(sim.log.every((call) => call.status !== null && call.status < 400)).toBe(true);
    expect(client.controller.session.refreshToken).toBe(account.refreshToken);
  });

  it('logs in by the older sign-in of the vehicle API', async () => {
    const sim = await start();
    const client = await bluelinkyAt(sim.url, ACCOUNT);
    client.controller.authStrategies.main = client.controller.authStrategies.fallback;
    await expect(client.controller.login()).resolves.toBe('Login success');
    expect(kindsOf(sim.log)).toEqual([
      'oauth.authorize',
      'page',
      'language',
      'signin',
      'device.register',
      'token.code',
    ]);
  });

  it('accepts terms that the login page asks for', async () => {
    const sim = await start();
    sim.faults.add({ type: 'requiredAction' });
    const client = await bluelinkyAt(sim.url, ACCOUNT);
    await expect(client.controller.login()).resolves.toBe('Login success');
    expect(kindsOf(sim.log).filter((kind) => kind === 'keycloak.action')).toHaveLength(2);
  });

  it('hears on the login page that a password is wrong', async () => {
    const sim = await start();
    const client = await bluelinkyAt(sim.url, { ...ACCOUNT, password: 'wrong' });
    const { main, fallback } = client.controller.authStrategies;
    const user = { username: ACCOUNT.username, password: 'wrong' };
    await expect(main.login(user)).rejects.toThrow(
      'Authentication failed with message : Invalid username or password.',
    );
    await expect(fallback.login(user)).rejects.toMatchObject({
      statusCode: 400,
      body: { errCode: '4003', errBody: { remainCount: 3 } },
    });
  });

  it('finds that both of its logins are gone, when the cloud is as strict as the real one', async () => {
    const sim = await start();
    sim.faults.add({ type: 'oldLoginGone' });
    const client = await bluelinkyAt(sim.url, ACCOUNT);
    const user = { username: ACCOUNT.username, password: ACCOUNT.password };
    await expect(client.controller.authStrategies.main.login(user)).rejects.toMatchObject({ statusCode: 401 });
    await expect(client.controller.authStrategies.fallback.login(user)).rejects.toMatchObject({ statusCode: 401 });
  });

  it('lists the cars and reads, locks, heats and charges a classic one', async () => {
    const sim = await start();
    const client = await bluelinkyAt(sim.url, ACCOUNT);
    await client.controller.login();
    const [ada, bea] = await client.getVehicles();
    expect(ada?.vehicleConfig).toMatchObject({ id: CAR.id, vin: CAR.vin, ccuCCS2ProtocolSupport: false });
    expect(bea?.vehicleConfig).toMatchObject({ id: CCS2_CAR.id, ccuCCS2ProtocolSupport: true });
    if (ada === undefined) return;

    await expect(ada.unlock()).resolves.toBe('Unlock successful');
    expect(sim.car(CAR.id).actual.locked).toBe(false);
    await expect(ada.lock()).resolves.toBe('Lock successful');
    expect(sim.car(CAR.id).actual.locked).toBe(true);

    const started = await ada.start({ temperature: 21.5, defrost: true, heatedFeatures: true, unit: 'C' });
    expect(sim.car(CAR.id).actual).toMatchObject({
      climateOn: true,
      targetTemperatureC: 21.5,
      steeringWheelHeat: true,
    });
    expect(sim.log.at(-1)?.actionId).toBe(started.msgId);
    await ada.stop();
    expect(sim.car(CAR.id).actual.climateOn).toBe(false);

    sim.car(CAR.id).change({ plug: 'station' });
    await ada.startCharge();
    expect(sim.car(CAR.id).actual.charging).toBe(true);
    await ada.stopCharge();
    expect(sim.car(CAR.id).actual.charging).toBe(false);

    await ada.setChargeTargets({ fast: 90, slow: 70 });
    expect((await ada.getChargeTargets()).map(({ type, targetLevel }) => [type, targetLevel])).toEqual([
      [0, 90],
      [1, 70],
    ]);

    const status = await ada.status({ refresh: false, parsed: true });
    expect(status).toMatchObject({
      chassis: { locked: true },
      engine: { batteryChargeHV: 62, plugedTo: 3 },
      climate: { active: false },
    });
    const full = await ada.fullStatus({ refresh: true, parsed: true });
    expect(full).toMatchObject({
      vehicleStatus: { doorLock: true },
      vehicleLocation: { coord: { lat: 52.5163 } },
      odometer: { unit: 1 },
    });
    await expect(ada.location()).resolves.toMatchObject({ latitude: 52.5163, longitude: 13.3777 });
    await expect(ada.odometer()).resolves.toEqual({ value: 15_234.5, unit: 1 });
    await ada.setNavigation([{ name: 'Home' }]);
    expect(ada.serverRates.max).toBeGreaterThan(ada.serverRates.current);
    expect(sim.car(CAR.id).wakes).toBe(3);
  });

  it('reads its reports', async () => {
    const sim = await start();
    const client = await bluelinkyAt(sim.url, ACCOUNT);
    await client.controller.login();
    const [ada] = await client.getVehicles();
    expect((await ada?.monthlyReport())?.driving.distance).toBeGreaterThan(0);
    expect((await ada?.driveHistory())?.history[0]?.consumption.total).toBeGreaterThan(0);
    await expect(ada?.tripInfo({ year: 2026, month: 8, day: 3 })).resolves.toMatchObject([
      { dayRaw: '20260803', tripsCount: 1 },
    ]);
    await expect(ada?.tripInfo({ year: 2026, month: 8 })).resolves.toMatchObject({ days: { length: 7 } });
  });

  it('reads a CCS2 car', async () => {
    const sim = await start();
    const client = await bluelinkyAt(sim.url, ACCOUNT);
    await client.controller.login();
    const [, bea] = await client.getVehicles();
    expect(await bea?.status({ refresh: false, parsed: true })).toMatchObject({
      chassis: { locked: true },
      engine: { batteryChargeHV: 62 },
    });
  });

  it('is cured of a revoked token by its own refresh', async () => {
    const sim = await start();
    const client = await bluelinkyAt(sim.url, ACCOUNT);
    const { controller } = client;
    await controller.login();
    expect(sim.revokeTokens()).toBe(1);
    await expect(client.getVehicles()).rejects.toThrow('Token is expired');
    await expect(controller.refreshAccessToken()).resolves.toBe('Token not expired, no need to refresh');
    controller.session.tokenExpiresAt = 0;
    await expect(controller.refreshAccessToken()).resolves.toBe('Token refreshed');
    await expect(client.getVehicles()).resolves.toHaveLength(2);
  });

  it('wakes a car three times for one forced read that fails, and the log shows it', async () => {
    const sim = await start();
    const client = await bluelinkyAt(sim.url, ACCOUNT);
    await client.controller.login();
    const [ada] = await client.getVehicles();
    sim.faults.add({ type: 'carAsleep', match: { car: CAR.id } });
    await expect(ada?.status({ refresh: true, parsed: false })).rejects.toThrow('5031');
    expect(sim.car(CAR.id).wakes).toBe(3);
    expect(sim.log.filter((call) => call.wake)).toHaveLength(3);
  });
});
