import { localDigits, localParts, offsetHours, type Zone } from '../local-time.ts';
import type { Locale } from '../locale.ts';
import type { CarSpec, CarState, WindowPosition } from './car-state.ts';
import { chargeLimitPercent, chargePowerKw, minutesToCharge, rangeKm } from './life.ts';

/** A window vented a hand's breadth: `Open` stays 0 and the level says how far. */
const VENT_LEVEL = 10;
const OPEN_LEVEL = 100;
const MODE_OFF = 2;
const FRONT = ['frontLeft', 'frontRight'] as const;

/**
 * `state.Vehicle` of the CCS2 protocol, as captured from real cars: numbers for booleans, `Lock` 0 is locked, 255 is a
 * pressure that nobody measured, 31:70 a time that nobody set.
 */
export function ccs2Vehicle(
  state: CarState,
  spec: CarSpec,
  at: number,
  { zone, driverSide }: Locale,
): Record<string, unknown> {
  // The front row goes by who sits there.
  const [driver, passenger] = driverSide === 'L' ? FRONT : ([FRONT[1], FRONT[0]] as const);
  const powerKw = chargePowerKw(state, spec);
  const plugged = state.plug !== 'none';
  const minutes = (limit: number, kw: number) => minutesToCharge(state, spec, limit, kw);
  return {
    Offset: String(offsetHours(zone, at)),
    Date: `${localDigits(zone, at)}.000`,
    DrivingReady: Number(state.engineOn),
    Version: `CCU${localDigits(zone, at)}01`,
    Location: location(state, at, zone),
    Body: {
      Hood: { Open: Number(state.hoodOpen), Frunk: { Fault: 0 } },
      Trunk: { Open: Number(state.trunkOpen) },
      Sunroof: { Glass: { Open: 0 } },
      Lights: { Hazard: { Alert: 0 }, TailLamp: { Alert: 0 }, DischargeAlert: { State: 0 } },
      Windshield: {
        Front: { Defog: { State: Number(state.defrost) }, Heat: { State: 0 }, WasherFluid: { LevelLow: 0 } },
        Rear: { Defog: { State: Number(state.rearWindowHeat) } },
      },
    },
    Cabin: {
      Door: {
        Row1: { Driver: door(state, driver), Passenger: door(state, passenger) },
        Row2: { Left: door(state, 'backLeft'), Right: door(state, 'backRight') },
      },
      Window: {
        Row1: { Driver: window(state.windows[driver]), Passenger: window(state.windows[passenger]) },
        Row2: { Left: window(state.windows.backLeft), Right: window(state.windows.backRight) },
      },
      Seat: {
        Row1: { Driver: seat(state.seats[driver]), Passenger: seat(state.seats[passenger]) },
        Row2: { Left: seat(state.seats.backLeft), Right: seat(state.seats.backRight) },
      },
      SteeringWheel: { Heat: { State: Number(state.steeringWheelHeat), RemoteControl: { Step: 0 } } },
      HVAC: {
        Row1: {
          Driver: {
            Temperature: { Value: state.climateOn ? state.targetTemperatureC.toFixed(1) : 'OFF', Unit: 0 },
            Blower: { SpeedLevel: state.climateOn ? 3 : 0 },
          },
        },
        Vent: { FineDust: { State: 0, Level: 0 }, AirCleaning: { Indicator: 1, SymbolColor: 0 } },
        Temperature: { RangeType: 1 },
      },
      RestMode: { State: 0 },
    },
    Chassis: {
      DrivingMode: { State: 'Normal' },
      Axle: {
        Row1: { Left: tyre(state.tyreWarning.frontLeft), Right: tyre(state.tyreWarning.frontRight) },
        Row2: { Left: tyre(state.tyreWarning.backLeft), Right: tyre(state.tyreWarning.backRight) },
        Tire: { PressureLow: Number(Object.values(state.tyreWarning).some(Boolean)), PressureUnit: 0 },
      },
      Brake: { Fluid: { Warning: 0 } },
    },
    Drivetrain: {
      FuelSystem: {
        DTE: { Unit: 1, Total: rangeKm(state, spec) + Math.round((state.fuelLevelPercent / 100) * spec.fuelRangeKm) },
        LowFuelWarning: 0,
        FuelLevel: Math.round(state.fuelLevelPercent),
        AverageFuelEconomy: { Drive: 16.2, AfterRefuel: 16.9, Accumulated: 17.4, Unit: 5 },
      },
      Odometer: Math.round(state.odometerKm * 10) / 10,
      Transmission: { ParkingPosition: 1, GearPosition: 0 },
    },
    Electronics: {
      Battery: { Level: Math.round(state.battery12vPercent), SensorReliability: 0, Charging: { WarningLevel: 65 } },
      AutoCut: { PowerMode: 2, BatteryPreWarning: 0, DeliveryMode: 2 },
      FOB: { LowBattery: 0 },
      PowerSupply: { Accessory: 0, Ignition1: Number(state.engineOn), Ignition3: Number(state.engineOn) },
    },
    Green: {
      DrivingReady: Number(state.engineOn),
      BatteryManagement: {
        BatteryRemain: {
          Ratio: Math.round(state.stateOfChargePercent),
          Value: Math.round(state.stateOfChargePercent * spec.capacityKwh * 36),
        },
        BatteryCapacity: { Value: spec.capacityKwh },
        SoH: { Ratio: state.stateOfHealthPercent },
      },
      ChargingInformation: {
        ConnectorFastening: { State: Number(plugged) },
        ElectricCurrentLevel: { State: state.chargingCurrentLevel },
        Charging: { RemainTime: minutes(chargeLimitPercent(state), powerKw), RemainTimeUnit: 1 },
        EstimatedTime: {
          Quick: minutes(state.limitDcPercent, spec.powerKw.fast),
          ICCB: minutes(state.limitAcPercent, spec.powerKw.portable),
          Standard: minutes(state.limitAcPercent, spec.powerKw.station),
          Unit: 1,
        },
        ExpectedTime: { StartDay: 7, StartHour: 31, StartMin: 63, EndDay: 7, EndHour: 31, EndMin: 63 },
        TargetSoC: { Standard: state.limitAcPercent, Quick: state.limitDcPercent },
        DTE: {
          TargetSoC: {
            Standard: Math.round((state.limitAcPercent / 100) * spec.fullRangeKm),
            Quick: Math.round((state.limitDcPercent / 100) * spec.fullRangeKm),
          },
        },
      },
      ChargingDoor: { State: state.chargePortOpen ? 1 : MODE_OFF },
      Electric: {
        SmartGrid: {
          RealTimePower: Math.round(powerKw * 10) / 10,
          VehicleToLoad: { DischargeLimitation: { SoC: state.dischargeLimitPercent, RemainTime: 0 } },
        },
      },
      DrivingHistory: { Average: 16.9, Unit: 1 },
      Reservation: {
        OffPeakTime: { StartHour: 31, StartMin: 70, EndHour: 31, EndMin: 70, Mode: 0 },
        Departure: {
          Schedule1: { Enable: 0, Hour: 14, Min: 0 },
          Schedule2: { Enable: 0, Hour: 0, Min: 0 },
          Climate: { Activation: 0, Temperature: '21.0', TemperatureHex: '0e', TemperatureUnit: 0, Defrost: 0 },
        },
      },
    },
    RemoteControl: { SleepMode: 0, WaitingTime: 168 },
  };
}

