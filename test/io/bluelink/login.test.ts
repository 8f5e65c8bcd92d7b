import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/io/store/memory-store.ts';
import { HOUR_MS, how, list, never, PASSWORD, storedRecord, USERNAME } from './support/account.ts';
import { AUTHORIZE, INTEGRATION, REAL, SUBMIT, serveBrandLogin, TOKEN, tokens } from './support/brand-login.ts';
import { ok } from './support/fake-cloud.ts';
import { useWorld } from './support/world.ts';

const SIGNIN = 'POST /api/v1/user/signin';
const IDP_AUTHORIZE = 'GET /auth/api/v2/user/oauth2/authorize';
const IDP_TOKEN = 'POST /auth/api/v2/user/oauth2/token';

const world = useWorld({ record: null });

describe("bluelinky's login", () => {
  const account = { loginFlows: ['bluelinky'] } as const;

  it('goes through the brand form, keeping the vendor’s redirect names and calling none of its hosts', async () => {
    serveBrandLogin(world.cloud);
    const { gateway, store } = await world.open({ account });
    expect(await gateway.login(never)).toEqual({ ok: true, generation: 1, lifetimeMs: 24 * HOUR_MS, asked: true });
    expect(store.saved.at(-1)).toMatchObject({
      generation: 1,
      session: { flow: 'bluelinky', accessToken: 'access-1', grant: { kind: 'vehicleApi', refreshToken: 'refresh-1' } },
    });
    expect(world.cloud.seen(AUTHORIZE)[0]?.path).toContain(`redirect_uri=${REAL}/api/v1/user/oauth2/redirect`);
    expect(world.cloud.seen(SUBMIT)[0]?.path).toContain('session_code=s&tab=t');
    expect(world.cloud.seen(SUBMIT)[0]?.headers.cookie).toBe('account=abc');
    expect(Object.fromEntries(new URLSearchParams(world.cloud.seen(TOKEN)[0]?.body))).toEqual({
      grant_type: 'authorization_code',
      redirect_uri: `${REAL}/api/v1/user/oauth2/redirect`,
      code: 'code-1',
    });
    expect(world.cloud.seen(SIGNIN)).toEqual([]);
    world.cloud.on('GET /api/v1/spa/vehicles', () => ok({ vehicles: [] }));
    expect(await gateway.call(list, how())).toMatchObject({ ok: true, token: { generation: 1 } });
  });

  it('takes the older door when the form is gone', async () => {
    serveBrandLogin(world.cloud);
    world.cloud.on(INTEGRATION, () => ({ status: 404, body: '<html></html>' }));
    world.cloud.on(SIGNIN, () => ({ body: { redirectUrl: `${REAL}/api/v1/user/oauth2/redirect?code=code-2` } }));
    const { gateway } = await world.open({ account });
    expect(await gateway.login(never)).toMatchObject({ ok: true });
    expect(JSON.parse(world.cloud.seen(SIGNIN)[0]?.body ?? '')).toEqual({ email: USERNAME, password: PASSWORD });
  });

  it('tries a wrong password at one door only', async () => {
    serveBrandLogin(world.cloud);
    const { gateway } = await world.open({ account: { ...account, password: 'wrong' } });
    expect(await gateway.login(never)).toMatchObject({
      ok: false,
      failure: { kind: 'credentialsRejected', answered: true },
    });
    expect(world.cloud.seen(SUBMIT)).toHaveLength(1);
    expect(world.cloud.seen(SIGNIN)).toEqual([]);
  });

  it('does not take a failure after the password for a wrong password', async () => {
    serveBrandLogin(world.cloud);
    world.cloud.on(TOKEN, () => ({ status: 401, body: { errCode: '4010', errMsg: 'no' } }));
    const { gateway } = await world.open({ account });
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'cloudUnavailable' } });
  });
});

