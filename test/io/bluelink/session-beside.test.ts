import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionNews } from '../../../src/actors/ports.ts';
import type { SessionRecord, SessionStore } from '../../../src/io/bluelink/session-record.ts';
import { stageSession } from '../../../src/io/bluelink/session-staging.ts';
import { createMemoryStore } from '../../../src/io/store/memory-store.ts';
import { HOUR_MS, how, list, never, storedRecord, unlock } from './support/account.ts';
import { serveBrandLogin } from './support/brand-login.ts';
import { ok } from './support/fake-cloud.ts';
import { useWorld } from './support/world.ts';

/** Two processes on one store: a daemon, and a login beside it. Every file store tells its watchers as this one does. */

const TOKEN = 'POST /api/v1/user/oauth2/token';
const REFRESH = 'POST /domain/api/v2/auth/token-refresh';
const EXCHANGE = 'POST /domain/api/v1/auth/token-exchange';
const LIST = 'GET /api/v1/spa/vehicles';
const REGISTER = 'POST /api/v1/spa/notifications/register';

const account = { loginFlows: ['bluelinky'] } as const;
const world = useWorld({ account });
beforeEach(() => serveBrandLogin(world.cloud));

type Store = ReturnType<typeof createMemoryStore<SessionRecord>>;

/** A daemon on this store, and everything that it hears of other sessions. */
async function daemonOn(store: Store) {
  const daemon = await world.open({ store });
  const heard: SessionNews[] = [];
  daemon.gateway.onSessionChange((news) => heard.push(news));
  return { ...daemon, heard };
}

/** A login beside it that works; `meanwhile` happens before it is handed over. */
async function loginBeside(store: Store, meanwhile: () => Promise<unknown> = async () => {}) {
  const staging = stageSession(store);
  const { gateway } = await world.open({ store: Object.assign(staging, { saved: [] }) });
  expect(await gateway.login(never)).toMatchObject({ ok: true });
  await gateway.call(list, how());
  await meanwhile();
  await staging.handOver();
}

const tokensOf = (key: string) => world.cloud.seen(key).map(({ headers }) => headers.authorization);

