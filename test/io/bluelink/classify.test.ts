import { describe, expect, it } from 'vitest';
import { type CallContext, classify } from '../../../src/io/bluelink/classify.ts';
import type { CallName } from '../../../src/io/bluelink/failure-rows.ts';
import { TransportError } from '../../../src/io/bluelink/http-call.ts';
import type { FailureKind } from '../../../src/machines/domain/failure.ts';

const NOW = Date.UTC(2026, 10, 7, 12);
const context = (call: CallName, sent?: boolean): CallContext => ({
  call,
  now: NOW,
  ...(sent === undefined ? {} : { sent }),
});
const http = (statusCode: number, body?: unknown, headers: Record<string, string> = {}) => ({
  statusCode,
  headers,
  body,
});
const spa = (statusCode: number, resCode: string, resMsg = '') =>
  http(statusCode, { retCode: 'F', resCode, resMsg, msgId: 'm' });
const html = (text: string) => `<!doctype html><html><body>${text}</body></html>`;
const coded = (code: string, name = 'RequestError') =>
  Object.assign(new Error(`connect ${code} 10.0.0.1:8080`), { code, name });
/** As bluelinky wraps what got throws. */
const managed = (source: object) =>
  Object.assign(new Error('@EuropeVehicle.lock: [401] Unauthorized on [POST] https://x/y - {"secret":"abc"}'), {
    name: 'ManagedBluelinkyError',
    source,
  });

type Row = readonly [title: string, raw: unknown, call: CallName, kind: FailureKind, answered: boolean];

const TOKEN_ERRORS: readonly Row[] = [
  ['Token is expired', 'Token is expired', 'cachedRead', 'tokenRefused', false],
  [
    'the gateway says expired',
    http(401, { error: 'Key not authorized: Token is expired' }),
    'control',
    'tokenRefused',
    true,
  ],
  [
    'the gateway says it in other words',
    http(401, { error: 'Key not authorized: token has expired' }),
    'list',
    'tokenRefused',
    true,
  ],
  ['the gateway says something else', http(401, { error: 'Key not authorized' }), 'list', 'tokenRefused', true],
  ['token has expired, as an error', new Error('token has expired'), 'record', 'tokenRefused', false],
  ['Authentication failed', http(401, { retCode: 'F', resMsg: 'Authentication failed' }), 'list', 'tokenRefused', true],
  ['Authentication failed, bare', 'Authentication failed', 'list', 'tokenRefused', false],
  ['Unauthorized', 'Unauthorized', 'list', 'tokenRefused', false],
  ['UNAUTHORIZED', http(401, 'UNAUTHORIZED'), 'list', 'tokenRefused', false],
  ['unauthorized', new Error('unauthorized'), 'list', 'tokenRefused', false],
  ['401 without a body', http(401), 'control', 'tokenRefused', true],
  ['401 with an empty body', http(401, ''), 'forcedRead', 'tokenRefused', true],
  ['403 of the gateway', http(403, { error: 'Access to this API has been disallowed' }), 'list', 'tokenRefused', true],
  ['7501 on a vehicle call', http(401, { retCode: '7501', retMsg: 'auth' }), 'list', 'tokenRefused', true],
  [
    'unexpected statusCode',
    http(401, { retCode: '401', retMsg: 'Received unexpected statusCode' }),
    'list',
    'tokenRefused',
    true,
  ],
  [
    'the PIN call with a dead token',
    http(401, { error: 'Key not authorized: Token is expired' }),
    'pin',
    'tokenRefused',
    true,
  ],
  [
    'wrapped by bluelinky',
    managed(http(401, { error: 'Key not authorized: Token is expired' })),
    'control',
    'tokenRefused',
    true,
  ],
  ["bluelinky's bare string", 'Token not set', 'list', 'tokenRefused', false],
];

