import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BluelinkyConfig, type Brand, loadBluelinky } from '../../../src/io/bluelink/bluelinky-surface.ts';
import { buildEnvironment, stampOf } from '../../../src/io/bluelink/environment.ts';
import { hostsOf } from '../../../src/io/bluelink/hosts.ts';
import { CookieJar } from '../../../src/io/bluelink/login/cookie-jar.ts';
import { flowsFor } from '../../../src/io/bluelink/login/flows.ts';
import type { LoginFlowName } from '../../../src/io/bluelink/login/login-flow.ts';
import { REGIONS, type SpaRegion } from '../../../src/io/bluelink/regions.ts';
import { LOGINS } from '../../../src/io/config/regions.ts';

async function original(brand: Brand, region: 'EU' | 'AU' = 'EU') {
  const { BlueLinky } = await loadBluelinky();
  const config = { username: '', password: '', pin: undefined, region, language: 'en' };
  const made = new BlueLinky({ ...config, brand, autoLogin: false, stampMode: 'LOCAL' } as BluelinkyConfig);
  return made.controller.environment;
}

async function built(brand: Brand, region: SpaRegion, cloudUrl: string | null = null, key = 0) {
  const constants = REGIONS[region].brands[brand];
  const hosts = hostsOf(constants, cloudUrl);
  return buildEnvironment(await original(brand), { constants, hosts, stampKey: () => key, now: () => Date.now() });
}

/** All but the last digits of the time, and so the same for two stamps of one moment. */
const head = (stamp: string) => Buffer.from(stamp, 'base64').subarray(0, 44);

describe('the environment', () => {
  // Two stamps of one moment, however long it takes to make them.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each(['hyundai', 'kia'] as const)(
    'of %s is that of bluelinky with the current application id, and a stamp that says the same',
    async (brand) => {
      const plain = await original(brand);
      const environment = await built(brand, 'EU');
      const [key] = REGIONS.EU.brands[brand].stampKeys;
      expect(head(stampOf(key, plain.appId, Date.now()))).toEqual(head(await plain.stamp()));
      expect(head(await environment.stamp())).toEqual(head(stampOf(key, environment.appId, Date.now())));
      expect(environment.appId).toBe(REGIONS.EU.brands[brand].appId);
      expect(environment).toMatchObject({
        clientId: plain.clientId,
        basicToken: plain.basicToken,
        baseUrl: plain.baseUrl,
        host: plain.host,
      });
      expect(environment.endpoints).toEqual(plain.endpoints);
      const names = { language: 'en', serviceId: 's', userId: 'u' };
      expect(environment.brandAuthUrl(names)).toBe(plain.brandAuthUrl(names));
    },
  );

  it.each(['hyundai', 'kia'] as const)(
    'of %s in Australia has the constants that bluelinky has, and its key as the second',
    async (brand) => {
      const plain = await original(brand, 'AU');
      const environment = await built(brand, 'AU', null, 1);
      const { clientId, appId, basicToken, baseUrl, host } = plain;
      expect(environment).toMatchObject({ clientId, appId, basicToken, baseUrl, host });
      expect({ ...environment.endpoints, session: '' }).toEqual({ ...plain.endpoints, session: '' });
      const asked = new URL(environment.endpoints.session).searchParams;
      for (const [name, value] of new URL(plain.endpoints.session).searchParams) {
        if (name !== 'lang') expect(asked.get(name)).toBe(value);
      }
      expect(head(await environment.stamp())).toEqual(head(await plain.stamp()));
      expect(head(await (await built(brand, 'AU')).stamp())).not.toEqual(head(await plain.stamp()));
    },
  );

  it('of Kia in New Zealand is an app of its own on the Australian host; that of Hyundai is the Australian one', async () => {
    const [kia, australian] = [await built('kia', 'NZ'), await built('kia', 'AU')];
    expect(kia.baseUrl).toBe(australian.baseUrl);
    for (const name of ['clientId', 'appId', 'basicToken'] as const) expect(kia[name]).not.toBe(australian[name]);
    const pair = Buffer.from(kia.basicToken.slice('Basic '.length), 'base64').toString('utf8');
    expect(pair.split(':')[0]).toBe(kia.clientId);
    const { stamp: _, brandAuthUrl: __, ...hyundai } = await built('hyundai', 'NZ');
    expect(await built('hyundai', 'AU')).toMatchObject(hyundai);
  });

  it('moves every host to the cloud URL, and leaves the redirect names alone', async () => {
    const environment = await built('kia', 'EU', 'http://127.0.0.1:9');
    const { redirectUri, ...called } = environment.endpoints;
    for (const url of Object.values(called)) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:9\/api\/v1\/user\//);
    expect(redirectUri).toBe('https://prd.eu-ccapi.kia.com:8080/api/v1/user/oauth2/redirect');
    expect(called.session).toContain('redirect_uri=https://prd.eu-ccapi.kia.com:8080/api/v1/user/oauth2/redirect');
    const login = environment.brandAuthUrl({ language: 'en', serviceId: 's', userId: 'u' });
    expect(login).toMatch(/^http:\/\/127\.0\.0\.1:9\/auth\/realms\/eukiaidm\//);
    expect(login).toContain('redirect_uri=https://prd.eu-ccapi.kia.com:8080/');
  });
});

