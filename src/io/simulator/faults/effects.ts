import { brandOfApp, brandOfClient } from '../brands.ts';
import type { Exchange } from '../exchange.ts';
import { isHata, isTokenGood, tokenRefused } from '../guard.ts';
import type { Answer } from '../http/answer.ts';
import {
  cciError,
  duplicateRequest,
  empty,
  html,
  idpError,
  invalidApplication,
  invalidDevice,
  invalidParameter,
  json,
  redirect,
  spaError,
  text,
  UNREACHABLE,
  userError,
  wrongCredentials,
} from '../http/answer.ts';
import { dailyLimit, errorInside, generalError, invalidToken, notConnected, pinRefused } from '../routes/us/answers.ts';
import { stampTime } from '../stamp.ts';
import { concernedFaults } from './concern.ts';
import type { Fault, FaultOf } from './schema.ts';

/** `passed`: the fault took part, and the call goes on. Null: it is not about this call after all. */
type Met = Answer | 'passed' | null;

/** Faults in front of the cloud: before anybody has looked at the token. */
export async function meetAtGateway(exchange: Exchange): Promise<Answer | null> {
  for (const { fault, take } of concernedFaults(exchange)) {
    const met = atGateway(fault, exchange);
    if (met === null || !take()) continue;
    if (fault.type === 'latency') await exchange.cloud.sleeper.sleep(fault.ms);
    if (met !== 'passed') return met;
  }
  return null;
}

/** Faults inside the cloud: the caller is known, and nothing has been done yet. */
export function meetInService(exchange: Exchange): Answer | null {
  for (const { fault, take } of concernedFaults(exchange)) {
    const serve = inService(fault, exchange);
    if (serve === null || !take()) continue;
    const met = serve();
    if (met !== 'passed') return met;
  }
  return null;
}

function atGateway(fault: Fault, exchange: Exchange): Met {
  const { request, kind } = exchange;
  const base = request.base;
  switch (fault.type) {
    case 'latency':
      return fault.afterEffect ? null : 'passed';
    case 'status':
      return fault.afterEffect ? null : onItsWay(exchange, ownAnswer(fault));
    case 'html200':
      return fault.afterEffect ? null : onItsWay(exchange, MAINTENANCE);
    case 'hang':
      return fault.afterEffect ? null : onItsWay(exchange, { type: 'hang' });
    case 'cutBefore':
      return { type: 'cut' };
    case 'rateLimited':
      return rateLimited(fault, exchange);
    case 'rejectFreshTokens': {
      const presented = exchange.token?.kind;
      const concerned = presented !== undefined && (fault.kinds?.includes(presented) ?? true);
      return concerned ? tokenRefused(exchange, fault.text) : null;
    }
    case 'tokenErrorText':
      return isTokenGood(exchange) ? null : tokenRefused(exchange, fault.text);
    case 'refuseRefresh':
      if (request.path.startsWith('/v2/ac/')) return invalidToken();
      if (kind === 'cci.refresh') return cciError(401, 9004, 'The refresh token is not valid.');
      return request.path.startsWith('/auth/') ? idpError() : userError(400, '4002', 'Invalid parameters');
    case 'breakRefresh':
      return text(fault.code, 'Internal Server Error', 'text/plain; charset=utf-8');
    case 'consent':
      return redirect(`${base}/web/v1/user/authorization?client_id=oneapp&lang=en`);
    case 'abusing':
      return kind === 'idp.authorize' ? redirect(`${base}/error?${abuse(exchange)}`) : html(403, `<p>${ABUSE}</p>`);
    case 'oldLoginGone':
      if (kind === 'oauth.authorize') return redirect(`${base}/web/v1/user/401`);
      return json(401, { retCode: 'F', retMsg: 'Received unexpected statusCode' });
    case 'retiredAppId': {
      const appId = request.header('ccsp-application-id');
      return brandOfApp(appId)?.retiredAppIds.includes(appId ?? '') ? invalidApplication() : null;
    }
    case 'pushType': {
      const brand =
        brandOfClient(request.header('ccsp-service-id')) ?? brandOfApp(request.header('ccsp-application-id'));
      const body = request.json();
      const pushType = typeof body === 'object' && body !== null && 'pushType' in body ? body.pushType : null;
      return brand?.brand === 'hyundai' && pushType !== 'GCM' ? invalidParameter() : null;
    }
    case 'stampWindow':
      return isStampStale(exchange, fault.windowMs) ? invalidApplication() : null;
    default:
      return null;
  }
}

