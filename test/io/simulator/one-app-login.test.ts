import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SimAccount } from '../../../src/io/simulator/account.ts';
import { PlainClient } from './support/plain-client.ts';
import { ACCOUNT, KIA_ACCOUNT, simulators } from './support/world.ts';

const start = simulators();

/** The OneApp, as far as its login goes: cookies, the key, the password, a code, tokens. */
class OneApp {
  readonly plain: PlainClient;
  readonly account: SimAccount;
  // biome-ignore lint/suspicious/noExplicitAny: the token answer, as it came
  set: any = null;
  #cookies = '';

  constructor(url: string, account: SimAccount) {
    this.plain = new PlainClient(url, account);
    this.account = account;
  }

  /** Follows the redirects of the authorize call; the address on which they end. */
  async authorize(): Promise<URL> {
    const { oneAppClientId: client_id, oneAppRedirectUri: redirect_uri } = this.plain.brand;
    const query = new URLSearchParams({
      response_type: 'code',
      client_id,
      redirect_uri,
      lang: 'en',
      state: 'ccsp',
      country: 'de',
    });
    const first = await this.plain.send('GET', `/auth/api/v2/user/oauth2/authorize?${query}`);
    this.#cookies = first.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
    const page = new URL(first.headers.get('location') ?? '');
    expect((await fetch(page)).status).toBe(200);
    return page;
  }

  async signIn(password = this.account.password, encoding: 'hex' | 'base64' = 'hex'): Promise<URL | null> {
    const { body } = await this.plain.send('GET', '/auth/api/v1/accounts/certs');
    const { kty, kid, n, e } = body.retValue;
    const key = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
    const sealed = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(password, 'utf8'));
    const { oneAppClientId: client_id, oneAppRedirectUri: redirect_uri } = this.plain.brand;
    const form = new URLSearchParams({
      client_id,
      encryptedPassword: 'true',
      password: sealed.toString(encoding),
      redirect_uri,
      scope: '',
      nonce: '',
      state: 'ccsp',
      username: this.account.username,
      connector_session_key: '',
      kid,
      _csrf: '',
    });
    const answer = await this.plain.send('POST', '/auth/account/signin', { form, headers: { cookie: this.#cookies } });
    const location = answer.headers.get('location');
    return location === null ? null : new URL(location);
  }

  async tokens(code: string | null): Promise<number> {
    const answer = await this.plain.send('POST', `/domain/api/v1/auth/token?code=${code}`, { headers: this.headers() });
    if (answer.status === 200) this.set = answer.body;
    return answer.status;
  }

  async ccsToken(): Promise<number> {
    const answer = await this.plain.send('POST', '/domain/api/v1/auth/token-exchange?serviceType=CCS', {
      headers: this.headers(),
    });
    if (answer.status === 200) this.plain.access = answer.body.accessToken;
    return answer.status;
  }

  refresh(set = this.set) {
    const { tokenType: _type, expiresIn: _in, ...json } = set;
    return this.plain.send('POST', '/domain/api/v2/auth/token-refresh', { headers: this.headers(set), json });
  }

  headers(set = this.set): Record<string, string> {
    const general = { 'client-id': `com.${this.account.brand}.oneapp.eu`, 'client-name': this.account.brand };
    if (set === null) return general;
    return {
      ...general,
      authorization: `Bearer ${set.accessToken}`,
      authentication: set.nonCcsToken,
      'exchangeable-token': set.exchangeableAccessToken,
      'non-ccs-token': set.nonCcsToken,
    };
  }
}

describe('the OneApp login', () => {
  it.each([ACCOUNT, KIA_ACCOUNT])('leads $brand from a password to a list of cars', async (account) => {
    const sim = await start();
    const app = new OneApp(sim.url, account);
    const page = await app.authorize();
    expect(page.origin).toBe(sim.url);
    expect(page.pathname).toBe('/web/v1/user/authorize');
    expect(page.searchParams.get('next_uri')).toContain(sim.url);
    const end = await app.signIn();
    expect(`${end?.origin}${end?.pathname}`).toBe(app.plain.brand.oneAppRedirectUri);
    expect(end?.searchParams.get('state')).toBe('ccsp');
    expect(end?.searchParams.get('login_success')).toBe('y');
    expect(await app.tokens(end?.searchParams.get('code') ?? null)).toBe(200);
    expect(app.set.refreshToken).toHaveLength(87);
    expect(await app.ccsToken()).toBe(200);
    await app.plain.register();
    const list = await app.plain.get('/api/v1/spa/vehicles');
    expect(list.body.resMsg.vehicles).toHaveLength(account.cars.length);
  });

  it('can skip the page between by asking for its next address', async () => {
    const sim = await start();
    const app = new OneApp(sim.url, ACCOUNT);
    const next = (await app.authorize()).searchParams.get('next_uri') ?? '';
    const answer = await fetch(`${next}&country=de`);
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie().join()).toContain('account=');
  });

  it('takes a code once', async () => {
    const sim = await start();
    const app = new OneApp(sim.url, ACCOUNT);
    await app.authorize();
    const code = (await app.signIn())?.searchParams.get('code') ?? '';
    expect(await app.tokens(code)).toBe(200);
    expect(await app.tokens(code)).toBe(401);
  });

  it('sends a wrong password, a password in base64, and a login without cookies back to the start', async () => {
    const sim = await start();
    const app = new OneApp(sim.url, ACCOUNT);
    expect((await app.signIn())?.pathname).toBe('/auth/api/v2/user/oauth2/authorize');
    await app.authorize();
    expect((await app.signIn('wrong'))?.pathname).toBe('/auth/api/v2/user/oauth2/authorize');
    expect((await app.signIn(undefined, 'base64'))?.pathname).toBe('/auth/api/v2/user/oauth2/authorize');
    expect((await app.signIn())?.searchParams.has('code')).toBe(true);
  });

  it('refuses even the right password after too many wrong ones', async () => {
    const sim = await start({ limits: { attempts: 2 } });
    const app = new OneApp(sim.url, ACCOUNT);
    await app.authorize();
    await app.signIn('wrong');
    await app.signIn('wrong');
    expect((await app.signIn())?.searchParams.has('code')).toBe(false);
  });

  it('changes every token at a refresh, and the old set is dead', async () => {
    const sim = await start();
    const app = new OneApp(sim.url, ACCOUNT);
    await app.authorize();
    await app.tokens((await app.signIn())?.searchParams.get('code') ?? null);
    const old = app.set;
    const fresh = (await app.refresh()).body;
    for (const name of Object.keys(old).filter((key) => /token$/i.test(key))) expect(fresh[name]).not.toBe(old[name]);
    expect((await app.refresh(old)).status).toBe(401);
    expect(await app.ccsToken()).toBe(401);
    app.set = fresh;
    expect(await app.ccsToken()).toBe(200);
  });

  it('wants the whole set for a refresh, but for the id token', async () => {
    const sim = await start();
    const app = new OneApp(sim.url, ACCOUNT);
    await app.authorize();
    await app.tokens((await app.signIn())?.searchParams.get('code') ?? null);
    const { nonCcsRefreshToken: _gone, ...part } = app.set;
    expect((await app.refresh(part)).status).toBe(400);
    expect((await app.refresh({ ...app.set, nonCcsToken: 'other' })).status).toBe(401);
    expect((await app.refresh({ ...app.set, idToken: 'other' })).status).toBe(401);
    expect((await app.refresh({ ...app.set, idToken: undefined })).status).toBe(200);
  });

  it('ends with every token of the set expired or revoked, when told so', async () => {
    const sim = await start();
    const app = new OneApp(sim.url, ACCOUNT);
    await app.authorize();
    await app.tokens((await app.signIn())?.searchParams.get('code') ?? null);
    expect(sim.expireTokens({ kinds: ['cci'] })).toBe(1);
    expect(await app.ccsToken()).toBe(401);
    app.set = (await app.refresh()).body;
    expect(await app.ccsToken()).toBe(200);
    sim.revokeTokens({ kinds: ['refresh'] });
    expect((await app.refresh()).status).toBe(401);
  });

  it('can ask for the terms to be accepted', async () => {
    const sim = await start();
    sim.faults.add({ type: 'consent' });
    const app = new OneApp(sim.url, ACCOUNT);
    await app.authorize();
    expect((await app.signIn())?.pathname).toBe('/web/v1/user/authorization');
  });

  it('can take the client for an abuser', async () => {
    const sim = await start();
    sim.faults.add({ type: 'abusing' });
    const { oneAppClientId, oneAppRedirectUri } = new PlainClient(sim.url).brand;
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: oneAppClientId,
      redirect_uri: oneAppRedirectUri,
    });
    const answer = await fetch(`${sim.url}/auth/api/v2/user/oauth2/authorize?${query}`);
    expect(new URL(answer.url).pathname).toBe('/error');
    expect(new URL(answer.url).searchParams.get('error_description')).toContain('abusing request');
  });
});

