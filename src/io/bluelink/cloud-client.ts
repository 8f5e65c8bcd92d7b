import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Clock } from '../../actors/ports.ts';
import type { HttpService } from './bluelinky-surface.ts';
import { classify } from './classify.ts';
import type { CloudClock } from './cloud-clock.ts';
import { CloudError } from './cloud-error.ts';
import { APP_USER_AGENT } from './environment.ts';
import type { CallName } from './failure-rows.ts';
import { type HttpAnswer, type HttpRequest, send, TransportError } from './http-call.ts';
import type { RateLimit } from './rate-limit.ts';
import type { ShapeReports } from './shape-reports.ts';

/** Headers of bluelinky's service that an unauthorised call must not carry. */
const NO_AUTHORISATION = {
  authorization: null,
  stamp: null,
  offset: null,
  'ccsp-device-id': null,
  'ccsp-application-id': null,
  'content-type': null,
} as const;

/** A kept connection is given up before the server might close it. */
const IDLE_MS = 4_000;

/** One call to the vehicle API: a path, and what it is made with. */
export interface ApiCall {
  readonly name: CallName;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  /** The token of the `Authorization` header, without `Bearer `. */
  readonly token: string;
  readonly deviceId: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A wait that has an end: how long it may take, and who may end it sooner. */
export interface Patience {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Where the HTTP service comes from, anew for every call; paths are under its base URL. */
export interface HttpServices {
  readonly environment: { readonly baseUrl: string };
  getApiHttpService(): Promise<HttpService>;
}

export interface CloudClientOptions {
  readonly clock: Clock;
  /** Hears what time it is, from every answer of the host that takes the controls: others have clocks of their own. */
  readonly cloudClock: CloudClock;
  /** Told what the headers of each answer say. */
  readonly rateLimit: RateLimit;
  readonly shapes: ShapeReports;
  /** Hears of every request before it leaves. */
  readonly onCall: (name: CallName) => void;
}

/**
 * HTTP through bluelinky's service: its base URL, headers and stamp, but every request once, within its time, never
 * redirected. Methods reject with `CloudError` only, when `answer` says no, and answer what the cloud said else.
 */
export class CloudClient {
  /** For whoever reads what an answer says. */
  readonly shapes: ShapeReports;
  readonly #controller: HttpServices;
  readonly #clock: Clock;
  readonly #cloudClock: CloudClock;
  readonly #origin: string;
  readonly #rateLimit: RateLimit;
  readonly #onCall: (name: CallName) => void;
  readonly #agent: HttpAgent;

  constructor(controller: HttpServices, { clock, cloudClock, rateLimit, shapes, onCall }: CloudClientOptions) {
    this.shapes = shapes;
    this.#controller = controller;
    this.#clock = clock;
    this.#cloudClock = cloudClock;
    this.#origin = new URL(controller.environment.baseUrl).origin;
    this.#rateLimit = rateLimit;
    this.#onCall = onCall;
    const isTls = controller.environment.baseUrl.startsWith('https:');
    this.#agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true, timeout: IDLE_MS });
  }

  /** An authorised call. Answers the body of an HTTP 2xx, whose `retCode` the caller has still to check. */
  async api(call: ApiCall, patience: Patience): Promise<unknown> {
    const service = await this.#controller.getApiHttpService();
    // A forced read wakes the car, so it must be as certain as a control whether it was sent.
    const mayShare = call.method === 'GET' && call.name !== 'forcedRead';
    const request: HttpRequest = {
      method: call.method,
      url: call.path,
      headers: {
        accept: 'application/json',
        'user-agent': APP_USER_AGENT,
        // Ours, and not what the service happened to read: the outcome names the token that was really used.
        authorization: `Bearer ${call.token}`,
        'ccsp-device-id': call.deviceId,
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      timeoutMs: patience.timeoutMs,
      ...(mayShare ? { agent: this.#agent } : {}),
    };
    const answer = await this.#answer(service, request, call.name, patience);
    const isServed = answer.statusCode >= 200 && answer.statusCode <= 299;
    this.#rateLimit.read(answer.headers, this.#clock.now(), isServed);
    if (!isServed) throw this.#failure(answer, call.name);
    return answer.body;
  }

  /** A call without our token: login pages and token endpoints. Answers whatever status came. */
  async plain(request: Omit<HttpRequest, 'timeoutMs'>, name: CallName, patience: Patience): Promise<HttpAnswer> {
    const service = await this.#controller.getApiHttpService();
    const headers = { ...NO_AUTHORISATION, ...request.headers };
    return this.#answer(service, { ...request, headers, timeoutMs: patience.timeoutMs }, name, patience);
  }

  /** The failure in an answer that the caller finds wanting. */
  failure(answer: unknown, name: CallName): CloudError {
    return this.#failure(answer, name);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #answer(service: HttpService, request: HttpRequest, name: CallName, patience: Patience): Promise<HttpAnswer> {
    if (!patience.signal.aborted) this.#onCall(name);
    const askedAt = this.#cloudClock.elapsed();
    try {
      const answer = await send(service, request, patience.signal);
      if (new URL(request.url, this.#origin).origin === this.#origin) this.#cloudClock.hear(answer.headers, askedAt);
      return answer;
    } catch (error) {
      const { failure } = this.#failure(error, name);
      throw new CloudError(failure, !(error instanceof TransportError) || error.sent);
    }
  }

  #failure(raw: unknown, call: CallName): CloudError {
    return new CloudError(classify(raw, { call, now: this.#clock.now() }));
  }
}
