import { describe, expect, it } from 'vitest';
import { AUSTRALIAN_PROTOCOLS } from '../../../../src/io/bluelink/endpoints.ts';
import { Answer } from '../../../../src/io/bluelink/shape-reports.ts';
import type { VehicleState } from '../../../../src/machines/domain/vehicle-state.ts';

/** What the Australian cloud is known to write: made by hand, since no capture of it is at hand. */
const STATUS = {
  time: '20260107153000',
  airCtrlOn: true,
  engine: false,
  doorLock: true,
  doorOpen: { frontLeft: 0, frontRight: 1, backLeft: 0, backRight: 0 },
  windowOpen: { frontLeft: 0, frontRight: 2, backLeft: 0, backRight: 0 },
  trunkOpen: false,
  hoodOpen: false,
  airTemp: { value: '08H', unit: 0, hvacTempType: 1 },
  defrost: false,
  evStatus: {
    batteryCharge: false,
    batteryStatus: 71,
    batteryPlugin: 0,
    drvDistance: [
      { rangeByFuel: { evModeRange: { value: 312, unit: 1 }, totalAvailableRange: { value: 312, unit: 1 } } },
    ],
    reservChargeInfos: { targetSOClist: [{ plugType: 0, targetSOClevel: 80 }] },
  },
  steerWheelHeat: 0,
  battery: { batSoc: 88 },
  odometer: { value: 20_481.2, unit: 1 },
};
const PARKED = {
  coord: { lat: -33.8568, lon: 151.2153, alt: 0, type: 0 },
  head: 12,
  speed: { value: 0, unit: 0 },
  accuracy: { hdop: 0, pdop: 0 },
  time: '20260107145959',
};
const NOW = Date.UTC(2026, 0, 8);

const { classic, ccs2 } = AUSTRALIAN_PROTOCOLS.generations;
const forced = classic.forced('car');
const READS = {
  cached: classic.cached('car'),
  forced: forced.type === 'answered' ? forced.read : classic.cached('none'),
};
const read = (kind: keyof typeof READS, resMsg: unknown): VehicleState | null =>
  READS[kind].translate(resMsg, NOW, Answer.silent());
const parked = (resMsg: unknown) => AUSTRALIAN_PROTOCOLS.parking?.translate(resMsg, NOW, Answer.silent());

describe('an Australian status', () => {
  it('is asked for where the European ones are', () => {
    expect([READS.cached.path, READS.forced.path, AUSTRALIAN_PROTOCOLS.parking?.path('car')]).toEqual([
      '/api/v1/spa/vehicles/car/status/latest',
      '/api/v1/spa/vehicles/car/status',
      '/api/v1/spa/vehicles/car/location/park',
    ]);
  });

  it.each(['cached', 'forced'] as const)(
    '%s, is the answer itself, with the odometer in it and no position',
    (kind) => {
      expect(read(kind, STATUS)).toMatchObject({
        locked: true,
        soc_pct: 71,
        battery_12v_pct: 88,
        range_ev_km: 312,
        charge_limit_dc_pct: 80,
        odometer_km: 20_481.2,
        doors_open: { front_left: false, front_right: true, rear_left: false, rear_right: false },
        windows_open: { front_left: false, front_right: true, rear_left: false, rear_right: false },
        location: null,
      });
    },
  );

  it.each([
    ['20260107153000', '2026-01-07T04:30:00Z'],
    ['20260707153000', '2026-07-07T05:30:00Z'],
  ])('tells the time of Sydney: %s is %s', (time, utc) => {
    const fetchedAt = Date.UTC(2026, 11, 1);
    expect(READS.cached.translate({ ...STATUS, time }, fetchedAt, Answer.silent())?.last_updated_utc).toBe(utc);
  });

  it('counts set temperatures from 17 to 27 °C', () => {
    const setTo = (value: string) => read('cached', { ...STATUS, airTemp: { value, unit: 0 } })?.set_temp_c;
    expect(['00H', '08H', '13H', '14H', '15H', 'FFH'].map(setTo)).toEqual([17, 21, 26.5, 27, null, null]);
  });

  it('may be wrapped as in Europe all the same, and is nothing else', () => {
    const { odometer, ...vehicleStatus } = STATUS;
    const wrapped = { vehicleStatusInfo: { vehicleStatus, odometer, vehicleLocation: PARKED } };
    expect(read('cached', wrapped)).toMatchObject({ soc_pct: 71, odometer_km: 20_481.2, set_temp_c: 21 });
    for (const resMsg of [null, 'x', [], {}, { odometer: { value: 5, unit: 1 } }, { vehicleStatusInfo: {} }]) {
      expect(read('cached', resMsg)).toBeNull();
    }
  });

  it('of a newer car has the time of Sydney for its position, if that has no other', () => {
    const TimeStamp = { Year: 2026, Mon: 1, Day: 7, Hour: 15, Min: 30, Sec: 0 };
    const Vehicle = {
      Drivetrain: { Odometer: 5 },
      Location: { GeoCoord: { Latitude: -33, Longitude: 151 }, TimeStamp },
    };
    const resMsg = { lastUpdateTime: String(Date.UTC(2026, 0, 7, 4, 31)), state: { Vehicle } };
    expect(ccs2.cached('car').translate(resMsg, NOW, Answer.silent())).toMatchObject({
      location: { lat: -33, lon: 151, time_utc: '2026-01-07T04:30:00Z' },
      last_updated_utc: '2026-01-07T04:31:00Z',
    });
  });
});

describe('the Australian parking position', () => {
  it('is the answer itself, in the time of Sydney', () => {
    expect(parked(PARKED)).toEqual({ lat: -33.8568, lon: 151.2153, time_utc: '2026-01-07T03:59:59Z' });
  });

  it.each([
    null,
    {},
    { gpsDetail: PARKED },
    { ...PARKED, coord: { lat: 0, lon: 0 } },
    { ...PARKED, coord: { lat: '-33', lon: 151 } },
  ])('%j is none', (resMsg) => {
    expect(parked(resMsg)).toBeNull();
  });
});
