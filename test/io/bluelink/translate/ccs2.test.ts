import { describe, expect, it } from 'vitest';
import { Answer } from '../../../../src/io/bluelink/shape-reports.ts';
import { translateCarStatus } from '../../../../src/io/bluelink/translate/ccs2.ts';
import { NOTHING_EXTRA } from '../../../../src/machines/domain/vehicle-state.ts';
import { CCS2_FILES, expectedFieldsOf, expectedOf, hasFixtures, statusOf } from '../support/fixtures.ts';

const NOW = Date.UTC(2026, 10, 7);

describe.skipIf(!hasFixtures)('the captured status of cars of the newer protocol', () => {
  it.each(CCS2_FILES)('%s reads as expected', (file) => {
    expect(expectedFieldsOf(translateCarStatus(statusOf(file), NOW, Answer.silent()))).toEqual(expectedOf(file));
  });
});

const status = (Vehicle: unknown, rest: object = {}) =>
  translateCarStatus({ state: { Vehicle }, ...rest }, NOW, Answer.silent());
const door = (Lock: unknown) => ({ Open: 0, Lock });
const doors = (lock: unknown) => ({
  Cabin: { Door: { Row1: { Driver: door(0), Passenger: door(0) }, Row2: { Left: door(false), Right: door(lock) } } },
});

