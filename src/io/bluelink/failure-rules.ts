import type { Evidence } from './evidence.ts';
import { type CallName, ROWS, type Row } from './failure-rows.ts';

interface Rule {
  readonly title: string;
  when(evidence: Evidence, call: CallName): boolean;
  readonly row: Row;
}

const TOKEN_CALLS: ReadonlySet<CallName> = new Set(['refresh', 'signIn', 'login']);
/** Calls that wait for the car; the cloud answers all others by itself. */
const CAR_CALLS: ReadonlySet<CallName> = new Set(['control', 'forcedRead']);
const isApi = (call: CallName) => !TOKEN_CALLS.has(call);

const code =
  (...codes: readonly string[]) =>
  (evidence: Evidence) =>
    evidence.code !== null && codes.includes(evidence.code);
const status =
  (...statuses: readonly number[]) =>
  (evidence: Evidence) =>
    evidence.status !== null && statuses.includes(evidence.status);
const isHtml = (evidence: Evidence) => evidence.shape === 'html';
const isRefusal = (evidence: Evidence) => status(400, 401, 403)(evidence) && !isHtml(evidence);

const isHata = (subCode: string) => (evidence: Evidence) => evidence.shape === 'hata' && evidence.code === subCode;

const carSilent: Row = { kind: 'carUnreachable', message: 'The car did not answer in time.', mayHaveReached: true };
const busyCloud: Row = {
  kind: 'cloudUnavailable',
  message: 'The cloud is temporarily unavailable.',
  notAnswered: true,
};

