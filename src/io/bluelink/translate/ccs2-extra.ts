import {
  type Departure,
  NOTHING_EXTRA,
  type VehicleExtra,
  type Weekday,
} from '../../../machines/domain/vehicle-state.ts';
import type { Ccs2Vehicle } from './ccs2-schema.ts';
import { degrees, onOff, percent } from './scalars.ts';
import { timeOfDay } from './schedules.ts';

type Flag = number | null | undefined;
type Reservation = NonNullable<NonNullable<Ccs2Vehicle['Green']>['Reservation']>;
type Departures = NonNullable<Reservation['Departure']>;

/** Unit of the driving history in which captured cars give kWh per 100 km. */
const PER_100_KM = 1;

/** Timers, fluids and lamps of a car of the newer protocol. */
export function ccs2Extra(car: Ccs2Vehicle): VehicleExtra {
  const green = car.Green;
  const lights = car.Body?.Lights ?? null;
  const [front, rear] = [lights?.Front ?? null, lights?.Rear ?? null];
  return {
    ...NOTHING_EXTRA,
    v2l_limit_pct: percent(green?.Electric?.SmartGrid?.VehicleToLoad?.DischargeLimitation?.SoC ?? null),
    off_peak: offPeakOf(green?.Reservation?.OffPeakTime ?? null),
    departures: departuresOf(green?.Reservation?.Departure ?? null),
    consumption_kwh_per_100km: consumptionOf(car),
    washer_fluid_low: onOff(car.Body?.Windshield?.Front?.WasherFluid?.LevelLow ?? null),
    brake_fluid_warning: onOff(car.Chassis?.Brake?.Fluid?.Warning ?? null),
    smart_key_battery_low: onOff(car.Electronics?.FOB?.LowBattery ?? null),
    fuel_low: onOff(car.Drivetrain?.FuelSystem?.LowFuelWarning ?? null),
    head_lamp_fault: any([
      front?.HeadLamp?.SystemWarning,
      front?.Left?.Low?.Warning,
      front?.Right?.Low?.Warning,
      front?.Left?.High?.Warning,
      front?.Right?.High?.Warning,
    ]),
    stop_lamp_fault: any([rear?.Left?.StopLamp?.Warning, rear?.Right?.StopLamp?.Warning]),
    turn_signal_fault: any([
      front?.Left?.TurnSignal?.Warning,
      front?.Right?.TurnSignal?.Warning,
      rear?.Left?.TurnSignal?.Warning,
      rear?.Right?.TurnSignal?.Warning,
    ]),
    tail_lamp_alert: onOff(lights?.TailLamp?.Alert ?? null),
    hazard_alert: onOff(lights?.Hazard?.Alert ?? null),
  };
}

/** One that warns is enough; none that says anything is unknown. */
function any(flags: readonly Flag[]): boolean | null {
  const known = flags.map((flag) => onOff(flag ?? null)).filter((flag) => flag !== null);
  return known.length === 0 ? null : known.some(Boolean);
}

function consumptionOf(car: Ccs2Vehicle): number | null {
  const { Average: average = null, Unit: unit = null } = car.Green?.DrivingHistory ?? {};
  return unit === PER_100_KM && average !== null && average > 0 && average < 100 ? Math.round(average * 10) / 10 : null;
}

function offPeakOf(time: Reservation['OffPeakTime']): VehicleExtra['off_peak'] {
  if (time === null) return null;
  return {
    enabled: time.Mode === 0 ? false : time.Mode === 1 || time.Mode === 2 ? true : null,
    start: timeOfDay(time.StartHour, time.StartMin),
    end: timeOfDay(time.EndHour, time.EndMin),
  };
}

function departuresOf(departures: Departures | null): readonly Departure[] | null {
  if (departures === null || (departures.Schedule1 === null && departures.Schedule2 === null)) return null;
  const { Schedule1: first, Schedule2: second, Climate: climate } = departures;
  return [departureOf(first, climate, climate?.Activation), departureOf(second, second?.Climate, second?.Activation)];
}

const DAYS: readonly (readonly [keyof NonNullable<Departures['Schedule1']>, Weekday])[] = [
  ['Mon', 'mon'],
  ['Tue', 'tue'],
  ['Wed', 'wed'],
  ['Thu', 'thu'],
  ['Fri', 'fri'],
  ['Sat', 'sat'],
  ['Sun', 'sun'],
];

function departureOf(
  schedule: Departures['Schedule1'],
  climate: Departures['Climate'] | undefined,
  activation: Flag,
): Departure {
  const days = DAYS.map(([key, day]) => ({ day, isOn: onOff(schedule?.[key] ?? null) }));
  return {
    enabled: onOff(schedule?.Enable ?? null),
    time: timeOfDay(schedule?.Hour ?? null, schedule?.Min ?? null),
    // One that is unknown may be one of them.
    days: days.some(({ isOn }) => isOn === null) ? null : days.filter(({ isOn }) => isOn).map(({ day }) => day),
    climate_on: onOff(activation ?? null),
    set_temp_c: degrees(climate?.Temperature, climate?.TemperatureUnit),
    defrost: onOff(climate?.Defrost ?? null),
  };
}
