import { describe, expect, it } from 'vitest';
import type { SimAccount } from '../../../src/io/simulator/account.ts';
import type { Simulator } from '../../../src/io/simulator/simulator.ts';
import { ACCOUNT, CAR, FAST, simulators } from './support/world.ts';

const US: SimAccount = { ...ACCOUNT, region: 'US', cars: [CAR] };
/** The same person in Europe. */
const EUROPEAN: SimAccount = { ...ACCOUNT, cars: [] };
const start = simulators();
const CLIENT = {
  client_id: 'm66129Bb-em93-SPAHYN-bZ91-am4540zp19920',
  clientSecret: 'v558o935-6nne-423i-baa8',
};
const LOGIN = { username: US.username, password: US.password };

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function ask(
  { url }: Simulator,
  method: string,
  path: string,
  headers: Record<string, string> = CLIENT,
  body?: unknown,
): Promise<Answered> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
}

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: string;
}

const logIn = (simulator: Simulator, body: object = LOGIN) =>
  ask(simulator, 'POST', '/v2/ac/oauth/token', CLIENT, body) as Promise<Answered & { body: Tokens }>;

async function headersOf(simulator: Simulator): Promise<Record<string, string>> {
  const { body } = await logIn(simulator);
  return {
    ...CLIENT,
    accessToken: body.access_token,
    username: US.username,
    blueLinkServicePin: US.pin ?? '',
    registrationId: CAR.id,
    vin: CAR.vin,
    gen: '3',
  };
}

const us = () => start({ accounts: [US, EUROPEAN], timings: FAST });
const lock = { userName: US.username, vin: CAR.vin };
const LOCK = '/ac/v2/rcs/rdo/off';

