import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionRecord } from '../../../src/io/bluelink/session-record.ts';
import { createMemoryStore } from '../../../src/io/store/memory-store.ts';
import { HOUR_MS, how, list, never, storedRecord, TIMEOUT_MS, unlock } from './support/account.ts';
import { ok } from './support/fake-cloud.ts';
import { ONE_APP_GRANT } from './support/vendor-answers.ts';
import { runOut } from './support/virtual-time.ts';
import { useWorld } from './support/world.ts';

const TOKEN = 'POST /api/v1/user/oauth2/token';
const IDENTITY = 'POST /auth/api/v2/user/oauth2/token';
const REFRESH = 'POST /domain/api/v2/auth/token-refresh';
const EXCHANGE = 'POST /domain/api/v1/auth/token-exchange';
const LIST = 'GET /api/v1/spa/vehicles';

const world = useWorld();
beforeEach(() => {
  world.cloud.on(LIST, () => ok({ vehicles: [] }));
  world.cloud.on(TOKEN, (_, times) => ({
    body: {
      token_type: 'Bearer',
      access_token: `access-new-${times}`,
      refresh_token: `refresh-new-${times}`,
      expires_in: 86_400,
    },
  }));
});

const session = (changes: Partial<NonNullable<SessionRecord['session']>>) => ({
  ...(storedRecord().session ?? fail()),
  ...changes,
});
function fail(): never {
  throw new Error('The stored record has a session.');
}

describe('the start', () => {
  it('takes the stored session while it is good, and asks nobody', async () => {
    const { gateway } = await world.open();
    expect(await gateway.startSession(never)).toEqual({
      ok: true,
      generation: 7,
      lifetimeMs: expect.any(Number),
      asked: false,
    });
    expect(world.cloud.requests).toEqual([]);
  });

  it('renews a session that is about to end', async () => {
    const { gateway } = await world.open({
      record: storedRecord({ session: session({ expiresAt: Date.now() + 59_000 }) }),
    });
    expect(await gateway.startSession(never)).toMatchObject({
      ok: true,
      generation: 8,
      asked: true,
      lifetimeMs: 24 * HOUR_MS,
    });
  });

  it('without a session is a refused grant, so that somebody logs in', async () => {
    const { gateway } = await world.open({ record: null });
    expect(await gateway.startSession(never)).toMatchObject({
      ok: false,
      failure: { kind: 'grantRefused', answered: false },
    });
    expect(world.cloud.requests).toEqual([]);
  });

  it('does not use a session of another user, but counts on from its generation', async () => {
    const { gateway } = await world.open({ account: { username: 'somebody@else.org' } });
    expect(await gateway.startSession(never)).toMatchObject({ ok: false, failure: { kind: 'grantRefused' } });
    expect(gateway.generation()).toBe(7);
  });
});

