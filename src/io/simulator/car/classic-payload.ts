import { localDigits } from '../local-time.ts';
import { EUROPE, type Locale } from '../locale.ts';
import type { CarSpec, CarState, Corners, EngineType, Plug } from './car-state.ts';
import { chargeLimitPercent, chargePowerKw, minutesToCharge, rangeKm } from './life.ts';

/** The payloads of the classic protocol (`ccuCCS2ProtocolSupport` 0), as captured from real cars. */

const PLUG_CODES: Readonly<Record<Plug, number>> = { none: 0, fast: 1, portable: 2, station: 3 };
const KM = 1;

/** `0EH` for 21 °C in Europe: hexadecimal index from the lowest in steps of 0.5. */
function temperatureCode(celsius: number, { lowestC }: Locale): string {
  const index = Math.round((celsius - lowestC) / 0.5);
  return `${index.toString(16).toUpperCase().padStart(2, '0')}H`;
}

/** °C of a temperature code; null if it is none (`-1H`) or out of the range. */
export function celsiusOf(code: string, { lowestC, highestC }: Locale): number | null {
  if (!/^[0-9A-F]{2}H$/i.test(code)) return null;
  const celsius = lowestC + Number.parseInt(code.slice(0, 2), 16) * 0.5;
  return celsius <= highestC ? celsius : null;
}

/** The `vehicleStatus` object. `at` is the car's own time of the report; null leaves `time` out. */
export function vehicleStatus(
  state: CarState,
  spec: CarSpec,
  type: EngineType,
  at: number | null,
  locale: Locale = EUROPE,
): Record<string, unknown> {
  return {
    airCtrlOn: state.climateOn,
    engine: state.engineOn,
    doorLock: state.locked,
    doorOpen: flags(state.doorsOpen),
    windowOpen: { ...state.windows },
    trunkOpen: state.trunkOpen,
    hoodOpen: state.hoodOpen,
    airTemp: { value: temperatureCode(state.targetTemperatureC, locale), unit: 0, hvacTempType: 1 },
    defrost: state.defrost,
    acc: false,
    ...(hasTraction(type) ? { evStatus: evStatus(state, spec, type) } : {}),
    ...(hasTank(type)
      ? {
          fuelLevel: Math.round(state.fuelLevelPercent),
          lowFuelLight: state.fuelLevelPercent < 10,
          dte: { value: fuelRangeKm(state, spec), unit: KM },
        }
      : {}),
    ign3: state.engineOn,
    transCond: true,
    steerWheelHeat: state.steeringWheelHeat ? 1 : 0,
    sideBackWindowHeat: state.rearWindowHeat ? 1 : 0,
    sideMirrorHeat: state.mirrorHeat ? 1 : 0,
    seatHeaterVentState: {
      flSeatHeatState: state.seats.frontLeft,
      frSeatHeatState: state.seats.frontRight,
      rlSeatHeatState: state.seats.backLeft,
      rrSeatHeatState: state.seats.backRight,
    },
    tirePressureLamp: {
      tirePressureLampAll: Object.values(state.tyreWarning).some(Boolean) ? 1 : 0,
      tirePressureLampFL: state.tyreWarning.frontLeft ? 1 : 0,
      tirePressureLampFR: state.tyreWarning.frontRight ? 1 : 0,
      tirePressureLampRL: state.tyreWarning.backLeft ? 1 : 0,
      tirePressureLampRR: state.tyreWarning.backRight ? 1 : 0,
    },
    battery: {
      batSoc: Math.round(state.battery12vPercent),
      batState: 0,
      sjbDeliveryMode: 1,
      batSignalReferenceValue: { batWarning: 65 },
      powerAutoCutMode: 2,
    },
    lampWireStatus: {
      stopLamp: { stopLampStatus: false, leftLamp: false, rightLamp: false },
      headLamp: { headLampStatus: false, leftLowLamp: false, rightLowLamp: false },
      turnSignalLamp: { turnSignalLampStatus: false, leftFrontLamp: false, rightFrontLamp: false },
    },
    smartKeyBatteryWarning: false,
    washerFluidStatus: false,
    breakOilStatus: false,
    sleepModeCheck: true,
    ...(at === null ? {} : { time: localDigits(locale.zone, at) }),
    remoteWaitingTimeAlert: { remoteControlAvailable: 1, remoteControlWaitingTime: 168 },
    systemCutOffAlert: 0,
    tailLampStatus: 0,
    hazardStatus: 0,
  };
}

