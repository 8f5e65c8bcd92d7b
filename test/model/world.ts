import type { AnyEventObject } from 'xstate';
import type { Address } from '../../src/machines/domain/events.ts';
import { type Cloud, DISTURBANCES, type Disturbance, type Flight } from './cloud.ts';
import type { Call, Local } from './local.ts';
import type { Message, Outgoing } from './mail.ts';

export type Budgets = Readonly<Record<Disturbance, number>>;
export const budgetKeyOf = (budgets: Budgets): string => DISTURBANCES.map((name) => budgets[name]).join('');

/** A global state. Plain and immutable: a step makes another one. */
export interface World {
  readonly actors: ReadonlyMap<Address, Local>;
  /** By `from>to`, oldest first. Empty between the steps of a cascade. */
  readonly channels: ReadonlyMap<string, readonly Message[]>;
  readonly flights: readonly Flight[];
  readonly cloud: Cloud;
  /** Orders issued so far, as bits. */
  readonly issued: number;
  /** What may still go wrong. */
  readonly budgets: Budgets;
  readonly budgetKey: string;
  /** What each invariant remembers. */
  readonly ghosts: readonly string[];
}

/** One event taken by one actor: what invariants and traces look at. */
export interface Happening {
  readonly address: Address;
  readonly before: Local | null;
  readonly after: Local;
  readonly event: AnyEventObject;
  readonly sends: readonly Outgoing[];
  readonly started: readonly Call[];
  readonly aborted: readonly Flight[];
  /** The call that this event is the end of, and whether it reached the car. */
  readonly finished: Flight | null;
  readonly delivers: boolean;
  /** A timer that fired when nothing else could happen. */
  readonly timeOver: boolean;
}

/** Looks at every happening, and may change what it remembers (`ghosts`). */
export type Observer = (happening: Happening, ghosts: string[]) => void;