const NO_TOKEN_ERRORS: readonly Row[] = [
  ['Network timeout', 'Network timeout', 'cachedRead', 'timeout', false],
  ['4004', spa(400, '4004', 'Duplicate request - Duplicate request'), 'control', 'carBusy', true],
  ['5031 of a control', spa(503, '5031', 'Unavailable remote control'), 'control', 'carUnreachable', true],
  ['5031 of a forced read', spa(503, '5031', 'Unavailable remote control'), 'forcedRead', 'carUnreachable', true],
  ['5031 of a cached read', spa(503, '5031', 'Service Temporary Unavailable'), 'cachedRead', 'cloudUnavailable', false],
  ['5031 of the list', spa(503, '5031', 'Service Temporary Unavailable'), 'list', 'cloudUnavailable', false],
  [
    'Invalid parameters of a car command',
    spa(400, '4002', 'Invalid request body - Invalid parameters'),
    'control',
    'carRefused',
    true,
  ],
  [
    'the same in the other shape',
    http(400, { errCode: '4002', errMsg: 'Invalid parameters' }),
    'control',
    'carRefused',
    true,
  ],
  ['403 HTML with abusing', http(403, html('It was classified as an abusing request')), 'list', 'blocked', false],
  ['an HTML 403 without it', http(403, html('Forbidden')), 'list', 'cloudUnavailable', false],
  ['HTML that mentions an expired token', http(503, html('token expired')), 'list', 'cloudUnavailable', false],
  [
    '4002 invalid device id',
    spa(400, '4002', 'Invalid request body - Invalid deviceId'),
    'list',
    'deviceIdInvalid',
    true,
  ],
  ['4005', spa(400, '4005', 'Unsupported'), 'control', 'unsupported', true],
  ['4007', spa(400, '4007', 'Remote control unavailable(low battery)'), 'control', 'carUnreachable', true],
  ['4017', spa(401, '4017', 'Invalid Application Id'), 'list', 'misconfigured', true],
  ['4081', spa(408, '4081', 'Request timeout'), 'forcedRead', 'carUnreachable', true],
  ['9999', spa(500, '9999', 'Undefined Error - Response timeout'), 'control', 'carUnreachable', true],
  ['9999 in a 200', spa(200, '9999', 'Undefined Error - Undefined Error'), 'control', 'carRefused', true],
  [
    '9999 in a 200 of a time-out',
    spa(200, '9999', 'Undefined Error - Response timeout'),
    'control',
    'carUnreachable',
    true,
  ],
  ['9999 of the list', spa(500, '9999', 'Undefined Error - Response timeout'), 'list', 'cloudUnavailable', false],
  ['5091', spa(509, '5091', 'Exceeds number of requests'), 'list', 'rateLimited', true],
  ['429', http(429), 'list', 'rateLimited', false],
  ['509 without a body', http(509), 'control', 'rateLimited', false],
  ['5921', spa(592, '5921', 'No Data Found v2'), 'cachedRead', 'unsupported', true],
  ['an unknown code of a control', spa(400, '4099', 'who knows'), 'control', 'carRefused', true],
  ['an unknown code of a read', spa(400, '4099', 'who knows'), 'cachedRead', 'invalidResponse', true],
  ['retCode F in a 200 of a read', spa(200, '4099', 'who knows'), 'cachedRead', 'invalidResponse', true],
  [
    '502 that speaks of the token of a control',
    http(502, { message: 'access token expired' }),
    'control',
    'cloudUnavailable',
    false,
  ],
  ['503 with other words', http(503, 'Unauthorized'), 'control', 'cloudUnavailable', false],
  [
    '504 in the words of the gateway',
    http(504, { error: 'Key not authorized: Token is expired' }),
    'control',
    'cloudUnavailable',
    false,
  ],
  ['500 with 7501', spa(500, '7501', 'auth'), 'control', 'carRefused', true],
  ['408 that speaks of the token of a control', http(408, 'token expired'), 'control', 'timeout', false],
  ['500', http(500), 'control', 'cloudUnavailable', false],
  ['500 with a code of the cloud', spa(500, '5000', 'oops'), 'cachedRead', 'cloudUnavailable', true],
  ['502 HTML', http(502, html('Bad gateway')), 'cachedRead', 'cloudUnavailable', false],
  ['504', http(504), 'control', 'cloudUnavailable', false],
  ['404', http(404, html('nothing here')), 'list', 'cloudUnavailable', false],
  ['200 HTML', http(200, html('maintenance')), 'list', 'invalidResponse', false],
  ['got cannot parse a 200', managed({ name: 'ParseError', statusCode: 200 }), 'list', 'invalidResponse', false],
  [
    'a TypeError of bluelinky',
    new TypeError("Cannot read properties of undefined (reading 'vehicleStatus')"),
    'cachedRead',
    'invalidResponse',
    false,
  ],
  ["bluelinky's shrug", 'Something went wrong!', 'control', 'invalidResponse', false],
  ['undefined', undefined, 'list', 'network', false],
  ['null', null, 'control', 'network', false],
  ['a number', 17, 'list', 'network', false],
  ['ECONNRESET', coded('ECONNRESET'), 'list', 'network', false],
  ['ECONNREFUSED', coded('ECONNREFUSED'), 'control', 'network', false],
  ['ENOTFOUND', coded('ENOTFOUND'), 'list', 'network', false],
  ['EAI_AGAIN', coded('EAI_AGAIN'), 'list', 'network', false],
  ['EPIPE', coded('EPIPE'), 'list', 'network', false],
  ['socket hang up', new Error('socket hang up'), 'control', 'network', false],
  ["got's time-out", coded('ETIMEDOUT', 'TimeoutError'), 'list', 'timeout', false],
  ['our own time-out', new TransportError('timeout', 'ETIMEDOUT', true), 'list', 'timeout', false],
  ['our own end', new TransportError('aborted', null, false), 'list', 'aborted', false],
  ["got's cancel", coded('X', 'CancelError'), 'list', 'aborted', false],
  ['an answer without end', new TransportError('tooLarge', null, true), 'list', 'invalidResponse', false],
];

