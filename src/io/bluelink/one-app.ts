import { z } from 'zod';
import type { Brand } from './bluelinky-surface.ts';
import type { CloudClient, Patience } from './cloud-client.ts';
import { explained } from './cloud-error.ts';
import type { CallName } from './failure-rows.ts';
import type { Hosts } from './hosts.ts';
import type { OneAppGrant } from './session-record.ts';
import { endpointOf } from './shape-reports.ts';
import { type FreshSession, lifetimeSchema, tokenSchema } from './tokens.ts';
import { BERLIN, offsetMs } from './translate/local-time.ts';

/** The backend of the vendor's current app: its own token set, which buys the access token of the vehicle API. */

interface OneAppConstants {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly packageName: string;
  readonly osVersion: string;
  readonly notificationProvider: string;
}

/** Public constants of the vendor's apps. */
export const ONE_APP: Readonly<Record<Brand, OneAppConstants>> = {
  hyundai: {
    clientId: '4f4953b5-02e1-4dbc-8599-87e983ee1be5',
    redirectUri: 'https://oneapp.hyundai.com/redirect',
    packageName: 'com.hyundai.oneapp.eu',
    osVersion: '18.7',
    notificationProvider: 'APNS',
  },
  kia: {
    clientId: '01b36c86-79e8-486c-8009-15f2ad88d670',
    redirectUri: 'https://oneapp.kia.com/redirect',
    packageName: 'com.kia.oneapp.eu',
    osVersion: '27',
    notificationProvider: 'IOS_APPSTORE',
  },
};

const optionalToken = tokenSchema.optional();
const tokenSetSchema = z.object({
  accessToken: optionalToken,
  refreshToken: optionalToken,
  exchangeableAccessToken: optionalToken,
  exchangeableRefreshToken: optionalToken,
  nonCcsToken: optionalToken,
  nonCcsRefreshToken: optionalToken,
  idToken: optionalToken,
});

/** The token has had two names. */
const exchangeSchema = z.object({
  accessToken: optionalToken,
  ccsAccessToken: optionalToken,
  expiresTime: lifetimeSchema,
});

export interface OneAppOptions {
  readonly brand: Brand;
  readonly language: string;
  readonly hosts: Hosts;
  readonly client: CloudClient;
  readonly now: () => number;
}

export class OneApp {
  readonly #options: OneAppOptions;

  constructor(options: OneAppOptions) {
    this.#options = options;
  }

  /** The first token set, for the code of a login. Rejects with `CloudError`. */
  async tokens(code: string, deviceUuid: string, patience: Patience): Promise<OneAppGrant> {
    const url = `/domain/api/v1/auth/token?code=${encodeURIComponent(code)}`;
    const body = await this.#post(url, this.#headers(deviceUuid, null), undefined, 'login', patience);
    return this.#grant(url, body, null, null, 'login');
  }

  /** A new token set for the old one, which is dead from then on: store the answer before using it. */
  async refresh(grant: OneAppGrant, deviceUuid: string, patience: Patience): Promise<OneAppGrant> {
    const { kind: _, ...tokens } = grant;
    const headers = { ...this.#headers(deviceUuid, grant), 'content-type': 'application/json' };
    const url = '/domain/api/v2/auth/token-refresh';
    const answer = await this.#request(url, headers, JSON.stringify(tokens), 'refresh', patience);
    return this.#grant(url, answer.body, grant, exchangeableOf(answer.headers['set-cookie']), 'refresh');
  }

  /** The access token of the vehicle API. */
  async exchange(grant: OneAppGrant, deviceUuid: string, name: CallName, patience: Patience): Promise<FreshSession> {
    const url = '/domain/api/v1/auth/token-exchange?serviceType=CCS';
    const body = await this.#post(url, this.#headers(deviceUuid, grant), undefined, name, patience);
    const { client } = this.#options;
    const answer = client.shapes.answer(endpointOf(url));
    const read = answer.readBody(exchangeSchema, body);
    const accessToken = read?.accessToken ?? read?.ccsAccessToken;
    if (read === null || accessToken === undefined) {
      if (read !== null) answer.fail(['accessToken'], 'a token');
      throw explained(client.failure({ statusCode: 200, body }, name), answer);
    }
    return { accessToken, lifetimeMs: read.expiresTime * 1000, grant };
  }

  async #post(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
    name: CallName,
    patience: Patience,
  ): Promise<unknown> {
    return (await this.#request(path, headers, body, name, patience)).body;
  }

  async #request(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | undefined,
    name: CallName,
    patience: Patience,
  ) {
    const { client, hosts } = this.#options;
    const url = `${hosts.oneApp}${path}`;
    const request = { method: 'POST' as const, url, headers, ...(body === undefined ? {} : { body }) };
    const answer = await client.plain(request, name, patience);
    if (answer.statusCode < 200 || answer.statusCode > 299) throw client.failure(answer, name);
    return answer;
  }

