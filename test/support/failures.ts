import type { CloudFailure } from '../../src/machines/domain/failure.ts';

/** A failure of the cloud; unless `more` says otherwise, nobody answered and nothing reached the car. */
export const failure = (kind: CloudFailure['kind'], more: Partial<CloudFailure> = {}): CloudFailure => ({
  kind,
  message: `It was ${kind}.`,
  cause: 'test',
  reached: 'no',
  answered: false,
  retryAfterMs: null,
  ...more,
});
