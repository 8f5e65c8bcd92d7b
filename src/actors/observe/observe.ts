import type { ActorRefLike, AnyEventObject, AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { accountOf, kindOf } from '../addresses.ts';
import type { Clock, Log } from '../ports.ts';
import type { Deadlines } from './deadlines.ts';
import { factsOf } from './facts.ts';
import type { Actor, ActorKind, Deadline, Observation, Observer, Taken } from './observation.ts';
import { toldEvent, toldType } from './told-event.ts';

type Ref = ActorRefLike & { readonly systemId?: string; readonly _parent?: Ref };
interface Node {
  readonly type: string;
  readonly path: readonly string[];
}
/** What a snapshot of a statechart has; those of calls have less, but calls are not observed. */
interface Chart {
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  readonly context: unknown;
  /** The active states. The same array as long as none changes. */
  readonly _nodes: readonly Node[];
}

interface Watched {
  readonly actor: Actor;
  nodes: readonly Node[] | null;
  states: readonly string[];
  taken: Taken[];
  readonly deadlines: () => readonly Deadline[];
}

const NOWHERE: readonly string[] = [];
const NOTHING_TAKEN: readonly Taken[] = [];
const NO_DEADLINES: readonly Deadline[] = [];
const INIT = 'xstate.init';
const STOP = 'xstate.stop';
const DIED = 'xstate.error.actor';

type Inspect = (event: InspectionEvent) => void;

/**
 * The callback for XState's `inspect` that tells the observers what happens, or undefined if there is none: then nothing
 * is to be installed, and nothing is paid. `also` is a callback of somebody else, called first.
 */
export function inspectFor(
  observers: readonly Observer[],
  also: Inspect | undefined,
  surroundings: { readonly clock: Clock; readonly log: Log; readonly deadlines?: Deadlines },
): Inspect | undefined {
  if (observers.length === 0) return also;
  const watch = new Watch(observers, surroundings);
  return (event) => {
    also?.(event);
    watch.see(event);
  };
}

/** Turns what XState tells its inspectors into observations. */
class Watch {
  readonly #observers: readonly Observer[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #deadlines: Deadlines | undefined;
  readonly #watched = new WeakMap<Ref, Watched>();
  readonly #taken = new WeakMap<AnyTransitionDefinition, Taken>();
  /** Addresses whose actor died and has no successor yet. Commands have none ever. */
  readonly #dead = new Set<string>();
  readonly #failed = new Set<Observer | null>();

  constructor(
    observers: readonly Observer[],
    { clock, log, deadlines }: { readonly clock: Clock; readonly log: Log; readonly deadlines?: Deadlines },
  ) {
    this.#observers = observers;
    this.#clock = clock;
    this.#log = log;
    this.#deadlines = deadlines;
  }

  /** Never throws: XState would throw it into whoever sent an event. */
  see(event: InspectionEvent): void {
    try {
      switch (event.type) {
        case '@xstate.event':
          this.#delivered(event.actorRef as Ref, event.sourceRef as Ref | undefined, event.event);
          return;
        case '@xstate.microstep':
          this.#took(event.actorRef as Ref, event._transitions);
          return;
        case '@xstate.snapshot':
          this.#stepped(event.actorRef as Ref, event.event, event.snapshot as unknown as Chart);
          return;
        default:
          // An actor is told before it has its address, and actions are seen by what they lead to.
          return;
      }
    } catch (error) {
      this.#complain(null, error);
    }
  }

  #delivered(ref: Ref, source: Ref | undefined, event: AnyEventObject): void {
    // A call of an actor is a part of it, and has no address.
    if (ref.systemId === undefined) return;
    if (event.type === INIT) {
      this.#started(ref);
      return;
    }
    if (event.type.startsWith(DIED) && source?.systemId !== undefined) this.#died(source);
    const { actor } = this.#of(ref);
    const from = source === undefined ? null : (source.systemId ?? source._parent?.systemId ?? null);
    this.#tell({ type: 'delivered', at: this.#clock.now(), actor, from, event: toldEvent(event) });
  }

  #started(ref: Ref): void {
    const { actor } = this.#of(ref);
    const again = this.#dead.delete(actor.address);
    this.#tell({ type: 'started', at: this.#clock.now(), actor, again });
  }

  #died(ref: Ref): void {
    const { actor } = this.#of(ref);
    if (actor.kind !== 'command' && actor.kind !== 'list') this.#dead.add(actor.address);
    this.#tell({ type: 'stopped', at: this.#clock.now(), actor, how: 'died' });
  }

  #took(ref: Ref, transitions: readonly AnyTransitionDefinition[]): void {
    if (ref.systemId === undefined) return;
    const { taken } = this.#of(ref);
    for (const transition of transitions) taken.push(this.#takenOf(transition));
  }

  #stepped(ref: Ref, event: AnyEventObject, snapshot: Chart): void {
    if (ref.systemId === undefined || snapshot._nodes === undefined) return;
    const watched = this.#of(ref);
    const { actor, states: from, deadlines } = watched;
    const at = this.#clock.now();
    if (event.type === STOP) {
      this.#tell({ type: 'stopped', at, actor, how: 'stopped' });
      return;
    }
    if (watched.nodes !== snapshot._nodes) {
      const states = namesOf(snapshot._nodes);
      if (!isEqual(states, from)) watched.states = states;
      watched.nodes = snapshot._nodes;
    }
    const { taken } = watched;
    if (taken.length > 0) watched.taken = [];
    this.#tell({
      type: 'stepped',
      at,
      actor,
      event: toldType(event.type),
      from,
      to: watched.states,
      taken: taken.length === 0 ? NOTHING_TAKEN : taken,
      facts: factsOf(actor.kind, snapshot.context),
      deadlines,
    });
    if (snapshot.status === 'done') this.#tell({ type: 'stopped', at, actor, how: 'done' });
  }

  #of(ref: Ref): Watched {
    const known = this.#watched.get(ref);
    if (known !== undefined) return known;
    const address = ref.systemId ?? '';
    const actor: Actor = {
      address,
      kind: kindOf(address) as ActorKind,
      account: accountOf(address),
      parent: ref._parent?.systemId ?? null,
    };
    const deadlines = () => this.#deadlines?.of(ref) ?? NO_DEADLINES;
    const fresh: Watched = { actor, nodes: null, states: NOWHERE, taken: [], deadlines };
    this.#watched.set(ref, fresh);
    return fresh;
  }

  #takenOf(transition: AnyTransitionDefinition): Taken {
    const known = this.#taken.get(transition);
    if (known !== undefined) return known;
    const fresh: Taken = {
      source: transition.source.id,
      event: toldType(transition.eventType),
      targets: (transition.target ?? []).map(({ id }) => id),
    };
    this.#taken.set(transition, fresh);
    return fresh;
  }

  #tell(observation: Observation): void {
    for (const observer of this.#observers) {
      try {
        observer(observation);
      } catch (error) {
        this.#complain(observer, error);
      }
    }
  }

  /** Once for each observer: what fails once fails often. */
  #complain(who: Observer | null, error: unknown): void {
    if (this.#failed.has(who)) return;
    this.#failed.add(who);
    this.#log.write('error', 'an observer of the actors failed; they go on', {
      error: error instanceof Error ? error.name : typeof error,
    });
  }
}

function namesOf(nodes: readonly Node[]): readonly string[] {
  return nodes
    .filter(({ type }) => type === 'atomic' || type === 'final')
    .map(({ path }) => path.join('.'))
    .sort();
}

function isEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name, n) => name === others[n]);
}
