import type { CloudClient, Patience } from '../cloud-client.ts';
import type { CallName } from '../failure-rows.ts';
import type { HttpAnswer } from '../http-call.ts';
import type { EnrolledCar } from './enrolled-car.ts';

/** Public constants of the vendor's app; bluelinky has them. */
export interface HataApp {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface HataClientOptions {
  readonly client: CloudClient;
  readonly app: HataApp;
  readonly username: string;
  readonly now: () => number;
}

export interface HataCall {
  readonly name: CallName;
  readonly method: 'GET' | 'POST';
  /** With a single slash in front: the cloud has others for what bluelinky calls with two. */
  readonly path: string;
  /** Null for the token endpoint. */
  readonly token: string | null;
  /** Goes with every call that has a token, if there is one. */
  readonly pin: string | null;
  readonly car?: EnrolledCar;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const BROWSER =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';

/** Calls to the cloud of Hyundai in the US ("HATA"). Where its clients differ in how a header is written, both are sent. */
export class HataClient {
  readonly #options: HataClientOptions;

  constructor(options: HataClientOptions) {
    this.#options = options;
  }

  /** Answers whatever status came. Rejects with `CloudError`. */
  send(call: HataCall, patience: Patience): Promise<HttpAnswer> {
    const { name, method, path, body } = call;
    const request = {
      method,
      url: path,
      headers: { ...this.#headers(call), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    return this.#options.client.plain(request, name, patience);
  }

  /** What an HTTP 2xx says, in JSON and without an error. Rejects with `CloudError`. */
  async read(call: Omit<HataCall, 'method'>, patience: Patience): Promise<unknown> {
    const answer = await this.send({ ...call, method: 'GET' }, patience);
    if (!isGood(answer) || answer.body === '') throw this.#options.client.failure(answer, call.name);
    return answer.body;
  }

  #headers({ token, pin, car, headers }: HataCall): Readonly<Record<string, string>> {
    const { app, username, now } = this.#options;
    return {
      accept: 'application/json, text/plain, */*',
      'user-agent': BROWSER,
      client_id: app.clientId,
      clientSecret: app.clientSecret,
      client_secret: app.clientSecret,
      from: 'SPA',
      to: 'ISS',
      language: '0',
      offset: String(offsetHours(now())),
      encryptFlag: 'false',
      brandIndicator: 'H',
      ...(token === null ? {} : { accessToken: token, access_token: token, username }),
      ...(token === null || pin === null ? {} : { blueLinkServicePin: pin }),
      ...(car === undefined ? {} : { registrationId: car.id, gen: car.hataGeneration, vin: car.vin }),
      ...headers,
    };
  }
}

/** HTTP 2xx with nothing in it, or with JSON that is no error; a web page is none. */
export function isGood({ statusCode, body }: HttpAnswer): boolean {
  if (statusCode < 200 || statusCode > 299) return false;
  if (body === '') return true;
  return typeof body === 'object' && body !== null && !('errorCode' in body) && !('errorSubCode' in body);
}

/** How far we are from UTC, as the app says it: whole hours. */
function offsetHours(now: number): number {
  return Math.trunc(-new Date(now).getTimezoneOffset() / 60);
}
