import { honestBreaker, openMeansSilent } from './invariants/breaker.ts';
import { noDoubleAction, notTooLate, singleRetry } from './invariants/calls.ts';
import { endsOnce, expiryIsHarmless, inOrder } from './invariants/ends.ts';
import { isolation } from './invariants/isolation.ts';
import type { Invariant } from './invariants/kit.ts';
import { askedFirst } from './invariants/reads.ts';
import { boundedMemory, everyAskAnswered, noDeadlock } from './invariants/rest.ts';
import { oneRefreshPerExpiry, singleFlight } from './invariants/token.ts';

/** What every exploration checks. To add one: write it, put it here, and seed a bug that only it catches. */
export const INVARIANTS: readonly Invariant[] = [
  singleFlight,
  oneRefreshPerExpiry,
  singleRetry,
  endsOnce,
  inOrder,
  expiryIsHarmless,
  noDoubleAction,
  notTooLate,
  openMeansSilent,
  honestBreaker,
  everyAskAnswered,
  noDeadlock,
  isolation,
  askedFirst,
  boundedMemory,
];
