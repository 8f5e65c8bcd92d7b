import type { VehicleState } from '../../machines/domain/vehicle-state.ts';

/** A reading's topic below the car, as the older Python bridge published it. */
export interface ReadingRow {
  readonly topic: string;
  readonly unit?: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** Follows the policy for locations, and the location's own time. */
  readonly isLocation?: true;
  /** Null when the car does not say. */
  readonly value: (state: VehicleState) => ReadingValue | null;
}

export type ReadingValue = string | number | boolean | { readonly [key: string]: string | number };

const KEPT = { qos: 1, retain: true } as const;
const FLEETING = { qos: 0, retain: false } as const;

/** In the order in which they are published. What no state tells yet (see docs) has no row. */
export const READING_ROWS: readonly ReadingRow[] = [
  { topic: 'battery/level', unit: '%', ...KEPT, value: (s) => s.soc_pct },
  { topic: 'battery/charging_status', ...KEPT, value: chargingStatus },
  { topic: 'battery/plug_status', ...KEPT, value: (s) => word(s.plugged, 'connected', 'disconnected') },

  { topic: 'ev/range', unit: 'km', ...KEPT, value: (s) => s.range_ev_km },
  { topic: 'ev/charge_limit', unit: '%', ...KEPT, value: (s) => s.charge_limit_ac_pct },
  // The car tells one time, to the end of the charge. The older bridge published it under the first of these names.
  { topic: 'ev/charge_time_100', unit: 'min', ...FLEETING, value: minutesLeft },
  { topic: 'ev/charge_time_target', unit: 'min', ...FLEETING, value: minutesLeft },
  {
    topic: 'ev/energy_consumption',
    unit: 'kWh/100km',
    ...FLEETING,
    value: (s) => s.extra.consumption_kwh_per_100km,
  },

  { topic: 'status/doors/locked', ...KEPT, value: (s) => s.locked },
  { topic: 'status/doors/front_left_open', ...KEPT, value: (s) => s.doors_open?.front_left ?? null },
  { topic: 'status/doors/front_right_open', ...KEPT, value: (s) => s.doors_open?.front_right ?? null },
  { topic: 'status/doors/back_left_open', ...KEPT, value: (s) => s.doors_open?.rear_left ?? null },
  { topic: 'status/doors/back_right_open', ...KEPT, value: (s) => s.doors_open?.rear_right ?? null },
  { topic: 'status/doors/trunk_open', ...KEPT, value: (s) => s.trunk_open },
  { topic: 'status/doors/hood_open', ...KEPT, value: (s) => s.hood_open },

  { topic: 'status/windows/front_left', ...KEPT, value: (s) => window(s, 'front_left') },
  { topic: 'status/windows/front_right', ...KEPT, value: (s) => window(s, 'front_right') },
  { topic: 'status/windows/back_left', ...KEPT, value: (s) => window(s, 'rear_left') },
  { topic: 'status/windows/back_right', ...KEPT, value: (s) => window(s, 'rear_right') },
  { topic: 'status/windows/sunroof', ...KEPT, value: (s) => opening(s.sunroof_open) },

  { topic: 'status/climate/is_on', ...KEPT, value: (s) => s.climate_on },
  { topic: 'status/climate/set_temperature', unit: '°C', ...KEPT, value: (s) => s.set_temp_c },
  { topic: 'status/climate/current_temperature', unit: '°C', ...FLEETING, value: (s) => s.detail.outside_temp_c },
  { topic: 'status/climate/defrost', ...KEPT, value: (s) => s.defrost },
  { topic: 'status/climate/heated_steering_wheel', ...KEPT, value: (s) => s.steering_wheel_heat },
  { topic: 'status/climate/front_left_seat_status', ...KEPT, value: (s) => seat(s.detail.seat_levels.front_left) },
  { topic: 'status/climate/front_right_seat_status', ...KEPT, value: (s) => seat(s.detail.seat_levels.front_right) },
  { topic: 'status/climate/rear_left_seat_status', ...KEPT, value: (s) => seat(s.detail.seat_levels.rear_left) },
  { topic: 'status/climate/rear_right_seat_status', ...KEPT, value: (s) => seat(s.detail.seat_levels.rear_right) },

  { topic: 'status/location/latitude', ...FLEETING, isLocation: true, value: (s) => s.location?.lat ?? null },
  { topic: 'status/location/longitude', ...FLEETING, isLocation: true, value: (s) => s.location?.lon ?? null },
  { topic: 'status/location/speed', unit: 'km/h', ...FLEETING, isLocation: true, value: (s) => s.detail.speed_kmh },

  { topic: 'status/tires/all_normal', ...KEPT, value: (s) => not(s.tyre_warning?.all ?? null) },
  { topic: 'status/tires/front_left_warning', ...KEPT, value: (s) => s.tyre_warning?.front_left ?? null },
  { topic: 'status/tires/front_right_warning', ...KEPT, value: (s) => s.tyre_warning?.front_right ?? null },
  { topic: 'status/tires/back_left_warning', ...KEPT, value: (s) => s.tyre_warning?.rear_left ?? null },
  { topic: 'status/tires/back_right_warning', ...KEPT, value: (s) => s.tyre_warning?.rear_right ?? null },

  { topic: 'status/service/next_service_distance', unit: 'km', ...KEPT, value: (s) => s.detail.next_service_km },
  { topic: 'status/engine/is_running', ...KEPT, value: (s) => s.engine_on },
  { topic: 'status/engine/fuel_level', unit: '%', ...KEPT, value: (s) => s.fuel_level_pct },
  { topic: 'status/engine/fuel_range', unit: 'km', ...KEPT, value: (s) => s.range_fuel_km },
];

/** `complete`: plugged, not charging, and as full as the limits of this plug allow (100 % where none is known). */
function chargingStatus(state: VehicleState): string | null {
  if (state.charging === null) return null;
  if (state.charging) return 'charging';
  const isFull = state.soc_pct !== null && state.soc_pct >= limitOf(state);
  return state.plugged === true && isFull ? 'complete' : 'not_charging';
}

function limitOf(state: VehicleState): number {
  const ac = state.charge_limit_ac_pct;
  const dc = state.charge_limit_dc_pct;
  switch (state.plug_type) {
    case 'fast':
      return dc ?? 100;
    case 'portable':
    case 'station':
      return ac ?? 100;
    default:
      // Whichever plug it is, the higher limit is reached.
      return Math.max(ac ?? 100, dc ?? 100);
  }
}

/** The payload repeats an old figure while the car does not charge. */
function minutesLeft(state: VehicleState): number | null {
  return state.charging === true ? (state.minutes_to_charge?.current ?? null) : null;
}

function window(state: VehicleState, corner: 'front_left' | 'front_right' | 'rear_left' | 'rear_right') {
  const position = state.detail.window_positions[corner];
  if (position === 2) return { value: 2, state: 'VENTILATION' };
  return opening(position === null ? (state.windows_open?.[corner] ?? null) : position === 1);
}

function opening(isOpen: boolean | null): ReadingValue | null {
  if (isOpen === null) return null;
  return isOpen ? { value: 1, state: 'OPEN' } : { value: 0, state: 'CLOSED' };
}

function seat(level: number | null): ReadingValue | null {
  if (level === null || !Number.isInteger(level) || level < 0 || level > 8) return null;
  return { value: level, level: level === 0 ? 'OFF' : level <= 2 ? 'LOW' : level <= 5 ? 'MED' : 'HIGH' };
}

function word(value: boolean | null, yes: string, no: string): string | null {
  return value === null ? null : value ? yes : no;
}

function not(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}
