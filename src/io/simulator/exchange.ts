import type { Account, Budget } from './account.ts';
import type { ControlPlan } from './car/action.ts';
import type { Car } from './car/car.ts';
import type { Cloud } from './cloud.ts';
import type { SimRequest } from './http/request.ts';
import type { Match } from './http/router.ts';
import type { Token } from './session/tokens.ts';

/** One call on its way through the cloud: what came in, and what is found out about it. */
export interface Exchange {
  readonly cloud: Cloud;
  readonly request: SimRequest;
  readonly match: Match;
  readonly kind: string;
  /** The car that the path names, if it exists; whether it belongs to the caller is found out later. */
  readonly car: Car | null;
  /** Who calls, once that is established. */
  token: Token | null;
  account: Account | null;
  budget: Budget | null;
  /** What becomes of a control; faults change it. */
  plan: ControlPlan;
  /** Whether the call woke the car (or tried to). */
  wake: boolean;
  /** What the call changed, in a word, for the log. */
  effect: string | null;
  actionId: string | null;
  /** Types of the faults that took part. */
  readonly faults: string[];
}
