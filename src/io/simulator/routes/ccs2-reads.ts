import type { Car } from '../car/car.ts';
import { ccs2Vehicle } from '../car/ccs2-payload.ts';
import type { Exchange } from '../exchange.ts';
import type { Answer } from '../http/answer.ts';
import { duplicateRequest, noData, spaOk, UNREACHABLE } from '../http/answer.ts';
import type { Route } from '../http/router.ts';
import { withCar } from './with-car.ts';

/** Reads of the CCS2 protocol: the wake answers at once and says nothing, `/latest` shows the report when it has come. */
export const ccs2Reads: readonly Route[] = ['v1', 'v2'].flatMap((version): Route[] => {
  const car = `/api/${version}/spa/vehicles/:car/ccs2/carstatus`;
  return [
    { method: 'GET', path: `${car}/latest`, kind: 'ccs2.latest', admission: 'either', handle: withCar(latest) },
    { method: 'GET', path: car, kind: 'ccs2.wake', admission: 'either', wakes: true, handle: withCar(wake) },
  ];
});

function latest(car: Car): Answer {
  if (car.config.ccs2 === 0) return noData();
  const { state, at } = car.report;
  return spaOk({
    serviceNo: '',
    RetCode: 'S',
    resCode: '0000',
    lastUpdateTime: String(at),
    state: { Vehicle: car.rawStatus ?? ccs2Vehicle(state, car.spec, at, car.locale) },
  });
}

function wake(car: Car, exchange: Exchange): Answer {
  const { cloud } = exchange;
  if (car.config.ccs2 === 0) return noData();
  if (cloud.limits.onePending && car.forcedReads > 0) return duplicateRequest();
  exchange.wake = true;
  if (car.reachability === 'silent') {
    car.failToWake();
    return spaOk();
  }
  if (car.reachability !== 'ok') {
    car.failToWake();
    return UNREACHABLE[car.reachability]();
  }
  car.wakeAndReport();
  exchange.effect = 'report';
  return spaOk();
}
