import { z } from 'zod';
import type { PlugType, Position, VehicleState } from '../../../machines/domain/vehicle-state.ts';
import { isoSeconds, parseBerlinTime } from './berlin-time.ts';
import { type StatusInfo, statusInfoSchema, type VehicleStatus, vehicleStatusSchema } from './classic-schema.ts';
import {
  corners,
  isPosition,
  kilometres,
  knownCorners,
  onOff,
  percent,
  plugType,
  seatHeat,
  setTemperature,
} from './scalars.ts';

const cachedSchema = z.object({ vehicleStatusInfo: statusInfoSchema });

/** The cached status (`status/latest`): `resMsg` of the answer. Null if it is no such thing. */
export function translateCachedStatus(resMsg: unknown, fetchedAt: number): VehicleState | null {
  const parsed = cachedSchema.safeParse(resMsg);
  if (!parsed.success) return null;
  const { vehicleStatusInfo: info } = parsed.data;
  const status = statusOf(info.vehicleStatus);
  return status === null ? null : stateOf(status, info, fetchedAt);
}

/**
 * The forced status (`status`): `resMsg` is the status itself, without odometer and position and often without a time;
 * some backends wrap it like the cached one.
 */
export function translateForcedStatus(resMsg: unknown, fetchedAt: number): VehicleState | null {
  const cached = translateCachedStatus(resMsg, fetchedAt);
  if (cached !== null) return cached;
  const status = statusOf(resMsg);
  return status === null ? null : stateOf(status, null, fetchedAt);
}

/** An object in which not one field is as expected is no status. */
function statusOf(value: unknown): VehicleStatus | null {
  const parsed = vehicleStatusSchema.safeParse(value);
  if (!parsed.success) return null;
  const { evStatus, ...rest } = parsed.data;
  const isEmpty = evStatus === null && Object.values(rest).every((field) => field === null);
  return isEmpty ? null : parsed.data;
}

function stateOf(status: VehicleStatus, info: StatusInfo | null, fetchedAt: number): VehicleState {
  return {
    ...energyOf(status, info),
    ...bodyOf(status),
    ...comfortOf(status, info),
    location: positionOf(info, fetchedAt),
    last_updated_utc: carTime(status.time, fetchedAt),
  };
}

type Energy = Pick<
  VehicleState,
  | 'soc_pct'
  | 'soh_pct'
  | 'battery_12v_pct'
  | 'range_ev_km'
  | 'range_fuel_km'
  | 'range_total_km'
  | 'fuel_level_pct'
  | 'odometer_km'
  | 'charging'
  | 'plugged'
  | 'plug_type'
  | 'charge_port_open'
  | 'charge_limit_ac_pct'
  | 'charge_limit_dc_pct'
  | 'charge_power_kw'
  | 'charging_current_level'
  | 'minutes_to_charge'
>;

function energyOf(status: VehicleStatus, info: StatusInfo | null): Energy {
  const ev = status.evStatus;
  const range = ev?.drvDistance[0]?.rangeByFuel ?? null;
  const minutes = ev?.remainTime2 ?? null;
  const plug: PlugType | null = plugType(ev?.batteryPlugin ?? null);
  return {
    soc_pct: percent(ev?.batteryStatus ?? null),
    soh_pct: percent(ev?.batterySoh ?? null),
    battery_12v_pct: percent(status.battery?.batSoc ?? null),
    range_ev_km: kilometres(range?.evModeRange ?? null),
    range_fuel_km: kilometres(ev === null ? status.dte : (range?.gasModeRange ?? null)),
    range_total_km: kilometres(ev === null ? status.dte : (range?.totalAvailableRange ?? null)),
    fuel_level_pct: percent(status.fuelLevel),
    odometer_km: kilometres(info?.odometer ?? null),
    charging: ev?.batteryCharge ?? null,
    plugged: plug === null ? null : plug !== 'none',
    plug_type: plug,
    charge_port_open: portOpen(ev?.chargePortDoorOpenStatus ?? null),
    charge_limit_ac_pct: limitOf(status, 1),
    charge_limit_dc_pct: limitOf(status, 0),
    charge_power_kw: ev?.batteryPower?.batteryStndChrgPower ?? null,
    charging_current_level: null,
    minutes_to_charge:
      minutes === null
        ? null
        : {
            current: minutes.atc?.value ?? null,
            fast: minutes.etc1?.value ?? null,
            portable: minutes.etc2?.value ?? null,
            station: minutes.etc3?.value ?? null,
          },
  };
}

/** Entries may repeat; the last of a plug type is true. 0 is DC, 1 is AC. */
function limitOf(status: VehicleStatus, plug: 0 | 1): number | null {
  const targets = status.evStatus?.reservChargeInfos?.targetSOClist ?? [];
  return percent(targets.findLast((target) => target.plugType === plug)?.targetSOClevel ?? null);
}

function portOpen(value: number | null): boolean | null {
  if (value === 1) return true;
  return value === 2 ? false : null;
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

function comfortOf(status: VehicleStatus, info: StatusInfo | null): Comfort {
  const seats = corners((corner) => status.seatHeaterVentState?.[SEAT_KEYS[corner]] ?? null);
  return {
    engine_on: status.engine,
    climate_on: status.airCtrlOn,
    set_temp_c: setTemperature(status.airTemp?.value ?? null),
    defrost: status.defrost,
    steering_wheel_heat: onOff(status.steerWheelHeat),
    rear_window_heat: onOff(status.sideBackWindowHeat),
    side_mirror_heat: onOff(status.sideMirrorHeat),
    seat_heat: knownCorners(corners((corner) => seatHeat(seats[corner]))),
    detail: {
      seat_levels: seats,
      window_positions: windowPositions(status),
      outside_temp_c: null,
      speed_kmh: kilometres(info?.vehicleLocation?.speed ?? null),
      next_service_km: null,
    },
  };
}

function positionOf(info: StatusInfo | null, fetchedAt: number): Position | null {
  const lat = info?.vehicleLocation?.coord?.lat ?? null;
  const lon = info?.vehicleLocation?.coord?.lon ?? null;
  if (lat === null || lon === null || !isPosition(lat, lon)) return null;
  return { lat, lon, time_utc: carTime(info?.vehicleLocation?.time ?? null, fetchedAt) };
}

/** A car whose clock is ahead must not make later states look old. */
function carTime(time: string | null, fetchedAt: number): string | null {
  const epochMs = time === null ? null : parseBerlinTime(time);
  return epochMs === null ? null : isoSeconds(Math.min(epochMs, fetchedAt));
}