describe('where a Location leads', () => {
  const from = 'https://idpconnect-eu.kia.com/auth/page?x=1';

  it.each([
    ['/next?y=2', 'https://idpconnect-eu.kia.com/next?y=2'],
    ['https://prd.eu-ccapi.kia.com:8080/web', 'https://prd.eu-ccapi.kia.com:8080/web'],
    ['https://evil.example.org/x', null],
    ['https://kia.com.evil.example.org/x', null],
    ['http://idpconnect-eu.kia.com/x', null],
    ['javascript:alert(1)', null],
    ['https://[bad', null],
  ])('%s → %s, among the vendor’s hosts only', (location, expected) => {
    expect(hostsOf(REGIONS.EU.brands.kia, null).resolve(location, from)).toBe(expected);
  });

  it.each([
    ['/next', 'https://au-apigw.ccs.kia.com.au:8082/next'],
    ['https://www.kia.com.au/login', 'https://www.kia.com.au/login'],
    ['https://prd.eu-ccapi.kia.com:8080/web', null],
    ['https://kia.com.au.evil.example.org/x', null],
  ])('%s → %s, in Australia', (location, expected) => {
    const { resolve, vehicleApi } = hostsOf(REGIONS.AU.brands.kia, null);
    expect(resolve(location, `${vehicleApi}/a`)).toBe(expected);
  });

  it.each([
    ['https://evil.example.org/x?code=1', 'http://127.0.0.1:9/x?code=1'],
    ['/next', 'http://127.0.0.1:9/next'],
    ['javascript:alert(1)', null],
  ])('%s → %s, when the cloud URL is replaced', (location, expected) => {
    expect(hostsOf(REGIONS.EU.brands.kia, 'http://127.0.0.1:9').resolve(location, 'http://127.0.0.1:9/a')).toBe(
      expected,
    );
  });
});

describe('the order of the logins', () => {
  const names = (password: string, configured: readonly LoginFlowName[], region: SpaRegion = 'EU') =>
    flowsFor(REGIONS[region].loginFlows, password, configured).map(({ name }) => name);

  it('is the current app, then the old ways', () => {
    expect(names('secret', [])).toEqual(['oneApp', 'bluelinky']);
  });
  it('is as configured', () => {
    expect(names('secret', ['bluelinky', 'oneApp'])).toEqual(['bluelinky', 'oneApp']);
    expect(names('secret', ['oneApp'])).toEqual(['oneApp']);
  });
  it('is the token alone when the password is one', () => {
    expect(names('A'.repeat(48), ['oneApp'])).toEqual(['refreshToken']);
  });
  it.each(['EU', 'AU', 'NZ'] as const)('in %s is what the configuration says of it', (region) => {
    expect(REGIONS[region].loginFlows.map(({ name }) => name)).toEqual(LOGINS[region]);
  });
  it('is of those that the region has, in which a password may look like a token', () => {
    expect(names('secret', [], 'AU')).toEqual(['signIn']);
    expect(names('secret', ['refreshToken', 'oneApp', 'bluelinky', 'signIn'], 'NZ')).toEqual(['signIn']);
    expect(names('secret', ['refreshToken', 'oneApp', 'bluelinky', 'signIn'])).toEqual(['oneApp', 'bluelinky']);
    expect(names('A'.repeat(48), [], 'AU')).toEqual(['signIn']);
    expect(names('secret', ['oneApp'], 'AU')).toEqual([]);
  });
});

describe('the cookies of a login', () => {
  it('go back to whom they came from, and to the children of a parent', () => {
    const jar = new CookieJar();
    jar.take('https://a.kia.com/x', [
      'one=1; Path=/; Secure',
      'two=2; Domain=.kia.com',
      'three=3; Domain=evil.org',
      'nonsense',
    ]);
    expect(jar.header('https://a.kia.com/y')).toBe('one=1; two=2; three=3');
    expect(jar.header('https://b.kia.com:8080/')).toBe('two=2');
    expect(jar.header('https://evil.org/')).toBeNull();
    jar.take('https://a.kia.com/x', ['one=; Max-Age=0']);
    expect(jar.header('https://a.kia.com/')).toBe('two=2; three=3');
  });
});
