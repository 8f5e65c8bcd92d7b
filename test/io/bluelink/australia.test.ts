import { afterEach, describe, expect, it } from 'vitest';
import type { Brand } from '../../../src/io/bluelink/bluelinky-surface.ts';
import { createGateway, type GatewayAccount } from '../../../src/io/bluelink/gateway.ts';
import { REGIONS } from '../../../src/io/bluelink/regions.ts';
import { ownerOf, type SessionRecord } from '../../../src/io/bluelink/session-record.ts';
import type { SimAccount } from '../../../src/io/simulator/account.ts';
import type { SimCar } from '../../../src/io/simulator/car/car.ts';
import { demoAccount } from '../../../src/io/simulator/demo-account.ts';
import { type Simulator, startSimulator } from '../../../src/io/simulator/simulator.ts';
import { createMemoryStore } from '../../../src/io/store/memory-store.ts';
import type { CloudCall } from '../../../src/machines/domain/command.ts';
import type { VehicleState } from '../../../src/machines/domain/vehicle-state.ts';
import { climateStart } from '../../support/climate.ts';
import {
  createMemoryLog,
  gatewayOptions,
  how,
  list,
  never,
  storedRecord,
  TIMEOUT_MS,
  USERNAME,
} from './support/account.ts';
import { CAR as FAKE_CAR, ok, vehicle } from './support/fake-cloud.ts';
import { inVirtualTime } from './support/virtual-time.ts';
import { useWorld } from './support/world.ts';

/** The gateway with accounts of Australia and New Zealand, against the simulated cloud. */

const REGISTER = 'device.register';
const DEMO_CAR = demoAccount().cars[0] as SimCar;
const CAR = DEMO_CAR.id;
const NEWER = 'newer';
const SYDNEY = { latitude: -33.8568, longitude: 151.2153 };
const cached: CloudCall = { type: 'read', car: CAR, source: 'cached' };

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function world(owner: Partial<SimAccount> = {}) {
  const { cars: _, ...demo } = demoAccount();
  const cars = [DEMO_CAR, { ...DEMO_CAR, id: NEWER, ccs2: 1 }];
  const account: SimAccount = {
    ...demo,
    region: 'AU',
    cars: cars.map((car) => ({ ...car, state: { ...car.state, ...SYDNEY } })),
    ...owner,
  };
  const simulator = await startSimulator({
    accounts: [account],
    timings: { controlDelayMs: 0, forcedReadMs: 10, ccs2WakeMs: 10 },
  });
  opened.push(simulator);
  return { simulator, account };
}

async function open(
  { simulator, account }: { simulator: Simulator; account: SimAccount },
  changes: Partial<GatewayAccount> = {},
  store = createMemoryStore<SessionRecord>(),
) {
  const log = createMemoryLog();
  const { brand, region = 'EU', username, password, pin } = account;
  const gateway = await createGateway({
    ...gatewayOptions(simulator.url, { brand, region, username, password, pin, ...changes }),
    store,
    log,
    timeouts: {
      callTimeoutMs: TIMEOUT_MS,
      forcedReadTimeoutMs: TIMEOUT_MS,
      refreshTimeoutMs: TIMEOUT_MS,
      wakePollMs: 5,
    },
    loginBudgetPerDay: 10,
  });
  opened.push(gateway);
  const state = async (call: CloudCall, purpose: 'own' | 'needed' = 'own'): Promise<VehicleState> => {
    const outcome = await gateway.call(call, { ...how(), purpose });
    if (!outcome.ok || outcome.value.type !== 'reading') throw new Error(JSON.stringify(outcome));
    return outcome.value.reading.state;
  };
  return { gateway, store, state, log };
}

const kindsOf = ({ log }: Simulator, since = 0) => log.slice(since).map(({ kind }) => kind);

