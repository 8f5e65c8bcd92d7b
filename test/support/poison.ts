import type { System } from '../../src/actors/system.ts';

const FIELDS = ['from', 'id', 'n', 'account', 'state', 'request'];

/** Makes an actor throw: an event that cannot be looked at. */
export function poison(system: System, address: string, type: string): void {
  const actor = system.root.system.get(address);
  if (actor === undefined) throw new Error(`Nobody lives at ${address}.`);
  const event = { type };
  for (const field of FIELDS) {
    Object.defineProperty(event, field, {
      enumerable: true,
      get(): never {
        throw new Error('poisoned on purpose');
      },
    });
  }
  actor.send(event);
}
