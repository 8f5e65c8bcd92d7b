import { randomUUID } from 'node:crypto';
import type { SimAccount } from '../../../../src/io/simulator/account.ts';
import { BRANDS } from '../../../../src/io/simulator/brands.ts';
import { ACCOUNT } from './world.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; null when it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  readonly body: any;
}

/** A stamp as clients make it: `<application id>:<unix time>` under the brand's key. */
export function stampOf(appId: string, key: string, time: string | number): string {
  const plain = Buffer.from(`${appId}:${time}`);
  const pad = Buffer.from(key, 'base64');
  return Buffer.from(plain.map((byte, at) => byte ^ (pad[at] ?? 0))).toString('base64');
}

/** A client that knows the protocol and nothing of the simulator: a session with its tokens and its device. */
export class PlainClient {
  readonly url: string;
  readonly account: SimAccount;
  readonly brand: (typeof BRANDS)['hyundai'];
  access = '';
  control = '';
  deviceId = '';
  appId: string;
  now: () => number = () => Date.now();

  constructor(url: string, account: SimAccount = ACCOUNT) {
    this.url = url;
    this.account = account;
    this.brand = BRANDS[account.brand];
    this.appId = this.brand.appIds[0] ?? '';
  }

  static async ready(url: string, account: SimAccount = ACCOUNT): Promise<PlainClient> {
    const client = new PlainClient(url, account);
    await client.refresh();
    await client.register();
    await client.enterPin();
    return client;
  }

  async refresh(): Promise<Answered> {
    const [clientId = '', secret = ''] = Buffer.from(this.brand.basicToken.slice(6), 'base64').toString().split(':');
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: this.account.refreshToken ?? '',
      client_id: clientId,
      client_secret: secret,
    });
    const answer = await this.send('POST', '/auth/api/v2/user/oauth2/token', { form });
    this.access = answer.body?.access_token ?? this.access;
    return answer;
  }

  async register(pushType = 'GCM'): Promise<Answered> {
    const answer = await this.send('POST', '/api/v1/spa/notifications/register', {
      headers: { 'ccsp-service-id': this.brand.clientId, ...this.app() },
      json: { pushRegId: 'a'.repeat(64), pushType, uuid: randomUUID() },
    });
    this.deviceId = answer.body?.resMsg?.deviceId ?? this.deviceId;
    return answer;
  }

  async enterPin(pin = this.account.pin): Promise<Answered> {
    const answer = await this.send('PUT', '/api/v1/user/pin?token=', {
      headers: { authorization: `Bearer ${this.access}` },
      json: { deviceId: this.deviceId, pin },
    });
    this.control = answer.body?.controlToken ?? this.control;
    return answer;
  }

  get(path: string, token: 'access' | 'control' = 'access'): Promise<Answered> {
    return this.send('GET', path, { headers: this.vehicle(token) });
  }

  post(path: string, json: unknown, token: 'access' | 'control' = 'access'): Promise<Answered> {
    return this.send('POST', path, { headers: this.vehicle(token), json });
  }

  lock(car: string): Promise<Answered> {
    return this.post(`/api/v1/spa/vehicles/${car}/control/door`, { action: 'close', deviceId: this.deviceId });
  }

  unlock(car: string): Promise<Answered> {
    return this.post(`/api/v1/spa/vehicles/${car}/control/door`, { action: 'open', deviceId: this.deviceId });
  }

  records(car: string): Promise<Answered> {
    return this.get(`/api/v1/spa/notifications/${car}/records`);
  }

  vehicle(token: 'access' | 'control'): Record<string, string> {
    return {
      authorization: `Bearer ${token === 'access' ? this.access : this.control}`,
      'ccsp-device-id': this.deviceId,
      ...this.app(),
    };
  }

  app(): Record<string, string> {
    return { 'ccsp-application-id': this.appId, stamp: stampOf(this.appId, this.brand.stampKey, this.now()) };
  }

  async send(
    method: string,
    path: string,
    parts: { headers?: Record<string, string>; json?: unknown; form?: URLSearchParams } = {},
  ): Promise<Answered> {
    const body = parts.form ?? (parts.json === undefined ? null : JSON.stringify(parts.json));
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(parts.json === undefined ? {} : { 'content-type': 'application/json' }), ...parts.headers },
      ...(body === null ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
