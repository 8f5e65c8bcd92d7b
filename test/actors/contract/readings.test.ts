import { describe, expect, it } from 'vitest';
import { type RenderedReading, renderError, renderReadings } from '../../../src/actors/contract/readings.ts';
import { emptyMemory, selectReadings } from '../../../src/actors/contract/readings-memory.ts';
import { NOTHING_EXTRA } from '../../../src/machines/domain/vehicle-state.ts';
import { FETCHED_AT, FULL, reading, UNKNOWN } from './cars.ts';

const LIVE = { method: 'cached', location: 'live' } as const;
const AT = '2026-11-07T11:00:00Z';

function byTopic(rendered: readonly RenderedReading[]): Record<string, RenderedReading> {
  return Object.fromEntries(rendered.map((message) => [message.topic, message]));
}

function values(rendered: readonly RenderedReading[]): Record<string, unknown> {
  return Object.fromEntries(rendered.map((message) => [message.topic, message.payload.value]));
}

/** What the older bridge's users rely on: QoS and retain flag, unit, and value for the car that tells everything. */
const KEPT = [
  ['battery/level', '1r', '%', 71],
  ['battery/charging_status', '1r', undefined, 'charging'],
  ['battery/plug_status', '1r', undefined, 'connected'],
  ['ev/range', '1r', 'km', 290],
  ['ev/charge_limit', '1r', '%', 80],
  ['ev/charge_time_100', '0', 'min', 45],
  ['ev/charge_time_target', '0', 'min', 45],
  ['status/doors/locked', '1r', undefined, false],
  ['status/doors/front_left_open', '1r', undefined, false],
  ['status/doors/front_right_open', '1r', undefined, true],
  ['status/doors/back_left_open', '1r', undefined, false],
  ['status/doors/back_right_open', '1r', undefined, false],
  ['status/doors/trunk_open', '1r', undefined, false],
  ['status/doors/hood_open', '1r', undefined, false],
  ['status/windows/front_left', '1r', undefined, { value: 0, state: 'CLOSED' }],
  ['status/windows/front_right', '1r', undefined, { value: 1, state: 'OPEN' }],
  ['status/windows/back_left', '1r', undefined, { value: 2, state: 'VENTILATION' }],
  ['status/windows/sunroof', '1r', undefined, { value: 1, state: 'OPEN' }],
  ['status/climate/is_on', '1r', undefined, true],
  ['status/climate/set_temperature', '1r', '°C', 21.5],
  ['status/climate/current_temperature', '0', '°C', 7.5],
  ['status/climate/defrost', '1r', undefined, false],
  ['status/climate/heated_steering_wheel', '1r', undefined, true],
  ['status/climate/front_left_seat_status', '1r', undefined, { value: 0, level: 'OFF' }],
  ['status/climate/front_right_seat_status', '1r', undefined, { value: 2, level: 'LOW' }],
  ['status/climate/rear_left_seat_status', '1r', undefined, { value: 5, level: 'MED' }],
  ['status/climate/rear_right_seat_status', '1r', undefined, { value: 6, level: 'HIGH' }],
  ['status/location/latitude', '0', undefined, 48.1],
  ['status/location/longitude', '0', undefined, 11.5],
  ['status/location/speed', '0', 'km/h', 0],
  ['status/tires/all_normal', '1r', undefined, false],
  ['status/tires/front_left_warning', '1r', undefined, false],
  ['status/tires/front_right_warning', '1r', undefined, false],
  ['status/tires/back_left_warning', '1r', undefined, true],
  ['status/tires/back_right_warning', '1r', undefined, false],
  ['status/service/next_service_distance', '1r', 'km', 12_000],
  ['status/engine/is_running', '1r', undefined, false],
  ['status/engine/fuel_level', '1r', '%', 0],
  ['status/engine/fuel_range', '1r', 'km', 0],
  ['status/last_updated', '0r', undefined, '2026-11-07T10:30:00Z'],
  ['status/data_source', '0r', undefined, 'cached'],
  ['status/update_method', '0r', undefined, 'cached'],
] as const;

