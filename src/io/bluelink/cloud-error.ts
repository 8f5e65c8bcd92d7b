import type { CloudFailure, FailureKind } from '../../machines/domain/failure.ts';
import { type CallContext, classify } from './classify.ts';
import { ROWS } from './failure-rows.ts';
import { type Answer, sentenceOf } from './shape-reports.ts';

/** A failure on its way up through the gateway. It never leaves it: the port answers with the failure itself. */
export class CloudError extends Error {
  readonly failure: CloudFailure;
  /** False when the request certainly did not leave this machine. */
  readonly wasSent: boolean;

  constructor(failure: CloudFailure, wasSent = true) {
    super(failure.message);
    this.name = 'CloudError';
    this.failure = failure;
    this.wasSent = wasSent;
  }
}

/** A failure that we establish ourselves, without a call. */
export function ownFailure(kind: FailureKind, message: string, cause: string): CloudFailure {
  return { kind, message, cause, reached: 'no', answered: false, retryAfterMs: null };
}

export function withoutPin(): CloudError {
  return new CloudError(ownFailure('wrongPin', 'This needs the PIN, and the configuration has none.', 'no PIN'));
}

/** The cloud's own logic answered, but not with what was asked for. */
export function unexpectedShape(answer: Answer): CloudError {
  const { kind, message } = ROWS.unintelligible;
  const failure = ownFailure(kind, message, 'unexpected shape');
  return explained(new CloudError({ ...failure, answered: true }), answer);
}

/** An answer that is not understood for what is missing in it. */
export function explained(error: CloudError, { problem }: Answer): CloudError {
  const { failure } = error;
  if (problem === null || failure.kind !== 'invalidResponse') return error;
  return new CloudError({ ...failure, message: `${failure.message} ${sentenceOf(problem)}` });
}

export function failureOf(error: unknown, context: CallContext): CloudFailure {
  return error instanceof CloudError ? error.failure : classify(error, context);
}
