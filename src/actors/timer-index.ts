import type { AnyActorRef } from 'xstate';
import type { Deadlines } from './observe/deadlines.ts';

/**
 * XState keeps the timers of a whole system in one object, and walks through all of them whenever an actor ends: with
 * ten thousand cars that is most of the work. This remembers which timers are whose, so that an actor that ends looks at
 * its own alone. Nothing else about timers changes.
 *
 * To be called before the system is started. @param deadlines is told of every timer, if somebody wants to see them.
 */
export function indexTimers({ system }: AnyActorRef, deadlines?: Deadlines): void {
  const { scheduler } = system;
  const { schedule, cancel, cancelAll } = scheduler;
  /**
   * Names of timers by the actor that set them. One that has fired stays until it is set or cancelled again: what an
   * actor names after something that comes and goes, a permit or a sender's id, it has to cancel also when it has fired.
   */
  const named = new WeakMap<AnyActorRef, Set<string>>();
  /** Actors that set a timer without a name. None of ours does. */
  const nameless = new WeakSet<AnyActorRef>();
  scheduler.schedule = (source, target, event, delay, id) => {
    if (id === undefined) {
      nameless.add(source);
    } else {
      const names = named.get(source);
      if (names === undefined) named.set(source, new Set([id]));
      else names.add(id);
    }
    schedule(source, target, event, delay, id);
    deadlines?.set(source, id ?? event.type, delay);
  };
  scheduler.cancel = (source, id) => {
    named.get(source)?.delete(id);
    deadlines?.drop(source, id);
    cancel(source, id);
  };
  scheduler.cancelAll = (actor) => {
    if (nameless.has(actor)) {
      cancelAll(actor);
      return;
    }
    const names = named.get(actor);
    if (names === undefined) return;
    named.delete(actor);
    for (const id of names) cancel(actor, id);
  };
}
