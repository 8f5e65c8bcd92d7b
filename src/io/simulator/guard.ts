import { brandOfApp } from './brands.ts';
import type { Exchange } from './exchange.ts';
import type { Answer } from './http/answer.ts';
import { gatewayError, invalidApplication, invalidDevice, invalidVehicle, spaError } from './http/answer.ts';
import type { SimRequest } from './http/request.ts';
import type { Admission } from './http/router.ts';
import { admitHata, hataTokenOf } from './routes/us/admission.ts';
import { invalidToken } from './routes/us/answers.ts';
import { stampTime } from './stamp.ts';

/** What stands before every call: tokens, the daily budget, the stamp, the device. */

export function bearerOf(request: SimRequest): string | null {
  return /^Bearer (\S+)$/i.exec(request.header('authorization') ?? '')?.[1] ?? null;
}

/** Where a call of this kind carries its token. */
export function tokenOf(request: SimRequest, admission: Admission): string | null {
  return isHata(admission) ? hataTokenOf(request) : bearerOf(request);
}

/** Calls to the US cloud. */
export function isHata(admission: Admission): boolean {
  return admission === 'hata' || admission === 'hataPin';
}

/** The answer to a call that may not pass, null if it may. */
export function admit(exchange: Exchange): Answer | null {
  switch (exchange.match.route.admission) {
    case 'anybody':
      return null;
    case 'registration':
      return checkStamp(exchange);
    case 'bearer':
      return checkToken(exchange);
    case 'hata':
    case 'hataPin':
      return admitHata(exchange, exchange.match.route.admission === 'hataPin');
    case 'control':
    case 'either':
      return (
        checkToken(exchange) ??
        checkBudget(exchange) ??
        checkStamp(exchange) ??
        checkDevice(exchange) ??
        checkCar(exchange)
      );
  }
}

/** The gateway's word on a token that opens nothing. */
export function tokenRefused(exchange: Exchange, text = exchange.cloud.tokenErrorText): Answer {
  if (isHata(exchange.match.route.admission)) return invalidToken();
  return gatewayError(401, text);
}

export function isTokenGood(exchange: Exchange): boolean {
  return exchange.token !== null && exchange.cloud.tokens.isGood(exchange.token);
}

function checkToken(exchange: Exchange): Answer | null {
  const { admission } = exchange.match.route;
  if (bearerOf(exchange.request) === null) return gatewayError(401, 'Authorization field missing');
  if (!isTokenGood(exchange)) return tokenRefused(exchange);
  const kind = exchange.token?.kind;
  const isWrongKind = (admission === 'control' && kind !== 'control') || (admission === 'bearer' && kind !== 'access');
  return isWrongKind ? gatewayError(403, 'Access to this API has been disallowed') : null;
}

function checkBudget(exchange: Exchange): Answer | null {
  exchange.budget = exchange.account?.spend() ?? null;
  return exchange.budget?.exceeded
    ? spaError(509, '5091', 'Exceeds number of requests - Exceeds Number of Requests.')
    : null;
}

/**
 * A stamp must be there, and must fit the application id. Clients that send no application id (some did) are let
 * through with any stamp.
 */
function checkStamp({ cloud, request }: Exchange): Answer | null {
  const stamp = request.header('stamp');
  const appId = request.header('ccsp-application-id');
  if (stamp === null || stamp === '') return invalidApplication();
  if (appId === null) return null;
  const brand = brandOfApp(appId);
  return brand === null || stampTime(stamp, cloud.stampKeyOf(brand), appId) === null ? invalidApplication() : null;
}

function checkDevice({ cloud, request, token }: Exchange): Answer | null {
  const deviceId = request.header('ccsp-device-id');
  const device = deviceId === null ? undefined : cloud.devices.get(deviceId);
  if (device === undefined || !device.valid) return invalidDevice();
  const isBoundElsewhere = token?.kind === 'control' && token.deviceId !== deviceId;
  return isBoundElsewhere ? invalidDevice() : null;
}

function checkCar({ cloud, match, car, account }: Exchange): Answer | null {
  if (match.params.car === undefined) return null;
  return car === null || cloud.ownerOf(car) !== account ? invalidVehicle() : null;
}
