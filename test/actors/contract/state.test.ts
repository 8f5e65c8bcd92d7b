import { describe, expect, it } from 'vitest';
import { renderState } from '../../../src/actors/contract/state.ts';
import { FULL, reading, UNKNOWN } from './cars.ts';

const CAR = { id: 'abc', name: 'Kona', model: 'KONA', generation: 'classic', engine: 'ev' } as const;
const FLAGS = { location: 'live', stale: false, simulated: false } as const;

const KEYS = [
  ...[
    'id',
    'name',
    'model',
    'generation',
    'engine',
    'soc_pct',
    'soh_pct',
    'battery_12v_pct',
    'range_ev_km',
    'range_fuel_km',
  ],
  ...['range_total_km', 'fuel_level_pct', 'odometer_km', 'charging', 'plugged', 'plug_type', 'charge_port_open'],
  ...['charge_limit_ac_pct', 'charge_limit_dc_pct', 'charge_power_kw', 'charging_current_level', 'minutes_to_charge'],
  ...['locked', 'doors_open', 'trunk_open', 'hood_open', 'windows_open', 'sunroof_open', 'engine_on', 'climate_on'],
  ...[
    'set_temp_c',
    'defrost',
    'steering_wheel_heat',
    'rear_window_heat',
    'side_mirror_heat',
    'seat_heat',
    'tyre_warning',
  ],
  ...['tyre_pressure_kpa', 'location', 'last_updated_utc', 'extra', 'car_time', 'fetched_at', 'source', 'stale'],
];

describe('the state of a car', () => {
  it('has the same keys whether everything is known or nothing', () => {
    const unknown = renderState(CAR, { ...reading(), state: UNKNOWN }, FLAGS);
    expect(Object.keys(renderState(CAR, reading(), FLAGS)).sort()).toEqual([...KEYS].sort());
    expect(Object.keys(unknown).sort()).toEqual([...KEYS].sort());
    expect(unknown).toMatchObject({ soc_pct: null, locked: null, car_time: null });
  });

  it('says which car, when, and from where', () => {
    expect(renderState(CAR, reading(), { ...FLAGS, stale: true })).toMatchObject({
      ...CAR,
      car_time: '2026-11-07T10:30:00Z',
      fetched_at: '2026-11-07T10:30:05.123Z',
      source: 'cached',
      stale: true,
      soc_pct: 71,
    });
  });

  it('never has the VIN, whatever the car is given as', () => {
    const car = { ...CAR, vin: 'KMHTEST0000000001', year: null };
    expect(JSON.stringify(renderState(car, reading(), FLAGS))).not.toContain('KMHTEST');
  });

  it('tells the location only where it may be kept', () => {
    expect(renderState(CAR, reading(), FLAGS).location).toBeNull();
    expect(renderState(CAR, reading(), { ...FLAGS, location: 'off' }).location).toBeNull();
    expect(renderState(CAR, reading(), { ...FLAGS, location: 'retained' }).location).toEqual(FULL.location);
  });

  it('says of an imagined car that it is one', () => {
    expect(renderState(CAR, reading(), { ...FLAGS, simulated: true }).simulated).toBe(true);
    expect(renderState(CAR, reading(), FLAGS)).not.toHaveProperty('simulated');
  });
});
