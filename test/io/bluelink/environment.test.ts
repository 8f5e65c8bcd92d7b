import { describe, expect, it } from 'vitest';
import { type Brand, loadBluelinky } from '../../../src/io/bluelink/bluelinky-surface.ts';
import { BRANDS, buildEnvironment, restamp } from '../../../src/io/bluelink/environment.ts';
import { hostsOf } from '../../../src/io/bluelink/hosts.ts';
import { CookieJar } from '../../../src/io/bluelink/login/cookie-jar.ts';
import { flowsFor } from '../../../src/io/bluelink/login/flows.ts';

async function original(brand: Brand) {
  const { BlueLinky } = await loadBluelinky();
  const config = { username: '', password: '', pin: undefined, region: 'EU', language: 'en' } as const;
  return new BlueLinky({ ...config, brand, autoLogin: false, stampMode: 'LOCAL' }).controller.environment;
}

describe('the environment', () => {
  it.each(['hyundai', 'kia'] as const)(
    'of %s has the current application id, and a stamp that says the same',
    async (brand) => {
      const plain = await original(brand);
      const environment = buildEnvironment(plain, brand, hostsOf(brand, null));
      expect(environment.appId).toBe(BRANDS[brand].appId);
      const back = restamp(await environment.stamp(), environment.appId, plain.appId);
      const now = Buffer.from(await plain.stamp(), 'base64');
      // All but the last digits of the time agree with bluelinky's own stamp of the same moment.
      expect(Buffer.from(back, 'base64').subarray(0, 44)).toEqual(now.subarray(0, 44));
      expect(environment.baseUrl).toBe(plain.baseUrl);
      expect(environment.endpoints).toEqual(plain.endpoints);
      const names = { language: 'en', serviceId: 's', userId: 'u' };
      expect(environment.brandAuthUrl(names)).toBe(plain.brandAuthUrl(names));
    },
  );

  it('moves every host to the cloud URL, and leaves the redirect names alone', async () => {
    const plain = await original('kia');
    const environment = buildEnvironment(plain, 'kia', hostsOf('kia', 'http://127.0.0.1:9'));
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
    expect(hostsOf('kia', null).resolve(location, from)).toBe(expected);
  });

  it.each([
    ['https://evil.example.org/x?code=1', 'http://127.0.0.1:9/x?code=1'],
    ['/next', 'http://127.0.0.1:9/next'],
    ['javascript:alert(1)', null],
  ])('%s → %s, when the cloud URL is replaced', (location, expected) => {
    expect(hostsOf('kia', 'http://127.0.0.1:9').resolve(location, 'http://127.0.0.1:9/a')).toBe(expected);
  });
});

describe('the order of the logins', () => {
  const names = (...args: Parameters<typeof flowsFor>) => flowsFor(...args).map(({ name }) => name);

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
