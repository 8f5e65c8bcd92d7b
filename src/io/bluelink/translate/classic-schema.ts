import { z } from 'zod';
import { boolean, flag, list, number, part, text } from './scalars.ts';

/** The status of a car of the older protocol, as the cloud sends it. Every field may be missing or of another type. */

const distance = part({ value: number, unit: number });
const minutes = part({ value: number });
const fourCorners = part({ frontLeft: number, frontRight: number, backLeft: number, backRight: number });
const fourFlags = part({ frontLeft: flag, frontRight: flag, backLeft: flag, backRight: flag });
const heat = z
  .union([z.number(), z.boolean()])
  .nullish()
  .catch(null)
  .transform((value) => value ?? null);

const rangeByFuel = part({ totalAvailableRange: distance, evModeRange: distance, gasModeRange: distance });

const evStatus = part({
  batteryStatus: number,
  batterySoh: number,
  batteryCharge: boolean,
  batteryPlugin: number,
  chargePortDoorOpenStatus: number,
  batteryPower: part({ batteryStndChrgPower: number }),
  drvDistance: list(z.object({ rangeByFuel })),
  remainTime2: part({ atc: minutes, etc1: minutes, etc2: minutes, etc3: minutes }),
  reservChargeInfos: part({ targetSOClist: list(z.object({ plugType: number, targetSOClevel: number })) }),
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
  fuelLevel: number,
  dte: distance,
  evStatus,
});
export type VehicleStatus = z.infer<typeof vehicleStatusSchema>;

const coordinates = part({ lat: number, lon: number });

/** `resMsg.vehicleStatusInfo` of the cached status. */
export const statusInfoSchema = z.object({
  vehicleStatus: z.unknown().optional(),
  odometer: distance,
  vehicleLocation: part({ coord: coordinates, time: text, speed: distance }),
});
export type StatusInfo = z.infer<typeof statusInfoSchema>;
