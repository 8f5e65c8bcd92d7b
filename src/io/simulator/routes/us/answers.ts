import type { Reply } from '../../http/answer.ts';
import { json } from '../../http/answer.ts';

/** How the US cloud ("HATA") says no. */

interface Refusal {
  readonly errorCode: number | string;
  readonly errorSubCode: string;
  readonly systemName: 'HATA' | 'IDM';
  readonly functionName: string;
  readonly errorMessage: string;
}

function refusal(status: number, { errorMessage, ...rest }: Refusal): Reply {
  return json(status, { ...rest, serviceName: rest.functionName, errorMessage, errorSubMessage: errorMessage });
}

/** A failure of the backend, whatever is behind it. */
export const generalError = (): Reply =>
  hataError('GEN', "We're sorry, but we could not complete your request. Please try again later.");
export const dailyLimit = (): Reply =>
  hataError('HT_534', 'You have exceeded the daily remote service request limit. Please try again tomorrow.');
export const notConnected = (): Reply =>
  hataError('HT_900', 'Not able to connect with your vehicle. Please try again later.');

/** HTTP 200 all the same. */
export const errorInside = (): Reply => ({ ...generalError(), status: 200 });

function hataError(errorSubCode: string, errorMessage: string): Reply {
  return refusal(502, {
    errorCode: 502,
    errorSubCode,
    systemName: 'HATA',
    functionName: 'remoteService',
    errorMessage,
  });
}

export const invalidToken = (text = 'Invalid token: it has expired or was revoked.'): Reply =>
  refusal(401, {
    errorCode: '401',
    errorSubCode: 'IDM_401_1',
    systemName: 'IDM',
    functionName: 'validateToken',
    errorMessage: text,
  });

export const invalidClient = (): Reply =>
  refusal(401, {
    errorCode: '401',
    errorSubCode: 'IDM_401_2',
    systemName: 'IDM',
    functionName: 'validateClient',
    errorMessage: 'Invalid client.',
  });

export const invalidCredentials = (): Reply =>
  refusal(401, {
    errorCode: '401',
    errorSubCode: 'IDM_401_3',
    systemName: 'IDM',
    functionName: 'authenticateUser',
    errorMessage: 'User name or password is not valid.',
  });

export const passwordRequired = (): Reply =>
  refusal(400, {
    errorCode: '400',
    errorSubCode: 'C400_1',
    systemName: 'IDM',
    functionName: 'authenticateUser',
    errorMessage: 'password required',
  });

export const pinMissing = (): Reply =>
  refusal(400, {
    errorCode: '400',
    errorSubCode: 'C400_1',
    systemName: 'IDM',
    functionName: 'validatePIN',
    errorMessage: 'Missing Fields: blueLinkServicePin or pinToken',
  });

export const pinRefused = (): Reply =>
  refusal(401, {
    errorCode: '401',
    errorSubCode: 'IDM_401_4',
    systemName: 'IDM',
    functionName: 'validatePIN',
    errorMessage: 'Invalid PIN',
  });
