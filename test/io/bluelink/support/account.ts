import { createHash, randomUUID } from 'node:crypto';
import type { CallOptions, Clock, Log } from '../../../../src/actors/ports.ts';
import { type BluelinkyClient, loadBluelinky } from '../../../../src/io/bluelink/bluelinky-surface.ts';
import type { BudgetOptions } from '../../../../src/io/bluelink/budget.ts';
import {
  createGateway,
  type Gateway,
  type GatewayAccount,
  type GatewayOptions,
} from '../../../../src/io/bluelink/gateway.ts';
import type { OnSecret } from '../../../../src/io/bluelink/secrets.ts';
import type { SessionRecord, SessionStore } from '../../../../src/io/bluelink/session-record.ts';
import { createMemoryStore } from '../../../../src/io/store/memory-store.ts';
import type { CloudCall } from '../../../../src/machines/domain/command.ts';
import { clock } from '../../../support/quiet.ts';
import { CAR, DEVICE, type FakeCloud } from './fake-cloud.ts';

export const USERNAME = 'driver@example.org';
export const PASSWORD = 'correct horse';
export const PIN = '4711';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function createMemoryLog(): Log & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const log: Log & { readonly lines: readonly LogLine[] } = {
    lines,
    child: () => log,
    write: (level, message, fields = {}) => lines.push({ level, message, fields }),
  };
  return log;
}

export const HOUR_MS = 3_600_000;
/** Of every call, unless a test says otherwise: longer than a busy machine stands still. */
export const TIMEOUT_MS = 15_000;

/** A stored session of a registered device, good for a day. */
export function storedRecord(changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    owner: createHash('sha256').update(`hyundai:${USERNAME}`).digest('hex'),
    generation: 7,
    session: {
      flow: 'bluelinky',
      accessToken: 'access-7',
      expiresAt: Date.now() + 24 * HOUR_MS,
      grant: { kind: 'vehicleApi', refreshToken: 'refresh-7' },
    },
    deviceId: DEVICE,
    clientUuid: randomUUID(),
    logins: [],
    visits: [],
    refusedPin: null,
    ...changes,
  };
}

export interface TestGateway {
  readonly gateway: Gateway;
  readonly store: SessionStore & { readonly saved: readonly SessionRecord[] };
  readonly log: ReturnType<typeof createMemoryLog>;
}

/** For an account of Hyundai in the EU that has never logged in, unless `account` says otherwise. */
export function gatewayOptions(cloudUrl: string, account: Partial<GatewayAccount> = {}): GatewayOptions {
  return {
    account: {
      name: 'main',
      brand: 'hyundai',
      region: 'EU',
      username: USERNAME,
      password: PASSWORD,
      pin: PIN,
      language: 'en',
      loginFlows: [],
      ...account,
    },
    cloudUrl,
    store: createMemoryStore<SessionRecord>(),
    clock,
    log: createMemoryLog(),
    timeouts: { callTimeoutMs: TIMEOUT_MS, forcedReadTimeoutMs: TIMEOUT_MS, refreshTimeoutMs: TIMEOUT_MS },
    loginBudgetPerDay: 3,
  };
}

export interface TestGatewayOptions {
  readonly record?: SessionRecord | null;
  readonly account?: Partial<GatewayAccount>;
  readonly clock?: Clock;
  readonly callTimeoutMs?: number;
  readonly forcedReadTimeoutMs?: number;
  readonly refreshTimeoutMs?: number;
  readonly loginBudgetPerDay?: number;
  readonly store?: TestGateway['store'];
  readonly onSecret?: OnSecret;
  readonly budget?: BudgetOptions;
}

export async function openGateway(cloud: FakeCloud, options: TestGatewayOptions = {}): Promise<TestGateway> {
  const store = options.store ?? createMemoryStore(options.record === undefined ? storedRecord() : options.record);
  const log = createMemoryLog();
  const usual = gatewayOptions(cloud.url, options.account);
  const gateway = await createGateway({
    ...usual,
    store,
    clock: options.clock ?? usual.clock,
    log,
    timeouts: {
      callTimeoutMs: options.callTimeoutMs ?? usual.timeouts.callTimeoutMs,
      forcedReadTimeoutMs: options.forcedReadTimeoutMs ?? usual.timeouts.forcedReadTimeoutMs,
      refreshTimeoutMs: options.refreshTimeoutMs ?? usual.timeouts.refreshTimeoutMs,
    },
    loginBudgetPerDay: options.loginBudgetPerDay ?? usual.loginBudgetPerDay,
    ...(options.budget === undefined ? {} : { budget: options.budget }),
    ...(options.onSecret === undefined ? {} : { onSecret: options.onSecret }),
  });
  return { gateway, store, log };
}

export const never = new AbortController().signal;
export const how = (signal: AbortSignal = never): CallOptions => ({ signal, commandId: 'c-1', attempt: 1 });
export const lock: CloudCall = { type: 'control', car: CAR, command: { name: 'lock', action: 'lock' } };
export const unlock: CloudCall = { type: 'control', car: CAR, command: { name: 'lock', action: 'unlock' } };
export const list: CloudCall = { type: 'list' };
export const cached: CloudCall = { type: 'read', car: CAR, source: 'cached' };
export const forced: CloudCall = { type: 'read', car: CAR, source: 'forced' };

export const PLAIN_CONFIG = {
  username: USERNAME,
  password: PASSWORD,
  pin: undefined,
  region: 'EU',
  brand: 'hyundai',
  language: 'en',
  autoLogin: false,
  stampMode: 'LOCAL',
} as const;

/** bluelinky as it comes, only with its hosts at the fake cloud: what springs its traps. */
export async function plainBluelinky(cloud: FakeCloud, session: Readonly<Record<string, unknown>> = {}) {
  const { BlueLinky } = await loadBluelinky();
  const client = new BlueLinky(PLAIN_CONFIG);
  const { controller } = client;
  const original = controller.environment;
  const moved = (url: string) => url.replace(original.baseUrl, cloud.url);
  controller._environment = {
    ...original,
    baseUrl: cloud.url,
    host: new URL(cloud.url).host,
    endpoints: { ...original.endpoints, token: moved(original.endpoints.token) },
  };
  Object.assign(controller.session, {
    accessToken: 'Bearer access-7',
    refreshToken: 'refresh-7',
    deviceId: DEVICE,
    tokenExpiresAt: Date.now() / 1000 + 86_400,
    controlToken: 'Bearer control-0',
    controlTokenExpiresAt: Date.now() / 1000 + 600,
    ...session,
  });
  return client as PlainClient;
}

/** The one car of the fake cloud, as plain bluelinky sees it. */
export async function plainCar(
  cloud: FakeCloud,
  session: Readonly<Record<string, unknown>> = {},
): Promise<PlainVehicle> {
  const client = await plainBluelinky(cloud, session);
  const [car] = await client.getVehicles();
  if (car === undefined) throw new Error('The fake cloud has one car.');
  return car;
}

/** More of bluelinky than the gateway uses: the methods with the traps. */
export interface PlainVehicle {
  vehicleConfig: { vin: string };
  lock(): Promise<string>;
  startCharge(): Promise<string>;
  status(options: { refresh: boolean; parsed: boolean }): Promise<Record<string, Record<string, unknown>>>;
  setChargeTargets(limits: { fast: number; slow: number }): Promise<unknown>;
}
export interface PlainClient extends BluelinkyClient {
  login(): Promise<string>;
  getVehicles(): Promise<PlainVehicle[]>;
  getVehicle(vin: string): unknown;
  readonly cachedVehicles: readonly unknown[];
  emit(event: string): boolean;
}