describe('a login beside the daemon', () => {
  it('is not seen by the daemon until it has been tried', async () => {
    const store = createMemoryStore(storedRecord());
    const { heard } = await daemonOn(store);
    await loginBeside(store, async () => {
      expect(heard).toEqual([]);
      expect(store.saved.at(-1)).toMatchObject({ generation: 7, session: { accessToken: 'access-7' } });
    });
    expect(heard).toEqual([{ generation: 8, lifetimeMs: expect.any(Number) }]);
    expect(heard[0]?.lifetimeMs).toBeGreaterThan(23 * HOUR_MS);
  });

  it('is used by the daemon from its next call on, with the device that it registered', async () => {
    world.cloud.on(REGISTER, () => ok({ deviceId: 'device-of-the-login' }));
    const store = createMemoryStore(storedRecord());
    const { gateway } = await daemonOn(store);
    await gateway.call(list, how());
    await loginBeside(store);
    expect(await gateway.call(list, how())).toMatchObject({ ok: true, token: { generation: 8 } });
    expect(tokensOf(LIST)).toEqual(['Bearer access-7', 'Bearer access-1', 'Bearer access-1']);
    expect(world.cloud.seen(LIST).at(-1)?.headers['ccsp-device-id']).toBe('device-of-the-login');
    expect(world.cloud.seen(REGISTER)).toHaveLength(1);
  });

  it('is used, and whatever comes is stored, although whoever hears of it fails', async () => {
    world.cloud.on(REGISTER, () => ok({ deviceId: 'device-of-the-login' }));
    const store = createMemoryStore(storedRecord());
    const { gateway, log } = await daemonOn(store);
    gateway.onSessionChange(() => {
      throw new Error('poison');
    });
    await loginBeside(store);
    expect(await gateway.call(list, how())).toMatchObject({ ok: true, token: { generation: 8 } });
    expect(await gateway.login(never)).toMatchObject({ ok: true, generation: 9 });
    expect(store.saved.at(-1)).toMatchObject({ generation: 9 });
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('buys a control token of its own', async () => {
    const store = createMemoryStore(storedRecord());
    const { gateway } = await daemonOn(store);
    await gateway.call(unlock, how());
    await loginBeside(store);
    await gateway.call(unlock, how());
    expect(tokensOf('PUT /api/v1/user/pin')).toEqual(['Bearer access-7', 'Bearer access-1']);
  });

  it('is the start of a daemon whose own login was refused', async () => {
    const store = createMemoryStore<SessionRecord>();
    const { gateway, heard } = await daemonOn(store);
    expect(await gateway.startSession(never)).toMatchObject({ ok: false });
    await loginBeside(store);
    expect(heard).toMatchObject([{ generation: 1 }]);
    expect(await gateway.startSession(never)).toMatchObject({ ok: true, generation: 1, asked: false });
    expect(await gateway.call(list, how())).toMatchObject({ ok: true });
  });

  it('comes after a session that the daemon has got meanwhile: the generation never goes back', async () => {
    const store = createMemoryStore(storedRecord());
    const { gateway, heard } = await daemonOn(store);
    await loginBeside(store, () => gateway.refreshSession(never));
    expect(heard).toMatchObject([{ generation: 9 }]);
    expect(gateway.generation()).toBe(9);
    expect(store.saved.map(({ generation }) => generation)).toEqual(
      store.saved.map(({ generation }) => generation).sort((a, b) => a - b),
    );
  });

  it('is not lost to a refresh of the older session that ends after it', async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const store = createMemoryStore(storedRecord());
    const { gateway, heard } = await daemonOn(store);
    world.cloud.on(TOKEN, async ({ body }) => {
      if (body.includes('refresh-7')) await answered;
      return { body: { access_token: 'access-late', refresh_token: 'refresh-late', expires_in: 3600 } };
    });
    const refresh = gateway.refreshSession(never);
    await world.cloud.arrived(TOKEN);
    world.cloud.on(TOKEN, () => ({ body: { access_token: 'access-beside', expires_in: 86_400 } }));
    await loginBeside(store);
    answer();
    expect(await refresh).toMatchObject({ ok: true, generation: 8 });
    expect(heard).toMatchObject([{ generation: 8 }]);
    expect(store.saved.at(-1)).toMatchObject({ generation: 8, session: { accessToken: 'access-beside' } });
    await gateway.call(list, how());
    expect(tokensOf(LIST).at(-1)).toBe('Bearer access-beside');
  });

  it('is not lost to tokens that the daemon rotates meanwhile', async () => {
    const grant = {
      kind: 'oneApp',
      accessToken: 'cci-1',
      refreshToken: 'cci-refresh-1',
      exchangeableAccessToken: null,
      exchangeableRefreshToken: null,
      nonCcsToken: null,
      nonCcsRefreshToken: null,
      idToken: null,
    } as const;
    const session = { flow: 'oneApp', accessToken: 'access-7', expiresAt: Date.now() + HOUR_MS, grant };
    const store = createMemoryStore(storedRecord({ session }));
    const { gateway } = await daemonOn(store);
    world.cloud.on(REFRESH, async () => {
      await loginBeside(store);
      return { body: { accessToken: 'cci-2', refreshToken: 'cci-refresh-2' } };
    });
    world.cloud.on(EXCHANGE, () => ({ body: { accessToken: 'access-ccs', expiresTime: 86_400 } }));
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, generation: 8 });
    expect(store.saved.at(-1)).toMatchObject({
      generation: 8,
      session: { flow: 'bluelinky', accessToken: 'access-1', grant: { kind: 'vehicleApi' } },
    });
  });

  it('loses nothing that the daemon counts meanwhile, nor what it knows of the PIN', async () => {
    world.cloud.on('PUT /api/v1/user/pin', () => ({
      status: 400,
      body: { errCode: '4003', errMsg: 'Invalid values' },
    }));
    const store = createMemoryStore(storedRecord());
    const { gateway } = await daemonOn(store);
    await loginBeside(store, async () => {
      await gateway.refreshSession(never);
      await gateway.call(unlock, how());
    });
    expect(store.saved.at(-1)).toMatchObject({
      logins: [expect.any(Number)],
      refusedPin: { hash: expect.any(String) },
    });
    expect(store.saved.at(-1)?.visits).toHaveLength(2);
    expect(await gateway.call(unlock, how())).toMatchObject({ ok: false, failure: { kind: 'wrongPin' } });
    expect(world.cloud.seen('PUT /api/v1/user/pin')).toHaveLength(1);
  });

  it('shares the login budget with the daemon', async () => {
    const store = createMemoryStore(storedRecord());
    const { gateway } = await world.open({ store, loginBudgetPerDay: 1 });
    await loginBeside(store);
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'loginBudget' } });
  });

  it('of another user name is left alone by a daemon that knows nothing of it', async () => {
    const store = createMemoryStore(storedRecord());
    const { gateway, heard, log } = await daemonOn(store);
    const foreign = storedRecord({ owner: 'somebody else', generation: 8 });
    await store.change(() => foreign);
    expect(await gateway.call(list, how())).toMatchObject({ ok: true, token: { generation: 7 } });
    expect(heard).toEqual([]);
    expect(log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      expect.stringContaining('another user name'),
    ]);
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true });
    expect(store.saved.at(-1)).toEqual(foreign);
  });

  it('is heard of by nobody when the gateway is closed', async () => {
    const store = createMemoryStore(storedRecord());
    const { gateway, heard } = await daemonOn(store);
    await gateway.close();
    await loginBeside(store);
    expect(heard).toEqual([]);
  });
});

describe('a session that is staged', () => {
  const failing = (broken: Partial<SessionStore>): SessionStore => ({
    ...createMemoryStore(storedRecord()),
    ...broken,
  });

  it('cannot be handed over when there is none', async () => {
    const staging = stageSession(createMemoryStore<SessionRecord>());
    await staging.load();
    await expect(staging.handOver()).rejects.toThrow('There is no session to hand over.');
  });

  it('says so when it cannot be stored', async () => {
    const staging = stageSession(failing({ change: () => Promise.reject(new Error('disk full')) }));
    await staging.load();
    await expect(staging.handOver()).rejects.toThrow('disk full');
  });

  it('of another user name than the stored one takes its place, counted on from its generation', async () => {
    const store = createMemoryStore(storedRecord());
    const staging = stageSession(store);
    const { gateway } = await world.open({
      account: { ...account, username: 'somebody@else.org' },
      store: Object.assign(staging, { saved: [] }),
    });
    expect(await gateway.login(never)).toMatchObject({ ok: true });
    await staging.handOver();
    expect(store.saved.at(-1)).toMatchObject({ generation: 8, session: { accessToken: 'access-1' } });
    expect(store.saved.at(-1)?.owner).not.toBe(storedRecord().owner);
  });
});
