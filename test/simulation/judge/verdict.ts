/** A promise that was broken. */
export class Violation extends Error {
  /** Of the ten in the protocol. */
  readonly invariant: string;

  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}

/** @param what a sentence, made only when it is needed. */
export function demand(invariant: string, holds: boolean, what: () => string): void {
  if (!holds) throw new Violation(invariant, what());
}