/** Where the car is: `vehicleLocation`, `gpsDetail` and the parking position have this shape. */
export function vehicleLocation(state: CarState, at: number, { zone }: Locale): Record<string, unknown> {
  return {
    coord: { lat: state.latitude, lon: state.longitude, alt: 0, type: 0 },
    head: state.headingDegrees,
    speed: { value: 0, unit: 0 },
    accuracy: { hdop: 0, pdop: 0 },
    time: localDigits(zone, at),
  };
}

/** `vehicleStatusInfo` of the cached status. */
export function vehicleStatusInfo(
  state: CarState,
  spec: CarSpec,
  type: EngineType,
  at: number,
  locale: Locale,
): Record<string, unknown> {
  return {
    vehicleLocation: vehicleLocation(state, at, locale),
    vehicleStatus: vehicleStatus(state, spec, type, at, locale),
    odometer: odometer(state),
  };
}

export function odometer(state: CarState): Record<string, unknown> {
  return { value: Math.round(state.odometerKm * 10) / 10, unit: KM };
}

/** The charge limits: plug type 0 is DC, 1 is AC. */
export function targetList(state: CarState, spec: CarSpec): readonly Record<string, unknown>[] {
  const entry = (plugType: 0 | 1, targetSOClevel: number) => {
    const range = { value: Math.round((targetSOClevel / 100) * spec.fullRangeKm), unit: KM };
    return {
      targetSOClevel,
      dte: { rangeByFuel: { evModeRange: range, totalAvailableRange: range }, type: 2 },
      plugType,
    };
  };
  return [entry(0, state.limitDcPercent), entry(1, state.limitAcPercent)];
}

function evStatus(state: CarState, spec: CarSpec, type: EngineType): Record<string, unknown> {
  const ev = rangeKm(state, spec);
  const fuel = hasTank(type) ? fuelRangeKm(state, spec) : 0;
  const minutes = (limit: number, kw: number) => ({ value: minutesToCharge(state, spec, limit, kw), unit: 1 });
  const powerKw = chargePowerKw(state, spec);
  return {
    batteryCharge: state.charging,
    batteryStatus: Math.round(state.stateOfChargePercent),
    batteryPlugin: PLUG_CODES[state.plug],
    batterySoh: state.stateOfHealthPercent,
    chargePortDoorOpenStatus: state.chargePortOpen ? 1 : 2,
    batteryPower: { batteryStndChrgPower: Math.round(powerKw * 10) / 10 },
    remainTime2: {
      etc1: minutes(state.limitDcPercent, spec.powerKw.fast),
      etc2: minutes(state.limitAcPercent, spec.powerKw.portable),
      etc3: minutes(state.limitAcPercent, spec.powerKw.station),
      atc: minutes(chargeLimitPercent(state), powerKw),
    },
    drvDistance: [
      {
        rangeByFuel: {
          evModeRange: { value: ev, unit: KM },
          ...(fuel > 0 ? { gasModeRange: { value: fuel, unit: KM } } : {}),
          totalAvailableRange: { value: ev + fuel, unit: KM },
        },
        type: 2,
      },
    ],
    reservChargeInfos: {
      reservChargeInfo: schedule(),
      reserveChargeInfo2: schedule(),
      offpeakPowerInfo: {
        offPeakPowerTime1: {
          starttime: { time: '1200', timeSection: 0 },
          endtime: { time: '1200', timeSection: 0 },
        },
        offPeakPowerFlag: 0,
      },
      reservFlag: 0,
      targetSOClist: targetList(state, spec),
    },
  };
}

function schedule(): Record<string, unknown> {
  return {
    reservChargeInfoDetail: {
      reservInfo: { day: [9], time: { time: '1200', timeSection: 0 } },
      reservChargeSet: false,
      reservFatcSet: { defrost: false, airTemp: { value: '0EH', unit: 0, hvacTempType: 1 }, airCtrl: 0, heating1: 0 },
    },
  };
}

function flags(value: Corners<boolean>): Corners<number> {
  return {
    frontLeft: Number(value.frontLeft),
    frontRight: Number(value.frontRight),
    backLeft: Number(value.backLeft),
    backRight: Number(value.backRight),
  };
}

function hasTraction(type: EngineType): boolean {
  return type === 'EV' || type === 'PHEV' || type === 'PE';
}

function hasTank(type: EngineType): boolean {
  return type !== 'EV';
}

function fuelRangeKm(state: CarState, spec: CarSpec): number {
  return Math.round((state.fuelLevelPercent / 100) * spec.fuelRangeKm);
}