function location(state: CarState, at: number, zone: Zone): Record<string, unknown> {
  const local = localParts(zone, at);
  const utc = new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return {
    Date: `${utc}.000`,
    GeoCoord: { Latitude: state.latitude, Longitude: state.longitude, Altitude: 0, Type: 0 },
    Heading: state.headingDegrees,
    Offset: offsetHours(zone, at),
    Servicestate: 0,
    Speed: { Unit: 0, Value: 0 },
    TimeStamp: {
      Year: Number(local.year),
      Mon: Number(local.month),
      Day: Number(local.day),
      Hour: Number(local.hour),
      Min: Number(local.minute),
      Sec: Number(local.second),
    },
  };
}

function door(state: CarState, at: keyof CarState['doorsOpen']): Record<string, number> {
  return { Open: Number(state.doorsOpen[at]), Lock: state.locked ? 0 : 1 };
}

function window(position: WindowPosition): Record<string, number> {
  if (position === 1) return { Open: 1, OpenLevel: OPEN_LEVEL };
  return { Open: 0, OpenLevel: position === 2 ? VENT_LEVEL : 0 };
}

function seat(code: number): Record<string, unknown> {
  return { Climate: { State: code === 0 ? MODE_OFF : code } };
}

function tyre(low: boolean): Record<string, unknown> {
  return { Tire: { PressureLow: Number(low), Pressure: 255 } };
}
