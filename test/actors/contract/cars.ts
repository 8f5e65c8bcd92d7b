import type { Reading, VehicleState } from '../../../src/machines/domain/vehicle-state.ts';
import { stateWith } from '../../support/vehicle-states.ts';

/** A car of which nothing is known. */
export const UNKNOWN: VehicleState = stateWith({});

/** A car that tells everything. */
export const FULL: VehicleState = {
  ...UNKNOWN,
  soc_pct: 71,
  range_ev_km: 290,
  range_fuel_km: 0,
  fuel_level_pct: 0,
  odometer_km: 5_200,
  charging: true,
  plugged: true,
  plug_type: 'station',
  charge_limit_ac_pct: 80,
  charge_limit_dc_pct: 90,
  minutes_to_charge: { current: 45, fast: 20, portable: 300, station: 90 },
  locked: false,
  doors_open: { front_left: false, front_right: true, rear_left: false, rear_right: false },
  trunk_open: false,
  hood_open: false,
  windows_open: { front_left: false, front_right: true, rear_left: true, rear_right: null },
  sunroof_open: true,
  engine_on: false,
  climate_on: true,
  set_temp_c: 21.5,
  defrost: false,
  steering_wheel_heat: true,
  tyre_warning: { front_left: false, front_right: false, rear_left: true, rear_right: false, all: true },
  location: { lat: 48.1, lon: 11.5, time_utc: '2026-11-07T10:00:00Z' },
  last_updated_utc: '2026-11-07T10:30:00Z',
  detail: {
    seat_levels: { front_left: 0, front_right: 2, rear_left: 5, rear_right: 6 },
    window_positions: { front_left: 0, front_right: 1, rear_left: 2, rear_right: null },
    outside_temp_c: 7.5,
    speed_kmh: 0,
    next_service_km: 12_000,
  },
};

export const FETCHED_AT = Date.parse('2026-11-07T10:30:05.123Z');

export function reading(state: Partial<VehicleState> = {}, rest: Partial<Omit<Reading, 'state'>> = {}): Reading {
  return { state: { ...FULL, ...state }, source: 'cached', fetchedAt: FETCHED_AT, ...rest };
}