describe('the readings', () => {
  it('have the topics, QoS, retain flags, units and values of the older bridge, and no others', () => {
    const told = renderReadings(reading(), LIVE).map(({ topic, qos, retain, payload }) => [
      topic,
      `${qos}${retain ? 'r' : ''}`,
      payload.unit,
      payload.value,
    ]);
    expect(told).toEqual(KEPT);
  });

  it('carry no unit where there is none', () => {
    const rendered = byTopic(renderReadings(reading(), LIVE));
    expect(rendered['status/doors/locked']?.payload).toEqual({ value: false, timestamp: '2026-11-07T10:30:00Z' });
    expect(rendered['battery/level']?.payload).toEqual({ value: 71, unit: '%', timestamp: '2026-11-07T10:30:00Z' });
  });

  it('say nothing of what the car does not say', () => {
    const rendered = renderReadings({ state: UNKNOWN, source: 'cached', fetchedAt: FETCHED_AT }, LIVE);
    expect(rendered.map(({ topic }) => topic)).toEqual([
      'status/last_updated',
      'status/data_source',
      'status/update_method',
    ]);
  });

  it('have the time of the car, of the location, or of the fetch', () => {
    const rendered = byTopic(renderReadings(reading(), LIVE));
    expect(rendered['status/location/latitude']?.payload.timestamp).toBe('2026-11-07T10:00:00Z');
    const timeless = byTopic(
      renderReadings(reading({ last_updated_utc: null }, { source: 'forced' }), { ...LIVE, method: 'force' }),
    );
    expect(timeless['battery/level']?.payload.timestamp).toBe('2026-11-07T10:30:05Z');
    expect(timeless['status/last_updated']?.payload.value).toBe('2026-11-07T10:30:05Z');
    expect(timeless['status/data_source']?.payload.value).toBe('fresh');
    expect(timeless['status/update_method']?.payload.value).toBe('force');
  });

  it('show where the car is only as far as the policy allows', () => {
    const locations = (location: 'live' | 'off' | 'retained') =>
      renderReadings(reading(), { method: 'cached', location })
        .filter(({ topic }) => topic.startsWith('status/location/'))
        .map(({ retain, isAlways }) => [retain, isAlways]);
    expect(locations('live')).toEqual([
      [false, true],
      [false, true],
      [false, true],
    ]);
    expect(locations('off')).toEqual([]);
    expect(locations('retained')).toEqual([
      [true, false],
      [true, false],
      [true, false],
    ]);
  });

  it.each([
    [{ charging: true, soc_pct: 100 }, 'charging'],
    [{ charging: false, plugged: false, soc_pct: 100 }, 'not_charging'],
    [{ charging: false, plugged: true, soc_pct: 79, plug_type: 'station' }, 'not_charging'],
    [{ charging: false, plugged: true, soc_pct: 80, plug_type: 'station' }, 'complete'],
    [{ charging: false, plugged: true, soc_pct: 85, plug_type: 'fast' }, 'not_charging'],
    [{ charging: false, plugged: true, soc_pct: 85, plug_type: 'unknown' }, 'not_charging'],
    [{ charging: false, plugged: true, soc_pct: 90, plug_type: 'unknown' }, 'complete'],
    [{ charging: false, plugged: true, soc_pct: 99, plug_type: 'fast', charge_limit_dc_pct: null }, 'not_charging'],
    [{ charging: false, plugged: true, soc_pct: null }, 'not_charging'],
    [{ charging: null }, undefined],
  ] as const)('tell the charging status of %j: %s', (state, status) => {
    expect(values(renderReadings(reading(state), LIVE))['battery/charging_status']).toBe(status);
  });

  it('tell no minutes to charge while the car does not charge', () => {
    expect(values(renderReadings(reading({ charging: false }), LIVE))).not.toHaveProperty('ev/charge_time_100');
  });

  it('fall back to open or closed where the position of a window is not known', () => {
    const state = {
      ...FULL,
      detail: {
        ...FULL.detail,
        window_positions: { front_left: null, front_right: null, rear_left: null, rear_right: null },
      },
    };
    const told = values(renderReadings(reading(state), LIVE));
    expect(told['status/windows/front_left']).toEqual({ value: 0, state: 'CLOSED' });
    expect(told['status/windows/back_left']).toEqual({ value: 1, state: 'OPEN' });
    expect(told).not.toHaveProperty('status/windows/back_right');
  });
});

