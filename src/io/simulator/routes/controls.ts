import type { Car } from '../car/car.ts';
import type { Order } from '../car/orders.ts';
import { describe } from '../car/orders.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';
import {
  duplicateRequest,
  invalidDevice,
  invalidParameter,
  spaAccepted,
  UNREACHABLE,
  unsupported,
} from '../http/answer.ts';
import type { Admission, Route } from '../http/router.ts';
import type { ReadOrder } from './control-orders.ts';
import * as orders from './control-orders.ts';
import { withCar } from './with-car.ts';

interface Control {
  readonly path: string;
  readonly kind: string;
  readonly read: ReadOrder;
  /** Which token the v1 path wants; v2 paths of `door`, `charge` and `temperature` always want the control token. */
  readonly v1: Admission;
  readonly v2: Admission;
  /** True for calls that only a CCS2 car knows. */
  readonly ccs2Only?: boolean;
  /** Charge limits and the like do not appear in the action records. */
  readonly unlisted?: boolean;
}

const PIN = { v1: 'control', v2: 'control' } as const;
const CLASSIC = { v1: 'either', v2: 'control' } as const;
const OPEN = { v1: 'either', v2: 'either' } as const;

const CONTROLS: readonly Control[] = [
  { path: 'control/door', kind: 'control.door', read: orders.classicDoor, ...CLASSIC },
  { path: 'control/temperature', kind: 'control.climate', read: orders.classicClimate, ...CLASSIC },
  { path: 'control/charge', kind: 'control.charge', read: orders.classicCharge, ...CLASSIC },
  { path: 'control/portdoor', kind: 'control.chargePort', read: orders.chargePort, ...PIN },
  { path: 'control/windowcurtain', kind: 'control.windows', read: orders.windows, ...PIN },
  { path: 'control/valet', kind: 'control.valet', read: orders.valet, ...PIN },
  { path: 'location/routes', kind: 'control.navigation', read: orders.navigation, ...PIN },
  { path: 'charge/target', kind: 'control.limits', read: orders.chargeLimits, unlisted: true, ...OPEN },
  { path: 'ccs2/control/door', kind: 'control.door', read: orders.ccs2Door, ccs2Only: true, ...PIN },
  { path: 'ccs2/control/temperature', kind: 'control.climate', read: orders.ccs2Climate, ccs2Only: true, ...PIN },
  { path: 'ccs2/control/charge', kind: 'control.charge', read: orders.ccs2Charge, ccs2Only: true, ...PIN },
  { path: 'ccs2/control/light', kind: 'control.hazardLights', read: orders.hazardLights, ...PIN },
  { path: 'ccs2/control/hornlight', kind: 'control.horn', read: orders.horn, ...PIN },
  {
    path: 'ccs2/charge/chargingcurrent',
    kind: 'control.chargingCurrent',
    read: orders.chargingCurrent,
    unlisted: true,
    ...OPEN,
  },
  {
    path: 'ccs2/charge/dischargelimit',
    kind: 'control.dischargeLimit',
    read: orders.dischargeLimit,
    unlisted: true,
    ...OPEN,
  },
  { path: 'ccs2/reservation/chargehvac', kind: 'control.schedule', read: orders.schedule, ccs2Only: true, ...PIN },
  { path: 'ccs2/reservation/charge', kind: 'control.schedule', read: orders.schedule, ccs2Only: true, ...PIN },
  { path: 'ccs2/reservation/hvac', kind: 'control.schedule', read: orders.schedule, ccs2Only: true, ...PIN },
];

/** Every control, under `/api/v1` and `/api/v2`. An answer of 200 is the cloud's acceptance, not the car's. */
export const controls: readonly Route[] = CONTROLS.flatMap((control) =>
  (['v1', 'v2'] as const).map(
    (version): Route => ({
      method: 'POST',
      path: `/api/${version}/spa/vehicles/:car/${control.path}`,
      kind: control.kind,
      admission: control[version],
      handle: withCar((car, exchange) => accept(control, car, exchange)),
    }),
  ),
);

function accept(control: Control, car: Car, exchange: Exchange): Answer {
  const { cloud, request, plan } = exchange;
  const body = request.json();
  const order = control.read(body, car.locale);
  if (order === null) return invalidParameter();
  const deviceId = request.header('ccsp-device-id') ?? '';
  if (namesOtherDevice(body, deviceId)) return invalidDevice();
  if (control.ccs2Only === true && car.config.ccs2 === 0) return unsupported();
  if (cloud.limits.onePending && car.pending !== null) return duplicateRequest();
  if (car.reachability !== 'ok' && car.reachability !== 'silent') return UNREACHABLE[car.reachability]();
  const action = car.deliver(forCar(order, car), deviceId, control.unlisted !== true, plan);
  exchange.effect = describe(order);
  exchange.actionId = action.id;
  return spaAccepted(action.id);
}

/** The cloud accepts a charging current for classic cars too, and nothing comes of it. */
function forCar(order: Order, car: Car): Order {
  return order.type === 'chargingCurrent' && car.config.ccs2 === 0 ? { ...order, ignored: true } : order;
}

function namesOtherDevice(body: unknown, deviceId: string): boolean {
  if (typeof body !== 'object' || body === null) return false;
  const named = 'deviceId' in body ? body.deviceId : 'deviceID' in body ? body.deviceID : undefined;
  return named !== undefined && named !== deviceId;
}
