import { z } from 'zod';
import { corners } from '../car/car-state.ts';
import { celsiusOf } from '../car/classic-payload.ts';
import type { Order } from '../car/orders.ts';
import type { Locale } from '../locale.ts';

/** The bodies of the controls, read into orders. Null: the body makes no sense to the cloud. */

export type ReadOrder = (body: unknown, locale: Locale) => Order | null;

const MINUTE_MS = 60_000;
const USUAL_CLIMATE_MINUTES = 10;
const percent = z.number().min(0).max(100);
const minutes = z.number().min(1).max(60).optional();

function reading<T>(schema: z.ZodType<T>, toOrder: (body: T, locale: Locale) => Order | null): ReadOrder {
  return (body, locale) => {
    const parsed = schema.safeParse(body);
    return parsed.success ? toOrder(parsed.data, locale) : null;
  };
}

const openOrClose = z.enum(['open', 'close']);
const startOrStop = z.enum(['start', 'stop']);

export const classicDoor = reading(z.looseObject({ action: openOrClose }), ({ action }) => ({
  type: 'door',
  locked: action === 'close',
}));

export const ccs2Door = reading(z.looseObject({ command: openOrClose }), ({ command }) => ({
  type: 'door',
  locked: command === 'close',
}));

export const classicCharge = reading(z.looseObject({ action: startOrStop }), ({ action }) => ({
  type: 'charge',
  on: action === 'start',
}));

export const ccs2Charge = reading(z.looseObject({ command: startOrStop }), ({ command }) => ({
  type: 'charge',
  on: command === 'start',
}));

const classicClimateBody = z.looseObject({
  action: startOrStop,
  tempCode: z.string().optional(),
  options: z
    .looseObject({
      defrost: z.boolean().optional(),
      /** 1 and 4 steering wheel and rear window, 2 rear window, 3 steering wheel. */
      heating1: z.int().min(0).max(4).optional(),
      igniOnDuration: minutes,
    })
    .optional(),
});

export const classicClimate = reading(classicClimateBody, ({ action, tempCode, options }, locale) => {
  if (action === 'stop') return { type: 'climate', on: false };
  const temperatureC = celsiusOf(tempCode ?? '', locale);
  if (temperatureC === null) return null;
  const heating = options?.heating1 ?? 0;
  return {
    type: 'climate',
    on: true,
    temperatureC,
    defrost: options?.defrost ?? false,
    steeringWheelHeat: heating === 1 || heating === 3 || heating === 4,
    rearWindowHeat: heating === 1 || heating === 2 || heating === 4,
    mirrorHeat: false,
    seats: corners(0),
    durationMs: (options?.igniOnDuration ?? USUAL_CLIMATE_MINUTES) * MINUTE_MS,
  };
});

const seatCode = z.int().min(0).max(8).optional();
const ccs2ClimateBody = z.looseObject({
  command: startOrStop,
  hvacTemp: z.number().optional(),
  ignitionDuration: minutes,
  strgWhlHeating: z.int().min(0).max(4).optional(),
  sideRearMirrorHeating: z.int().min(0).max(1).optional(),
  windshieldFrontDefogState: z.boolean().optional(),
  drvSeatLoc: z.enum(['L', 'R']).optional(),
  seatClimateInfo: z
    .looseObject({
      drvSeatClimateState: seatCode,
      psgSeatClimateState: seatCode,
      rlSeatClimateState: seatCode,
      rrSeatClimateState: seatCode,
    })
    .optional(),
});

export const ccs2Climate = reading(ccs2ClimateBody, (body, { lowestC, highestC }) => {
  if (body.command === 'stop') return { type: 'climate', on: false };
  if (body.hvacTemp === undefined || !Number.isInteger(body.hvacTemp * 2)) return null;
  if (body.hvacTemp < lowestC || body.hvacTemp > highestC) return null;
  const heating = body.strgWhlHeating ?? 0;
  const seats = body.seatClimateInfo;
  const front = [seats?.drvSeatClimateState ?? 0, seats?.psgSeatClimateState ?? 0] as const;
  const [frontLeft, frontRight] = body.drvSeatLoc === 'R' ? [front[1], front[0]] : front;
  return {
    type: 'climate',
    on: true,
    temperatureC: body.hvacTemp,
    defrost: body.windshieldFrontDefogState ?? false,
    steeringWheelHeat: heating > 0,
    rearWindowHeat: body.sideRearMirrorHeating === 1,
    mirrorHeat: body.sideRearMirrorHeating === 1,
    seats: {
      frontLeft,
      frontRight,
      backLeft: seats?.rlSeatClimateState ?? 0,
      backRight: seats?.rrSeatClimateState ?? 0,
    },
    durationMs: (body.ignitionDuration ?? USUAL_CLIMATE_MINUTES) * MINUTE_MS,
  };
});

const limitsBody = z.looseObject({
  targetSOClist: z
    .array(
      z.looseObject({
        plugType: z.union([z.literal(0), z.literal(1)]),
        targetSOClevel: z.int().min(50).max(100).multipleOf(10),
      }),
    )
    .min(1),
});

export const chargeLimits = reading(limitsBody, ({ targetSOClist }) => {
  const last = (plugType: 0 | 1) =>
    targetSOClist.filter((target) => target.plugType === plugType).at(-1)?.targetSOClevel ?? null;
  return { type: 'limits', dcPercent: last(0), acPercent: last(1) };
});

export const chargingCurrent = reading(
  z.looseObject({ chargingCurrent: z.union([z.literal(1), z.literal(2), z.literal(3)]) }),
  (body) => ({ type: 'chargingCurrent', level: body.chargingCurrent, ignored: false }),
);

export const dischargeLimit = reading(z.looseObject({ dischargingLimit: percent }), (body) => ({
  type: 'dischargeLimit',
  percent: body.dischargingLimit,
}));

export const chargePort = reading(z.looseObject({ action: openOrClose }), ({ action }) => ({
  type: 'chargePort',
  open: action === 'open',
}));

const position = z.union([z.literal(0), z.literal(1), z.literal(2)]);

export const windows = reading(
  z.looseObject({ frontLeft: position, frontRight: position, backLeft: position, backRight: position }),
  ({ frontLeft, frontRight, backLeft, backRight }) => ({
    type: 'windows',
    positions: { frontLeft, frontRight, backLeft, backRight },
  }),
);

export const hazardLights = reading(z.looseObject({ command: z.literal('on') }), () => ({ type: 'hazardLights' }));
export const horn = reading(z.looseObject({ command: z.literal('on') }), () => ({ type: 'horn' }));

export const valet = reading(z.looseObject({ action: z.enum(['activate', 'deactivate']) }), ({ action }) => ({
  type: 'valet',
  on: action === 'activate',
}));

export const navigation = reading(
  z.looseObject({ poiInfoList: z.array(z.looseObject({})).min(1) }),
  ({ poiInfoList }) => ({
    type: 'navigation',
    stops: poiInfoList.length,
  }),
);

export const schedule = reading(z.looseObject({}), () => ({ type: 'schedule' }));