describe('a refresh', () => {
  it('asks the server although our clock trusts the token, and stores the rotated tokens before it answers', async () => {
    const { gateway, store } = await world.open();
    expect(await gateway.refreshSession(never)).toEqual({
      ok: true,
      generation: 8,
      lifetimeMs: 24 * HOUR_MS,
      asked: true,
    });
    expect(store.saved.at(-1)).toMatchObject({
      generation: 8,
      session: { accessToken: 'access-new-1', grant: { kind: 'vehicleApi', refreshToken: 'refresh-new-1' } },
    });
    const [request] = world.cloud.seen(TOKEN);
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'refresh_token',
      redirect_uri: 'https://www.getpostman.com/oauth2/callback',
      refresh_token: 'refresh-7',
    });
    expect(request?.headers.authorization).toMatch(/^Basic /);
    await gateway.call(list, how());
    expect(world.cloud.seen(LIST)[0]?.headers.authorization).toBe('Bearer access-new-1');
  });

  it('is one call for all who ask at once', async () => {
    const { gateway } = await world.open();
    const outcomes = await Promise.all([
      gateway.refreshSession(never),
      gateway.refreshSession(never),
      gateway.refreshSession(never),
    ]);
    expect(outcomes.map((outcome) => outcome.ok && outcome.generation)).toEqual([8, 8, 8]);
    expect(world.cloud.seen(TOKEN)).toHaveLength(1);
  });

  it('keeps the old refresh token when no new one comes', async () => {
    world.cloud.on(TOKEN, () => ({ body: { access_token: 'access-new', expires_in: '3600' } }));
    const { gateway, store } = await world.open();
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, lifetimeMs: HOUR_MS });
    expect(store.saved.at(-1)?.session?.grant).toEqual({ kind: 'vehicleApi', refreshToken: 'refresh-7' });
  });

  it('goes on when its caller stops waiting, so that nothing rotated is lost', async () => {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    world.cloud.on(TOKEN, async () => {
      await answered;
      return { body: { access_token: 'access-late', refresh_token: 'refresh-late', expires_in: 3600 } };
    });
    const { gateway, store } = await world.open();
    const abort = new AbortController();
    const first = gateway.refreshSession(abort.signal);
    await world.cloud.arrived(TOKEN);
    abort.abort();
    expect(await first).toMatchObject({ ok: false, failure: { kind: 'aborted' } });
    const second = gateway.refreshSession(never);
    answer();
    expect(await second).toMatchObject({ ok: true, generation: 8 });
    expect(world.cloud.seen(TOKEN)).toHaveLength(1);
    expect(store.saved.at(-1)?.session?.grant).toMatchObject({ refreshToken: 'refresh-late' });
  });

  it.each([
    [
      'a dead grant',
      { status: 400, body: { errId: 'x', errCode: '4002', errMsg: 'Invalid parameters' } },
      'grantRefused',
      true,
    ],
    ['401 without a body', { status: 401 }, 'grantRefused', true],
    ['500', { status: 500 }, 'cloudUnavailable', false],
    ['HTML', { status: 502, body: '<html>maintenance</html>' }, 'cloudUnavailable', false],
    ['HTML in a 200', { body: '<html>maintenance</html>' }, 'invalidResponse', false],
    ['a token unfit for a header', { body: { access_token: 'a\r\nb', expires_in: 1 } }, 'invalidResponse', false],
    ['nothing', 'hang', 'timeout', false],
    ['a cut connection', 'cut', 'network', false],
  ] as const)('that meets %s leaves the session as it was', async (_, answer, kind, answered) => {
    world.cloud.on(TOKEN, () => answer);
    const { gateway, store } = await world.open();
    const make = () => gateway.refreshSession(never);
    const outcome = answer === 'hang' ? runOut(make, () => world.cloud.arrived(TOKEN), TIMEOUT_MS) : make();
    expect(await outcome).toMatchObject({ ok: false, failure: { kind, answered } });
    expect(gateway.generation()).toBe(7);
    expect(store.saved).toEqual([]);
    expect(world.cloud.seen(TOKEN)).toHaveLength(1);
  });

  it('drops the control token', async () => {
    const { gateway } = await world.open();
    world.cloud.on(LIST, () => ok({ vehicles: [{ vehicleId: '11111111-2222-3333-4444-555555555555' }] }));
    await gateway.call(unlock, how());
    await gateway.refreshSession(never);
    await gateway.call(unlock, how());
    expect(world.cloud.seen('PUT /api/v1/user/pin').map(({ headers }) => headers.authorization)).toEqual([
      'Bearer access-7',
      'Bearer access-new-1',
    ]);
  });

  it('goes to the identity provider for a session of a 48-character token', async () => {
    world.cloud.on(IDENTITY, () => ({ body: { access_token: 'access-idp', expires_in: 3600 } }));
    const grant = { kind: 'identity', refreshToken: 'A'.repeat(48) } as const;
    const { gateway } = await world.open({ record: storedRecord({ session: session({ grant }) }) });
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, generation: 8 });
    expect(Object.fromEntries(new URLSearchParams(world.cloud.seen(IDENTITY)[0]?.body))).toMatchObject({
      grant_type: 'refresh_token',
      client_id: '6d477c38-3ca4-4cf3-9557-2a1929a94654',
      client_secret: expect.stringMatching(/^\S{10,}$/),
      refresh_token: 'A'.repeat(48),
    });
  });

  it('keeps going when the session cannot be stored, and says so', async () => {
    const store = { ...createMemoryStore(storedRecord()), change: () => Promise.reject(new Error('disk full')) };
    const { gateway, log } = await world.open({ store });
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, generation: 8 });
    expect(log.lines.some(({ level }) => level === 'error')).toBe(true);
  });
});

describe('a refresh of a OneApp session', () => {
  const record = () => storedRecord({ session: session({ flow: 'oneApp', grant: ONE_APP_GRANT }) });

  it('has the rotated set on the disk before it uses it', async () => {
    const savedAtExchange: unknown[] = [];
    const store = createMemoryStore(record());
    world.cloud.on(REFRESH, () => ({
      body: { accessToken: 'cci-2', refreshToken: 'cci-refresh-2', nonCcsToken: 'non-2' },
      headers: { 'set-cookie': ['t=ex-2; Path=/; HttpOnly'] },
    }));
    world.cloud.on(EXCHANGE, () => {
      savedAtExchange.push(store.saved.at(-1)?.session);
      return { body: { accessToken: 'access-ccs', expiresTime: 86_400 } };
    });
    const { gateway } = await world.open({ store });
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, generation: 8 });
    const rotated = {
      accessToken: 'cci-2',
      refreshToken: 'cci-refresh-2',
      exchangeableAccessToken: 'ex-2',
      idToken: 'id-1',
    };
    expect(savedAtExchange).toMatchObject([{ accessToken: 'access-7', grant: rotated }]);
    expect(store.saved.at(-1)?.session).toMatchObject({ accessToken: 'access-ccs', grant: rotated });
    expect(JSON.parse(world.cloud.seen(REFRESH)[0]?.body ?? '')).toEqual({ ...ONE_APP_GRANT, kind: undefined });
    expect(world.cloud.seen(EXCHANGE)[0]?.headers).toMatchObject({
      authorization: 'Bearer cci-2',
      authentication: 'non-2',
      'exchangeable-token': 'ex-2',
      'client-id': 'com.hyundai.oneapp.eu',
    });
  });

  it('that fails half-way goes on with the rotated set the next time', async () => {
    world.cloud.on(REFRESH, (_, times) => ({
      body: { accessToken: `cci-${times + 1}`, refreshToken: `cci-refresh-${times + 1}` },
    }));
    world.cloud.on(EXCHANGE, (_, times) =>
      times === 1
        ? { status: 502, body: { code: 9001, message: 'external', errors: [] } }
        : { body: { ccsAccessToken: 'access-ccs' } },
    );
    const { gateway } = await world.open({ record: record() });
    expect(await gateway.refreshSession(never)).toMatchObject({
      ok: false,
      failure: { kind: 'cloudUnavailable', answered: false },
    });
    expect(gateway.generation()).toBe(7);
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, lifetimeMs: HOUR_MS });
    expect(JSON.parse(world.cloud.seen(REFRESH)[1]?.body ?? '')).toMatchObject({ refreshToken: 'cci-refresh-2' });
  });
});
