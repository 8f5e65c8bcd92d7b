import type { Car } from '../../car/car.ts';
import { hataLocation, hataStatus, vehicleDetails } from '../../car/hata-payload.ts';
import type { Exchange } from '../../exchange.ts';
import type { Answer } from '../../http/answer.ts';
import { json } from '../../http/answer.ts';
import type { SimRequest } from '../../http/request.ts';
import type { Route } from '../../http/router.ts';
import { reach } from '../reach.ts';
import { carOf } from './admission.ts';
import { generalError, notConnected } from './answers.ts';
import { HATA_DEVICE, withHataCar } from './with-hata-car.ts';

/** The list, the status and the position of cars, and what became of what they were asked. */
export const hataReads: readonly Route[] = [
  {
    method: 'GET',
    path: '/ac/v2/enrollment/details/:username',
    kind: 'list',
    admission: 'hata',
    handle: list,
  },
  {
    method: 'GET',
    path: '/ac/v2/rcs/rvs/vehicleStatus',
    kind: (request) => (isForced(request) ? 'status.forced' : 'status.latest'),
    admission: 'hata',
    carOf,
    handle: withHataCar(status),
  },
  {
    method: 'GET',
    path: '/ac/v2/rcs/rfc/findMyCar',
    kind: 'location.forced',
    admission: 'hata',
    wakes: true,
    carOf,
    handle: withHataCar(location),
  },
  {
    method: 'GET',
    path: '/ac/v2/rmt/getRunningStatus',
    kind: 'records',
    admission: 'hata',
    carOf,
    handle: withHataCar(record),
  },
];

function isForced(request: SimRequest): boolean {
  return request.header('refresh')?.toLowerCase() === 'true';
}

function list({ account, match }: Exchange): Answer {
  const isOwn =
    decodeURIComponent(match.params.username ?? '').toLowerCase() === account?.config.username.toLowerCase();
  if (account === null || !isOwn) return json(200, { errorMessage: 'No vehicles were found.' });
  return json(200, {
    enrolledVehicleDetails: account.cars.map(({ config, report }) => ({
      vehicleDetails: vehicleDetails(config, report.state),
    })),
  });
}

async function status(car: Car, exchange: Exchange): Promise<Answer> {
  const refusal = isForced(exchange.request)
    ? await reach(car, exchange, { busy: generalError, unreachable: notConnected })
    : null;
  if (refusal !== null) return refusal;
  if (car.rawStatus !== null) return json(200, { vehicleStatus: car.rawStatus });
  const { state, at } = car.report;
  const withoutTime = exchange.faults.includes('forcedWithoutTime');
  return json(200, { vehicleStatus: hataStatus(state, car.spec, car.config.type, withoutTime ? null : at) });
}

async function location(car: Car, exchange: Exchange): Promise<Answer> {
  const refusal = await reach(car, exchange, { busy: generalError, unreachable: notConnected });
  if (refusal !== null) return refusal;
  const { state, at } = car.report;
  return json(200, hataLocation(state, at));
}

/** Only under the service that the action was asked of. */
function record(car: Car, { request }: Exchange): Answer {
  const id = request.header('tid');
  const found = car.recordsFor(HATA_DEVICE).find(({ action }) => action.id === id);
  const service = request.header('service_type');
  const word = found === undefined || service !== serviceOf(found.action.order.type) ? null : found.result;
  return json(200, { status: word === 'success' ? 'SUCCESS' : word === 'fail' ? 'ERROR' : 'PENDING' });
}

function serviceOf(order: string): string {
  if (order === 'hazardLights') return 'LIGHTS_ONLY';
  return order === 'horn' ? 'HORN_AND_LIGHTS' : 'REMOTE_POLL';
}
