import { type AnyActorRef, type AnyEventObject, enqueueActions } from 'xstate';
import type { Address, Envelope, ProtocolEvent } from '../machines/domain/events.ts';
import type { LogEntry } from '../machines/story.ts';
import { accountOf, childAddress, kindOf, resolve } from './addresses.ts';
import type { Clock, Log, Randomness } from './ports.ts';

/** What every actor of a system shares. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly randomness: Randomness;
}

type Effect<TParams> = (given: unknown, params: TParams) => void;

/** Every actor of ours is given a systemId when it is spawned: it is its address. */
export function addressOf(self: AnyActorRef): Address {
  return (self as AnyActorRef & { readonly systemId?: string }).systemId ?? self.id;
}

/** A supervisor names a dead holder relative to itself; the breaker knows absolute names only. */
function absolute(self: Address, event: ProtocolEvent): ProtocolEvent {
  return event.type === 'HOLDER_GONE' ? { ...event, holder: childAddress(self, event.holder) } : event;
}

/**
 * Delivers what a machine tells. Somebody who is gone (a command that has ended, a token that is being started anew)
 * hears nothing: every request has its own time limit, and a restart is told to whoever waits.
 */
export function sendEffect({ clock, log }: Surroundings): Effect<readonly Envelope[]> {
  const action = enqueueActions(({ enqueue, self, system }, envelopes: readonly Envelope[]) => {
    const from = addressOf(self);
    for (const { to, event } of envelopes) {
      const address = resolve(from, to);
      // `sendTo` with nobody to send to would deliver to the sender itself.
      const target = address === null ? undefined : system.get(address);
      if (target === undefined) {
        log.write('debug', 'nobody there to hear it', {
          from: kindOf(from),
          to: address && kindOf(address),
          event: event.type,
        });
        continue;
      }
      const delivered: AnyEventObject = { ...absolute(from, event), from, at: clock.now() };
      enqueue.sendTo(target, delivered);
    }
  });
  return action as unknown as Effect<readonly Envelope[]>;
}

/** Writes what a machine says, under the name of the actor; a command's id is on every line of its journey. */
export function logEffect(surroundings: Surroundings) {
  return (
    { self, context }: { readonly self: AnyActorRef; readonly context: object },
    entry: LogEntry | null,
  ): void => {
    if (entry === null) return;
    const address = addressOf(self);
    const id = 'calls' in context && 'id' in context ? { id: context.id } : {};
    const account = accountOf(address);
    surroundings.log.write(entry.level, entry.message, {
      actor: kindOf(address),
      ...(account === null ? {} : { account }),
      ...id,
      ...entry.fields,
    });
  };
}

export interface ChildToSpawn {
  /** Its place under the parent. */
  readonly id: string;
  readonly logic: Parameters<AnySpawn>[0];
  readonly input: unknown;
}
type AnySpawn = (
  logic: Parameters<Parameters<Parameters<typeof enqueueActions>[0]>[0]['enqueue']['spawnChild']>[0],
  options: object,
) => void;

/** Spawns children under addresses of their own. `choose` says which logic a birth needs. */
export function spawnEffect<TBirth>(choose: (birth: TBirth) => ChildToSpawn): Effect<readonly TBirth[]> {
  const action = enqueueActions(({ enqueue, self }, births: readonly TBirth[]) => {
    for (const birth of births) {
      const { id, logic, input } = choose(birth);
      const spawnChild = enqueue.spawnChild as AnySpawn;
      spawnChild(logic, { id, systemId: childAddress(addressOf(self), id), input });
    }
  });
  return action as unknown as Effect<readonly TBirth[]>;
}

type Children = { readonly children?: Readonly<Record<string, AnyActorRef | undefined>> };

/**
 * XState leaves the children of an actor that dies running, under addresses that its successor will give out again:
 * they would renew, poll and report twice.
 */
export function stopBelow(actor: AnyActorRef): void {
  const { children = {} } = actor.getSnapshot() as Children;
  for (const child of Object.values(children)) {
    if (child === undefined) continue;
    // One that lives stops its own; one that is dead no longer can.
    if (child.getSnapshot().status === 'error') stopBelow(child);
    else child.send({ type: 'xstate.stop' });
  }
}

/** Stops children that have ended or died, and whatever lives under them, so that their names are free. */
export function buryEffect<TId extends string | number>(nameOf: (id: TId) => string): Effect<readonly TId[]> {
  const action = enqueueActions(({ enqueue, self }, ids: readonly TId[]) => {
    const { children = {} } = self.getSnapshot() as Children;
    for (const id of ids) {
      const child = children[nameOf(id)];
      if (child !== undefined) stopBelow(child);
      enqueue.stopChild(nameOf(id));
    }
  });
  return action as unknown as Effect<readonly TId[]>;
}

/** Raises one event, for actions of our own that are not pure. */
export function raiseEffect(choose: () => AnyEventObject | null): Effect<undefined> {
  const action = enqueueActions(({ enqueue }) => {
    const event = choose();
    if (event !== null) enqueue.raise(event);
  });
  return action as unknown as Effect<undefined>;
}
