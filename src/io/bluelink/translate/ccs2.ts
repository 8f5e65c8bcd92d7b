import type { Position, VehicleState } from '../../../machines/domain/vehicle-state.ts';
import type { Answer } from '../shape-reports.ts';
import { ccs2Body } from './ccs2-body.ts';
import { ccs2Extra } from './ccs2-extra.ts';
import { type Ccs2Vehicle, carStatusSchema } from './ccs2-schema.ts';
import { type Dialect, EUROPEAN } from './dialect.ts';
import { isoSeconds, parseLocalTime, parseUtcTime, type Zone } from './local-time.ts';
import { driverSideBy } from './report-facts.ts';
import { isPosition, kilometres, magnitude, minutes, percent, rangeOf } from './scalars.ts';

/** The cached status of a car of the newer protocol: `resMsg` of the answer. Null if it is no such thing. */
export function translateCarStatus(
  resMsg: unknown,
  fetchedAt: number,
  answer: Answer,
  { zone, driverSide }: Dialect = EUROPEAN,
): VehicleState | null {
  const report = answer.read(carStatusSchema, resMsg);
  if (report === null) return null;
  const { lastUpdateTime, state } = report;
  const car = state.Vehicle;
  if (Object.values(car).every((field) => field === null)) return answer.fail(['state', 'Vehicle'], 'a status');
  return {
    ...energyOf(car, answer.hasLost('Green') || answer.hasLost('BatteryManagement')),
    ...ccs2Body(car, driverSide ?? driverSideBy(car.Drivetrain?.FuelSystem?.DTE?.Unit ?? null) ?? 'L'),
    extra: ccs2Extra(car),
    location: positionOf(car, fetchedAt, zone),
    last_updated_utc: seconds(epochMs(lastUpdateTime) ?? utcOf(car.Date), fetchedAt),
  };
}

function energyOf(car: Ccs2Vehicle, isDriveUnknown: boolean) {
  const management = car.Green?.BatteryManagement ?? null;
  const charging = car.Green?.ChargingInformation ?? null;
  const battery = car.Electronics?.Battery ?? null;
  const connector = magnitude(charging?.ConnectorFastening?.State ?? null);
  const remaining = minutes(charging?.Charging?.RemainTime ?? null);
  const soh = management?.SoH?.Ratio ?? null;
  const current = charging?.ElectricCurrentLevel?.State ?? null;
  const port = car.Green?.ChargingDoor?.State ?? null;
  return {
    soc_pct: percent(management?.BatteryRemain?.Ratio ?? null),
    // No battery is at 0; the car means that it does not know.
    soh_pct: soh === 0 ? null : percent(soh),
    battery_12v_pct: battery?.SensorReliability === 1 ? null : percent(battery?.Level ?? null),
    ...rangesOf(car, isDriveUnknown),
    fuel_level_pct: percent(car.Drivetrain?.FuelSystem?.FuelLevel ?? null),
    odometer_km: kilometres({ value: car.Drivetrain?.Odometer ?? null, unit: 1 }),
    // Plugged in is not charging: a car that waits for its hour has no time left to tell.
    charging: connector === null || remaining === null ? null : connector !== 0 && remaining > 0,
    plugged: connector === null ? null : connector !== 0,
    plug_type: connector === null ? null : connector === 0 ? ('none' as const) : ('unknown' as const),
    charge_port_open: port === 1 ? true : port === 0 || port === 2 ? false : null,
    charge_limit_ac_pct: percent(charging?.TargetSoC?.Standard ?? null),
    charge_limit_dc_pct: percent(charging?.TargetSoC?.Quick ?? null),
    charge_power_kw: magnitude(car.Green?.Electric?.SmartGrid?.RealTimePower ?? null),
    charging_current_level: current !== null && current >= 1 && current <= 3 ? current : null,
    minutes_to_charge: minutesOf(charging),
  };
}

function minutesOf(charging: NonNullable<Ccs2Vehicle['Green']>['ChargingInformation']) {
  if (charging === null || (charging.Charging === null && charging.EstimatedTime === null)) return null;
  return {
    current: minutes(charging.Charging?.RemainTime ?? null),
    fast: minutes(charging.EstimatedTime?.Quick ?? null),
    portable: minutes(charging.EstimatedTime?.ICCB ?? null),
    station: minutes(charging.EstimatedTime?.Standard ?? null),
  };
}

/** Cars with one drive give the total only. */
function rangesOf(car: Ccs2Vehicle, isDriveUnknown: boolean) {
  const dte = car.Drivetrain?.FuelSystem?.DTE ?? null;
  const hasBattery = (car.Green?.BatteryManagement ?? null) !== null;
  const km = (value: number | null | undefined) => rangeOf({ value: value ?? null, unit: dte?.Unit ?? null });
  const total = km(dte?.Total);
  return {
    range_ev_km: km(dte?.EV) ?? (hasBattery && (dte?.ICE ?? null) === null ? total : null),
    range_fuel_km: km(dte?.ICE) ?? (hasBattery || isDriveUnknown ? null : total),
    range_total_km: total,
  };
}

function positionOf(car: Ccs2Vehicle, fetchedAt: number, zone: Zone): Position | null {
  const lat = car.Location?.GeoCoord?.Latitude ?? null;
  const lon = car.Location?.GeoCoord?.Longitude ?? null;
  if (lat === null || lon === null || !isPosition(lat, lon)) return null;
  const stamp = car.Location?.TimeStamp ?? null;
  const local = stamp === null ? null : digitsOf([stamp.Year, stamp.Mon, stamp.Day, stamp.Hour, stamp.Min, stamp.Sec]);
  const time = utcOf(car.Location?.Date ?? null) ?? (local === null ? null : parseLocalTime(zone, local));
  return { lat, lon, time_utc: seconds(time, fetchedAt) };
}

function digitsOf(parts: readonly (number | null)[]): string | null {
  if (parts.some((value) => value === null)) return null;
  return parts.map((value, index) => String(value).padStart(index === 0 ? 4 : 2, '0')).join('');
}

/** No car of these is older: a time before is none. */
const MILLENNIUM_MS = Date.UTC(2000, 0, 1);

/** Epoch ms as 13 digits; other regions write 14 digits of a date here, which mean something else. */
function epochMs(value: string | number | null | undefined): number | null {
  return /^\d{12,13}$/.test(String(value)) && Number(value) >= MILLENNIUM_MS ? Number(value) : null;
}

function utcOf(digits: string | null): number | null {
  return digits === null ? null : parseUtcTime(digits);
}

function seconds(time: number | null, fetchedAt: number): string | null {
  return time === null ? null : isoSeconds(Math.min(time, fetchedAt));
}
