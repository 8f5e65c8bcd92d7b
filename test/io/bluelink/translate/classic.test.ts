import { describe, expect, it } from 'vitest';
import { Answer } from '../../../../src/io/bluelink/shape-reports.ts';
import { translateBareStatus, translateCachedStatus } from '../../../../src/io/bluelink/translate/classic.ts';
import { CLASSIC_FILES, expectedFieldsOf, expectedOf, hasFixtures, statusOf } from '../support/fixtures.ts';

const NOW = Date.UTC(2026, 10, 7);

describe.skipIf(!hasFixtures)('the captured status of classic cars', () => {
  it.each(CLASSIC_FILES)('%s reads as expected', (file) => {
    expect(expectedFieldsOf(translateCachedStatus(statusOf(file), NOW, Answer.silent()))).toEqual(expectedOf(file));
  });
});

const status = (vehicleStatus: unknown, rest: object = {}) =>
  translateCachedStatus({ vehicleStatusInfo: { vehicleStatus, ...rest } }, NOW, Answer.silent());

describe('a classic status', () => {
  it('has every key, and null for what is not there', () => {
    const state = status({ doorLock: true });
    expect(state).toMatchObject({
      locked: true,
      soc_pct: null,
      doors_open: null,
      minutes_to_charge: null,
      location: null,
    });
    expect(Object.keys(state ?? {})).toHaveLength(37);
  });

  it('loses only the fields whose type the vendor changed', () => {
    const state = status({
      doorLock: 'yes',
      engine: null,
      evStatus: { batteryStatus: '76', batteryPlugin: 2, drvDistance: 'far', remainTime2: 5, reservChargeInfos: [] },
      doorOpen: { frontLeft: 1, frontRight: 'open', backLeft: 0, backRight: 0 },
      battery: [],
      airTemp: { value: 21 },
      time: 20240720120000,
      hoodOpen: true,
    });
    expect(state).toMatchObject({
      locked: null,
      engine_on: null,
      soc_pct: null,
      plug_type: 'portable',
      plugged: true,
      range_ev_km: null,
      minutes_to_charge: null,
      charge_limit_ac_pct: null,
      doors_open: { front_left: true, front_right: null, rear_left: false, rear_right: false },
      battery_12v_pct: null,
      set_temp_c: null,
      last_updated_utc: null,
      hood_open: true,
    });
  });

  it('knows the sentinels', () => {
    const state = status(
      { battery: { batSoc: 255 }, airTemp: { value: 'FFH' }, evStatus: { batteryStatus: 254, batteryPlugin: 7 } },
      { vehicleLocation: { coord: { lat: 0, lon: 0 } } },
    );
    expect(state).toMatchObject({
      battery_12v_pct: null,
      set_temp_c: null,
      soc_pct: null,
      plug_type: 'unknown',
      location: null,
    });
  });

  it.each([0xfe, 0xff])('knows that %i is no value, wherever it stands', (unset) => {
    const minutes = { value: 0xff00 + unset };
    const state = status({
      steerWheelHeat: unset,
      sideBackWindowHeat: unset,
      tailLampStatus: unset,
      fuelLevel: unset,
      airTemp: { value: `${unset.toString(16)}H` },
      seatHeaterVentState: { flSeatHeatState: unset },
      windowOpen: { frontLeft: unset },
      evStatus: {
        batteryStatus: unset,
        batterySoh: unset,
        batteryPlugin: unset,
        chargePortDoorOpenStatus: unset,
        batteryPower: { batteryStndChrgPower: unset },
        remainTime2: { atc: minutes, etc1: minutes, etc2: minutes, etc3: minutes },
        drvDistance: [{ rangeByFuel: { totalAvailableRange: minutes, evModeRange: minutes } }],
        reservChargeInfos: { targetSOClist: [{ plugType: 0, targetSOClevel: unset }] },
      },
      time: '00000000000000',
    });
    const { detail, minutes_to_charge, extra, ...rest } = state ?? {};
    expect(Object.entries(rest).filter(([, value]) => value !== null)).toEqual([]);
    expect(minutes_to_charge).toEqual({ current: null, fast: null, portable: null, station: null });
    expect(extra?.tail_lamp_alert).toBeNull();
    expect(detail?.window_positions.front_left).toBeNull();
  });

  it('takes the last limit of each plug, and miles as kilometres', () => {
    const targetSOClist = [
      { plugType: 0, targetSOClevel: 50 },
      { plugType: 1, targetSOClevel: 60 },
      { plugType: 0, targetSOClevel: 90 },
      'broken',
    ];
    expect(
      status({ evStatus: { reservChargeInfos: { targetSOClist } } }, { odometer: { value: 1000, unit: 3 } }),
    ).toMatchObject({
      charge_limit_dc_pct: 90,
      charge_limit_ac_pct: 60,
      odometer_km: 1609.3,
    });
  });

  it('reads seats, windows and what is warm', () => {
    expect(
      status({
        seatHeaterVentState: { flSeatHeatState: 8, frSeatHeatState: 3, rlSeatHeatState: 2, rrSeatHeatState: 99 },
        windowOpen: { frontLeft: 2, frontRight: 0, backLeft: 1 },
        steerWheelHeat: 2,
        sideBackWindowHeat: 1,
        sideMirrorHeat: true,
      }),
    ).toMatchObject({
      seat_heat: { front_left: 'high_heat', front_right: 'low_cool', rear_left: 'off', rear_right: null },
      windows_open: { front_left: true, front_right: false, rear_left: true, rear_right: null },
      steering_wheel_heat: false,
      rear_window_heat: true,
      side_mirror_heat: true,
      detail: { window_positions: { front_left: 2 }, seat_levels: { front_left: 8 } },
    });
  });

  it('of a car with an engine has its range in the tank', () => {
    expect(status({ dte: { value: 540, unit: 1 }, fuelLevel: 62 })).toMatchObject({
      range_fuel_km: 540,
      range_total_km: 540,
      range_ev_km: null,
      fuel_level_pct: 62,
    });
  });

  it('is never newer than now', () => {
    expect(status({ time: '20991231235959' })?.last_updated_utc).toBe('2026-11-07T00:00:00Z');
    const vehicleLocation = { coord: { lat: 52.5, lon: 13.4 }, time: '20991231235959' };
    expect(status({ engine: false }, { vehicleLocation })?.location?.time_utc).toBe('2026-11-07T00:00:00Z');
  });

  it('is nothing when nothing in it is as expected', () => {
    for (const resMsg of [
      null,
      'x',
      7,
      [],
      {},
      { vehicleStatusInfo: null },
      { vehicleStatusInfo: { vehicleStatus: {} } },
    ]) {
      expect(translateCachedStatus(resMsg, NOW, Answer.silent())).toBeNull();
      expect(translateBareStatus(resMsg, NOW, Answer.silent())).toBeNull();
    }
  });
});
