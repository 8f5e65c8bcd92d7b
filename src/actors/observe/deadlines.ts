import type { AnyActorRef } from 'xstate';
import type { Clock } from '../ports.ts';
import type { Deadline } from './observation.ts';

const AFTER = 'xstate.after.';

/** Which timers run for which actor, and until when. Only kept while somebody observes. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #running = new WeakMap<object, Map<string, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(owner: AnyActorRef, timer: string, delayMs: number): void {
    let timers = this.#running.get(owner);
    if (timers === undefined) {
      timers = new Map();
      this.#running.set(owner, timers);
    }
    timers.set(timer, this.#clock.now() + delayMs);
  }

  drop(owner: AnyActorRef, timer: string): void {
    this.#running.get(owner)?.delete(timer);
  }

  /** Those of one actor that have not fired. */
  of(owner: object): readonly Deadline[] {
    const timers = this.#running.get(owner);
    if (timers === undefined || timers.size === 0) return NONE;
    const now = this.#clock.now();
    const left: Deadline[] = [];
    for (const [timer, endsAt] of timers) {
      // One that fires is not told to us.
      if (endsAt <= now) timers.delete(timer);
      else left.push({ name: nameOf(timer), endsAt });
    }
    return left;
  }
}

const NONE: readonly Deadline[] = [];

/** `xstate.after.tokenWait.command.awaitingToken` → `tokenWait`; others have a name of ours. */
function nameOf(timer: string): string {
  if (!timer.startsWith(AFTER)) return timer;
  const rest = timer.slice(AFTER.length);
  return rest.slice(0, rest.indexOf('.') === -1 ? rest.length : rest.indexOf('.'));
}