describe('the token endpoints', () => {
  it('take the 48-character refresh token with the client secret in the form', async () => {
    const sim = await start();
    const client = new PlainClient(sim.url);
    const answer = await client.refresh();
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 86_400 });
    expect(answer.body.refresh_token).toBeUndefined();
  });

  it('take it with a Basic header at the vehicle API, and name it again', async () => {
    const sim = await start();
    const client = new PlainClient(sim.url);
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: ACCOUNT.refreshToken ?? '' });
    const headers = { authorization: client.brand.basicToken };
    const answer = await client.send('POST', '/api/v1/user/oauth2/token', { form, headers });
    expect(answer.body).toMatchObject({ expires_in: 86_400, refresh_token: ACCOUNT.refreshToken });
    const stranger = await client.send('POST', '/api/v1/user/oauth2/token', {
      form,
      headers: { authorization: 'Basic eDp5' },
    });
    expect([stranger.status, stranger.body.errCode]).toEqual([400, '4002']);
  });

  it('refuse a grant that was revoked, in the shape of their host', async () => {
    const sim = await start();
    sim.revokeTokens({ kinds: ['refresh'] });
    const answer = await new PlainClient(sim.url).refresh();
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ retCode: '7501', errCode: '4002', errMsg: 'Invalid parameters' });
  });

  it('can be told to rotate: the used refresh token is dead', async () => {
    const sim = await start();
    sim.faults.add({ type: 'rotateRefresh' });
    const client = new PlainClient(sim.url);
    const first = await client.refresh();
    expect(first.body.refresh_token).toMatch(/^[A-Z0-9]{48}$/);
    expect((await client.refresh()).status).toBe(400);
  });

  it('keep brands apart', async () => {
    const sim = await start();
    const client = new PlainClient(sim.url, { ...KIA_ACCOUNT, refreshToken: ACCOUNT.refreshToken ?? '' });
    expect((await client.refresh()).status).toBe(400);
  });
});
