import type { CloudFailure, FailureKind } from '../../machines/domain/failure.ts';
import { type CallContext, classify } from './classify.ts';

/** A failure on its way up through the gateway. It never leaves it: the port answers with the failure itself. */
export class CloudError extends Error {
  readonly failure: CloudFailure;

  constructor(failure: CloudFailure) {
    super(failure.message);
    this.name = 'CloudError';
    this.failure = failure;
  }
}

/** A failure that we establish ourselves, without a call. */
export function ownFailure(kind: FailureKind, message: string, cause: string): CloudFailure {
  return { kind, message, cause, reached: 'no', answered: false, retryAfterMs: null };
}

export function failureOf(error: unknown, context: CallContext): CloudFailure {
  return error instanceof CloudError ? error.failure : classify(error, context);
}
