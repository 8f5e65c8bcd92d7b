import type { CloudFailure } from '../../machines/domain/failure.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { type CallName, ROWS, type Row } from './failure-rows.ts';
import { RULES } from './failure-rules.ts';

export interface CallContext {
  readonly call: CallName;
  /** Epoch ms, for `retryAfterMs`. */
  readonly now: number;
  /** Whether the request may have left this machine, when the thing that went wrong does not say it itself. */
  readonly sent?: boolean;
}

/** Errors that happen before anything was sent. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
]);
const MAX_RETRY_AFTER_MS = 48 * 3_600_000;
const CODE_NAMES: Readonly<Partial<Record<Evidence['shape'], string>>> = {
  user: 'errCode',
  oneApp: 'code',
  hata: 'errorSubCode',
};

/** Turns whatever came back, or was thrown, into one failure. Pure; never throws; carries no text of the answer. */
export function classify(raw: unknown, context: CallContext): CloudFailure {
  const evidence = evidenceOf(raw);
  const row = rowOf(evidence, context.call);
  const isControl = context.call === 'control';
  return {
    kind: row.kind,
    message: row.message,
    cause: causeOf(evidence),
    reached: isControl && mayHaveReached(evidence, row, context) ? 'maybe' : 'no',
    answered: row.notAnswered !== true && hasAnswered(evidence),
    retryAfterMs: retryAfterMs(evidence, row, context.now),
  };
}

function rowOf(evidence: Evidence, call: CallName): Row {
  const { transport, errorCode, errorName } = evidence;
  if (transport?.reason === 'aborted' || errorName === 'CancelError' || errorName === 'AbortError') {
    return { kind: 'aborted', message: 'We ended the call ourselves.' };
  }
  if (transport?.reason === 'tooLarge') return ROWS.unreadable;
  if (transport?.reason === 'timeout' || errorCode === 'ETIMEDOUT') {
    return { kind: 'timeout', message: 'The cloud did not answer in time.' };
  }
  if (transport !== null || (evidence.status === null && errorCode !== null)) return networkRow(errorCode);
  const rule = RULES.find(({ when, row }) => when(evidence, call) && !isHearsay(evidence, call, row));
  return rule?.row ?? networkRow(null);
}

/** Who failed behind the gate, or waited in vain, has no word on the token of a control, whatever it says. */
function isHearsay({ status }: Evidence, call: CallName, { kind }: Row): boolean {
  return call === 'control' && kind === 'tokenRefused' && status !== null && (status >= 500 || status === 408);
}

function networkRow(errorCode: string | null): Row {
  const unreachable = errorCode !== null && NOT_SENT.has(errorCode);
  return {
    kind: 'network',
    message: unreachable ? 'The cloud cannot be reached.' : 'The connection to the cloud failed.',
  };
}

function mayHaveReached(evidence: Evidence, row: Row, context: CallContext): boolean {
  if (evidence.status !== null) return row.mayHaveReached === true || evidence.status === 504;
  if (evidence.errorCode !== null && NOT_SENT.has(evidence.errorCode)) return false;
  return evidence.transport?.sent ?? context.sent ?? true;
}

/** The cloud's own logic speaks JSON of a known shape; of 5xx only those with a code of their own count. */
function hasAnswered({ status, shape, code }: Evidence): boolean {
  if (status === null) return false;
  if (status === 401 && shape === 'empty') return true;
  const known = shape === 'spa' || shape === 'user' || shape === 'gateway' || shape === 'oneApp' || shape === 'hata';
  return known && (status < 500 || ((shape === 'spa' || shape === 'hata') && code !== null));
}

function causeOf({ status, code, shape, errorCode, errorName, transport }: Evidence): string {
  if (code !== null) return `${CODE_NAMES[shape] ?? 'resCode'} ${code}`;
  if (status !== null) return `HTTP ${status}`;
  if (errorCode !== null && /^[A-Z0-9_]{1,40}$/.test(errorCode)) return errorCode;
  if (transport !== null) return transport.reason;
  return errorName !== null && /^[A-Za-z]{1,40}$/.test(errorName) ? errorName : 'no answer';
}

function retryAfterMs({ headers, status }: Evidence, row: Row, now: number): number | null {
  const retryAfter = headers['retry-after'];
  if (typeof retryAfter === 'string' && status !== null) {
    const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
    if (Number.isFinite(seconds)) return clamp(seconds);
  }
  if (row.kind !== 'rateLimited') return null;
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  return Number.isFinite(reset) && reset * 1000 > now ? clamp(reset * 1000 - now) : null;
}

function clamp(ms: number): number {
  return Math.min(Math.max(0, Math.round(ms)), MAX_RETRY_AFTER_MS);
}