describe('the login with a 48-character token', () => {
  const password = 'A1'.repeat(24);

  it('is one call to the identity provider', async () => {
    world.cloud.on(IDP_TOKEN, () => tokens);
    const { gateway, store } = await world.open({ account: { password } });
    expect(await gateway.login(never)).toMatchObject({ ok: true, generation: 1 });
    expect(store.saved.at(-1)?.session).toMatchObject({ flow: 'refreshToken', grant: { kind: 'identity' } });
    expect(world.cloud.requests).toHaveLength(1);
  });

  it('says that the token is refused, and tries no form with it', async () => {
    world.cloud.on(IDP_TOKEN, () => ({
      status: 400,
      body: { retCode: '7501', errCode: '4002', errMsg: 'Invalid parameters' },
    }));
    const { gateway } = await world.open({ account: { password } });
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'credentialsRejected' } });
    expect(world.cloud.requests).toHaveLength(1);
  });
});

describe('the login budget', () => {
  it('allows so many logins in 24 hours, across restarts, and then asks nobody', async () => {
    let now = Date.now();
    const clock = { now: () => now, elapsed: () => now };
    serveBrandLogin(world.cloud);
    const account = { loginFlows: ['bluelinky'], password: 'wrong' } as const;
    const first = await world.open({ account, clock, loginBudgetPerDay: 2 });
    await first.gateway.login(never);
    now += HOUR_MS;
    await first.gateway.login(never);
    const second = await world.open({ account, clock, loginBudgetPerDay: 2, store: first.store });
    expect(await second.gateway.login(never)).toMatchObject({
      ok: false,
      failure: { kind: 'loginBudget', retryAfterMs: 23 * HOUR_MS, answered: false },
    });
    expect(world.cloud.seen(SUBMIT)).toHaveLength(2);
    now += 23 * HOUR_MS;
    expect(await second.gateway.login(never)).toMatchObject({ failure: { kind: 'credentialsRejected' } });
  });

  it('counts a login before it is made, and gives it back when no server answered', async () => {
    const { gateway, store } = await world.open({ account: { loginFlows: ['bluelinky'] } });
    let atFirstCall: number | undefined;
    world.cloud.on(AUTHORIZE, () => {
      atFirstCall = store.saved.at(-1)?.logins.length;
      return 'cut';
    });
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'network' } });
    expect(atFirstCall).toBe(1);
    expect(store.saved.at(-1)?.logins).toEqual([]);
  });

  it('is one login for all who ask at once', async () => {
    serveBrandLogin(world.cloud);
    const { gateway } = await world.open({ account: { loginFlows: ['bluelinky'] } });
    const outcomes = await Promise.all([gateway.login(never), gateway.login(never), gateway.refreshSession(never)]);
    expect(outcomes.map((outcome) => outcome.ok && outcome.generation)).toEqual([1, 1, 1]);
    expect(world.cloud.seen(SUBMIT)).toHaveLength(1);
  });

  it('makes no login that it cannot count', async () => {
    const broken = {
      ...createMemoryStore(storedRecord()),
      change: () => Promise.reject(new Error('read-only')),
    };
    const { gateway } = await world.open({ store: broken });
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'misconfigured' } });
    expect(world.cloud.requests).toEqual([]);
  });

  it('does not count the logins that it could not count, and so did not make', async () => {
    serveBrandLogin(world.cloud);
    const store = createMemoryStore(storedRecord());
    let isFull = true;
    const disk = {
      ...store,
      change: (next: Parameters<typeof store.change>[0]) =>
        isFull ? Promise.reject(new Error('the disk is full')) : store.change(next),
    };
    const { gateway } = await world.open({ account: { loginFlows: ['bluelinky'] }, store: disk, loginBudgetPerDay: 1 });
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'misconfigured' } });
    isFull = false;
    expect(await gateway.login(never)).toMatchObject({ ok: true });
  });
});

it('a login has an end', async () => {
  world.cloud.on(IDP_AUTHORIZE, () => 'hang').on(AUTHORIZE, () => 'hang');
  const { gateway } = await world.open({ refreshTimeoutMs: 150 });
  expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'timeout' } });
});
