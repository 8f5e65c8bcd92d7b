import type { Attempt } from './api-reader.ts';
import { CloudError, ownFailure } from './cloud-error.ts';

/**
 * The last step before a control leaves: whoever asked for it writes that down, which takes a moment, and may have
 * ended it meanwhile. Rejects with `CloudError` if it is not to be sent.
 */
export async function beginSending(attempt: Attempt): Promise<void> {
  const refusal = await attempt.beforeSending();
  if (refusal !== null) throw new CloudError(refusal);
  if (attempt.patience.signal.aborted) {
    throw new CloudError(ownFailure('aborted', 'The call was ended before it was sent.', 'aborted'));
  }
  attempt.mayBeSent = true;
}
