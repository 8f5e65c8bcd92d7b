import { z } from 'zod';
import { number, part, text } from './scalars.ts';

/** The status of a car of the newer protocol. Every field may be missing or of another type; flags are 0/1 or booleans. */

/** 0 or a boolean false is off, 1 or true is on; some fields also know 2 for off. */
const state = z
  .union([z.number(), z.boolean().transform(Number)])
  .optional()
  .transform((value) => value ?? null);

const door = part({ Open: state, Lock: state });
const window = part({ Open: state, OpenLevel: number });
const seat = part({ Climate: part({ State: number }) });
const tyre = part({ Tire: part({ PressureLow: state, Pressure: number }) });
/** Front seats go by who sits there, rear ones by side. */
function rows<T extends z.ZodType>(item: T) {
  return part({ Row1: part({ Driver: item, Passenger: item }), Row2: part({ Left: item, Right: item }) });
}

/** Null while the car has no position. */
const coordinate = z
  .number()
  .nullish()
  .transform((value) => value ?? null);

const departure = {
  Hour: number,
  Min: number,
  Mon: state,
  Tue: state,
  Wed: state,
  Thu: state,
  Fri: state,
  Sat: state,
  Sun: state,
  Enable: state,
};
const departureClimate = part({
  Activation: state,
  Defrost: state,
  Temperature: z.union([z.string(), z.number()]).optional(),
  TemperatureUnit: number,
});

const electric = part({
  BatteryManagement: part({ BatteryRemain: part({ Ratio: number }), SoH: part({ Ratio: number }) }),
  ChargingInformation: part({
    TargetSoC: part({ Standard: number, Quick: number }),
    ElectricCurrentLevel: part({ State: number }),
    ConnectorFastening: part({ State: state }),
    Charging: part({ RemainTime: number }),
    EstimatedTime: part({ Standard: number, ICCB: number, Quick: number }),
  }),
  ChargingDoor: part({ State: state }),
  Electric: part({
    SmartGrid: part({ RealTimePower: number, VehicleToLoad: part({ DischargeLimitation: part({ SoC: number }) }) }),
  }),
  DrivingHistory: part({ Average: number, Unit: number }),
  Reservation: part({
    OffPeakTime: part({ StartHour: number, StartMin: number, EndHour: number, EndMin: number, Mode: number }),
    Departure: part({
      Schedule1: part(departure),
      Schedule2: part({ ...departure, Activation: state, Climate: departureClimate }),
      Climate: departureClimate,
    }),
  }),
});

const setTemperature = part({ Value: z.union([z.number(), z.string()]).optional(), Unit: number });

const warning = part({ Warning: state });
const lights = part({
  Front: part({
    Left: part({ Low: warning, High: warning, TurnSignal: warning }),
    Right: part({ Low: warning, High: warning, TurnSignal: warning }),
    HeadLamp: part({ SystemWarning: state }),
  }),
  Rear: part({
    Left: part({ TurnSignal: warning, StopLamp: warning }),
    Right: part({ TurnSignal: warning, StopLamp: warning }),
  }),
  TailLamp: part({ Alert: state }),
  Hazard: part({ Alert: state }),
});

export const vehicleSchema = z.object({
  Date: text,
  DrivingReady: state,
  Drivetrain: part({
    Odometer: number,
    FuelSystem: part({
      LowFuelWarning: state,
      FuelLevel: number,
      DTE: part({ Total: number, EV: number, ICE: number, Unit: number }),
    }),
  }),
  Electronics: part({
    Battery: part({ Level: number, SensorReliability: number }),
    FOB: part({ LowBattery: state }),
  }),
  Cabin: part({
    HVAC: part({
      Row1: part({ Driver: part({ Temperature: setTemperature, Blower: part({ SpeedLevel: number }) }) }),
    }),
    SteeringWheel: part({ Heat: part({ State: state }) }),
    Seat: rows(seat),
    Door: rows(door),
    Window: rows(window),
  }),
  Body: part({
    Hood: part({ Open: state }),
    Lights: lights,
    Trunk: part({ Open: state }),
    Sunroof: part({ Glass: part({ Open: state }) }),
    Windshield: part({
      Front: part({ Defog: part({ State: state }), WasherFluid: part({ LevelLow: state }) }),
      Rear: part({ Defog: part({ State: state }) }),
    }),
  }),
  Chassis: part({
    Brake: part({ Fluid: part({ Warning: state }) }),
    Axle: part({
      Tire: part({ PressureLow: state, PressureUnit: number }),
      Row1: part({ Left: tyre, Right: tyre }),
      Row2: part({ Left: tyre, Right: tyre }),
    }),
  }),
  Green: electric,
  Location: part({
    GeoCoord: part({ Latitude: coordinate, Longitude: coordinate }),
    Date: text,
    TimeStamp: part({ Year: number, Mon: number, Day: number, Hour: number, Min: number, Sec: number }),
    Speed: part({ Value: number, Unit: number }),
  }),
});
export type Ccs2Vehicle = z.infer<typeof vehicleSchema>;

/** `resMsg` of `ccs2/carstatus/latest`. */
export const carStatusSchema = z.object({
  /** Epoch ms, as digits. */
  lastUpdateTime: z.union([z.string(), z.number()]).optional(),
  state: z.object({ Vehicle: vehicleSchema }),
});
