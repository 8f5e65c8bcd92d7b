import { randomUUID } from 'node:crypto';

export type Headers = Readonly<Record<string, string | readonly string[]>>;

export type Content =
  | { readonly type: 'json'; readonly value: unknown }
  | { readonly type: 'text'; readonly text: string; readonly contentType: string }
  | { readonly type: 'empty' };

export interface Reply {
  readonly type: 'reply';
  readonly status: number;
  readonly headers: Headers;
  readonly content: Content;
}

/** What a call comes to: an answer, silence until the simulator closes, or a connection torn down. */
export type Answer = Reply | { readonly type: 'hang' } | { readonly type: 'cut' };

export function json(status: number, value: unknown, headers: Headers = {}): Reply {
  return { type: 'reply', status, headers, content: { type: 'json', value } };
}

export function html(status: number, body: string, headers: Headers = {}): Reply {
  const text = `<!DOCTYPE html><html lang="en"><head><title>Login</title></head><body>${body}</body></html>`;
  return { type: 'reply', status, headers, content: { type: 'text', text, contentType: 'text/html; charset=utf-8' } };
}

export function text(status: number, body: string, contentType: string, headers: Headers = {}): Reply {
  return { type: 'reply', status, headers, content: { type: 'text', text: body, contentType } };
}

export function empty(status: number, headers: Headers = {}): Reply {
  return { type: 'reply', status, headers, content: { type: 'empty' } };
}

export function redirect(location: string, headers: Headers = {}): Reply {
  return empty(302, { ...headers, location });
}

/** The vehicle API's good answer; without `resMsg` when there is none to give. */
export function spaOk(resMsg?: unknown): Reply {
  const message = resMsg === undefined ? {} : { resMsg };
  return json(200, { retCode: 'S', resCode: '0000', ...message, msgId: randomUUID() });
}

/** The acceptance of a control: `actionId` names its record. */
export function spaAccepted(actionId: string): Reply {
  return json(200, { retCode: 'S', resCode: '0000', msgId: actionId });
}

export function spaError(status: number, resCode: string, resMsg: string, headers: Headers = {}): Reply {
  return json(status, { retCode: 'F', resCode, resMsg, msgId: randomUUID() }, headers);
}

/** The user API's error (`/api/v1/user/*`). */
export function userError(status: number, errCode: string, errMsg: string, errBody?: unknown): Reply {
  return json(status, { errId: randomUUID(), errCode, errMsg, ...(errBody === undefined ? {} : { errBody }) });
}

/** The identity provider's error. */
export function idpError(): Reply {
  return json(400, { errId: randomUUID(), retCode: '7501', errCode: '4002', errMsg: 'Invalid parameters' });
}

export function gatewayError(status: number, error: string): Reply {
  return json(status, { error });
}

export function cciError(status: number, code: number, message: string): Reply {
  return json(status, { code, message, errors: [] });
}

// Texts and codes that more than one place answers with.

export const invalidDevice = (): Reply => spaError(400, '4002', 'Invalid request body - Invalid deviceId');
export const invalidParameter = (): Reply => spaError(400, '4002', 'Invalid request body - Invalid parameter.');
export const invalidVehicle = (): Reply => spaError(400, '4003', 'Invalid values - Invalid vehicleId');
export const duplicateRequest = (): Reply => spaError(400, '4004', 'Duplicate request - Duplicate request');
export const unsupported = (): Reply =>
  spaError(400, '4005', 'Unsupported control request - Unsupported control request');
export const invalidApplication = (): Reply =>
  spaError(401, '4017', 'Invalid Application Id - Invalid Application Id.');
export const noData = (): Reply => spaError(592, '5921', 'No Data Found v2 - No Data Found v2');
export const wrongCredentials = (errBody: unknown): Reply => userError(400, '4003', 'Invalid values', errBody);

/** What the cloud says when it cannot reach a car. */
export const UNREACHABLE = {
  unavailable: () => spaError(503, '5031', 'Unavailable remote control - Service Temporary Unavailable'),
  timeout: () => spaError(408, '4081', 'Request timeout - Request timeout'),
  lowBattery: () => spaError(400, '4007', 'Remote control unavailable(low battery) - Remote control unavailable'),
  responseTimeout: () => spaError(504, '9999', 'Undefined Error - Response timeout'),
} as const satisfies Readonly<Record<string, () => Reply>>;