describe('an account of Australia or New Zealand', () => {
  it.each([
    ['AU', 'hyundai'],
    ['AU', 'kia'],
    ['NZ', 'hyundai'],
    ['NZ', 'kia'],
  ] as const)('%s of %s logs in with one registration, reads, and renews its session', async (region, brand) => {
    const { simulator, account } = await world({ region, brand: brand satisfies Brand });
    const { gateway, store } = await open({ simulator, account });

    expect(await gateway.login(never)).toMatchObject({ ok: true, generation: 1, asked: true });
    const login = [REGISTER, 'oauth.authorize', 'signin', 'token.code'];
    expect(kindsOf(simulator).filter((kind) => login.includes(kind))).toEqual(login);
    expect(store.saved.at(-1)?.session).toMatchObject({ flow: 'signIn', grant: { kind: 'vehicleApi' } });

    const setTempC = { min: 17, max: 27 };
    expect(await gateway.call(list, how())).toMatchObject({
      ok: true,
      value: {
        cars: [
          { id: CAR, setTempC },
          { id: NEWER, setTempC },
        ],
      },
    });
    simulator.revokeTokens();
    expect(await gateway.call(cached, how())).toMatchObject({ ok: false, failure: { kind: 'tokenRefused' } });
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, generation: 2 });
    expect(await gateway.call(cached, how())).toMatchObject({ ok: true, token: { generation: 2 } });
    expect(kindsOf(simulator).filter((kind) => kind === REGISTER)).toHaveLength(1);
  });

  it('keeps a refresh token that the cloud replaces, and goes on with it after a restart', async () => {
    const at = await world();
    const first = await open(at);
    await first.gateway.login(never);
    const grantOf = () => first.store.saved.at(-1)?.session?.grant;
    const before = grantOf();
    at.simulator.faults.add({ type: 'rotateRefresh' });
    expect(await first.gateway.refreshSession(never)).toMatchObject({ ok: true });
    expect(grantOf()).not.toEqual(before);
    await first.gateway.close();
    const second = await open(at, {}, first.store);
    expect(await second.gateway.startSession(never)).toMatchObject({ ok: true, asked: false });
    expect(await second.gateway.refreshSession(never)).toMatchObject({ ok: true, generation: 3 });
    at.simulator.revokeTokens({ kinds: ['refresh'] });
    expect(await second.gateway.refreshSession(never)).toMatchObject({ ok: false, failure: { kind: 'grantRefused' } });
  });

  it('shows a wrong password once, and says so', async () => {
    const at = await world();
    const { gateway } = await open(at, { password: 'wrong' });
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'credentialsRejected' } });
    expect(kindsOf(at.simulator).filter((kind) => kind === 'signin')).toHaveLength(1);
  });

  it('is not known in Europe, and its stored session is not used there', async () => {
    const at = await world();
    const { store, gateway } = await open(at);
    await gateway.login(never);
    const european = await open(at, { region: 'EU', loginFlows: ['bluelinky'] }, store);
    expect(await european.gateway.startSession(never)).toMatchObject({ ok: false, failure: { kind: 'grantRefused' } });
    expect(await european.gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'credentialsRejected' } });
  });
});

describe('the key of the stamp', () => {
  const [usual, others] = [0, 1].map((at) => REGIONS.AU.brands.hyundai.stampKeys[at]);

  it('is exchanged when the cloud wants the other one, once and for all', async () => {
    const at = await world({ ...(others === undefined ? {} : { stampKey: others }) });
    const { gateway, store } = await open(at);
    expect(await gateway.login(never)).toMatchObject({ ok: true });
    expect(at.simulator.log.filter(({ kind }) => kind === REGISTER).map(({ status }) => status)).toEqual([401, 200]);
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true });
    expect(await gateway.call(cached, how())).toMatchObject({ ok: true });
    expect(store.saved.at(-1)?.stampKey).toBe(1);

    const since = at.simulator.log.length;
    const again = await open(at, {}, store);
    expect(await again.gateway.call(cached, how())).toMatchObject({ ok: true });
    expect(await again.gateway.registerDevice(null, never)).toMatchObject({ ok: true });
    expect(at.simulator.log.slice(since).map(({ status }) => status)).not.toContain(401);
  });

  it('stays as it was when the cloud wants neither', async () => {
    const at = await world({ stampKey: Buffer.alloc(50, 7).toString('base64') });
    const { gateway, store } = await open(at);
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'misconfigured' } });
    expect(kindsOf(at.simulator)).toEqual([REGISTER, REGISTER]);
    expect(store.saved.at(-1)?.stampKey).toBe(0);
  });

  it('is not doubted when the registration fails for another reason', async () => {
    const at = await world({ stampKey: usual ?? '' });
    at.simulator.faults.add({ type: 'status', code: 503, match: { kind: REGISTER } });
    const { gateway } = await open(at);
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'cloudUnavailable' } });
    expect(kindsOf(at.simulator)).toEqual([REGISTER]);
  });
});

