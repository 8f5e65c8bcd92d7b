import type { ActorRef, AnyActorRef, AnyEventObject, AnyMachineSnapshot, InspectionEvent } from 'xstate';
import { addressOf } from '../../../src/actors/effects.ts';
import { kindOf } from '../addresses.ts';
import type { Flight } from '../cloud.ts';
import { Violation } from '../invariants/kit.ts';
import { INVARIANTS } from '../invariants.ts';
import { type Call, type Local, nameOfValue } from '../local.ts';
import type { Outgoing } from '../mail.ts';
import type { Slice } from '../slice.ts';
import type { Happening, Scene } from '../world.ts';

/** An event that a real actor is taking. */
interface Record {
  readonly address: string;
  event: AnyEventObject;
  readonly sends: Outgoing[];
  before: Local | null;
  after: Local | null;
}
type Child = AnyActorRef & {
  readonly _parent?: AnyActorRef;
  readonly src: unknown;
  readonly options: { readonly input?: unknown };
};

/**
 * Watches the real actors and judges them by the invariants of the exploration: what an actor hears, becomes, says and
 * begins is put together to the same happenings.
 */
export class Judge {
  readonly ghosts: string[] = INVARIANTS.map(() => '');
  readonly violations: Violation[] = [];
  readonly happenings: Happening[] = [];
  private readonly slice: Slice;
  private readonly locals = new Map<string, Local>();
  private readonly open = new Map<AnyActorRef, Record>();
  private readonly flights = new Map<Call, Flight>();
  private readonly delivered = new Set<Call>();
  private readonly calls = new Map<AnyActorRef, Call>();
  private readonly unclaimed: { readonly address: string; readonly call: Call }[] = [];
  private records: Record[] = [];
  /** The timer that time passes for: when it fires, nothing else could have happened any more. */
  awaited: { readonly address: string; readonly type: string } | null = null;

  constructor(slice: Slice) {
    this.slice = slice;
  }

  /** To be given to the actor system as `inspect`. */
  readonly inspect = (event: InspectionEvent): void => {
    const actor = event.actorRef as AnyActorRef;
    if (event.type === '@xstate.actor') this.born(actor as Child);
    if (event.type === '@xstate.microstep') this.begun(actor, event.event);
    if (event.type === '@xstate.event') this.said(event.sourceRef as AnyActorRef | undefined, actor, event.event);
    if (event.type === '@xstate.snapshot') this.ended(actor, event.snapshot as AnyMachineSnapshot);
  };

  /** Who makes the call that just reaches the cloud. */
  readonly caller = (src: readonly string[], isIt: (input: unknown) => boolean) => {
    const at = this.unclaimed.findIndex(({ call }) => src.includes(call.src) && isIt(call.input));
    const [found] = at === -1 ? [] : this.unclaimed.splice(at, 1);
    if (found === undefined) throw new Error(`Nobody was seen to begin ${src.join(' or ')}.`);
    return found;
  };

  /** The commands that live. */
  commands(): string[] {
    return [...this.locals].filter(([, local]) => local.kind === 'command' && !local.done).map(([address]) => address);
  }

  flies(flight: Flight, delivers: boolean): void {
    this.flights.set(flight.call, flight);
    if (delivers) this.delivered.add(flight.call);
  }

  /** Judges what has happened since, and the state as it is. */
  look(world: Omit<Scene, 'actors' | 'channels'>, isThere: (address: string) => boolean, rest: boolean): void {
    for (const flight of world.flights) this.flights.set(flight.call, flight);
    for (const record of this.records) this.judge(record);
    this.records = [];
    for (const address of this.locals.keys()) if (!isThere(address)) this.locals.delete(address);
    const seen: Scene = { ...world, actors: this.locals, channels: [] };
    INVARIANTS.forEach(({ name, onState, onRest }, at) => {
      const ghost = this.ghosts[at] ?? '';
      const wrong = onState?.(seen, this.slice, ghost) ?? (rest ? onRest?.(seen, this.slice, ghost) : null) ?? null;
      if (wrong !== null) this.violations.push(new Violation(name, wrong));
    });
  }

  private judge(record: Record): void {
    const { after, before, event } = record;
    if (after === null) return;
    const ended = before?.calls.find(
      ({ id }) => event.type === `xstate.done.actor.${id}` || event.type === `xstate.error.actor.${id}`,
    );
    const gone = before?.calls.filter((call) => call !== ended && !after.calls.includes(call)) ?? [];
    const isTimer = record.address === this.awaited?.address && event.type === this.awaited.type;
    if (isTimer) this.awaited = null;
    const happening: Happening = {
      ...record,
      after,
      started: after.calls.filter((call) => before?.calls.includes(call) !== true),
      aborted: gone.flatMap((call) => this.flights.get(call) ?? []),
      finished: ended === undefined ? null : (this.flights.get(ended) ?? null),
      delivers: ended !== undefined && this.delivered.has(ended),
      timeOver: isTimer,
    };
    this.happenings.push(happening);
    INVARIANTS.forEach(({ onEvent }, at) => {
      try {
        if (onEvent !== undefined) this.ghosts[at] = onEvent(happening, this.ghosts[at] ?? '', this.slice);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        this.violations.push(error);
      }
    });
  }

  private born(child: Child): void {
    const parent = child._parent;
    if (parent === undefined || typeof child.src !== 'string' || addressOf(child) !== child.id) return;
    const call = { id: child.id, src: child.src, input: child.options.input };
    this.calls.set(child, call);
    this.unclaimed.push({ address: addressOf(parent), call });
  }

  private begun(actor: AnyActorRef, event: AnyEventObject): void {
    const address = addressOf(actor);
    if (kindOf(address) === null || this.open.has(actor)) return;
    const record: Record = {
      address,
      event,
      sends: [],
      before: this.locals.get(address) ?? null,
      after: null,
    };
    this.open.set(actor, record);
    this.records.push(record);
  }

  /** What it did to come into the world, it did before it was started. */
  private started(actor: AnyActorRef): void {
    this.begun(actor, { type: 'born' });
    const record = this.open.get(actor);
    if (record === undefined) return;
    record.event = { type: 'born' };
    record.before = null;
  }

  private said(source: AnyActorRef | undefined, target: AnyActorRef, event: AnyEventObject): void {
    if (event.type === 'xstate.init') this.started(target);
    else if (source !== undefined) {
      this.open.get(source)?.sends.push({ from: addressOf(source), to: addressOf(target), event });
    }
  }

  private ended(actor: AnyActorRef, snapshot: AnyMachineSnapshot): void {
    const record = this.open.get(actor);
    if (record === undefined) return;
    this.open.delete(actor);
    // Stopped from above: it is gone, and had nothing more to say.
    if (snapshot.status === 'stopped') {
      this.locals.delete(record.address);
      return;
    }
    record.after = this.localOf(record.address, snapshot);
    this.locals.set(record.address, record.after);
  }

  private localOf(address: string, snapshot: AnyMachineSnapshot): Local {
    const done = snapshot.status !== 'active';
    const children = Object.values(snapshot.children) as ActorRef<never, never>[];
    const kind = kindOf(address);
    if (kind === null) throw new Error(`Nobody can live at ${address}.`);
    return {
      id: 0,
      kind,
      snapshot,
      calls: done ? [] : children.flatMap((child) => this.calls.get(child as unknown as AnyActorRef) ?? []),
      timers: [],
      done,
      key: '',
      value: done ? 'ended' : nameOfValue(snapshot.value),
    };
  }
}
