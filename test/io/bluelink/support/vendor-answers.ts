import { generateKeyPairSync } from 'node:crypto';
import type { Gateway } from '../../../../src/io/bluelink/gateway.ts';
import type { Grant } from '../../../../src/io/bluelink/session-record.ts';
import { how, list, lock, never, unlock } from './account.ts';
import { INTEGRATION } from './brand-login.ts';
import { CAR, vehicle } from './fake-cloud.ts';

/** Every answer of the European cloud that is read, as it is known, and which of its fields are. */

export const wrapped = (resMsg?: unknown) => ({
  retCode: 'S',
  resCode: '0000',
  ...(resMsg === undefined ? {} : { resMsg }),
  msgId: 'aaaaaaaa-0000-0000-0000-000000000001',
});
const CCI_TOKENS = {
  accessToken: 'cci-1',
  refreshToken: 'cci-refresh-1',
  exchangeableAccessToken: 'ex-1',
  exchangeableRefreshToken: 'ex-refresh-1',
  nonCcsToken: 'non-1',
  nonCcsRefreshToken: 'non-refresh-1',
  idToken: 'id-1',
};
const TOKENS = { token_type: 'Bearer', access_token: 'access-9', refresh_token: 'refresh-9', expires_in: 86_400 };
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const CERTIFICATE = { retValue: { ...publicKey.export({ format: 'jwk' }), kid: 'key-1' } };

const refresh = (gateway: Gateway) => gateway.refreshSession(never);
const login = (gateway: Gateway) => gateway.login(never);
export const ONE_APP_GRANT = { kind: 'oneApp', ...CCI_TOKENS } as const satisfies Grant;
const classic = { doorLock: true, evStatus: { batteryStatus: 61 } };

export interface Endpoint {
  readonly name: string;
  /** `METHOD /path`. */
  readonly key: string;
  readonly body: unknown;
  /** Paths that are read, and those of them without which the call fails. */
  readonly optional: readonly string[];
  readonly required: readonly string[];
  /** Where null means something. */
  readonly nullable?: readonly string[];
  readonly act: (gateway: Gateway) => Promise<{ readonly ok: boolean }>;
  readonly grant?: Grant | null;
  readonly generation?: number;
  readonly flow?: 'oneApp' | 'bluelinky';
}

