import { describe, expect, it } from 'vitest';
import { Answer } from '../../../../src/io/bluelink/shape-reports.ts';
import { translateCarStatus } from '../../../../src/io/bluelink/translate/ccs2.ts';
import { translateCachedStatus } from '../../../../src/io/bluelink/translate/classic.ts';
import { NOTHING_EXTRA } from '../../../../src/machines/domain/vehicle-state.ts';
import { hasFixtures, statusOf } from '../support/fixtures.ts';

const NOW = Date.UTC(2026, 10, 7);
const ccs2 = (resMsg: unknown) => translateCarStatus(resMsg, NOW, Answer.silent())?.extra;
const classic = (resMsg: unknown) => translateCachedStatus(resMsg, NOW, Answer.silent())?.extra;
const FINE = {
  washer_fluid_low: false,
  brake_fluid_warning: false,
  smart_key_battery_low: false,
  head_lamp_fault: false,
  stop_lamp_fault: false,
  turn_signal_fault: false,
  tail_lamp_alert: false,
  hazard_alert: false,
};
const OFF = { enabled: false, climate_on: null, set_temp_c: null, defrost: null };

describe.skipIf(!hasFixtures)('what captured cars tell besides', () => {
  it('of an EV3 is its timers without the times that nobody set, its limit of vehicle-to-load and its consumption', () => {
    expect(ccs2(statusOf('eu_kia_ev3_2025_ccs2.json'))).toEqual({
      ...NOTHING_EXTRA,
      ...FINE,
      fuel_low: false,
      v2l_limit_pct: 20,
      consumption_kwh_per_100km: 16.6,
      off_peak: { enabled: false, start: null, end: null },
      departures: [
        { enabled: false, time: '14:40', days: [], climate_on: true, set_temp_c: 20, defrost: false },
        { enabled: false, time: '00:00', days: [], climate_on: true, set_temp_c: 24, defrost: false },
      ],
    });
  });

  it('of an EV6 is when it leaves and when it charges', () => {
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    expect(ccs2(statusOf('eu_kia_ev6_2024_ccs2_off.json'))).toMatchObject({
      off_peak: { enabled: false, start: '22:30', end: '01:30' },
      departures: [
        { enabled: false, time: '02:40', days, set_temp_c: 17 },
        { enabled: false, time: '17:00', days, set_temp_c: 24 },
      ],
      consumption_kwh_per_100km: null,
      washer_fluid_low: false,
      head_lamp_fault: null,
    });
  });

  it('of an EV9 without times and days is that there are none', () => {
    const departure = { ...OFF, time: null, days: null };
    expect(ccs2(statusOf('eu_kia_ev9_2024_ccs2.json'))).toMatchObject({
      off_peak: null,
      departures: [departure, departure],
    });
  });

  it('of a classic car is its timers with the halves of the day as hours', () => {
    expect(classic(statusOf('iobroker_vehicle.json'))).toEqual({
      ...NOTHING_EXTRA,
      ...FINE,
      off_peak: { enabled: true, start: '21:00', end: '07:40' },
      departures: [
        {
          enabled: false,
          time: '07:40',
          days: ['mon', 'tue', 'wed', 'thu', 'fri'],
          climate_on: false,
          set_temp_c: 21,
          defrost: false,
        },
        { enabled: false, time: '00:00', days: [], climate_on: false, set_temp_c: 21, defrost: false },
      ],
    });
  });
});

describe('the warnings of a car', () => {
  it('are given by one lamp of several', () => {
    const lights = {
      Front: { Left: { Low: { Warning: 0 } }, Right: { Low: { Warning: 1 } } },
      Rear: { Left: { StopLamp: { Warning: 0 } } },
    };
    expect(ccs2({ state: { Vehicle: { DrivingReady: 0, Body: { Lights: lights } } } })).toMatchObject({
      head_lamp_fault: true,
      stop_lamp_fault: false,
      turn_signal_fault: null,
    });
    const lampWireStatus = { stopLamp: { leftLamp: 0, rightLamp: true }, headLamp: { leftLowLamp: false } };
    const vehicleStatus = { lampWireStatus, washerFluidStatus: true, breakOilStatus: false, tailLampStatus: 1 };
    expect(classic({ vehicleStatusInfo: { vehicleStatus } })).toMatchObject({
      stop_lamp_fault: true,
      head_lamp_fault: false,
      turn_signal_fault: null,
      washer_fluid_low: true,
      brake_fluid_warning: false,
      tail_lamp_alert: true,
      hazard_alert: null,
    });
  });

  it.each([
    [{ Average: 16.64, Unit: 1 }, 16.6],
    [{ Average: 4.1, Unit: 3 }, null],
    [{ Average: 0, Unit: 1 }, null],
    [{ Average: 255, Unit: 1 }, null],
    [{ Average: 16 }, null],
  ])('do not make a consumption of %j that is none', (DrivingHistory, consumption) => {
    expect(ccs2({ state: { Vehicle: { Green: { DrivingHistory } } } })?.consumption_kwh_per_100km).toBe(consumption);
  });
});
