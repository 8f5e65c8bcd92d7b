/**
 * What can go wrong between us and the cloud, as plain data: it travels in events, so it carries no secret, no
 * stack and no reference to a library.
 */

/** The token that a call is made with: `control` is the ten-minute token that the PIN buys. */
export type Scope = 'access' | 'control';

/** How the breaker counts a call: `carRead` waits until the car itself answers, the others are answered by the cloud. */
export type CallClass = 'control' | 'read' | 'carRead' | 'token';

export type FailureKind =
  /** The cloud says that the token of this call is expired, revoked or not its own. */
  | 'tokenRefused'
  /** The grant behind the token (the refresh token) is dead: only a login helps. */
  | 'grantRefused'
  | 'credentialsRejected'
  | 'consentRequired'
  | 'otpRequired'
  /** The vendor's firewall classified us as abusing: hours, not a wrong password. */
  | 'blocked'
  | 'loginBudget'
  | 'wrongPin'
  | 'deviceIdInvalid'
  /** "Duplicate request": another command of this car is still being worked on. */
  | 'carBusy'
  | 'carRefused'
  | 'carUnreachable'
  | 'unsupported'
  | 'rateLimited'
  /** Our own limits: the cloud was not asked. */
  | 'budget'
  /** It could not be written down that the call is about to be made: it was not. */
  | 'journalUnavailable'
  /** 5xx without a spa code, HTML, maintenance. */
  | 'cloudUnavailable'
  | 'network'
  | 'timeout'
  /** We ended the call ourselves. */
  | 'aborted'
  | 'invalidResponse'
  /** The cloud refuses what we are (application id, stamp), not what we asked. */
  | 'misconfigured';

export interface CloudFailure {
  readonly kind: FailureKind;
  /** One sentence for a person, without secrets, ending in a full stop. */
  readonly message: string;
  /** What a developer looks for: `HTTP 503`, `resCode 5031`, `ECONNRESET`. Never a body, never a secret. */
  readonly cause: string;
  /** Whether a control may have reached the car all the same. Reads are always `no`. */
  readonly reached: 'no' | 'maybe';
  /** True when the cloud's own logic answered, which proves it alive. */
  readonly answered: boolean;
  /** The server's word on when to come back, in ms from now; null if it said nothing. */
  readonly retryAfterMs: number | null;
  /** It happened to a call that several waited for, and another of them reports it. */
  readonly shared?: true;
}

/** What a call tells the breaker. */
export type Verdict =
  | { readonly type: 'success' }
  /** Counts towards opening; `openForMs` opens at once, for that long (rate limits). */
  | { readonly type: 'failure'; readonly openForMs: number | null }
  /** Counts for nothing; `alive` when the answer proves that the cloud works. */
  | { readonly type: 'ignored'; readonly alive: boolean };

/** What counts against the cloud, unless its own logic answered. When a refresh is worth another try is another question. */
const AGAINST_THE_CLOUD: ReadonlySet<FailureKind> = new Set([
  'cloudUnavailable',
  'network',
  'timeout',
  'invalidResponse',
]);
const RATE_LIMIT_FALLBACK_MS = 3_600_000;

/**
 * The breaker guards the cloud, not the cars: only what says that the cloud itself is in trouble counts. A control that
 * times out after sending and a read that waits for a car may hang because of the car, so they count for nothing.
 */
export function verdictOf(failure: CloudFailure, callClass: CallClass): Verdict {
  if (failure.kind === 'rateLimited') {
    return { type: 'failure', openForMs: failure.retryAfterMs ?? RATE_LIMIT_FALLBACK_MS };
  }
  if (failure.kind === 'aborted') return { type: 'ignored', alive: false };
  // However many waited for one call, it has failed once.
  if (failure.shared === true) return { type: 'ignored', alive: failure.answered };
  if (AGAINST_THE_CLOUD.has(failure.kind) && !failure.answered) {
    const mayBeTheCar = failure.kind === 'timeout' && (callClass === 'control' || callClass === 'carRead');
    return mayBeTheCar ? { type: 'ignored', alive: false } : { type: 'failure', openForMs: null };
  }
  if (failure.kind === 'carUnreachable' && callClass === 'read') return { type: 'failure', openForMs: null };
  return { type: 'ignored', alive: failure.answered };
}

/** True for answers that a refresh of the token can cure. */
export function isTokenError(failure: CloudFailure): boolean {
  return failure.kind === 'tokenRefused';
}