const SESSION_ERRORS: readonly Row[] = [
  [
    'a dead refresh token',
    http(400, { errId: 'x', errCode: '4002', errMsg: 'Invalid parameters' }),
    'refresh',
    'grantRefused',
    true,
  ],
  [
    '7501 of the identity provider',
    http(400, { retCode: '7501', errCode: '4002', errMsg: 'Invalid parameters' }),
    'refresh',
    'grantRefused',
    true,
  ],
  [
    "bluelinky's sentence",
    'Refresh token failed: {"errCode":"4002","errMsg":"Invalid parameters"}',
    'refresh',
    'grantRefused',
    false,
  ],
  [
    "bluelinky's other sentence",
    'Need refresh token to refresh access token. Use login()',
    'refresh',
    'grantRefused',
    false,
  ],
  [
    'unexpected statusCode',
    http(200, { retCode: 'F', retMsg: 'Received unexpected statusCode' }),
    'refresh',
    'grantRefused',
    true,
  ],
  ['500', http(500), 'refresh', 'cloudUnavailable', false],
  [
    'OneApp 9001',
    http(502, { code: 9001, message: 'external service error', errors: [] }),
    'refresh',
    'cloudUnavailable',
    false,
  ],
  ['OneApp 9035', http(403, { code: 9035, message: 'signature' }), 'refresh', 'misconfigured', true],
  [
    'wrong password',
    http(400, { errCode: '4003', errMsg: 'Invalid values', errBody: { remainCount: 4 } }),
    'signIn',
    'credentialsRejected',
    true,
  ],
  [
    'wrong password, as the form says it',
    new Error('@X.login: Authentication failed with message : nope'),
    'signIn',
    'credentialsRejected',
    false,
  ],
  [
    'a later step of the login',
    http(400, { errCode: '4003', errMsg: 'Invalid values' }),
    'login',
    'cloudUnavailable',
    true,
  ],
  ['abusing', http(400, html('classified as an ABUSING request')), 'signIn', 'blocked', false],
  ['wrong PIN', http(400, { errId: 'x', errCode: '4003', errMsg: 'Invalid values' }), 'pin', 'wrongPin', true],
  [
    'PIN with a forgotten device',
    spa(400, '4002', 'Invalid request body - Invalid deviceId'),
    'pin',
    'deviceIdInvalid',
    true,
  ],
  ['PIN while the cloud is down', http(400, html('sorry')), 'pin', 'invalidResponse', false],
  [
    'a registration with the wrong push service',
    spa(400, '4002', 'Invalid request body - Invalid parameter.'),
    'register',
    'misconfigured',
    true,
  ],
  [
    'a registration with an old application id',
    spa(401, '4017', 'Invalid Application Id'),
    'register',
    'misconfigured',
    true,
  ],
];

describe.each([
  ['token errors', TOKEN_ERRORS],
  ['not token errors', NO_TOKEN_ERRORS],
  ['session errors', SESSION_ERRORS],
])('%s', (_, rows) => {
  it.each(rows)('%s', (_title, raw, call, kind, answered) => {
    expect(classify(raw, context(call))).toMatchObject({ kind, answered });
  });
});

