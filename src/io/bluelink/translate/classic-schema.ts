import { z } from 'zod';
import { boolean, flag, list, number, part, text } from './scalars.ts';

/** The status of a car of the older protocol, as the cloud sends it. Every field may be missing or of another type. */

const distance = part({ value: number, unit: number });
const minutes = part({ value: number });
const fourCorners = part({ frontLeft: number, frontRight: number, backLeft: number, backRight: number });
const fourFlags = part({ frontLeft: flag, frontRight: flag, backLeft: flag, backRight: flag });
const heat = z
  .union([z.number(), z.boolean()])
  .optional()
  .transform((value) => value ?? null);

const rangeByFuel = part({ totalAvailableRange: distance, evModeRange: distance, gasModeRange: distance });

/** One day that cannot be read leaves none that can be told. */
const days = z
  .array(z.number())
  .optional()
  .transform((value) => value ?? null);
const timeOfDay = part({ time: text, timeSection: number });
const reservation = part({
  reservChargeInfoDetail: part({
    reservChargeSet: boolean,
    reservInfo: part({ day: days, time: timeOfDay }),
    reservFatcSet: part({ airCtrl: heat, airTemp: part({ value: text }), defrost: boolean }),
  }),
});

const evStatus = part({
  batteryStatus: number,
  batterySoh: number,
  batteryCharge: boolean,
  batteryPlugin: number,
  chargePortDoorOpenStatus: number,
  batteryPower: part({ batteryStndChrgPower: number }),
  drvDistance: list(z.object({ rangeByFuel })),
  remainTime2: part({ atc: minutes, etc1: minutes, etc2: minutes, etc3: minutes }),
  reservChargeInfos: part({
    targetSOClist: list(z.object({ plugType: number, targetSOClevel: number })),
    reservChargeInfo: reservation,
    reserveChargeInfo2: reservation,
    offpeakPowerInfo: part({
      offPeakPowerTime1: part({ starttime: timeOfDay, endtime: timeOfDay }),
      offPeakPowerFlag: number,
    }),
  }),
});

export const vehicleStatusSchema = z.object({
  time: text,
  engine: boolean,
  airCtrlOn: boolean,
  airTemp: part({ value: text }),
  defrost: boolean,
  doorLock: boolean,
  doorOpen: fourFlags,
  windowOpen: fourCorners,
  trunkOpen: flag,
  hoodOpen: flag,
  sunroofOpen: flag,
  steerWheelHeat: heat,
  sideBackWindowHeat: heat,
  sideMirrorHeat: heat,
  seatHeaterVentState: part({
    flSeatHeatState: number,
    frSeatHeatState: number,
    rlSeatHeatState: number,
    rrSeatHeatState: number,
  }),
  tirePressureLamp: part({
    tirePressureLampAll: flag,
    tirePressureLampFL: flag,
    tirePressureLampFR: flag,
    tirePressureLampRL: flag,
    tirePressureLampRR: flag,
  }),
  battery: part({ batSoc: number }),
  lampWireStatus: part({
    headLamp: part({
      headLampStatus: flag,
      leftLowLamp: flag,
      rightLowLamp: flag,
      leftHighLamp: flag,
      rightHighLamp: flag,
    }),
    stopLamp: part({ stopLampStatus: flag, leftLamp: flag, rightLamp: flag }),
    turnSignalLamp: part({
      turnSignalLampStatus: flag,
      leftFrontLamp: flag,
      rightFrontLamp: flag,
      leftRearLamp: flag,
      rightRearLamp: flag,
    }),
  }),
  washerFluidStatus: flag,
  breakOilStatus: flag,
  smartKeyBatteryWarning: flag,
  lowFuelLight: flag,
  tailLampStatus: heat,
  hazardStatus: heat,
  fuelLevel: number,
  dte: distance,
  evStatus,
});
export type VehicleStatus = z.infer<typeof vehicleStatusSchema>;

const coordinates = part({ lat: number, lon: number });

const location = { coord: coordinates, time: text, speed: distance };
/** `resMsg` of the parking position. */
export const locationSchema = z.object(location);
export type Location = z.infer<typeof locationSchema>;

/** `resMsg.vehicleStatusInfo` of the cached status. */
const statusInfoSchema = z.object({
  vehicleStatus: vehicleStatusSchema,
  odometer: distance,
  vehicleLocation: part(location),
});
export type StatusInfo = z.infer<typeof statusInfoSchema>;

/** `resMsg` of a status that is not wrapped. */
export const bareStatusSchema = vehicleStatusSchema.extend({ odometer: distance });

/** `resMsg` of the cached status. */
export const cachedSchema = z.object({ vehicleStatusInfo: statusInfoSchema });
