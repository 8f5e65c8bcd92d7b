import type { Car } from '../car/car.ts';
import { odometer, targetList, vehicleLocation, vehicleStatus, vehicleStatusInfo } from '../car/classic-payload.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';
import { duplicateRequest, noData, spaOk, UNREACHABLE } from '../http/answer.ts';
import type { Route } from '../http/router.ts';
import { reach } from './reach.ts';
import { withCar } from './with-car.ts';

const REFUSALS = { busy: duplicateRequest, unreachable: (why: keyof typeof UNREACHABLE) => UNREACHABLE[why]() };

/** Reads of the classic protocol, and those that both generations share. Under `/api/v1` and `/api/v2` alike. */
export const classicReads: readonly Route[] = ['v1', 'v2'].flatMap((version): Route[] => {
  const car = `/api/${version}/spa/vehicles/:car`;
  return [
    {
      method: 'GET',
      path: `${car}/status/latest`,
      kind: 'status.latest',
      admission: 'either',
      handle: withCar(cached),
    },
    {
      method: 'GET',
      path: `${car}/status`,
      kind: 'status.forced',
      admission: 'either',
      wakes: true,
      handle: withCar(forcedStatus),
    },
    {
      method: 'GET',
      path: `${car}/location`,
      kind: 'location.forced',
      admission: 'either',
      wakes: true,
      handle: withCar(forcedLocation),
    },
    {
      method: 'GET',
      path: `${car}/location/park`,
      kind: 'location.park',
      admission: 'either',
      handle: withCar(parked),
    },
    { method: 'GET', path: `${car}/charge/target`, kind: 'target.get', admission: 'either', handle: withCar(targets) },
  ];
});

function cached(car: Car): Answer {
  if (car.config.ccs2 !== 0) return noData();
  if (!car.locale.wrapsStatus) return spaOk(bareStatus(car, car.report.at));
  if (car.rawStatus !== null) return spaOk({ vehicleStatusInfo: car.rawStatus });
  const { state, at } = car.report;
  return spaOk({ vehicleStatusInfo: vehicleStatusInfo(state, car.spec, car.config.type, at, car.locale) });
}

async function forcedStatus(car: Car, exchange: Exchange): Promise<Answer> {
  const refusal = await reach(car, exchange, REFUSALS);
  if (refusal !== null) return refusal;
  const withoutTime = exchange.faults.includes('forcedWithoutTime');
  const at = withoutTime ? null : car.report.at;
  if (!car.locale.wrapsStatus) return spaOk(bareStatus(car, at));
  const own = ownStatus(car.rawStatus);
  if (own !== null) return spaOk(own);
  return spaOk(vehicleStatus(car.report.state, car.spec, car.config.type, at, car.locale));
}

/** The status of a region that wraps neither the cached nor the forced one. */
function bareStatus(car: Car, at: number | null): unknown {
  if (car.rawStatus !== null) return car.rawStatus;
  const { state } = car.report;
  return { ...vehicleStatus(state, car.spec, car.config.type, at, car.locale), odometer: odometer(state) };
}

async function forcedLocation(car: Car, exchange: Exchange): Promise<Answer> {
  const refusal = await reach(car, exchange, REFUSALS);
  if (refusal !== null) return refusal;
  const { state, at } = car.report;
  return spaOk({ gpsDetail: vehicleLocation(state, at, car.locale) });
}

function parked(car: Car): Answer {
  const { state, at } = car.report;
  return spaOk(vehicleLocation(state, at, car.locale));
}

function targets(car: Car): Answer {
  return spaOk({ targetSOClist: targetList(car.report.state, car.spec) });
}

/** The status object in a payload that is served as it stands. */
function ownStatus(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null) return null;
  return 'vehicleStatus' in payload ? payload.vehicleStatus : null;
}
