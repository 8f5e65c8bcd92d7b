import type { Corners, VehicleState } from '../../../machines/domain/vehicle-state.ts';
import type { Ccs2Vehicle } from './ccs2-schema.ts';
import { corners, degrees, isUnset, knownCorners, magnitude, onOff, seatHeat, speedOf } from './scalars.ts';

type Body = Pick<
  VehicleState,
  | 'locked'
  | 'doors_open'
  | 'trunk_open'
  | 'hood_open'
  | 'windows_open'
  | 'sunroof_open'
  | 'engine_on'
  | 'climate_on'
  | 'set_temp_c'
  | 'defrost'
  | 'steering_wheel_heat'
  | 'rear_window_heat'
  | 'side_mirror_heat'
  | 'seat_heat'
  | 'tyre_warning'
  | 'tyre_pressure_kpa'
  | 'detail'
>;

/**
 * Doors, windows, seats, tyres and climate of a car of the newer protocol. Its front row goes by who sits there, so the
 * driver's side tells left from right; the rear row and the tyres go by side.
 */
export function ccs2Body(car: Ccs2Vehicle, driverSide: 'L' | 'R'): Body {
  const cabin = car.Cabin;
  const doors = cornersOf(cabin?.Door, driverSide);
  const openings = cornersOf(cabin?.Window, driverSide);
  const seats = cornersOf(cabin?.Seat, driverSide);
  const windows = corners((corner) => windowPosition(openings[corner]));
  const levels = corners((corner) => seats[corner]?.Climate?.State ?? null);
  const driver = cabin?.HVAC?.Row1?.Driver ?? null;
  const fan = magnitude(driver?.Blower?.SpeedLevel ?? null);
  return {
    locked: lockedOf(doors),
    doors_open: knownCorners(corners((corner) => isOpen(doors[corner]?.Open))),
    trunk_open: isOpen(car.Body?.Trunk?.Open),
    hood_open: isOpen(car.Body?.Hood?.Open),
    windows_open: knownCorners(corners((corner) => (windows[corner] === null ? null : windows[corner] !== 0))),
    sunroof_open: isOpen(car.Body?.Sunroof?.Glass?.Open),
    engine_on: onOff(car.DrivingReady),
    climate_on: fan === null ? null : fan > 0,
    set_temp_c: degrees(driver?.Temperature?.Value, driver?.Temperature?.Unit),
    defrost: onOff(car.Body?.Windshield?.Front?.Defog?.State ?? null),
    steering_wheel_heat: onOff(cabin?.SteeringWheel?.Heat?.State ?? null),
    rear_window_heat: onOff(car.Body?.Windshield?.Rear?.Defog?.State ?? null),
    side_mirror_heat: null,
    seat_heat: knownCorners(corners((corner) => seatHeat(levels[corner]))),
    ...tyresOf(car),
    detail: {
      seat_levels: levels,
      window_positions: windows,
      outside_temp_c: null,
      speed_kmh: speedOf({
        value: car.Location?.Speed?.Value ?? null,
        unit: car.Location?.Speed?.Unit ?? null,
      }),
      next_service_km: null,
    },
  };
}

interface Rows<T> {
  readonly Row1: { readonly Driver: T; readonly Passenger: T } | null;
  readonly Row2: { readonly Left: T; readonly Right: T } | null;
}

function cornersOf<T>(rows: Rows<T> | null | undefined, driverSide: 'L' | 'R'): Corners<T | null> {
  const { Driver: driver = null, Passenger: passenger = null } = rows?.Row1 ?? {};
  const [left, right] = driverSide === 'L' ? [driver, passenger] : [passenger, driver];
  return {
    front_left: left,
    front_right: right,
    rear_left: rows?.Row2?.Left ?? null,
    rear_right: rows?.Row2?.Right ?? null,
  };
}

/** The flag is inverted: 0 is locked. Unless all four doors say so, nobody may call the car locked. */
function lockedOf(doors: Corners<{ readonly Lock: number | null } | null>): boolean | null {
  const locks = Object.values(doors).map((door: { readonly Lock: number | null } | null) =>
    magnitude(door?.Lock ?? null),
  );
  if (locks.some((lock) => lock === null)) return null;
  return locks.every((lock) => lock === 0);
}

function isOpen(value: number | null | undefined): boolean | null {
  return value === null || value === undefined || isUnset(value) ? null : value > 0;
}

/** A window ajar for ventilation is not `Open`, but has a level. */
function windowPosition(
  window: { readonly Open: number | null; readonly OpenLevel: number | null } | null,
): 0 | 1 | 2 | null {
  const isWindowOpen = isOpen(window?.Open);
  if (isWindowOpen === null) return null;
  if (isWindowOpen) return 1;
  return (magnitude(window?.OpenLevel ?? null) ?? 0) > 0 ? 2 : 0;
}

/** What one step of the pressure is, by its unit: psi, 5 kPa, 0.1 bar. */
const KPA_PER_STEP = [6.894757, 5, 10];

function tyresOf(car: Ccs2Vehicle): Pick<Body, 'tyre_warning' | 'tyre_pressure_kpa'> {
  const axle = car.Chassis?.Axle ?? null;
  const tyres = {
    front_left: axle?.Row1?.Left?.Tire ?? null,
    front_right: axle?.Row1?.Right?.Tire ?? null,
    rear_left: axle?.Row2?.Left?.Tire ?? null,
    rear_right: axle?.Row2?.Right?.Tire ?? null,
  };
  const perStep = KPA_PER_STEP[axle?.Tire?.PressureUnit ?? -1];
  const warning = {
    all: onOff(axle?.Tire?.PressureLow ?? null),
    ...corners((corner) => onOff(tyres[corner]?.PressureLow ?? null)),
  };
  return {
    tyre_warning: Object.values(warning).every((value) => value === null) ? null : warning,
    tyre_pressure_kpa: knownCorners(
      corners((corner) => {
        const pressure = magnitude(tyres[corner]?.Pressure ?? null);
        return perStep === undefined || pressure === null ? null : Math.round(pressure * perStep);
      }),
    ),
  };
}