describe('what is published of the readings', () => {
  const first = selectReadings(emptyMemory(), renderReadings(reading(), LIVE), AT);

  it('is everything at first', () => {
    expect(first.publish).toHaveLength(KEPT.length);
  });

  it('is then only what is not retained, and when it was read', () => {
    const again = selectReadings(
      first.memory,
      renderReadings(reading({ last_updated_utc: '2026-11-07T10:45:00Z' }), LIVE),
      AT,
    );
    expect(again.publish.map(({ topic }) => topic)).toEqual([
      'ev/charge_time_100',
      'ev/charge_time_target',
      'status/climate/current_temperature',
      'status/location/latitude',
      'status/location/longitude',
      'status/location/speed',
      'status/last_updated',
    ]);
  });

  it('is everything again where that is wanted', () => {
    const again = selectReadings(first.memory, renderReadings(reading(), LIVE), AT, true);
    expect(again.publish).toEqual(first.publish);
  });

  it('is the consumption, where the car tells it', () => {
    const extra = { ...NOTHING_EXTRA, consumption_kwh_per_100km: 16.6 };
    expect(byTopic(renderReadings(reading({ extra }), LIVE))['ev/energy_consumption']).toMatchObject({
      qos: 0,
      retain: false,
      payload: { value: 16.6, unit: 'kWh/100km' },
    });
  });

  it('is what changed', () => {
    const changed = selectReadings(
      first.memory,
      renderReadings(reading({ locked: true, sunroof_open: false }), LIVE),
      AT,
    );
    const told = values(changed.publish);
    expect(told['status/doors/locked']).toBe(true);
    expect(told['status/windows/sunroof']).toEqual({ value: 0, state: 'CLOSED' });
    expect(told).not.toHaveProperty('battery/level');
  });

  it('is null, once, for what is unknown now, and the value when it is known again', () => {
    const gone = selectReadings(first.memory, renderReadings(reading({ soc_pct: null }), LIVE), AT);
    const level = byTopic(gone.publish)['battery/level'];
    expect(level).toMatchObject({ qos: 1, retain: true, payload: { value: null, unit: '%', timestamp: AT } });
    const still = selectReadings(gone.memory, renderReadings(reading({ soc_pct: null }), LIVE), AT);
    expect(values(still.publish)).not.toHaveProperty('battery/level');
    const back = selectReadings(still.memory, renderReadings(reading(), LIVE), AT);
    expect(values(back.publish)['battery/level']).toBe(71);
  });

  it('does not change the memory that was given', () => {
    const before = [...first.memory.keys()];
    selectReadings(first.memory, [], AT);
    expect([...first.memory.keys()]).toEqual(before);
  });
});

describe('the error of a read', () => {
  it('is an object while it lasts, and null when it is over', () => {
    const error = renderError(
      { error: 'The cloud is down.', errorType: 'cloudUnavailable', commandType: 'refresh' },
      FETCHED_AT,
    );
    expect(error).toMatchObject({ topic: 'status/error', qos: 0, retain: true });
    expect(error.payload.value).toEqual({
      error: 'The cloud is down.',
      error_type: 'cloudUnavailable',
      command_type: 'refresh',
      timestamp: '2026-11-07T10:30:05Z',
    });
    expect(renderError(null, FETCHED_AT).payload).toEqual({ value: null, timestamp: '2026-11-07T10:30:05Z' });
  });
});