  /** Fields that the answer leaves out keep their old value. */
  #grant(url: string, body: unknown, old: OneAppGrant | null, cookie: string | null, name: CallName): OneAppGrant {
    const { client } = this.#options;
    const answer = client.shapes.answer(endpointOf(url));
    const fresh = answer.readBody(tokenSetSchema, body);
    const accessToken = fresh?.accessToken ?? old?.accessToken ?? null;
    const refreshToken = fresh?.refreshToken ?? old?.refreshToken ?? null;
    if (fresh === null || accessToken === null || refreshToken === null) {
      if (fresh !== null) answer.fail([accessToken === null ? 'accessToken' : 'refreshToken'], 'a token');
      throw explained(client.failure({ statusCode: 200, body }, name), answer);
    }
    return {
      kind: 'oneApp',
      accessToken,
      refreshToken,
      exchangeableAccessToken: cookie ?? fresh.exchangeableAccessToken ?? old?.exchangeableAccessToken ?? null,
      exchangeableRefreshToken: fresh.exchangeableRefreshToken ?? old?.exchangeableRefreshToken ?? null,
      nonCcsToken: fresh.nonCcsToken ?? old?.nonCcsToken ?? null,
      nonCcsRefreshToken: fresh.nonCcsRefreshToken ?? old?.nonCcsRefreshToken ?? null,
      idToken: fresh.idToken ?? old?.idToken ?? null,
    };
  }

  #headers(deviceUuid: string, grant: OneAppGrant | null): Readonly<Record<string, string>> {
    const { brand, language, now } = this.#options;
    const constants = ONE_APP[brand];
    const headers: Record<string, string> = {
      'client-id': constants.packageName,
      'client-name': brand,
      'client-version': '1.3.3',
      'client-os-code': 'ios',
      'client-os-version': constants.osVersion,
      'client-device-id': deviceUuid,
      'client-device-model': 'iPhone',
      'client-notification-provider-type': constants.notificationProvider,
      locale: language.toUpperCase(),
      timezone: `+0${offsetMs(BERLIN, now()) / 3_600_000}:00`,
      accept: 'application/json',
      'accept-language': language,
      'user-agent': `${brand === 'kia' ? 'Kia' : 'myHyundai'}/1.3.3 iOS`,
    };
    if (grant === null) return headers;
    headers.authorization = `Bearer ${grant.accessToken}`;
    if (grant.nonCcsToken !== null) {
      headers.Authentication = grant.nonCcsToken;
      headers['non-ccs-token'] = grant.nonCcsToken;
    }
    if (grant.exchangeableAccessToken !== null) headers['exchangeable-token'] = grant.exchangeableAccessToken;
    return headers;
  }
}

/** The server may hand out the next exchangeable token as the cookie `t`. */
function exchangeableOf(cookies: readonly string[] | undefined): string | null {
  for (const cookie of cookies ?? []) {
    const value = /^t=([^;]+)/.exec(cookie)?.[1];
    if (value !== undefined && tokenSchema.safeParse(value).success) return value;
  }
  return null;
}
