import type { CallOutcome } from '../../../src/machines/domain/outcome.ts';
import { shortName } from '../addresses.ts';
import type { Local } from '../local.ts';
import type { Slice } from '../slice.ts';
import type { Happening, Scene } from '../world.ts';

/**
 * A promise of the protocol. It looks at every event that an actor takes, at every state, and at every state of rest; what
 * it must remember is its ghost, a string that is part of the state. Complaints are sentences about what is wrong.
 */
export interface Invariant {
  /** As the design page calls it, where it is there. */
  readonly name: string;
  /** What it promises, as a sentence for people. */
  readonly promise: string;
  /** Returns the new ghost, or throws a `Violation`. */
  readonly onEvent?: (happening: Happening, ghost: string, slice: Slice) => string;
  readonly onState?: (world: Scene, slice: Slice, ghost: string) => string | null;
  /** Nothing can happen any more unless something comes from outside. */
  readonly onRest?: (world: Scene, slice: Slice, ghost: string) => string | null;
}

export class Violation extends Error {
  readonly invariant: string;
  constructor(invariant: string, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

export function fail(invariant: string, address: string, what: string): never {
  throw new Violation(invariant, `${shortName(address)} ${what}.`);
}

export const contextOf = <T>(local: Local): T => local.snapshot.context as T;
export const read = <T>(ghost: string, otherwise: T): T => (ghost === '' ? otherwise : (JSON.parse(ghost) as T));
/** The outcome of the call that this event is the end of. */
export const outcomeOf = ({ event, finished }: Happening): CallOutcome | null =>
  finished === null || event.output === undefined ? null : (event.output as CallOutcome);
