import type { CarInfo } from '../../machines/domain/command.ts';
import type { VehicleState } from '../../machines/domain/vehicle-state.ts';
import { translateCarStatus } from './translate/ccs2.ts';
import { translateCachedStatus, translateForcedStatus } from './translate/classic.ts';

export interface ReadEndpoint {
  readonly path: string;
  translate(resMsg: unknown, fetchedAt: number): VehicleState | null;
}

/** How a car of one protocol generation is read. */
export interface Protocol {
  /** The value of the header that tells the cloud which protocol we mean. */
  readonly ccs2Header: '0' | '1';
  cached(car: string): ReadEndpoint;
  forced(car: string):
    | { readonly type: 'answered'; readonly read: ReadEndpoint }
    /** The wake answers at once and says nothing: the cached state is watched until the car has reported. */
    | { readonly type: 'watched'; readonly wakePath: string };
}

const v1 = (car: string) => `/api/v1/spa/vehicles/${encodeURIComponent(car)}`;

const classic: Protocol = {
  ccs2Header: '0',
  cached: (car) => ({ path: `${v1(car)}/status/latest`, translate: translateCachedStatus }),
  forced: (car) => ({ type: 'answered', read: { path: `${v1(car)}/status`, translate: translateForcedStatus } }),
};

const ccs2: Protocol = {
  ccs2Header: '1',
  cached: (car) => ({ path: `${v1(car)}/ccs2/carstatus/latest`, translate: translateCarStatus }),
  forced: (car) => ({ type: 'watched', wakePath: `${v1(car)}/ccs2/carstatus` }),
};

export const PROTOCOLS: Readonly<Record<CarInfo['generation'], Protocol>> = { classic, ccs2 };

export const VEHICLE_LIST_PATH = '/api/v1/spa/vehicles';

export function recordsPath(car: string): string {
  return `/api/v1/spa/notifications/${encodeURIComponent(car)}/records`;
}

/** The charge limits; both generations, and without waking the car. */
export function chargeTargetPath(car: string): string {
  return `${v1(car)}/charge/target`;
}
