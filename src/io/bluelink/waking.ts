import type { FailureKind } from '../../machines/domain/failure.ts';
import type { Attempt } from './api-reader.ts';
import { CloudError } from './cloud-error.ts';

/** Said by the cloud before it turns to the car. */
const TURNED_AWAY: ReadonlySet<FailureKind> = new Set(['tokenRefused', 'deviceIdInvalid', 'rateLimited']);

/** Makes the request that wakes the car. What certainly did not is known by `mayHaveWoken`; what is uncertain may have. */
export async function waking<T>(attempt: Attempt, request: () => Promise<T>): Promise<T> {
  attempt.mayHaveWoken = true;
  try {
    return await request();
  } catch (error) {
    if (error instanceof CloudError && hasNotWoken(error)) attempt.mayHaveWoken = false;
    throw error;
  }
}

function hasNotWoken({ failure, wasSent }: CloudError): boolean {
  return !wasSent || (failure.answered && failure.reached === 'no' && TURNED_AWAY.has(failure.kind));
}
