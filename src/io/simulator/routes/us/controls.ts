import { z } from 'zod';
import type { Car } from '../../car/car.ts';
import { corners } from '../../car/car-state.ts';
import type { Order } from '../../car/orders.ts';
import { describe } from '../../car/orders.ts';
import type { Exchange } from '../../exchange.ts';
import type { Answer } from '../../http/answer.ts';
import { empty } from '../../http/answer.ts';
import type { Route } from '../../http/router.ts';
import { chargeLimits } from '../control-orders.ts';
import { carOf, generationOf } from './admission.ts';
import { generalError, notConnected } from './answers.ts';
import { HATA_DEVICE, withHataCar } from './with-hata-car.ts';

interface Control {
  /** Under `/ac/v2`. */
  readonly path: string;
  readonly kind: string;
  /** Null: the body, or the car, does not fit. */
  read(body: unknown, car: Car): Order | null;
}

const MINUTE_MS = 60_000;
const USUAL_CLIMATE_MINUTES = 10;
const FAHRENHEIT = { lowest: 62, highest: 82 } as const;

const CONTROLS: readonly Control[] = [
  { path: 'rcs/rdo/off', kind: 'control.door', read: named({ type: 'door', locked: true }) },
  { path: 'rcs/rdo/on', kind: 'control.door', read: named({ type: 'door', locked: false }) },
  { path: 'evc/fatc/start', kind: 'control.climate', read: (body, car) => (isEv(car) ? climate(body, car) : null) },
  { path: 'evc/fatc/stop', kind: 'control.climate', read: (_, car) => (isEv(car) ? CLIMATE_STOP : null) },
  { path: 'rcs/rsc/start', kind: 'control.climate', read: (body, car) => (isEv(car) ? null : climate(body, car)) },
  { path: 'rcs/rsc/stop', kind: 'control.climate', read: (_, car) => (isEv(car) ? null : CLIMATE_STOP) },
  { path: 'evc/charge/start', kind: 'control.charge', read: () => ({ type: 'charge', on: true }) },
  { path: 'evc/charge/stop', kind: 'control.charge', read: () => ({ type: 'charge', on: false }) },
  { path: 'evc/charge/targetsoc/set', kind: 'control.limits', read: bothLimits },
  { path: 'rcs/rhl/light', kind: 'control.hazardLights', read: named({ type: 'hazardLights' }) },
  { path: 'rcs/rhl/hnl', kind: 'control.horn', read: named({ type: 'horn' }) },
];

/** HTTP 200 with nothing in it is the cloud's acceptance, not the car's. */
export const hataControls: readonly Route[] = CONTROLS.map((control) => ({
  method: 'POST',
  path: `/ac/v2/${control.path}`,
  kind: control.kind,
  admission: 'hataPin',
  carOf,
  handle: withHataCar((car, exchange) => accept(control, car, exchange)),
}));

function accept(control: Control, car: Car, exchange: Exchange): Answer {
  const { cloud, request, plan } = exchange;
  const order = control.read(request.json(), car);
  if (order === null) return generalError();
  if (cloud.limits.onePending && car.pending !== null) return generalError();
  if (car.reachability !== 'ok' && car.reachability !== 'silent') return notConnected();
  const action = car.deliver(order, HATA_DEVICE, true, plan);
  exchange.effect = describe(order);
  exchange.actionId = action.id;
  return empty(200, { tmsTid: action.id });
}

const CLIMATE_STOP: Order = { type: 'climate', on: false };
const isEv = ({ config }: Car) => config.type === 'EV';

/** Orders whose body says only whose car it is. */
function named(order: Order): Control['read'] {
  return (body, { config }) => {
    const parsed = z.looseObject({ userName: z.string(), vin: z.string() }).safeParse(body);
    return parsed.success && parsed.data.vin === config.vin ? order : null;
  };
}

const seat = z.int().min(0).max(8);
const climateBody = z.looseObject({
  airCtrl: z.literal(1),
  airTemp: z.object({ value: z.string().regex(/^\d{2}$/), unit: z.literal(1) }),
  defrost: z.boolean(),
  heating1: z.int().min(0).max(4),
  igniOnDuration: z.number().min(1).max(60).optional(),
  seatHeaterVentInfo: z
    .object({ drvSeatHeatState: seat, astSeatHeatState: seat, rlSeatHeatState: seat, rrSeatHeatState: seat })
    .optional(),
});

function climate(body: unknown, car: Car): Order | null {
  const parsed = climateBody.safeParse(body);
  if (!parsed.success) return null;
  const { airTemp, defrost, heating1, igniOnDuration: minutes, seatHeaterVentInfo: seats } = parsed.data;
  const isPlain = isEv(car) && generationOf(car.config) === '2';
  if (isPlain && (minutes !== undefined || seats !== undefined)) return null;
  const degrees = Number(airTemp.value);
  if (degrees < FAHRENHEIT.lowest || degrees > FAHRENHEIT.highest) return null;
  return {
    type: 'climate',
    on: true,
    temperatureC: Math.round(((degrees - 32) / 1.8) * 10) / 10,
    defrost,
    steeringWheelHeat: heating1 === 1 || heating1 === 3 || heating1 === 4,
    rearWindowHeat: heating1 === 1 || heating1 === 2 || heating1 === 4,
    mirrorHeat: false,
    seats:
      seats === undefined
        ? corners(0)
        : {
            frontLeft: seats.drvSeatHeatState,
            frontRight: seats.astSeatHeatState,
            backLeft: seats.rlSeatHeatState,
            backRight: seats.rrSeatHeatState,
          },
    durationMs: (minutes ?? USUAL_CLIMATE_MINUTES) * MINUTE_MS,
  };
}

/** The cloud takes both or none. */
function bothLimits(body: unknown, { locale }: Car): Order | null {
  const order = chargeLimits(body, locale);
  return order?.type === 'limits' && order.acPercent !== null && order.dcPercent !== null ? order : null;
}
