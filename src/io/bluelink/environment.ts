import type { BluelinkyEnvironment } from './bluelinky-surface.ts';
import type { Hosts } from './hosts.ts';
import type { AppConstants } from './regions.ts';

/** How the vendor's Android app calls itself. */
export const APP_USER_AGENT = 'okhttp/3.12.0';

export interface EnvironmentOptions {
  readonly constants: AppConstants;
  readonly hosts: Hosts;
  /** Which of the stamp's keys is in use; asked for every stamp. */
  readonly stampKey: () => number;
  readonly now: () => number;
}

/**
 * What takes the place of bluelinky's (frozen) European environment: the constants of the region's app of today, a stamp
 * that fits them, and our hosts. `redirect_uri` values stay the vendor's: they are names that the server compares, not
 * places that we call.
 */
export function buildEnvironment(
  original: BluelinkyEnvironment,
  { constants, hosts, stampKey, now }: EnvironmentOptions,
): BluelinkyEnvironment {
  const { appId, clientId, basicToken, stampKeys } = constants;
  const user = `${hosts.vehicleApi}/api/v1/user`;
  const redirectUri = `${constants.hosts.vehicleApi}/api/v1/user/oauth2/redirect`;
  return {
    ...original,
    clientId,
    basicToken: basicToken ?? original.basicToken,
    appId,
    baseUrl: hosts.vehicleApi,
    host: new URL(hosts.vehicleApi).host,
    endpoints: {
      session: `${user}/oauth2/authorize?response_type=code&state=test&client_id=${clientId}&redirect_uri=${redirectUri}`,
      login: `${user}/signin`,
      language: `${user}/language`,
      redirectUri,
      token: `${user}/oauth2/token`,
      integration: `${user}/integrationinfo`,
      silentSignIn: `${user}/silentsignin`,
    },
    stamp: async () => stampOf(stampKeys[stampKey()] ?? stampKeys[0], appId, now()),
    brandAuthUrl: (options) => {
      const url = new URL(original.brandAuthUrl(options));
      return `${hosts.brandLogin}${url.pathname}${url.search}`;
    },
  };
}

/**
 * A stamp is base64 of `<application id>:<ms>` XOR the key of the brand and region.
 *
 * @param key base64 of as many bytes, 50.
 */
export function stampOf(key: string, appId: string, now: number): string {
  const plain = Buffer.from(`${appId}:${now}`, 'utf8');
  const mask = Buffer.from(key, 'base64');
  return Buffer.from(plain.map((byte, at) => byte ^ (mask[at] ?? 0))).toString('base64');
}