/** What a fault does in the service, as a function: it is called only if the fault really takes part. */
function inService(fault: Fault, exchange: Exchange): (() => Answer | 'passed') | null {
  switch (fault.type) {
    case 'duplicate':
      return () => (isUs(exchange) ? generalError() : duplicateRequest());
    case 'carAsleep':
      return () =>
        onItsWay(exchange, fault.variant === 'hang' ? { type: 'hang' } : unreachable(exchange, fault.variant));
    case 'retCodeF':
      return () => (isUs(exchange) ? errorInside() : spaError(200, fault.resCode, fault.resMsg));
    case 'wrongPinAlways':
      if (isUs(exchange)) return pinRefused;
      if (fault.variant === '200') return () => json(200, { expiresTime: 600 });
      return () => wrongCredentials({ userId: '', remainCount: 4, remainTime: 300 });
    case 'deviceIdInvalid':
      if (fault.afterEffect) return null;
      return () => {
        invalidateDevice(exchange);
        return invalidDevice();
      };
    case 'recordFail':
      return plan(exchange, { ...exchange.plan, fate: 'refuse' });
    case 'recordNonResponse':
      return plan(exchange, { fate: 'nonResponse', afterMs: fault.afterMs ?? null, carriedOut: fault.carriedOut });
    case 'carIgnores':
      return plan(exchange, { ...exchange.plan, fate: 'ignore' });
    // These are looked up by whoever answers the call.
    case 'requiredAction':
    case 'rotateRefresh':
    case 'forcedWithoutTime':
      return () => 'passed';
    default:
      return null;
  }
}

function plan(exchange: Exchange, changed: Exchange['plan']): () => 'passed' {
  return () => {
    exchange.plan = changed;
    return 'passed';
  };
}

const MAINTENANCE = html(200, '<h1>We will be back soon</h1><p>The service is being maintained.</p>');
const ABUSE = 'It was classified as an abusing request and blocked.';

export function ownAnswer(fault: FaultOf<'status'>): Answer {
  const headers = fault.headers ?? {};
  if (fault.body === undefined) return empty(fault.code, headers);
  if (typeof fault.body !== 'string') return json(fault.code, fault.body, headers);
  const isPage = fault.body.trimStart().startsWith('<');
  const fallback = isPage ? 'text/html; charset=utf-8' : 'application/json;charset=UTF-8';
  return text(fault.code, fault.body, fault.contentType ?? fallback, headers);
}

export function maintenancePage(): Answer {
  return MAINTENANCE;
}

export function invalidateDevice({ cloud, request }: Exchange): void {
  const device = cloud.devices.get(request.header('ccsp-device-id') ?? '');
  if (device !== undefined) device.valid = false;
}

/** A forced read that fails behind the gateway has reached for the car all the same. */
function onItsWay(exchange: Exchange, answer: Answer): Answer {
  const wakes = exchange.match.route.wakes === true || exchange.kind === 'status.forced';
  if (wakes && isTokenGood(exchange) && exchange.car !== null && !exchange.wake) {
    exchange.car.failToWake();
    exchange.wake = true;
  }
  return answer;
}

function isUs({ match }: Exchange): boolean {
  return isHata(match.route.admission);
}

function unreachable(exchange: Exchange, variant: keyof typeof UNREACHABLE): Answer {
  return isUs(exchange) ? notConnected() : UNREACHABLE[variant]();
}

function rateLimited(fault: FaultOf<'rateLimited'>, exchange: Exchange): Answer {
  const { cloud, account } = exchange;
  if (fault.variant === 'spa' && isUs(exchange)) return dailyLimit();
  if (fault.variant === 'http429') {
    return json(429, { error: 'API rate limit exceeded' }, { 'retry-after': String(fault.resetS) });
  }
  const reset = String(Math.ceil(cloud.clock.now() / 1000) + fault.resetS);
  return spaError(509, '5091', 'Exceeds number of requests - Exceeds Number of Requests.', {
    'x-ratelimit-limit': String(account === null ? 0 : cloud.limits.callsPerDay),
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': reset,
  });
}

function abuse({ request }: Exchange): string {
  const description = `Bad Request. ${ABUSE} client_id : ${request.query.get('client_id') ?? ''}`;
  return new URLSearchParams({ status: '400', error: 'Bad Request', error_description: description }).toString();
}

function isStampStale({ cloud, request }: Exchange, windowMs: number): boolean {
  const appId = request.header('ccsp-application-id');
  const brand = brandOfApp(appId);
  const stamp = request.header('stamp');
  if (appId === null || brand === null || stamp === null) return false;
  const at = stampTime(stamp, cloud.stampKeyOf(brand), appId);
  return at !== null && Math.abs(cloud.clock.now() - at) > windowMs;
}
