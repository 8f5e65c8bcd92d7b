import type { Envelope, ToBreaker } from './domain/events.ts';
import { type CallClass, type CloudFailure, verdictOf } from './domain/failure.ts';

/** The verdict on a call, as the event that tells the breaker. `failure` null is a success. */
export function reportOf(permit: string, failure: CloudFailure | null, callClass: CallClass): ToBreaker {
  if (failure === null) return { type: 'REPORT_SUCCESS', permit };
  const verdict = verdictOf(failure, callClass);
  switch (verdict.type) {
    case 'success':
      return { type: 'REPORT_SUCCESS', permit };
    case 'failure':
      return { type: 'REPORT_FAILURE', permit, openForMs: verdict.openForMs };
    case 'ignored':
      return { type: 'REPORT_IGNORED', permit, alive: verdict.alive };
  }
}

export const toBreaker = (event: ToBreaker): Envelope[] => [{ to: 'breaker', event }];
