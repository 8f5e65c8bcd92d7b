import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Brand } from '../../../src/io/bluelink/bluelinky-surface.ts';
import { createGateway, type Gateway, type GatewayAccount } from '../../../src/io/bluelink/gateway.ts';
import type { SessionRecord } from '../../../src/io/bluelink/session-record.ts';
import { demoAccount } from '../../../src/io/simulator/demo-account.ts';
import { type Simulator, startSimulator } from '../../../src/io/simulator/simulator.ts';
import { createMemoryStore } from '../../../src/io/store/memory-store.ts';
import type { CloudCall, RecordWord } from '../../../src/machines/domain/command.ts';
import { gatewayOptions, how, list, never } from './support/account.ts';

/** The gateway against the simulated cloud, which was written from the same notes by somebody else. */

const REFRESH_TOKEN = 'SIM0REFRESH0TOKEN0OF0THE0SIMULATED0CLOUD00000001';
const account = demoAccount();
const CAR = account.cars[0]?.id ?? '';

let simulator: Simulator;
const opened: { close(): Promise<void> }[] = [];

async function start(brand: Brand = 'hyundai') {
  simulator = await startSimulator({
    accounts: [{ ...account, brand, refreshToken: REFRESH_TOKEN }],
    timings: { controlDelayMs: 0, forcedReadMs: 20 },
  });
}

beforeEach(() => start());
afterEach(async () => {
  await Promise.all(opened.splice(0).map((gateway) => gateway.close()));
  await simulator.close();
});

async function open(changes: Partial<GatewayAccount> = {}, store = createMemoryStore<SessionRecord>()) {
  const { username, password, pin } = account;
  const gateway = await createGateway({
    ...gatewayOptions(simulator.url, { username, password, pin, ...changes }),
    store,
    loginBudgetPerDay: 10,
  });
  opened.push(gateway);
  return { gateway, store };
}

const control = (action: 'lock' | 'unlock'): CloudCall => ({
  type: 'control',
  car: CAR,
  command: { name: 'lock', action },
});
const read = (source: 'cached' | 'forced'): CloudCall => ({ type: 'read', car: CAR, source });
const kinds = () => simulator.log.map(({ kind }) => kind);

describe.each(['hyundai', 'kia'] as const)('with an account of %s', (brand) => {
  beforeEach(async () => {
    await simulator.close();
    await start(brand);
  });

  it.each([
    ['oneApp', {}],
    ['bluelinky', { loginFlows: ['bluelinky'] }],
    ['refreshToken', { password: REFRESH_TOKEN }],
  ] as const)(
    'logs in by %s, reads the list, renews after a revocation, and starts again without a login',
    async (flow, changes) => {
      const { gateway, store } = await open({ brand, ...changes });
      expect(await gateway.startSession(never)).toMatchObject({ ok: false, failure: { kind: 'grantRefused' } });
      expect(await gateway.login(never)).toMatchObject({ ok: true, generation: 1, asked: true });
      expect(store.saved.at(-1)?.session?.flow).toBe(flow);
      expect(await gateway.call(list, how())).toMatchObject({ ok: true, value: { cars: [{ id: CAR }, {}] } });

      for (const generation of [1, 2, 3]) {
        simulator.revokeTokens();
        expect(await gateway.call(list, how())).toMatchObject({
          ok: false,
          failure: { kind: 'tokenRefused', answered: true },
          token: { generation, scope: 'access' },
        });
        expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, generation: generation + 1 });
        expect(await gateway.call(list, how())).toMatchObject({ ok: true, token: { generation: generation + 1 } });
      }

      const again = await open({ brand, ...changes }, store);
      const before = simulator.log.length;
      expect(await again.gateway.startSession(never)).toMatchObject({ ok: true, generation: 4, asked: false });
      expect(simulator.log).toHaveLength(before);
      expect(await again.gateway.refreshSession(never)).toMatchObject({ ok: true, generation: 5 });
    },
  );
});

