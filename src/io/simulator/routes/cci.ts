import { z } from 'zod';
import type { Exchange } from '../exchange.ts';
import { bearerOf } from '../guard.ts';
import type { Answer } from '../http/answer.ts';
import { cciError, json } from '../http/answer.ts';
import type { SimRequest } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import type { CciSet } from '../session/cci-sets.ts';

/** The OneApp's own backend: tokens for its code, their rotation, and the exchange for a token of the vehicle API. */
export const cci: readonly Route[] = [
  { method: 'POST', path: '/domain/api/v1/auth/token', kind: 'cci.token', admission: 'anybody', handle: byCode },
  {
    method: 'POST',
    path: '/domain/api/v1/auth/token-exchange',
    kind: 'cci.exchange',
    admission: 'anybody',
    handle: exchangeForCcs,
  },
  {
    method: 'POST',
    path: '/domain/api/v2/auth/token-refresh',
    kind: 'cci.refresh',
    admission: 'anybody',
    handle: rotate,
  },
];

const wholeSet = z.looseObject({
  accessToken: z.string(),
  refreshToken: z.string(),
  exchangeableAccessToken: z.string(),
  exchangeableRefreshToken: z.string(),
  nonCcsToken: z.string(),
  nonCcsRefreshToken: z.string(),
  idToken: z.string().optional(),
});

function byCode(exchange: Exchange): Answer {
  const { cloud, request } = exchange;
  const package_ = request.header('client-id');
  if (package_ === null) return cciError(400, 9002, 'A required header is missing.');
  const account = cloud.logins.redeem(request.query.get('code'), 'oneApp');
  if (account === null) return cciError(401, 9003, 'The code is not valid.');
  return tokenAnswer(exchange, cloud.cciSets.issue(account));
}

function exchangeForCcs(exchange: Exchange): Answer {
  const { cloud, request } = exchange;
  const set = cloud.cciSets.open(bearerOf(request));
  if (set === null || !belongs(request, set)) return cciError(401, 9004, 'The token is not valid.');
  if (request.query.get('serviceType') !== 'CCS') return cciError(400, 9002, 'The service type is not known.');
  exchange.account = set.account;
  const token = cloud.tokens.issue('access', set.account, cloud.lifetimes.accessMs);
  exchange.effect = `access#${token.number}`;
  return json(200, { accessToken: token.value, expiresTime: Math.floor(cloud.lifetimes.accessMs / 1000) });
}

/** The body must carry the whole set (some clients leave out the id token); afterwards that set is dead. */
function rotate(exchange: Exchange): Answer {
  const { cloud, request } = exchange;
  const body = wholeSet.safeParse(request.json());
  if (!body.success) return cciError(400, 9002, 'A required value is missing.');
  const set = cloud.cciSets.rotate(body.data);
  return set === null ? cciError(401, 9004, 'The refresh token is not valid.') : tokenAnswer(exchange, set);
}

function tokenAnswer(exchange: Exchange, set: CciSet): Answer {
  exchange.account = set.account;
  exchange.effect = 'cci';
  const expiresIn = Math.floor(exchange.cloud.lifetimes.cciMs / 1000);
  return json(200, { ...set.tokens, tokenType: 'Bearer', expiresIn });
}

/** Where a client sends the other tokens of the set along, they must be of this set. */
function belongs(request: SimRequest, { tokens }: CciSet): boolean {
  const exchangeable = request.header('exchangeable-token');
  const nonCcs = request.header('non-ccs-token');
  return (
    (exchangeable === null || exchangeable === tokens.exchangeableAccessToken) &&
    (nonCcs === null || nonCcs === tokens.nonCcsToken)
  );
}