describe('a reading in Australia', () => {
  it.each([
    ['cached', CAR],
    ['forced', CAR],
    ['cached', NEWER],
    ['forced', NEWER],
  ] as const)('%s, of %s, tells odometer, position and time', async (source, car) => {
    const at = await world();
    const { gateway, state } = await open(at);
    await gateway.login(never);
    const reading = await state({ type: 'read', car, source });
    expect(reading).toMatchObject({
      soc_pct: 54,
      odometer_km: 24_518.3,
      location: { lat: SYDNEY.latitude, lon: SYDNEY.longitude },
    });
    for (const time of [reading.last_updated_utc, reading.location?.time_utc]) {
      expect(Math.abs(Date.parse(time ?? '') - Date.now())).toBeLessThan(60_000);
    }
    expect(kindsOf(at.simulator).filter((kind) => kind === 'location.park')).toHaveLength(1);
  });

  it('tells the temperature that was asked for', async () => {
    const at = await world();
    const { gateway, state } = await open(at);
    await gateway.login(never);
    at.simulator.car(CAR).change({ targetTemperatureC: 18.5 });
    at.simulator.car(CAR).reportNow();
    expect(await state(cached)).toMatchObject({ set_temp_c: 18.5 });
  });

  it.each([
    ['fails', { type: 'status', code: 503 }],
    [
      'is refused for its token',
      { type: 'status', code: 401, body: { error: 'Key not authorized: Token is expired' } },
    ],
    ['is no answer', { type: 'html200' }],
    ['finds nothing', { type: 'retCodeF', resCode: '5921' }],
    ['is never answered', { type: 'hang' }],
  ] as const)('is none the worse when the call for its position %s', async (_, fault) => {
    const at = await world();
    const { gateway, state } = await open(at);
    await gateway.login(never);
    const lifted = at.simulator.faults.add({ ...fault, match: { kind: 'location.park' } });
    const read = () => state(cached);
    const isAsked = () => kindsOf(at.simulator).includes('location.park');
    const reading =
      fault.type === 'hang'
        ? inVirtualTime(async ({ pass, passUntil }) => {
            const made = read();
            await passUntil(isAsked, 0);
            await pass(TIMEOUT_MS);
            return made;
          })
        : read();
    expect(await reading).toMatchObject({ soc_pct: 54, location: null });
    lifted.lift();
    expect(await state({ type: 'read', car: CAR, source: 'forced' })).toMatchObject({
      location: { lat: SYDNEY.latitude },
    });
  });

  it('for a command’s confirmation asks for no position, and keeps the known one', async () => {
    const at = await world();
    const { gateway, state } = await open(at);
    await gateway.login(never);
    expect(await state(cached, 'needed')).toMatchObject({ location: null });
    await state(cached);
    at.simulator.car(CAR).change({ odometerKm: 30_000 });
    at.simulator.car(CAR).reportNow();
    expect(await state(cached, 'needed')).toMatchObject({ odometer_km: 30_000, location: { lat: SYDNEY.latitude } });
    expect(kindsOf(at.simulator).filter((kind) => kind === 'location.park')).toHaveLength(1);
  });
});

describe('a control in Australia', () => {
  const fake = useWorld({
    account: { region: 'AU' },
    record: storedRecord({ owner: ownerOf({ region: 'AU', brand: 'hyundai', username: USERNAME }) }),
  });
  const command = climateStart({
    setTempC: 21.5,
    seats: { front_left: 3, front_right: 8, rear_left: null, rear_right: null },
  });

  it.each([
    [0, 'v1/spa', 'control/temperature', { tempCode: '09H', unit: 'C' }],
    [
      1,
      'v2/spa',
      'ccs2/control/temperature',
      {
        drvSeatLoc: 'R',
        hvacTemp: 21.5,
        seatClimateInfo: { drvSeatClimateState: 8, psgSeatClimateState: 3 },
      },
    ],
  ])('counts degrees from 17 and seats the driver on the right (protocol %i)', async (ccs2, api, path, body) => {
    const key = `POST /api/${api}/vehicles/${FAKE_CAR}/${path}`;
    fake.cloud
      .on('GET /api/v1/spa/vehicles', () => ok({ vehicles: [vehicle({ ccuCCS2ProtocolSupport: ccs2 })] }))
      .on(key, () => ok());
    const { gateway } = await fake.open();
    expect(await gateway.call({ type: 'control', car: FAKE_CAR, command }, how())).toMatchObject({ ok: true });
    const [sent] = fake.cloud.seen(key);
    expect(JSON.parse(sent?.body ?? '')).toMatchObject(body);
    expect(sent?.headers).toMatchObject({ 'ccsp-application-id': REGIONS.AU.brands.hyundai.appId });
  });
});
