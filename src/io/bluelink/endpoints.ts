import type { CarInfo, Control } from '../../machines/domain/command.ts';
import type { VehicleState } from '../../machines/domain/vehicle-state.ts';
import { translateCarStatus } from './translate/ccs2.ts';
import { translateCachedStatus, translateForcedStatus } from './translate/classic.ts';

type Generation = CarInfo['generation'];

/** How one control is asked for. */
export interface ControlEndpoint {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Which token the call is made with. */
  readonly token: 'access' | 'control';
  /** The PIN must be proved first, whatever token the call itself uses. */
  readonly provesPin: boolean;
}

export interface ReadEndpoint {
  readonly path: string;
  translate(resMsg: unknown, fetchedAt: number): VehicleState | null;
}

/** What a car of one protocol generation understands; null where we cannot ask it yet. */
export interface Protocol {
  /** The value of the header that tells the cloud which protocol we mean. */
  readonly ccs2Header: '0' | '1';
  control(car: string, command: Control, deviceId: string): ControlEndpoint | null;
  cached(car: string): ReadEndpoint | null;
  forced(car: string): ReadEndpoint | null;
}

const v1 = (car: string) => `/api/v1/spa/vehicles/${encodeURIComponent(car)}`;

const classic: Protocol = {
  ccs2Header: '0',
  control(car, command, deviceId) {
    return {
      path: `${v1(car)}/control/door`,
      body: { action: command.action === 'lock' ? 'close' : 'open', deviceId },
      // The cloud would open the car with the access token alone; the app asks for the PIN, and so do we.
      token: 'access',
      provesPin: command.action === 'unlock',
    };
  },
  cached: (car) => ({ path: `${v1(car)}/status/latest`, translate: translateCachedStatus }),
  forced: (car) => ({ path: `${v1(car)}/status`, translate: translateForcedStatus }),
};

const ccs2: Protocol = {
  ccs2Header: '1',
  control: (car, command) => ({
    path: `/api/v2/spa/vehicles/${encodeURIComponent(car)}/ccs2/control/door`,
    body: { command: command.action === 'lock' ? 'close' : 'open' },
    token: 'control',
    provesPin: true,
  }),
  cached: (car) => ({ path: `${v1(car)}/ccs2/carstatus/latest`, translate: translateCarStatus }),
  // It has to be woken, and then watched until it has reported: not a single call.
  forced: () => null,
};

export const PROTOCOLS: Readonly<Record<Generation, Protocol>> = { classic, ccs2 };

export const VEHICLE_LIST_PATH = '/api/v1/spa/vehicles';

export function recordsPath(car: string): string {
  return `/api/v1/spa/notifications/${encodeURIComponent(car)}/records`;
}