/** Read from top to bottom; the first that fits is the answer. Source: the vendor's observed answers. */
export const RULES: readonly Rule[] = [
  { title: 'firewall', when: ({ text }) => text.includes('abusing'), row: ROWS.blocked },
  {
    title: '5091 or HTTP 429, 509',
    when: (e) => code('5091')(e) || status(429, 509)(e),
    row: { kind: 'rateLimited', message: 'The daily number of requests to the cloud is used up.' },
  },
  {
    title: '4017 invalid application id',
    when: code('4017'),
    row: { kind: 'misconfigured', message: 'The cloud does not accept our application id.' },
  },
  {
    title: '9035 the app must sign its requests',
    when: (e) => e.shape === 'oneApp' && code('9035')(e),
    row: { kind: 'misconfigured', message: "The vendor's login now demands a signature that only its app can make." },
  },
  {
    title: 'OneApp 9001 external service',
    when: (e) => e.shape === 'oneApp' && code('9001')(e),
    row: ROWS.unavailable,
  },
  {
    title: '4002 invalid device id',
    when: (e, call) => isApi(call) && call !== 'register' && code('4002')(e) && /device\s*id/.test(e.text),
    row: { kind: 'deviceIdInvalid', message: 'The cloud has forgotten our device; it has to be registered again.' },
  },
  {
    title: 'gateway: token expired or not its own',
    when: (e, call) =>
      isApi(call) && call !== 'register' && e.shape === 'gateway' && /key not authorized|token.*expired/.test(e.text),
    row: ROWS.tokenRefused,
  },
  // The cloud of the US.
  {
    title: 'HATA: daily limit',
    when: isHata('HT_534'),
    row: { kind: 'rateLimited', message: 'The daily number of remote requests to this car is used up.' },
  },
  {
    title: 'HATA: the car does not answer',
    when: isHata('HT_900'),
    row: { kind: 'carUnreachable', message: 'The cloud cannot connect to the car.', mayHaveReached: true },
  },
  {
    title: 'HATA: PIN',
    when: (e, call) => isApi(call) && e.shape === 'hata' && isRefusal(e) && e.text.includes('validatepin'),
    row: ROWS.wrongPin,
  },
  {
    title: 'HATA: backend failure',
    when: (e) => e.shape === 'hata' && e.status !== null && e.status >= 500,
    row: { ...ROWS.unavailable, mayHaveReached: true },
  },
  {
    title: 'wrong PIN',
    when: (e, call) => call === 'pin' && isRefusal(e) && (status(400)(e) || (e.shape === 'user' && code('4003')(e))),
    row: ROWS.wrongPin,
  },
  {
    title: 'registration refused',
    when: (e, call) => call === 'register' && isRefusal(e),
    row: { kind: 'misconfigured', message: 'The cloud refuses to register our device.' },
  },
  {
    title: '4004 duplicate request',
    when: (e, call) => isApi(call) && code('4004')(e),
    row: { kind: 'carBusy', message: 'The cloud still works on another command of this car.' },
  },
  {
    title: '4005 unsupported control',
    when: (e, call) => isApi(call) && code('4005')(e),
    row: { kind: 'unsupported', message: 'This car does not support the command.' },
  },
  {
    title: '4007 low battery',
    when: (e, call) => isApi(call) && code('4007')(e),
    row: { kind: 'carUnreachable', message: 'The car refuses remote control because its 12 V battery is low.' },
  },
  {
    title: '5031, 9999, 4081 of a call that the cloud answers by itself',
    when: (e, call) => !CAR_CALLS.has(call) && code('5031', '9999', '4081')(e),
    row: busyCloud,
  },
  {
    title: '5031 car asleep or without signal',
    when: code('5031'),
    row: { kind: 'carUnreachable', message: 'The car cannot be reached at the moment.' },
  },
  {
    title: '9999 of a control inside an HTTP 200, without a word of a time-out: it was not passed on',
    when: (e, call) => call === 'control' && status(200)(e) && code('9999')(e) && !/time(d)?[ -]?out/.test(e.text),
    row: { kind: 'carRefused', message: 'The cloud refuses the command.' },
  },
  { title: '4081 and 9999 the car did not answer', when: code('4081', '9999'), row: carSilent },
  {
    title: '5921 or HTTP 592 no data',
    when: (e) => code('5921')(e) || status(592)(e),
    row: { kind: 'unsupported', message: 'The cloud has no data of this car.' },
  },
  // Login and refresh: what is refused is the credentials or the grant, not a token.
  {
    title: 'sign-in: not the word about the credentials',
    when: (e, call) => call === 'signIn' && says(e, 'received unexpected statuscode'),
    row: ROWS.loginClosed,
  },
  {
    title: 'sign-in refused',
    when: (e, call) => call === 'signIn' && (isRefusal(e) || says(e, 'authentication failed with')),
    row: ROWS.credentialsRejected,
  },
  {
    title: 'another step of the login refused',
    when: (e, call) => call === 'login' && isRefusal(e),
    row: ROWS.loginClosed,
  },
  {
    title: 'grant refused',
    when: (e, call) =>
      call === 'refresh' &&
      (isRefusal(e) || says(e, 'need refresh token') || says(e, 'received unexpected statuscode')),
    row: ROWS.grantRefused,
  },
  {
    title: 'refresh: a sentence with the refusal in it',
    when: (e, call) => call === 'refresh' && code('4002', '4003', '7501')(e),
    row: ROWS.grantRefused,
  },
  // Tokens.
  {
    title: 'text: token expired',
    when: (e) => !isHtml(e) && says(e, 'token') && says(e, 'expired'),
    row: ROWS.tokenRefused,
  },
  {
    title: 'text: other words for a refused token',
    when: (e, call) =>
      isApi(call) &&
      !isHtml(e) &&
      [
        'key not authorized',
        'authentication failed',
        'unauthorized',
        'received unexpected statuscode',
        'token not set',
      ].some((words) => says(e, words)),
    row: ROWS.tokenRefused,
  },
  { title: '7501', when: (e, call) => isApi(call) && code('7501')(e), row: ROWS.tokenRefused },
  { title: 'HTTP 401', when: (e, call) => isApi(call) && status(401)(e), row: ROWS.tokenRefused },
  {
    title: 'HTTP 403 of the gateway',
    when: (e, call) => isApi(call) && status(403)(e) && ['gateway', 'spa', 'user'].includes(e.shape),
    row: ROWS.tokenRefused,
  },
  // Answers of the cloud's own logic without a row of their own.
  {
    title: 'control: the cloud does not take it',
    when: (e, call) => call === 'control' && (e.shape === 'spa' || e.shape === 'user'),
    row: { kind: 'carRefused', message: 'The cloud refuses the command.' },
  },
  {
    title: 'HTTP 408',
    when: status(408),
    row: { kind: 'timeout', message: 'The cloud gave up waiting.', mayHaveReached: true, notAnswered: true },
  },
  { title: 'HTTP 504', when: status(504), row: { ...ROWS.unavailable, mayHaveReached: true } },
  { title: 'HTTP 5xx', when: (e) => e.status !== null && e.status >= 500, row: ROWS.unavailable },
  {
    title: 'HTTP 403, 404, 410: not there (any more)',
    when: status(403, 404, 410),
    row: { ...ROWS.unavailable, message: 'The cloud does not offer this service (any more).' },
  },
  {
    title: 'control refused',
    when: (e, call) => call === 'control' && e.status !== null && e.status >= 400,
    row: { kind: 'carRefused', message: 'The cloud refuses the command.' },
  },
  {
    title: 'redirect',
    when: (e) => e.status !== null && e.status >= 300 && e.status < 400,
    row: ROWS.unintelligible,
  },
  {
    title: 'HTTP 2xx that cannot be read',
    when: (e) => e.status !== null && e.status < 300 && e.shape !== 'spa' && e.shape !== 'user',
    row: ROWS.unreadable,
  },
  { title: 'any other answer', when: (e) => e.status !== null, row: ROWS.unintelligible },
  // No answer: bare strings and errors of libraries.
  {
    title: 'text: timeout',
    when: (e) => /time(d)?[ -]?out/.test(e.text),
    row: { kind: 'timeout', message: 'The cloud did not answer in time.', mayHaveReached: true },
  },
  {
    title: 'text: cut connection',
    when: (e) => says(e, 'socket hang up'),
    row: { kind: 'network', message: 'The connection to the cloud was cut.', mayHaveReached: true },
  },
  {
    title: 'a library stumbled over an unexpected answer',
    when: (e) =>
      e.errorName === 'TypeError' ||
      e.errorName === 'SyntaxError' ||
      e.errorName === 'ParseError' ||
      e.errorName === 'ZodError',
    row: ROWS.unreadable,
  },
  { title: 'text: something went wrong', when: (e) => e.shape !== 'none', row: ROWS.unintelligible },
];

function says(evidence: Evidence, words: string): boolean {
  return evidence.text.includes(words);
}
