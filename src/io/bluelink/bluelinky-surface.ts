import type { ClientRequest, IncomingHttpHeaders } from 'node:http';

/**
 * The part of bluelinky 9.1.0 that we use, as it is at run time. Its own types call `controller` private and turn into
 * `any` under nodenext, so they are declared here and cast once, in `loadBluelinky`.
 */

export type Brand = 'hyundai' | 'kia';

/** What got 9 answers: the body is a string, because we never let it parse. */
export interface RawResponse {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface PendingResponse extends PromiseLike<RawResponse> {
  /** Absent when got refused the options: then it is a plain rejected promise. */
  cancel?(): void;
  on?(event: 'request', listener: (request: ClientRequest) => void): unknown;
  on?(event: 'downloadProgress', listener: (progress: { readonly transferred: number }) => void): unknown;
}

export interface ServiceOptions {
  readonly method?: string;
  /** `null` takes a header away. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string;
  readonly json?: boolean;
  readonly retry?: number;
  readonly followRedirect?: boolean;
  readonly throwHttpErrors?: boolean;
  readonly agent?: unknown;
}

/** The authorised HTTP service of bluelinky: a got 9 instance with base URL, token, device and stamp headers. */
export interface HttpService {
  (url: string, options: ServiceOptions): PendingResponse;
  extend(options: ServiceOptions): HttpService;
}

/** Another way to the cloud than bluelinky's HTTP service, which is what it is made of. */
export type Transport = (service: HttpService) => HttpService;

export interface BluelinkyEnvironment {
  readonly brand: string;
  readonly host: string;
  readonly baseUrl: string;
  readonly clientId: string;
  readonly appId: string;
  readonly endpoints: Readonly<
    Record<'session' | 'login' | 'language' | 'redirectUri' | 'token' | 'integration' | 'silentSignIn', string>
  >;
  /** `Basic base64(clientId:clientSecret)` */
  readonly basicToken: string;
  readonly GCMSenderID: string;
  stamp(): Promise<string>;
  brandAuthUrl(options: { readonly language: string; readonly serviceId: string; readonly userId: string }): string;
}

/** The live session: its HTTP services read it anew for every call. Times in unix seconds, tokens with `Bearer `. */
export interface LiveSession {
  accessToken: string | undefined;
  refreshToken: string | undefined;
  controlToken: string | undefined;
  deviceId: string;
  tokenExpiresAt: number;
  controlTokenExpiresAt: number | undefined;
}

export interface EuropeController {
  readonly environment: BluelinkyEnvironment;
  _environment: BluelinkyEnvironment;
  authStrategies: {
    readonly main: { environment: BluelinkyEnvironment };
    readonly fallback: { environment: BluelinkyEnvironment };
  };
  session: LiveSession;
  refreshAccessToken(): Promise<string>;
  checkControlToken(): Promise<void>;
  enterPin(): Promise<string>;
  getApiHttpService(): Promise<HttpService>;
  getVehicleHttpService(): Promise<HttpService>;
}

export interface BluelinkyClient {
  readonly controller: EuropeController;
  on(event: 'error', listener: () => void): unknown;
}

export interface BluelinkyConfig {
  readonly username: string;
  readonly password: string;
  /** Explicitly undefined: an absent key would become the PIN 1234. */
  readonly pin: undefined;
  readonly region: 'EU';
  readonly brand: Brand;
  readonly language: string;
  readonly autoLogin: false;
  readonly stampMode: 'LOCAL';
}

/** Its American client, of which only the constants are used. */
export interface AmericanClient {
  readonly controller: {
    readonly environment: { readonly host: string; readonly clientId: string; readonly clientSecret: string };
  };
}
export type AmericanConfig = Omit<BluelinkyConfig, 'region' | 'stampMode'> & { readonly region: 'US' };

export interface Bluelinky {
  readonly BlueLinky: {
    new (config: BluelinkyConfig): BluelinkyClient;
    new (config: AmericanConfig): AmericanClient;
  };
}

/**
 * Imports bluelinky. It reads `LOG_LEVEL` once, while it is imported, and prints tokens and bodies at `debug`; so it is
 * imported only here, after our own level has been read by the configuration.
 */
export async function loadBluelinky(): Promise<Bluelinky> {
  process.env.LOG_LEVEL = 'error';
  const module: unknown = await import('bluelinky');
  return module as Bluelinky;
}