describe('whether a control may have reached the car', () => {
  it.each([
    ['connection cut after sending', new TransportError('network', 'ECONNRESET', true), 'maybe'],
    ['connection cut before sending', new TransportError('network', 'ECONNRESET', false), 'no'],
    ['ECONNRESET, nobody knows when', coded('ECONNRESET'), 'maybe'],
    ['socket hang up', new Error('socket hang up'), 'maybe'],
    ['time-out after sending', new TransportError('timeout', 'ETIMEDOUT', true), 'maybe'],
    ['time-out while connecting', new TransportError('timeout', 'ETIMEDOUT', false), 'no'],
    ['ended by us after sending', new TransportError('aborted', null, true), 'maybe'],
    ['ended by us before sending', new TransportError('aborted', null, false), 'no'],
    ['ECONNREFUSED', new TransportError('network', 'ECONNREFUSED', false), 'no'],
    ['ENOTFOUND', coded('ENOTFOUND'), 'no'],
    ['EAI_AGAIN', coded('EAI_AGAIN'), 'no'],
    ['504', http(504, html('gateway time-out')), 'maybe'],
    ['504 that speaks of the token', http(504, { message: 'access token expired' }), 'maybe'],
    ['408 that speaks of the token', http(408, 'token expired'), 'maybe'],
    ['504 with a code', spa(504, '5041', 'x'), 'maybe'],
    ['408', http(408), 'maybe'],
    ['4081', spa(408, '4081'), 'maybe'],
    ['9999', spa(500, '9999'), 'maybe'],
    ['9999 in a 200', spa(200, '9999', 'Undefined Error - Undefined Error'), 'no'],
    ['9999 in a 200 of a time-out', spa(200, '9999', 'Undefined Error - Response timeout'), 'maybe'],
    ['a 200 that nobody can read', http(200, html('?')), 'maybe'],
    ['500', http(500), 'no'],
    ['502', http(502, html('x')), 'no'],
    ['503', http(503), 'no'],
    ['400', http(400), 'no'],
    ['401', http(401), 'no'],
    ['429', http(429), 'no'],
    ['retCode F in a 200', spa(200, '4004'), 'no'],
  ] as const)('%s: %s', (_, raw, reached) => {
    expect(classify(raw, context('control')).reached).toBe(reached);
    expect(classify(raw, context('cachedRead')).reached).toBe('no');
  });
});

describe('when to come back', () => {
  it.each([
    ['Retry-After in seconds', http(429, undefined, { 'retry-after': '120' }), 120_000],
    ['Retry-After as a date', http(503, undefined, { 'retry-after': 'Sat, 07 Nov 2026 12:05:00 GMT' }), 300_000],
    ['the reset of the rate limit', http(509, {}, { 'x-ratelimit-reset': String(NOW / 1000 + 7_200) }), 7_200_000],
    ['a reset in the past', http(509, {}, { 'x-ratelimit-reset': String(NOW / 1000 - 5) }), null],
    ['a reset in another century', http(509, {}, { 'x-ratelimit-reset': '99999999999' }), 48 * 3_600_000],
    ['nothing', http(509), null],
    ['a reset on another failure', http(500, {}, { 'x-ratelimit-reset': String(NOW / 1000 + 7_200) }), null],
  ])('%s', (_, raw, retryAfterMs) => {
    expect(classify(raw, context('list')).retryAfterMs).toBe(retryAfterMs);
  });
});

describe('every failure', () => {
  const all = [...TOKEN_ERRORS, ...NO_TOKEN_ERRORS, ...SESSION_ERRORS];

  it('has a sentence of ours that ends in a full stop', () => {
    for (const [, raw, call] of all) expect(classify(raw, context(call)).message).toMatch(/^[A-Z].*\.$/);
  });

  it('repeats nothing of what the server wrote', () => {
    const secret = 'S3cret-Value';
    for (const call of ['control', 'list', 'refresh', 'signIn', 'pin'] as const) {
      for (const raw of [
        secret,
        new Error(secret),
        http(400, { errCode: `${secret} ${secret}`, errMsg: secret }),
        http(401, { error: secret }),
        http(500, html(secret)),
        managed(http(400, { retCode: 'F', resCode: `<${secret}>`, resMsg: secret })),
      ]) {
        expect(JSON.stringify(classify(raw, context(call)))).not.toContain(secret);
      }
    }
  });

  it('comes out of anything at all', () => {
    const cyclic: Record<string, unknown> = { statusCode: 400 };
    cyclic.body = cyclic;
    for (const raw of [
      0,
      true,
      [],
      {},
      Symbol('x'),
      () => {},
      cyclic,
      { statusCode: 'x' },
      { source: null, body: 1 },
    ]) {
      expect(classify(raw, context('control')).kind).toBeTypeOf('string');
    }
  });
});
