import type { CarInfo } from '../../src/machines/domain/command.ts';
import {
  type Corners,
  NOTHING_EXTRA,
  type Reading,
  type VehicleState,
} from '../../src/machines/domain/vehicle-state.ts';

const corners = <T>(value: T): Corners<T> => ({
  front_left: value,
  front_right: value,
  rear_left: value,
  rear_right: value,
});

/** A state of which nothing is known but what a test says. */
export function stateWith(known: Partial<VehicleState>): VehicleState {
  return {
    soc_pct: null,
    soh_pct: null,
    battery_12v_pct: null,
    range_ev_km: null,
    range_fuel_km: null,
    range_total_km: null,
    fuel_level_pct: null,
    odometer_km: null,
    charging: null,
    plugged: null,
    plug_type: null,
    charge_port_open: null,
    charge_limit_ac_pct: null,
    charge_limit_dc_pct: null,
    charge_power_kw: null,
    charging_current_level: null,
    minutes_to_charge: null,
    locked: null,
    doors_open: null,
    trunk_open: null,
    hood_open: null,
    windows_open: null,
    sunroof_open: null,
    engine_on: null,
    climate_on: null,
    set_temp_c: null,
    defrost: null,
    steering_wheel_heat: null,
    rear_window_heat: null,
    side_mirror_heat: null,
    seat_heat: null,
    tyre_warning: null,
    tyre_pressure_kpa: null,
    location: null,
    last_updated_utc: null,
    extra: NOTHING_EXTRA,
    detail: {
      seat_levels: corners(null),
      window_positions: corners(null),
      outside_temp_c: null,
      speed_kmh: null,
      next_service_km: null,
    },
    ...known,
  };
}

export const readingWith = (known: Partial<VehicleState>, more: Partial<Reading> = {}): Reading => ({
  state: stateWith(known),
  source: 'cached',
  fetchedAt: Date.now(),
  ...more,
});

export const carNamed = (id: string): CarInfo => ({
  id,
  vin: `VIN${id}`,
  name: id,
  model: 'Test',
  year: null,
  engine: 'ev',
  generation: 'classic',
});
