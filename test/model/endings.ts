import type { AnyEventObject } from 'xstate';
import { type Cloud, type Ending, endingsOf, type Flight, isGood } from './cloud.ts';
import type { Call, Interned, Locals } from './local.ts';

/** An ending with the event that tells the caller. */
export interface KnownEnding extends Ending {
  readonly event: Interned<AnyEventObject>;
}

/**
 * The ways in which calls end, each made once: the same call is met in thousands of states. For one slice only, whose
 * cars are the same throughout.
 */
export class Endings {
  private readonly locals: Locals;
  private readonly known = new Map<Call, Map<string, readonly KnownEnding[]>>();
  private readonly texts = new WeakMap<Cloud, string>();

  constructor(locals: Locals) {
    this.locals = locals;
  }

  of(flight: Flight, cloud: Cloud): readonly KnownEnding[] {
    const { call, generation, goodAtStart, hangs } = flight;
    if (hangs) return [];
    const key = `${generation}${goodAtStart ? '+' : '-'}${isGood(cloud, generation) ? '+' : '-'}${this.textOf(cloud)}`;
    const known = this.known.get(call)?.get(key);
    if (known !== undefined) return known;
    const endings = endingsOf(flight, cloud).map((ending) => ({ ...ending, event: this.eventOf(call, ending) }));
    const ofCall = this.known.get(call) ?? new Map<string, readonly KnownEnding[]>();
    this.known.set(call, ofCall.set(key, endings));
    return endings;
  }

  private eventOf({ id }: Call, { output }: Ending): Interned<AnyEventObject> {
    return this.locals.event(
      output === undefined
        ? { type: `xstate.error.actor.${id}`, actorId: id, error: 'a bug' }
        : { type: `xstate.done.actor.${id}`, actorId: id, output },
    );
  }

  /** All of a cloud but its cars. */
  private textOf(cloud: Cloud): string {
    const known = this.texts.get(cloud);
    if (known !== undefined) return known;
    const text = `${cloud.generation}/${cloud.good}/${cloud.done.join()}`;
    this.texts.set(cloud, text);
    return text;
  }
}
