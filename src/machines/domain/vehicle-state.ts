/**
 * Everything that is known of a car, in the shape in which `{base}/{car}/state` publishes it: SI units, UTC, `null` for
 * unknown (never 0), every key always present.
 */
export interface Corners<T> {
  readonly front_left: T;
  readonly front_right: T;
  readonly rear_left: T;
  readonly rear_right: T;
}

/** `unknown` when the car is plugged and does not tell how. */
export type PlugType = 'none' | 'fast' | 'portable' | 'station' | 'unknown';

export type SeatHeat =
  | 'off'
  | 'on'
  | 'low_cool'
  | 'medium_cool'
  | 'high_cool'
  | 'low_heat'
  | 'medium_heat'
  | 'high_heat';

export interface Position {
  readonly lat: number;
  readonly lon: number;
  /** ISO 8601 UTC, seconds; null when the car gave no time. */
  readonly time_utc: string | null;
}

export interface VehicleState {
  readonly soc_pct: number | null;
  readonly soh_pct: number | null;
  readonly battery_12v_pct: number | null;
  readonly range_ev_km: number | null;
  readonly range_fuel_km: number | null;
  readonly range_total_km: number | null;
  readonly fuel_level_pct: number | null;
  readonly odometer_km: number | null;
  readonly charging: boolean | null;
  readonly plugged: boolean | null;
  readonly plug_type: PlugType | null;
  readonly charge_port_open: boolean | null;
  readonly charge_limit_ac_pct: number | null;
  readonly charge_limit_dc_pct: number | null;
  readonly charge_power_kw: number | null;
  /** 1 = 100 %, 2 = 90 %, 3 = 60 % of what the socket gives. */
  readonly charging_current_level: number | null;
  readonly minutes_to_charge: {
    readonly current: number | null;
    readonly fast: number | null;
    readonly portable: number | null;
    readonly station: number | null;
  } | null;
  readonly locked: boolean | null;
  readonly doors_open: Corners<boolean | null> | null;
  readonly trunk_open: boolean | null;
  readonly hood_open: boolean | null;
  readonly windows_open: Corners<boolean | null> | null;
  readonly sunroof_open: boolean | null;
  readonly engine_on: boolean | null;
  readonly climate_on: boolean | null;
  readonly set_temp_c: number | null;
  readonly defrost: boolean | null;
  readonly steering_wheel_heat: boolean | null;
  readonly rear_window_heat: boolean | null;
  readonly side_mirror_heat: boolean | null;
  readonly seat_heat: Corners<SeatHeat | null> | null;
  readonly tyre_warning: (Corners<boolean | null> & { readonly all: boolean | null }) | null;
  readonly tyre_pressure_kpa: Corners<number | null> | null;
  readonly location: Position | null;
  /** The car's own time for this state; ISO 8601 UTC, seconds; null when the payload has none. */
  readonly last_updated_utc: string | null;
  readonly extra: VehicleExtra;
  /** What only the older bridge's topics need; not part of `state`. */
  readonly detail: VehicleDetail;
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** A departure for which the car charges, and warms up or cools down if it shall. Times are `HH:MM`, local. */
export interface Departure {
  readonly enabled: boolean | null;
  readonly time: string | null;
  readonly days: readonly Weekday[] | null;
  readonly climate_on: boolean | null;
  readonly set_temp_c: number | null;
  readonly defrost: boolean | null;
}

/** What some cars tell besides, under one key of `state`: to be read, not set. */
export interface VehicleExtra {
  /** The charge at which vehicle-to-load ends. */
  readonly v2l_limit_pct: number | null;
  /** The cheap hours in which the car charges; local time. */
  readonly off_peak: {
    readonly enabled: boolean | null;
    readonly start: string | null;
    readonly end: string | null;
  } | null;
  readonly departures: readonly Departure[] | null;
  /** What the car's own computer says of its consumption. */
  readonly consumption_kwh_per_100km: number | null;
  readonly washer_fluid_low: boolean | null;
  readonly brake_fluid_warning: boolean | null;
  readonly smart_key_battery_low: boolean | null;
  readonly fuel_low: boolean | null;
  readonly head_lamp_fault: boolean | null;
  readonly stop_lamp_fault: boolean | null;
  readonly turn_signal_fault: boolean | null;
  readonly tail_lamp_alert: boolean | null;
  readonly hazard_alert: boolean | null;
}

export const NOTHING_EXTRA: VehicleExtra = {
  v2l_limit_pct: null,
  off_peak: null,
  departures: null,
  consumption_kwh_per_100km: null,
  washer_fluid_low: null,
  brake_fluid_warning: null,
  smart_key_battery_low: null,
  fuel_low: null,
  head_lamp_fault: null,
  stop_lamp_fault: null,
  turn_signal_fault: null,
  tail_lamp_alert: null,
  hazard_alert: null,
};

export interface VehicleDetail {
  /** Raw seat states: 0, 2 off, 1 on, 3-5 cool low to high, 6-8 heat low to high. */
  readonly seat_levels: Corners<number | null>;
  /** 0 closed, 1 open, 2 vented. */
  readonly window_positions: Corners<0 | 1 | 2 | null>;
  readonly outside_temp_c: number | null;
  readonly speed_kmh: number | null;
  readonly next_service_km: number | null;
}

/** How a read was asked for. */
export type ReadMethod = 'cached' | 'force' | 'smart';

/** A state with where and when it was read. */
export interface Reading {
  readonly state: VehicleState;
  readonly source: 'cached' | 'forced';
  /** By the cloud's clock, epoch ms. */
  readonly fetchedAt: number;
}
