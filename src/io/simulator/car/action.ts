import type { Order } from './orders.ts';

/** What the cloud asked of a car, and what came of it. */

/** How the car answers when the cloud calls it. */
export type Reachability = 'ok' | 'unavailable' | 'timeout' | 'lowBattery' | 'responseTimeout' | 'silent';

export type RecordResult = 'success' | 'fail' | 'non-response';

/** What becomes of a control; faults change it. */
export interface ControlPlan {
  readonly fate: 'carryOut' | 'refuse' | 'nonResponse' | 'ignore';
  /** For `nonResponse`: when the cloud gives up, ms after acceptance; null for the usual time. */
  readonly afterMs: number | null;
  /** Whether the car does it all the same, although the cloud will not hear of it. */
  readonly carriedOut: boolean;
}

export const USUAL_PLAN: ControlPlan = { fate: 'carryOut', afterMs: null, carriedOut: false };

export interface Action {
  readonly id: string;
  readonly order: Order;
  readonly deviceId: string;
  readonly acceptedAt: number;
  /** Whether the action records list it: charge limits and the charging current are not. */
  readonly listed: boolean;
  /** When the record becomes final, null while nobody knows. */
  finalAt: number | null;
  result: RecordResult | null;
}

export interface Delivery {
  readonly at: number;
  readonly order: string;
  readonly actionId: string;
}