describe('with a session', () => {
  async function ready(changes: Partial<GatewayAccount> = {}) {
    const made = await open({ loginFlows: ['bluelinky'], ...changes });
    expect(await made.gateway.login(never)).toMatchObject({ ok: true });
    return made.gateway;
  }

  it('locks and unlocks, and the records and readings say so', async () => {
    const gateway = await ready();
    for (const action of ['unlock', 'lock'] as const) {
      const outcome = await gateway.call(control(action), how());
      if (!outcome.ok || outcome.value.type !== 'accepted') throw new Error(JSON.stringify(outcome));
      const { actionId, acceptedAt } = outcome.value;
      expect(actionId).toMatch(/^[0-9a-f-]{36}$/);
      const word = await finalWord(gateway, actionId ?? '');
      expect(word).toBe('success');
      const reading = await gateway.call(read('cached'), how());
      expect(reading).toMatchObject({
        ok: true,
        value: { reading: { source: 'cached', state: { locked: action === 'lock' } } },
      });
      if (!reading.ok || reading.value.type !== 'reading') throw new Error('no reading');
      const carTime = Date.parse(reading.value.reading.state.last_updated_utc ?? '');
      expect(Math.floor(carTime / 1000)).toBeGreaterThanOrEqual(Math.floor(acceptedAt / 1000));
    }
    expect(kinds().filter((kind) => kind === 'pin')).toHaveLength(1);
    const doors = simulator.log.filter(({ kind }) => kind === 'control.door');
    expect(doors.map(({ path, tokenKind }) => [path, tokenKind])).toEqual([
      [`/api/v1/spa/vehicles/${CAR}/control/door`, 'access'],
      [`/api/v1/spa/vehicles/${CAR}/control/door`, 'access'],
    ]);
  });

  async function finalWord(gateway: Gateway, actionId: string): Promise<RecordWord> {
    for (let looks = 0; looks < 200; looks++) {
      const outcome = await gateway.call({ type: 'record', car: CAR, actionId }, how());
      if (!outcome.ok || outcome.value.type !== 'record') throw new Error(JSON.stringify(outcome));
      if (outcome.value.word !== 'pending') return outcome.value.word;
    }
    throw new Error('The record stays pending.');
  }

  it('reads a whole state, cached and forced', async () => {
    const gateway = await ready();
    expect(await gateway.call(read('cached'), how())).toMatchObject({
      ok: true,
      value: { reading: { state: { charge_limit_ac_pct: 80, plug_type: 'station', odometer_km: expect.any(Number) } } },
    });
    expect(await gateway.call(read('forced'), how())).toMatchObject({
      ok: true,
      value: { reading: { source: 'forced', state: { plug_type: 'station', odometer_km: null } } },
    });
  });

  it('asks a wrong PIN once', async () => {
    const gateway = await ready({ pin: '9999' });
    expect(await gateway.call(control('unlock'), how())).toMatchObject({ failure: { kind: 'wrongPin' } });
    expect(await gateway.call(control('unlock'), how())).toMatchObject({ failure: { kind: 'wrongPin' } });
    expect(await gateway.call(control('lock'), how())).toMatchObject({ ok: true });
    expect(kinds().filter((kind) => kind === 'pin')).toHaveLength(1);
  });

  it('wakes the car once with a forced read that fails', async () => {
    const gateway = await ready();
    await gateway.call(list, how());
    simulator.faults.add({ type: 'carAsleep' });
    expect(await gateway.call(read('forced'), how())).toMatchObject({ ok: false, failure: { kind: 'carUnreachable' } });
    expect(kinds().filter((kind) => kind === 'status.forced')).toHaveLength(1);
  });

  it('knows that a control which was cut off after it took effect may have reached the car', async () => {
    const gateway = await ready();
    await gateway.call(list, how());
    simulator.faults.add({ type: 'cutAfter', match: { kind: 'control' } });
    expect(await gateway.call(control('lock'), how())).toMatchObject({
      ok: false,
      failure: { kind: 'network', reached: 'maybe' },
    });
    expect(kinds().filter((kind) => kind === 'control.door')).toHaveLength(1);
  });

  it('says that a second control comes too soon', async () => {
    simulator.faults.add({ type: 'recordsNull' });
    const gateway = await ready();
    simulator.faults.add({ type: 'duplicate' });
    expect(await gateway.call(control('lock'), how())).toMatchObject({
      ok: false,
      failure: { kind: 'carBusy', answered: true },
    });
  });

  it('tells a dead grant from a cloud in trouble', async () => {
    const gateway = await ready();
    simulator.faults.add({ type: 'breakRefresh', times: 1 });
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: false, failure: { answered: false } });
    simulator.faults.add({ type: 'refuseRefresh', times: 1 });
    expect(await gateway.refreshSession(never)).toMatchObject({
      ok: false,
      failure: { kind: 'grantRefused', answered: true },
    });
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, generation: 2 });
  });

  it('registers again when the cloud has forgotten the device', async () => {
    const gateway = await ready();
    await gateway.call(list, how());
    simulator.cloud.invalidateDevices();
    expect(await gateway.call(control('lock'), how())).toMatchObject({
      ok: false,
      failure: { kind: 'deviceIdInvalid', reached: 'no' },
    });
    expect(await gateway.call(control('lock'), how())).toMatchObject({ ok: true });
  });

  it('tells a rate limit with the time of its end', async () => {
    const gateway = await ready();
    await gateway.call(list, how());
    expect(gateway.budget().server).toMatchObject({ limit: expect.any(Number), remaining: expect.any(Number) });
    simulator.faults.add({ type: 'rateLimited' });
    expect(await gateway.call(list, how())).toMatchObject({
      ok: false,
      failure: { kind: 'rateLimited', retryAfterMs: expect.any(Number) },
    });
  });
});

describe('logging in fails', () => {
  it.each(['oneApp', 'bluelinky'] as const)('by %s with a wrong password', async (flow) => {
    const { gateway } = await open({ loginFlows: [flow], password: 'wrong' });
    expect(await gateway.login(never)).toMatchObject({
      ok: false,
      failure: { kind: 'credentialsRejected', answered: true },
    });
  });

  it.each([
    ['consent', 'consentRequired'],
    ['abusing', 'blocked'],
  ] as const)('when the cloud says %s: %s', async (type, kind) => {
    simulator.faults.add({ type });
    const { gateway } = await open();
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind } });
  });

  it('by the old ways, and the current one takes over', async () => {
    simulator.faults.add({ type: 'oldLoginGone' });
    const { gateway, store } = await open({ loginFlows: ['bluelinky', 'oneApp'] });
    expect(await gateway.login(never)).toMatchObject({ ok: true });
    expect(store.saved.at(-1)?.session?.flow).toBe('oneApp');
  });
});
