import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { HOUR_MS, never, PASSWORD, USERNAME } from './support/account.ts';
import { INTEGRATION, REAL, redirect, serveBrandLogin } from './support/brand-login.ts';
import type { FakeAnswer } from './support/fake-cloud.ts';
import { useWorld } from './support/world.ts';

const IDP_AUTHORIZE = 'GET /auth/api/v2/user/oauth2/authorize';
const CERTS = 'GET /auth/api/v1/accounts/certs';
const IDP_SIGNIN = 'POST /auth/account/signin';
const CCI_TOKEN = 'POST /domain/api/v1/auth/token';
const EXCHANGE = 'POST /domain/api/v1/auth/token-exchange';

const world = useWorld({ record: null });

describe('the OneApp login', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const jwk = publicKey.export({ format: 'jwk' });
  const home = 'https://oneapp.hyundai.com/redirect?code=app-code&state=ccsp&login_success=y';

  function serve(signIn: FakeAnswer = redirect(home)): void {
    world.cloud
      .on(IDP_AUTHORIZE, () => redirect(`${REAL}/web/v1/user/authorize?next_uri=x`, ['account=idp; Path=/']))
      .on('GET /web/v1/user/authorize', () => ({ body: '<html>login</html>' }))
      .on(CERTS, () => ({ body: { retValue: { ...jwk, kid: 'HMGID2_CIPHER_KEY1' } } }))
      .on(IDP_SIGNIN, () => signIn)
      .on(CCI_TOKEN, () => ({
        body: { accessToken: 'cci-1', refreshToken: 'cci-refresh-1', nonCcsToken: 'non-1', expiresIn: 3599 },
      }))
      .on(EXCHANGE, () => ({ body: { accessToken: 'access-ccs', expiresTime: 86_400 } }));
  }

  it('signs in with the encrypted password and buys the access token of the vehicle API', async () => {
    serve();
    const { gateway, store } = await world.open();
    expect(await gateway.login(never)).toMatchObject({ ok: true, generation: 1, lifetimeMs: 24 * HOUR_MS });
    expect(store.saved.at(-1)?.session).toMatchObject({
      flow: 'oneApp',
      accessToken: 'access-ccs',
      grant: { kind: 'oneApp', accessToken: 'cci-1', refreshToken: 'cci-refresh-1' },
    });
    const form = new URLSearchParams(world.cloud.seen(IDP_SIGNIN)[0]?.body);
    expect(Object.fromEntries(form)).toMatchObject({
      client_id: '4f4953b5-02e1-4dbc-8599-87e983ee1be5',
      encryptedPassword: 'true',
      redirect_uri: 'https://oneapp.hyundai.com/redirect',
      username: USERNAME,
      connector_session_key: '',
      kid: 'HMGID2_CIPHER_KEY1',
      _csrf: '',
    });
    expect(decrypt(form.get('password') ?? '')).toBe(PASSWORD);
    expect(world.cloud.seen(IDP_SIGNIN)[0]?.headers.cookie).toBe('account=idp');
    expect(world.cloud.seen(CCI_TOKEN)[0]).toMatchObject({
      path: '/domain/api/v1/auth/token?code=app-code',
      body: '',
      headers: { 'content-length': '0', 'client-id': 'com.hyundai.oneapp.eu', 'client-version': '1.3.3' },
    });
  });

  /** Node refuses PKCS#1 v1.5 when it decrypts, so the padding is taken off here. */
  function decrypt(hex: string): string {
    const padded = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, Buffer.from(hex, 'hex'));
    return padded.subarray(padded.indexOf(0, 2) + 1).toString('utf8');
  }

  it.each([
    ['sent to the terms', redirect(`${REAL}/web/v1/user/authorization?x=1`), 'consentRequired'],
    ['sent back to the form', redirect('/auth/api/v2/user/oauth2/authorize?client_id=x'), 'credentialsRejected'],
    ['shown the form again', { body: '<html>login</html>' }, 'credentialsRejected'],
    [
      'sent home with an error',
      redirect('https://oneapp.hyundai.com/redirect?error=access_denied&error_description=no'),
      'credentialsRejected',
    ],
    [
      'blocked',
      redirect('/error?status=400&error_description=It was classified as an abusing request and blocked.'),
      'blocked',
    ],
    ['asked for a one-time code', redirect('/auth/account/otp?x=1'), 'otpRequired'],
    ['limited', { status: 429, headers: { 'retry-after': '60' } }, 'rateLimited'],
  ] as const)('that is %s ends as such, and no other way is tried', async (_, signIn, kind) => {
    serve(signIn);
    const { gateway, store } = await world.open();
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind } });
    expect(world.cloud.seen(IDP_SIGNIN)).toHaveLength(1);
    expect(world.cloud.seen(INTEGRATION)).toEqual([]);
    expect(store.saved.at(-1)?.logins).toHaveLength(1);
  });

  it('that is gone gives way to the next', async () => {
    serveBrandLogin(world.cloud);
    const { gateway, store } = await world.open();
    expect(await gateway.login(never)).toMatchObject({ ok: true });
    expect(store.saved.at(-1)?.session?.flow).toBe('bluelinky');
    expect(store.saved.at(-1)?.logins).toHaveLength(1);
  });

  it('that meets the firewall on the first page does not go on', async () => {
    serve();
    world.cloud.on(IDP_AUTHORIZE, () => ({ status: 400, body: '<html>classified as an abusing request</html>' }));
    const { gateway } = await world.open();
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'blocked' } });
    expect(world.cloud.seen(IDP_SIGNIN)).toEqual([]);
  });

  it('does not take trouble after the password for a wrong password', async () => {
    serve();
    world.cloud.on(EXCHANGE, () => ({ status: 401, body: { code: 9999, message: 'no' } }));
    const { gateway } = await world.open({ account: { loginFlows: ['oneApp'] } });
    expect(await gateway.login(never)).toMatchObject({ ok: false, failure: { kind: 'cloudUnavailable' } });
  });
});
