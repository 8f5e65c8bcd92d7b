import type { Exchange } from '../../exchange.ts';
import type { Answer } from '../../http/answer.ts';
import type { SimRequest } from '../../http/request.ts';
import { dailyLimit, generalError, invalidClient, invalidToken, pinMissing, pinRefused } from './answers.ts';

/** Public constants of the vendor's app. */
const CLIENT_ID = 'm66129Bb-em93-SPAHYN-bZ91-am4540zp19920';
const CLIENT_SECRET = 'v558o935-6nne-423i-baa8';

/** Clients write these two headers in two ways. */
const either = (request: SimRequest, one: string, other: string) => request.header(one) ?? request.header(other);

export function hataTokenOf(request: SimRequest): string | null {
  return either(request, 'accesstoken', 'access_token');
}

export function isOurClient(request: SimRequest): boolean {
  const secret = either(request, 'clientsecret', 'client_secret');
  return request.header('client_id') === CLIENT_ID && secret === CLIENT_SECRET;
}

/** What stands before every call with a token; `withPin` before those that the car carries out. */
export function admitHata(exchange: Exchange, withPin: boolean): Answer | null {
  const { cloud, request, token, account } = exchange;
  if (!isOurClient(request)) return invalidClient();
  if (token === null || account === null || !cloud.tokens.isGood(token)) return invalidToken();
  if (account.config.region !== 'US' || !isOwner(request, account.config.username)) return invalidToken();
  if (account.spend().exceeded) return dailyLimit();
  return (withPin ? checkPin(exchange) : null) ?? checkCar(exchange);
}

function isOwner(request: SimRequest, username: string): boolean {
  return request.header('username')?.toLowerCase() === username.toLowerCase();
}

function checkPin({ request, account }: Exchange): Answer | null {
  const pin = request.header('bluelinkservicepin');
  if (pin === null || pin === '') return pinMissing();
  const isRight = account?.config.pin !== null && account?.config.pin === pin;
  return account?.pinAttempts.check(isRight) === null ? null : pinRefused();
}

/** The registration id names the car, and the VIN and generation beside it must be its own. */
function checkCar({ cloud, match, request, car, account }: Exchange): Answer | null {
  if (match.route.carOf === undefined) return null;
  if (car === null || cloud.ownerOf(car) !== account) return generalError();
  const isSame = request.header('vin') === car.config.vin && request.header('gen') === generationOf(car.config);
  return isSame ? null : generalError();
}

export function generationOf(car: { readonly hataGeneration?: '2' | '3' }): '2' | '3' {
  return car.hataGeneration ?? '3';
}

export function carOf(request: SimRequest): string | null {
  return request.header('registrationid');
}