describe('the simulated cloud of the US', () => {
  it('gives tokens for half an hour, and a new refresh token at every refresh', async () => {
    const simulator = await us();
    const first = await logIn(simulator);
    expect(first.body.expires_in).toBe('1799');
    const refresh = { ...LOGIN, grant_type: 'refresh_token', refresh_token: first.body.refresh_token };
    const second = await logIn(simulator, refresh);
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(first.body.refresh_token);
    expect(await logIn(simulator, refresh)).toMatchObject({ status: 401, body: { errorCode: '401' } });
    expect(simulator.log.map(({ kind }) => kind)).toEqual(['idp.signin', 'token.refresh', 'token.refresh']);
  });

  it('wants all four fields for a refresh', async () => {
    const simulator = await us();
    const { refresh_token } = (await logIn(simulator)).body;
    expect(await logIn(simulator, { grant_type: 'refresh_token', refresh_token })).toMatchObject({
      status: 400,
      body: { errorMessage: 'password required' },
    });
  });

  it('lets in nobody of another region, without the secret of the app, or with a wrong password', async () => {
    const simulator = await start({ accounts: [ACCOUNT] });
    expect((await logIn(simulator)).status).toBe(401);
    const american = await us();
    expect((await ask(american, 'POST', '/v2/ac/oauth/token', {}, LOGIN)).status).toBe(401);
    expect((await logIn(american, { ...LOGIN, password: 'x' })).status).toBe(401);
  });

  it('knows the calls by one slash only', async () => {
    const simulator = await us();
    const headers = await headersOf(simulator);
    expect((await ask(simulator, 'GET', '/ac/v2/rcs/rvs/vehicleStatus', headers)).status).toBe(200);
    expect((await ask(simulator, 'GET', '//ac/v2/rcs/rvs/vehicleStatus', headers)).status).toBe(404);
  });

  it.each([
    ['another car', { registrationId: 'other' }],
    ['another VIN', { vin: 'OTHER' }],
    ['another generation', { gen: '2' }],
  ])('does nothing for %s', async (_, changes) => {
    const simulator = await us();
    const headers = { ...(await headersOf(simulator)), ...changes };
    expect(await ask(simulator, 'POST', LOCK, headers, lock)).toMatchObject({
      status: 502,
      body: { errorSubCode: 'GEN' },
    });
    expect(simulator.car(CAR.id).deliveryCount).toBe(0);
  });

  it('wants the PIN for controls, and locks it after too many wrong ones', async () => {
    const simulator = await us();
    const { blueLinkServicePin: _, ...without } = await headersOf(simulator);
    expect(await ask(simulator, 'POST', LOCK, without, lock)).toMatchObject({
      status: 400,
      body: { errorSubCode: 'C400_1', functionName: 'validatePIN' },
    });
    const wrong = { ...without, blueLinkServicePin: '0000' };
    for (let times = 0; times < 5; times += 1) {
      expect((await ask(simulator, 'POST', LOCK, wrong, lock)).status).toBe(401);
    }
    const right = { ...without, blueLinkServicePin: US.pin ?? '' };
    expect((await ask(simulator, 'POST', LOCK, right, lock)).status).toBe(401);
  });

  it('accepts a control with nothing but the id of its record, and delivers it once', async () => {
    const simulator = await us();
    const headers = await headersOf(simulator);
    const taken = await ask(simulator, 'POST', LOCK, headers, lock);
    const tid = taken.headers.get('tmsTid') ?? '';
    expect(taken).toMatchObject({ status: 200, body: null });
    const record = { ...headers, tid, login_id: US.username, service_type: 'REMOTE_POLL' };
    const path = '/ac/v2/rmt/getRunningStatus';
    expect((await ask(simulator, 'GET', path, record)).body).toEqual({ status: 'SUCCESS' });
    expect((await ask(simulator, 'GET', path, { ...record, service_type: 'LIGHTS_ONLY' })).body).toEqual({
      status: 'PENDING',
    });
    expect(simulator.car(CAR.id).deliveries).toEqual([{ at: expect.any(Number), order: 'door:close', actionId: tid }]);
    const [call] = simulator.log.filter(({ kind }) => kind === 'control.door');
    expect(call).toMatchObject({ account: 0, car: CAR.id, tokenKind: 'access', actionId: tid, effect: 'door:close' });
  });

  it('wakes the car for its position and for a forced status, and for nothing else', async () => {
    const simulator = await us();
    const headers = await headersOf(simulator);
    const status = '/ac/v2/rcs/rvs/vehicleStatus';
    await ask(simulator, 'GET', status, { ...headers, REFRESH: 'false' });
    expect(simulator.car(CAR.id).wakes).toBe(0);
    await ask(simulator, 'GET', status, { ...headers, REFRESH: 'true' });
    expect(simulator.car(CAR.id).wakes).toBe(1);
    const found = await ask(simulator, 'GET', '/ac/v2/rcs/rfc/findMyCar', headers);
    expect(found.body).toMatchObject({ coord: { lat: 52.5163, lon: 13.3777 }, time: expect.stringMatching(/Z$/) });
    expect(simulator.log.map(({ wake }) => wake)).toEqual([false, false, true, true]);
  });

  it('meets the same faults, in its own words', async () => {
    const simulator = await us();
    const headers = await headersOf(simulator);
    const subCode = async () =>
      ((await ask(simulator, 'POST', LOCK, headers, lock)).body as { errorSubCode: string }).errorSubCode;
    const met: string[] = [];
    for (const type of ['rateLimited', 'duplicate', 'carAsleep', 'rejectFreshTokens', 'wrongPinAlways'] as const) {
      const fault = simulator.faults.add({ type });
      met.push(await subCode());
      fault.lift();
    }
    expect(met).toEqual(['HT_534', 'GEN', 'HT_900', 'IDM_401_1', 'IDM_401_4']);
    expect(simulator.car(CAR.id).deliveryCount).toBe(0);
  });

  it('refuses tokens that were revoked, or have expired, by account', async () => {
    const simulator = await us();
    const headers = await headersOf(simulator);
    const list = `/ac/v2/enrollment/details/${encodeURIComponent(US.username)}`;
    expect((await ask(simulator, 'GET', list, headers)).status).toBe(200);
    expect(simulator.expireTokens({ account: 1 })).toBe(0);
    expect(simulator.expireTokens({ account: 0 })).toBe(1);
    expect((await ask(simulator, 'GET', list, headers)).status).toBe(401);
    expect(simulator.log.at(-1)?.path).toBe('/ac/v2/enrollment/details/:username');
  });
});
