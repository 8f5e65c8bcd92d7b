import type { BluelinkyEnvironment, Brand } from './bluelinky-surface.ts';
import type { Hosts } from './hosts.ts';

/** What differs between bluelinky 9.1.0 and the apps of today, per brand (public constants of the vendor's apps). */
export interface BrandConstants {
  /** The application id that the cloud accepts; bluelinky still carries a retired one for Hyundai. */
  readonly appId: string;
  /** The push service of the app: a device registered with the wrong one is refused. */
  readonly pushType: 'GCM' | 'APNS';
}

export const BRANDS: Readonly<Record<Brand, BrandConstants>> = {
  hyundai: { appId: '014d2225-8495-4735-812d-2616334fd15d', pushType: 'GCM' },
  kia: { appId: 'a2b8469b-30a3-4361-8e13-6fceea8fbe74', pushType: 'APNS' },
};

/** How the vendor's Android app calls itself. */
export const APP_USER_AGENT = 'okhttp/3.12.0';

/**
 * A copy of bluelinky's (frozen) environment with the current application id, a stamp that fits it, and our hosts.
 * `redirect_uri` values stay the vendor's: they are names that the server compares, not places that we call.
 */
export function buildEnvironment(original: BluelinkyEnvironment, brand: Brand, hosts: Hosts): BluelinkyEnvironment {
  const { appId } = BRANDS[brand];
  const moved = (url: string) => hosts.vehicleApi + url.slice(original.baseUrl.length);
  return {
    ...original,
    appId,
    baseUrl: hosts.vehicleApi,
    host: new URL(hosts.vehicleApi).host,
    endpoints: {
      session: moved(original.endpoints.session),
      login: moved(original.endpoints.login),
      language: moved(original.endpoints.language),
      redirectUri: original.endpoints.redirectUri,
      token: moved(original.endpoints.token),
      integration: moved(original.endpoints.integration),
      silentSignIn: moved(original.endpoints.silentSignIn),
    },
    stamp: async () => restamp(await original.stamp(), original.appId, appId),
    brandAuthUrl: (options) => {
      const url = new URL(original.brandAuthUrl(options));
      return `${hosts.brandLogin}${url.pathname}${url.search}`;
    },
  };
}

/**
 * A stamp is base64 of `<application id>:<ms>` XOR the brand's key. bluelinky's stamp function holds the key and its own
 * application id; XOR with both ids, which are of equal length, exchanges the one for the other.
 */
export function restamp(stamp: string, oldAppId: string, newAppId: string): string {
  const bytes = Buffer.from(stamp, 'base64');
  const from = Buffer.from(oldAppId, 'utf8');
  const to = Buffer.from(newAppId, 'utf8');
  for (let i = 0; i < Math.min(from.length, to.length, bytes.length); i++) {
    bytes[i] = (bytes[i] ?? 0) ^ (from[i] ?? 0) ^ (to[i] ?? 0);
  }
  return bytes.toString('base64');
}
