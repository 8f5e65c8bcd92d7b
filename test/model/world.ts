import type { AnyEventObject } from 'xstate';
import type { Address } from '../../src/machines/domain/events.ts';
import type { Cloud, Disturbance, Flight } from './cloud.ts';
import type { Call, Local } from './local.ts';
import type { Message, Outgoing } from './mail.ts';

export type Budgets = Readonly<Record<Disturbance, number>>;

/** What the invariants look at: a global state, or as much as can be seen of the real actors. */
export interface Scene {
  readonly actors: ReadonlyMap<Address, Local>;
  /** Those in which something waits. Empty between the steps of a cascade. */
  readonly channels: readonly Channel[];
  readonly flights: readonly Flight[];
  readonly cloud: Cloud;
  /** Orders issued so far, as bits. */
  readonly issued: number;
  /** What may still go wrong. */
  readonly budgets: Budgets;
}

/** A global state. Plain and immutable: a step makes another one. Its parts are made once each; see parts.ts. */
export interface World extends Scene {
  readonly purse: Purse;
  readonly memory: Memory;
}

/** A part's share of the hashes of the states that it is in: three integers for each renaming of the cars. */
export type Share = Int32Array;

/** What is on its way from one actor to another, oldest first. */
export interface Channel {
  readonly from: Address;
  readonly to: Address;
  readonly messages: readonly Message[];
  readonly share: Share;
}

/** The budgets, and how much of them has been spent. */
export interface Purse {
  readonly left: Budgets;
  readonly spent: number;
  readonly share: Share;
}

/** What each invariant remembers: its ghost. */
export interface Memory {
  readonly ghosts: readonly string[];
  readonly share: Share;
  /** What it becomes by what happens, as far as that was worked out. */
  readonly next: Map<Happening, Memory>;
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

/** Looks at every happening, and says what is remembered after it. The same object is the same happening. */
export type Observer = (happening: Happening, memory: Memory) => Memory;