describe('a status of the newer protocol', () => {
  it.each([
    ['all four doors are', 0, true],
    ['one is not', 1, false],
    ['one says nothing', undefined, null],
    ['one says something else', 'locked', null],
  ])('calls the car locked when %s', (_, lock, locked) => {
    expect(status(doors(lock))?.locked).toBe(locked);
  });

  it('takes the time of the last update before the date, and never one that is to come', () => {
    expect(status({ Date: '20250420202723.000' }, { lastUpdateTime: '1745180843000' })?.last_updated_utc).toBe(
      '2025-04-20T20:27:23Z',
    );
    expect(status({ Date: '20250420202723.000' }, { lastUpdateTime: '20250420202723' })?.last_updated_utc).toBe(
      '2025-04-20T20:27:23Z',
    );
    expect(status({ Date: '20990420202723.000' })?.last_updated_utc).toBe('2026-11-07T00:00:00Z');
  });

  it('tells charging from plugged', () => {
    const charging = (state: unknown, minutes: unknown) =>
      status({
        Green: { ChargingInformation: { ConnectorFastening: { State: state }, Charging: { RemainTime: minutes } } },
      });
    expect(charging(1, 0)).toMatchObject({ plugged: true, charging: false, plug_type: 'unknown' });
    expect(charging(true, 90)).toMatchObject({ plugged: true, charging: true, minutes_to_charge: { current: 90 } });
    expect(charging('?', 90)).toMatchObject({ plugged: null, charging: null, plug_type: null });
  });

  it('reads windows ajar, tyre pressures and temperatures', () => {
    const window = (Open: number, OpenLevel: number) => ({ Open, OpenLevel });
    const tyre = (Pressure: number) => ({ Tire: { PressureLow: 0, Pressure } });
    expect(
      status({
        Cabin: {
          Window: { Row1: { Driver: window(0, 3), Passenger: window(0, 0) }, Row2: { Left: window(1, 10) } },
          HVAC: { Row1: { Driver: { Temperature: { Value: '70', Unit: 1 }, Blower: { SpeedLevel: 2 } } } },
        },
        Chassis: {
          Axle: {
            Tire: { PressureUnit: 0 },
            Row1: { Left: tyre(36), Right: tyre(255) },
            Row2: { Left: tyre(35), Right: tyre(35) },
          },
        },
      }),
    ).toMatchObject({
      windows_open: { front_left: true, front_right: false, rear_left: true, rear_right: null },
      detail: { window_positions: { front_left: 2, rear_left: 1 } },
      climate_on: true,
      set_temp_c: 21,
      tyre_pressure_kpa: { front_left: 248, front_right: null, rear_left: 241, rear_right: 241 },
    });
  });

  it('gives a car with an engine its range in the tank', () => {
    const FuelSystem = { FuelLevel: 40, DTE: { Total: 500, Unit: 1 } };
    expect(status({ Drivetrain: { FuelSystem } })).toMatchObject({
      range_fuel_km: 500,
      range_ev_km: null,
      range_total_km: 500,
    });
  });

  it.each([0xfe, 0xff])('knows that %i is no value, wherever it stands', (unset) => {
    const door = { Open: unset, Lock: unset };
    const state = status({
      DrivingReady: unset,
      Drivetrain: { FuelSystem: { FuelLevel: unset, DTE: { Total: 0xff00 + unset, Unit: 1 } } },
      Electronics: { Battery: { Level: unset } },
      Cabin: {
        Door: { Row1: { Driver: door, Passenger: door }, Row2: { Left: door, Right: door } },
        Window: { Row1: { Driver: { Open: unset }, Passenger: { Open: 0, OpenLevel: unset } } },
        Seat: { Row1: { Driver: { Climate: { State: unset } } } },
        HVAC: { Row1: { Driver: { Temperature: { Value: unset }, Blower: { SpeedLevel: unset } } } },
        SteeringWheel: { Heat: { State: unset } },
      },
      Body: { Hood: { Open: unset }, Trunk: { Open: unset }, Sunroof: { Glass: { Open: unset } } },
      Chassis: {
        Axle: { Tire: { PressureLow: unset, PressureUnit: 0 }, Row1: { Left: { Tire: { Pressure: unset } } } },
      },
      Green: {
        BatteryManagement: { BatteryRemain: { Ratio: unset }, SoH: { Ratio: unset } },
        ChargingDoor: { State: unset },
        ChargingInformation: {
          ConnectorFastening: { State: unset },
          ElectricCurrentLevel: { State: unset },
          TargetSoC: { Standard: unset, Quick: unset },
          Charging: { RemainTime: 0xff00 + unset },
          EstimatedTime: { Quick: 0xff00 + unset, ICCB: 0xff00 + unset, Standard: 0xff00 + unset },
        },
        Electric: { SmartGrid: { RealTimePower: unset, VehicleToLoad: { DischargeLimitation: { SoC: unset } } } },
        Reservation: { OffPeakTime: { StartHour: 31, StartMin: 70, EndHour: 31, EndMin: 70, Mode: unset } },
      },
      Location: { GeoCoord: { Latitude: 0, Longitude: 0 } },
      Date: '00000000000000',
    });
    const { detail, windows_open, minutes_to_charge, extra, ...rest } = state ?? {};
    expect(Object.entries(rest).filter(([, value]) => value !== null)).toEqual([]);
    expect(windows_open).toEqual({ front_left: null, front_right: false, rear_left: null, rear_right: null });
    expect(minutes_to_charge).toEqual({ current: null, fast: null, portable: null, station: null });
    expect(extra).toEqual({ ...NOTHING_EXTRA, off_peak: { enabled: null, start: null, end: null } });
    expect(detail?.window_positions).toEqual({ front_left: null, front_right: 0, rear_left: null, rear_right: null });
  });

  it.each(['000000000000', '0', '20250420202723', 'never'])(
    'takes the date where the last update is %j',
    (lastUpdateTime) => {
      const state = status({ Date: '20250420202723.000' }, { lastUpdateTime });
      expect(state?.last_updated_utc).toBe('2025-04-20T20:27:23Z');
    },
  );

  it('is nothing when nothing in it is as expected', () => {
    for (const resMsg of [
      null,
      'x',
      {},
      { state: {} },
      { state: { Vehicle: {} } },
      { state: { Vehicle: { Green: 7 } } },
    ]) {
      expect(translateCarStatus(resMsg, NOW, Answer.silent())).toBeNull();
    }
  });
});