const CAR_FIELDS = ['vin', 'nickname', 'vehicleName', 'year', 'type', 'ccuCCS2ProtocolSupport'];
export const ENDPOINTS: readonly Endpoint[] = [
  {
    name: 'the vehicle list',
    key: 'GET /api/v1/spa/vehicles',
    body: wrapped({ vehicles: [vehicle()] }),
    optional: [
      'msgId',
      ...['', '.vehicleId', ...CAR_FIELDS.map((field) => `.${field}`)].map((key) => `resMsg.vehicles[]${key}`),
    ],
    required: ['retCode', 'resMsg', 'resMsg.vehicles'],
    act: (gateway) => gateway.call(list, how()),
  },
  {
    name: 'the cached status of a classic car',
    key: `GET /api/v1/spa/vehicles/${CAR}/status/latest`,
    body: wrapped({ vehicleStatusInfo: { vehicleStatus: classic, odometer: { value: 7, unit: 1 } } }),
    optional: [
      'msgId',
      ...['doorLock', 'evStatus', 'evStatus.batteryStatus'].map(
        (key) => `resMsg.vehicleStatusInfo.vehicleStatus.${key}`,
      ),
      ...['', '.value', '.unit'].map((key) => `resMsg.vehicleStatusInfo.odometer${key}`),
    ],
    required: ['retCode', 'resMsg', 'resMsg.vehicleStatusInfo', 'resMsg.vehicleStatusInfo.vehicleStatus'],
    act: (gateway) => gateway.call({ type: 'read', car: CAR, source: 'cached' }, how()),
  },
  {
    name: 'the forced status of a classic car',
    key: `GET /api/v1/spa/vehicles/${CAR}/status`,
    body: wrapped(classic),
    optional: ['msgId', 'resMsg.doorLock', 'resMsg.evStatus', 'resMsg.evStatus.batteryStatus'],
    required: ['retCode', 'resMsg'],
    act: (gateway) => gateway.call({ type: 'read', car: CAR, source: 'forced' }, how()),
  },
  {
    name: 'the status of a CCS2 car',
    key: `GET /api/v1/spa/vehicles/${CAR}/ccs2/carstatus/latest`,
    body: wrapped({
      lastUpdateTime: '1745180843000',
      state: { Vehicle: { DrivingReady: 0, Electronics: { Battery: { Level: 90 } } } },
    }),
    optional: [
      'msgId',
      'resMsg.lastUpdateTime',
      ...['DrivingReady', 'Electronics', 'Electronics.Battery', 'Electronics.Battery.Level'].map(
        (key) => `resMsg.state.Vehicle.${key}`,
      ),
    ],
    required: ['retCode', 'resMsg', 'resMsg.state', 'resMsg.state.Vehicle'],
    generation: 1,
    act: (gateway) => gateway.call({ type: 'read', car: CAR, source: 'cached' }, how()),
  },
  {
    name: 'the action records',
    key: `GET /api/v1/spa/notifications/${CAR}/records`,
    body: wrapped([{ recordId: 'action-1', result: 'success' }]),
    optional: ['msgId', 'resMsg[]', 'resMsg[].recordId', 'resMsg[].result'],
    required: ['retCode', 'resMsg'],
    nullable: ['resMsg[].result'],
    act: (gateway) => gateway.call({ type: 'record', car: CAR, actionId: 'action-1' }, how()),
  },
  {
    name: 'the charge limits',
    key: `GET /api/v1/spa/vehicles/${CAR}/charge/target`,
    body: wrapped({ targetSOClist: [{ plugType: 0, targetSOClevel: 90 }] }),
    optional: ['msgId'],
    required: [
      'retCode',
      'resMsg',
      ...['', '[]', '[].plugType', '[].targetSOClevel'].map((key) => `resMsg.targetSOClist${key}`),
    ],
    act: (gateway) =>
      gateway.call({ type: 'control', car: CAR, command: { name: 'charge_limits', acPct: 80, dcPct: null } }, how()),
  },
  {
    name: 'the registration',
    key: 'POST /api/v1/spa/notifications/register',
    body: wrapped({ deviceId: 'device-9' }),
    optional: ['msgId'],
    required: ['retCode', 'resMsg', 'resMsg.deviceId'],
    act: (gateway) => gateway.registerDevice(null, never),
  },
  {
    name: 'a control',
    key: `POST /api/v1/spa/vehicles/${CAR}/control/door`,
    body: wrapped(),
    optional: ['msgId'],
    required: ['retCode'],
    act: (gateway) => gateway.call(lock, how()),
  },
  {
    name: 'the PIN',
    key: 'PUT /api/v1/user/pin',
    body: { controlToken: 'control-9', expiresTime: 600 },
    optional: ['expiresTime'],
    required: ['controlToken'],
    // No token is the word for a wrong PIN.
    nullable: ['controlToken'],
    act: async (gateway) => {
      await gateway.refreshSession(never);
      return gateway.call(unlock, how());
    },
  },
  {
    name: 'the tokens of the vehicle API',
    key: 'POST /api/v1/user/oauth2/token',
    body: TOKENS,
    optional: ['refresh_token', 'expires_in'],
    required: ['access_token'],
    act: refresh,
  },
  {
    name: 'the tokens of the identity provider',
    key: 'POST /auth/api/v2/user/oauth2/token',
    body: TOKENS,
    optional: ['refresh_token', 'expires_in'],
    required: ['access_token'],
    grant: { kind: 'identity', refreshToken: 'A'.repeat(48) },
    act: refresh,
  },
  {
    name: 'the refresh of the OneApp backend',
    key: 'POST /domain/api/v2/auth/token-refresh',
    body: CCI_TOKENS,
    // What an answer lacks keeps its old value.
    optional: Object.keys(CCI_TOKENS),
    required: [],
    grant: ONE_APP_GRANT,
    act: refresh,
  },
  {
    name: 'the exchange of the OneApp backend',
    key: 'POST /domain/api/v1/auth/token-exchange',
    body: { accessToken: 'access-9', expiresTime: 86_400 },
    optional: ['expiresTime'],
    required: ['accessToken'],
    grant: ONE_APP_GRANT,
    act: refresh,
  },
  {
    name: 'the first tokens of the OneApp backend',
    key: 'POST /domain/api/v1/auth/token',
    body: CCI_TOKENS,
    optional: Object.keys(CCI_TOKENS).filter((key) => key !== 'accessToken' && key !== 'refreshToken'),
    required: ['accessToken', 'refreshToken'],
    grant: null,
    flow: 'oneApp',
    act: login,
  },
  {
    name: 'the certificate of the sign-in',
    key: 'GET /auth/api/v1/accounts/certs',
    body: CERTIFICATE,
    optional: [],
    required: ['retValue', 'retValue.kty', 'retValue.kid', 'retValue.n', 'retValue.e'],
    grant: null,
    flow: 'oneApp',
    act: login,
  },
  {
    name: 'the integration info',
    key: INTEGRATION,
    body: { userId: 'user-1', serviceId: 'service-1' },
    optional: [],
    required: ['userId', 'serviceId'],
    grant: null,
    flow: 'bluelinky',
    act: login,
  },
  {
    name: 'the silent sign-in',
    key: 'POST /api/v1/user/silentsignin',
    body: { redirectUrl: 'https://example.org/redirect?code=code-1' },
    optional: [],
    required: ['redirectUrl'],
    grant: null,
    flow: 'bluelinky',
    act: login,
  },
];
