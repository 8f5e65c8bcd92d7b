import type { SimCar } from './car.ts';
import type { CarSpec, CarState, Corners, EngineType, Plug } from './car-state.ts';
import { chargeLimitPercent, chargePowerKw, minutesToCharge, rangeKm } from './life.ts';

/** The payloads of the US cloud: miles, °F, UTC. */

const MILE = 3;
const KM_PER_MILE = 1.609344;
const PLUG_CODES: Readonly<Record<Plug, number>> = { none: 0, fast: 1, portable: 2, station: 3 };
const ENGINES: Readonly<Record<EngineType, string>> = { EV: 'E', PHEV: 'P', PE: 'P', HV: 'N', GN: 'N' };

export function fahrenheitOf(celsius: number): number {
  return Math.round(celsius * 1.8 + 32);
}

/** The entry of the enrollment list. */
export function vehicleDetails(config: SimCar, state: CarState): Record<string, unknown> {
  return {
    regid: config.id,
    nickName: config.name,
    vin: config.vin,
    modelCode: config.model,
    modelYear: config.year,
    enrollmentDate: `${config.year}0101`,
    enrollmentStatus: 'ACTIVE',
    vehicleGeneration: config.hataGeneration ?? '3',
    odometer: String(miles(state.odometerKm)),
    evStatus: ENGINES[config.type],
    brandIndicator: 'H',
  };
}

/** `at`: the car's own time of the report; null leaves it out. */
export function hataStatus(state: CarState, spec: CarSpec, type: EngineType, at: number | null): unknown {
  const isElectric = ENGINES[type] !== 'N';
  return {
    ...(at === null ? {} : { dateTime: utc(at) }),
    acc: false,
    airCtrlOn: state.climateOn,
    airTemp: { value: String(fahrenheitOf(state.targetTemperatureC)), unit: 1, hvacTempType: 1 },
    battery: { batSoc: Math.round(state.battery12vPercent), batState: 0 },
    defrost: state.defrost,
    doorLock: state.locked,
    doorOpen: numbers(state.doorsOpen),
    engine: state.engineOn,
    hoodOpen: state.hoodOpen,
    trunkOpen: state.trunkOpen,
    windowOpen: { ...state.windows },
    seatHeaterVentState: {
      flSeatHeatState: state.seats.frontLeft,
      frSeatHeatState: state.seats.frontRight,
      rlSeatHeatState: state.seats.backLeft,
      rrSeatHeatState: state.seats.backRight,
    },
    sideBackWindowHeat: Number(state.rearWindowHeat),
    sideMirrorHeat: Number(state.mirrorHeat),
    steerWheelHeat: Number(state.steeringWheelHeat),
    tirePressureLamp: {
      tirePressureWarningLampAll: Number(Object.values(state.tyreWarning).some(Boolean)),
      tirePressureWarningLampFrontLeft: Number(state.tyreWarning.frontLeft),
      tirePressureWarningLampFrontRight: Number(state.tyreWarning.frontRight),
      tirePressureWarningLampRearLeft: Number(state.tyreWarning.backLeft),
      tirePressureWarningLampRearRight: Number(state.tyreWarning.backRight),
    },
    ...(type === 'EV' ? {} : { fuelLevel: Math.round(state.fuelLevelPercent), dte: range(fuelKm(state, spec)) }),
    ...(isElectric ? { evStatus: evStatus(state, spec, type) } : {}),
    ...(at === null ? {} : { vehicleLocation: hataLocation(state, at) }),
  };
}

export function hataLocation(state: CarState, at: number): Record<string, unknown> {
  return {
    coord: { lat: state.latitude, lon: state.longitude, alt: 0, type: 0 },
    head: state.headingDegrees,
    speed: { value: 0, unit: MILE },
    time: utc(at),
  };
}

function evStatus(state: CarState, spec: CarSpec, type: EngineType): Record<string, unknown> {
  const powerKw = chargePowerKw(state, spec);
  const minutes = (limit: number, kw: number) => ({ value: minutesToCharge(state, spec, limit, kw), unit: 1 });
  const electric = rangeKm(state, spec);
  const fuel = type === 'EV' ? 0 : fuelKm(state, spec);
  return {
    batteryCharge: state.charging,
    batteryStatus: Math.round(state.stateOfChargePercent),
    batteryPlugin: PLUG_CODES[state.plug],
    realTimePower: Math.round(powerKw * 10) / 10,
    remainTime2: {
      atc: minutes(chargeLimitPercent(state), powerKw),
      etc1: minutes(state.limitDcPercent, spec.powerKw.fast),
      etc2: minutes(state.limitAcPercent, spec.powerKw.portable),
      etc3: minutes(state.limitAcPercent, spec.powerKw.station),
    },
    drvDistance: [
      {
        rangeByFuel: {
          evModeRange: range(electric),
          ...(fuel > 0 ? { gasModeRange: range(fuel) } : {}),
          totalAvailableRange: range(electric + fuel),
        },
        type: 2,
      },
    ],
    reservChargeInfos: {
      targetSOClist: [
        { plugType: 0, targetSOClevel: state.limitDcPercent },
        { plugType: 1, targetSOClevel: state.limitAcPercent },
      ],
    },
  };
}

function fuelKm(state: CarState, spec: CarSpec): number {
  return (state.fuelLevelPercent / 100) * spec.fuelRangeKm;
}

function range(km: number): { readonly value: number; readonly unit: number } {
  return { value: miles(km), unit: MILE };
}

function miles(km: number): number {
  return Math.round(km / KM_PER_MILE);
}

function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function numbers(value: Corners<boolean>): Corners<number> {
  return {
    frontLeft: Number(value.frontLeft),
    frontRight: Number(value.frontRight),
    backLeft: Number(value.backLeft),
    backRight: Number(value.backRight),
  };
}
