import type { CarInfo } from '../../machines/domain/command.ts';
import type { Position, VehicleState } from '../../machines/domain/vehicle-state.ts';
import type { Answer } from './shape-reports.ts';
import { translateCarStatus } from './translate/ccs2.ts';
import { translateBareStatus, translateCachedStatus, translateParking } from './translate/classic.ts';
import { AUSTRALIAN, type Dialect, EUROPEAN } from './translate/dialect.ts';

/** The protocols of the European family. */
export type SpaGeneration = Exclude<CarInfo['generation'], 'hata'>;

export interface ReadEndpoint {
  readonly path: string;
  /** Null if it is no status; `answer` says why. */
  translate(resMsg: unknown, fetchedAt: number, answer: Answer): VehicleState | null;
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

/** Where a cloud that does not put the position into the status tells it, without waking the car. */
export interface ParkingEndpoint {
  path(car: string): string;
  translate(resMsg: unknown, fetchedAt: number, answer: Answer): Position | null;
}

/** How the cars of one region are read. */
export interface Protocols {
  readonly generations: Readonly<Record<SpaGeneration, Protocol>>;
  /** Null where the status has the position in it. */
  readonly parking: ParkingEndpoint | null;
}

type Translate = (resMsg: unknown, fetchedAt: number, answer: Answer, dialect: Dialect) => VehicleState | null;

function generationsOf(dialect: Dialect, translateCached: Translate): Protocols['generations'] {
  const read = (path: string, translate: Translate): ReadEndpoint => ({
    path,
    translate: (resMsg, fetchedAt, answer) => translate(resMsg, fetchedAt, answer, dialect),
  });
  return {
    classic: {
      ccs2Header: '0',
      cached: (car) => read(`${v1(car)}/status/latest`, translateCached),
      forced: (car) => ({ type: 'answered', read: read(`${v1(car)}/status`, translateBareStatus) }),
    },
    ccs2: {
      ccs2Header: '1',
      cached: (car) => read(`${v1(car)}/ccs2/carstatus/latest`, translateCarStatus),
      forced: (car) => ({ type: 'watched', wakePath: `${v1(car)}/ccs2/carstatus` }),
    },
  };
}

export const EUROPEAN_PROTOCOLS: Protocols = {
  generations: generationsOf(EUROPEAN, translateCachedStatus),
  parking: null,
};

export const AUSTRALIAN_PROTOCOLS: Protocols = {
  generations: generationsOf(AUSTRALIAN, translateBareStatus),
  parking: {
    path: (car) => `${v1(car)}/location/park`,
    translate: (resMsg, fetchedAt, answer) => translateParking(resMsg, fetchedAt, answer, AUSTRALIAN),
  },
};

export const VEHICLE_LIST_PATH = '/api/v1/spa/vehicles';

export function recordsPath(car: string): string {
  return `/api/v1/spa/notifications/${encodeURIComponent(car)}/records`;
}

/** The charge limits; both generations, and without waking the car. */
export function chargeTargetPath(car: string): string {
  return `${v1(car)}/charge/target`;
}
