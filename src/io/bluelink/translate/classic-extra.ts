import { type Departure, NOTHING_EXTRA, type VehicleExtra } from '../../../machines/domain/vehicle-state.ts';
import type { VehicleStatus } from './classic-schema.ts';
import type { Dialect } from './dialect.ts';
import { onOff, setTemperature } from './scalars.ts';
import { daysOf, halfDayTime } from './schedules.ts';

type Reservations = NonNullable<NonNullable<VehicleStatus['evStatus']>['reservChargeInfos']>;
type Time = { readonly time: string | null; readonly timeSection: number | null } | null;

/** Timers, fluids and lamps of a classic car. */
export function classicExtra(status: VehicleStatus, dialect: Dialect): VehicleExtra {
  const reservations = status.evStatus?.reservChargeInfos ?? null;
  const { headLamp: head = null, stopLamp: stop = null, turnSignalLamp: turn = null } = status.lampWireStatus ?? {};
  return {
    ...NOTHING_EXTRA,
    off_peak: offPeakOf(reservations?.offpeakPowerInfo ?? null),
    departures: departuresOf(reservations, dialect),
    washer_fluid_low: status.washerFluidStatus,
    brake_fluid_warning: status.breakOilStatus,
    smart_key_battery_low: status.smartKeyBatteryWarning,
    fuel_low: status.lowFuelLight,
    head_lamp_fault: any(head),
    stop_lamp_fault: any(stop),
    turn_signal_fault: any(turn),
    tail_lamp_alert: onOff(status.tailLampStatus),
    hazard_alert: onOff(status.hazardStatus),
  };
}

/** One that warns is enough; none that says anything is unknown. */
function any(lamps: Readonly<Record<string, boolean | null>> | null): boolean | null {
  const known = Object.values(lamps ?? {}).filter((lamp) => lamp !== null);
  return known.length === 0 ? null : known.some(Boolean);
}

function offPeakOf(info: Reservations['offpeakPowerInfo']): VehicleExtra['off_peak'] {
  if (info === null) return null;
  const flag = info.offPeakPowerFlag;
  return {
    enabled: flag === 0 ? false : flag === 1 || flag === 2 ? true : null,
    start: timeOf(info.offPeakPowerTime1?.starttime ?? null),
    end: timeOf(info.offPeakPowerTime1?.endtime ?? null),
  };
}

function timeOf(time: Time): string | null {
  return halfDayTime(time?.time ?? null, time?.timeSection ?? null);
}

function departuresOf(reservations: Reservations | null, dialect: Dialect): readonly Departure[] | null {
  const { reservChargeInfo: first = null, reserveChargeInfo2: second = null } = reservations ?? {};
  return first === null && second === null ? null : [first, second].map((each) => departureOf(each, dialect));
}

function departureOf(reservation: Reservations['reservChargeInfo'], dialect: Dialect): Departure {
  const { reservChargeSet = null, reservInfo = null, reservFatcSet = null } = reservation?.reservChargeInfoDetail ?? {};
  return {
    enabled: reservChargeSet,
    time: timeOf(reservInfo?.time ?? null),
    days: reservInfo === null || reservInfo.day === null ? null : daysOf(reservInfo.day),
    climate_on: onOff(reservFatcSet?.airCtrl ?? null),
    set_temp_c: setTemperature(reservFatcSet?.airTemp?.value ?? null, dialect),
    defrost: reservFatcSet?.defrost ?? null,
  };
}
