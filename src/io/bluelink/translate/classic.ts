import type { Position, VehicleState } from '../../../machines/domain/vehicle-state.ts';
import type { Answer } from '../shape-reports.ts';
import { type Around, classicEnergy } from './classic-energy.ts';
import { classicExtra } from './classic-extra.ts';
import { bareStatusSchema, cachedSchema, type Location, locationSchema, type VehicleStatus } from './classic-schema.ts';
import { type Dialect, EUROPEAN } from './dialect.ts';
import { isoSeconds, parseLocalTime, type Zone } from './local-time.ts';
import { corners, isPosition, knownCorners, onOff, seatHeat, setTemperature, speedOf } from './scalars.ts';

/** The cached status (`status/latest`): `resMsg` of the answer. Null if it is no such thing. */
export function translateCachedStatus(
  resMsg: unknown,
  fetchedAt: number,
  answer: Answer,
  dialect: Dialect = EUROPEAN,
): VehicleState | null {
  const info = answer.read(cachedSchema, resMsg)?.vehicleStatusInfo ?? null;
  if (info === null) return null;
  if (isEmpty(info.vehicleStatus)) return answer.fail(['vehicleStatusInfo', 'vehicleStatus'], 'a status');
  return stateOf(info.vehicleStatus, info, { fetchedAt, answer, dialect });
}

/**
 * The status itself as `resMsg`: in Europe the forced one (`status`), without odometer and position and often without a
 * time; in Australia both, with the odometer in it. Some backends wrap it like the cached one of Europe.
 */
export function translateBareStatus(
  resMsg: unknown,
  fetchedAt: number,
  answer: Answer,
  dialect: Dialect = EUROPEAN,
): VehicleState | null {
  if (typeof resMsg === 'object' && resMsg !== null && 'vehicleStatusInfo' in resMsg) {
    return translateCachedStatus(resMsg, fetchedAt, answer, dialect);
  }
  const bare = answer.read(bareStatusSchema, resMsg);
  if (bare === null) return null;
  const { odometer, ...status } = bare;
  if (isEmpty(status)) return answer.fail([], 'a status');
  return stateOf(status, { odometer, vehicleLocation: null }, { fetchedAt, answer, dialect });
}

/** The parking position (`location/park`): `resMsg` of the answer. Null if it is none. */
export function translateParking(
  resMsg: unknown,
  fetchedAt: number,
  answer: Answer,
  { zone }: Dialect,
): Position | null {
  const location = answer.read(locationSchema, resMsg);
  return location === null ? null : positionOf(location, fetchedAt, zone);
}

/** An object in which not one field is as expected is no status. */
function isEmpty(status: VehicleStatus): boolean {
  return Object.values(status).every((field) => field === null);
}

function stateOf(
  status: VehicleStatus,
  info: Around,
  { fetchedAt, answer, dialect }: { readonly fetchedAt: number; readonly answer: Answer; readonly dialect: Dialect },
): VehicleState {
  return {
    ...classicEnergy(status, info, answer.hasLost('evStatus')),
    ...bodyOf(status),
    ...comfortOf(status, info, dialect),
    extra: classicExtra(status, dialect),
    location: positionOf(info.vehicleLocation ?? null, fetchedAt, dialect.zone),
    last_updated_utc: carTime(status.time, fetchedAt, dialect.zone),
  };
}

type Body = Pick<
  VehicleState,
  | 'locked'
  | 'doors_open'
  | 'trunk_open'
  | 'hood_open'
  | 'windows_open'
  | 'sunroof_open'
  | 'tyre_warning'
  | 'tyre_pressure_kpa'
>;

const CORNER_KEYS = {
  front_left: 'frontLeft',
  front_right: 'frontRight',
  rear_left: 'backLeft',
  rear_right: 'backRight',
} as const;
const LAMP_KEYS = {
  front_left: 'tirePressureLampFL',
  front_right: 'tirePressureLampFR',
  rear_left: 'tirePressureLampRL',
  rear_right: 'tirePressureLampRR',
} as const;
const SEAT_KEYS = {
  front_left: 'flSeatHeatState',
  front_right: 'frSeatHeatState',
  rear_left: 'rlSeatHeatState',
  rear_right: 'rrSeatHeatState',
} as const;

function bodyOf(status: VehicleStatus): Body {
  const lamps = status.tirePressureLamp;
  const windows = windowPositions(status);
  return {
    locked: status.doorLock,
    doors_open: knownCorners(corners((corner) => status.doorOpen?.[CORNER_KEYS[corner]] ?? null)),
    trunk_open: status.trunkOpen,
    hood_open: status.hoodOpen,
    // A window ajar for ventilation is open.
    windows_open: knownCorners(corners((corner) => (windows[corner] === null ? null : windows[corner] !== 0))),
    sunroof_open: status.sunroofOpen,
    tyre_warning:
      lamps === null ? null : { all: lamps.tirePressureLampAll, ...corners((corner) => lamps[LAMP_KEYS[corner]]) },
    tyre_pressure_kpa: null,
  };
}

function windowPositions(status: VehicleStatus) {
  return corners((corner) => {
    const value = status.windowOpen?.[CORNER_KEYS[corner]] ?? null;
    return value === 0 || value === 1 || value === 2 ? value : null;
  });
}

type Comfort = Pick<
  VehicleState,
  | 'engine_on'
  | 'climate_on'
  | 'set_temp_c'
  | 'defrost'
  | 'steering_wheel_heat'
  | 'rear_window_heat'
  | 'side_mirror_heat'
  | 'seat_heat'
  | 'detail'
>;

function comfortOf(status: VehicleStatus, info: Around, dialect: Dialect): Comfort {
  const seats = corners((corner) => status.seatHeaterVentState?.[SEAT_KEYS[corner]] ?? null);
  return {
    engine_on: status.engine,
    climate_on: status.airCtrlOn,
    set_temp_c: setTemperature(status.airTemp?.value ?? null, dialect),
    defrost: status.defrost,
    steering_wheel_heat: onOff(status.steerWheelHeat),
    rear_window_heat: onOff(status.sideBackWindowHeat),
    side_mirror_heat: onOff(status.sideMirrorHeat),
    seat_heat: knownCorners(corners((corner) => seatHeat(seats[corner]))),
    detail: {
      seat_levels: seats,
      window_positions: windowPositions(status),
      outside_temp_c: null,
      speed_kmh: speedOf(info.vehicleLocation?.speed ?? null),
      next_service_km: null,
    },
  };
}

function positionOf(location: Location | null, fetchedAt: number, zone: Zone): Position | null {
  const lat = location?.coord?.lat ?? null;
  const lon = location?.coord?.lon ?? null;
  if (lat === null || lon === null || !isPosition(lat, lon)) return null;
  return { lat, lon, time_utc: carTime(location?.time ?? null, fetchedAt, zone) };
}

/** A car whose clock is ahead must not make later states look old. */
function carTime(time: string | null, fetchedAt: number, zone: Zone): string | null {
  const epochMs = time === null ? null : parseLocalTime(zone, time);
  return epochMs === null ? null : isoSeconds(Math.min(epochMs, fetchedAt));
}
