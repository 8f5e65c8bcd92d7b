import type { SimAccount } from '../../../../src/io/simulator/account.ts';
import { BRANDS } from '../../../../src/io/simulator/brands.ts';

/** The part of bluelinky 9.1.0 that the tests use; its own types do not survive `nodenext`. */
export interface Vehicle {
  readonly vehicleConfig: { readonly id: string; readonly vin: string; readonly ccuCCS2ProtocolSupport?: boolean };
  readonly serverRates: { readonly max: number; readonly current: number };
  lock(): Promise<string>;
  unlock(): Promise<string>;
  start(options: object): Promise<{ msgId: string }>;
  stop(): Promise<{ msgId: string }>;
  startCharge(): Promise<string>;
  stopCharge(): Promise<string>;
  status(options: object): Promise<Record<string, never>>;
  fullStatus(options: object): Promise<Record<string, never>>;
  location(): Promise<{ latitude: number; longitude: number }>;
  odometer(): Promise<{ value: number; unit: number }>;
  getChargeTargets(): Promise<{ type: number; targetLevel: number }[]>;
  setChargeTargets(targets: { fast: number; slow: number }): Promise<void>;
  monthlyReport(): Promise<{ driving: { distance: number } }>;
  tripInfo(day: object): Promise<unknown>;
  driveHistory(): Promise<{ cumulated: unknown[]; history: { consumption: { total: number } }[] }>;
  setNavigation(list: object[]): Promise<void>;
}

interface Environment {
  readonly [key: string]: unknown;
  readonly clientId: string;
}

interface Strategy {
  environment: Environment;
  readonly name: string;
  login(user: object): Promise<{ code: string }>;
}

export interface Controller {
  _environment: Environment;
  readonly session: {
    accessToken?: string;
    refreshToken?: string;
    controlToken?: string;
    deviceId?: string;
    tokenExpiresAt: number;
    controlTokenExpiresAt?: number;
  };
  readonly authStrategies: { main: Strategy; fallback: Strategy };
  login(): Promise<string>;
  refreshAccessToken(): Promise<string>;
  enterPin(): Promise<string>;
}

export interface Client {
  readonly controller: Controller;
  getVehicles(): Promise<Vehicle[]>;
  on(event: string, listener: (error: unknown) => void): void;
}

/** bluelinky as it comes, but for the addresses of its hosts. */
export async function bluelinkyAt(url: string, account: SimAccount): Promise<Client> {
  process.env.LOG_LEVEL = 'error';
  const { BlueLinky } = (await import('bluelinky')) as unknown as { BlueLinky: new (config: object) => Client };
  const client = new BlueLinky({
    username: account.username,
    password: account.password,
    pin: account.pin,
    region: 'EU',
    brand: account.brand,
    language: 'en',
    autoLogin: false,
    stampMode: 'LOCAL',
  });
  client.on('error', () => undefined);
  const { controller } = client;
  const old = controller._environment;
  const user = `${url}/api/v1/user`;
  const realm = BRANDS[account.brand].keycloakRealm;
  const environment: Environment = {
    ...old,
    host: new URL(url).host,
    baseUrl: url,
    endpoints: {
      session: `${user}/oauth2/authorize?response_type=code&state=test&client_id=${old.clientId}&redirect_uri=${user}/oauth2/redirect`,
      login: `${user}/signin`,
      language: `${user}/language`,
      redirectUri: `${user}/oauth2/redirect`,
      token: `${user}/oauth2/token`,
      integration: `${user}/integrationinfo`,
      silentSignIn: `${user}/silentsignin`,
    },
    brandAuthUrl: ({ language, serviceId, userId }: Record<string, string>) =>
      `${url}/auth/realms/${realm}/protocol/openid-connect/auth?client_id=x&scope=openid%20profile%20email%20phone&response_type=code&hkid_session_reset=true&redirect_uri=${user}/integration/redirect/login&ui_locales=${language}&state=${serviceId}:${userId}`,
  };
  controller._environment = environment;
  controller.authStrategies.main.environment = environment;
  controller.authStrategies.fallback.environment = environment;
  return client;
}
