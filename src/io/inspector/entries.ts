import type { Clean } from './cleaner.ts';
import type { Kept } from './ring.ts';
import { type CallOver, type CallSeen, commandOf, type Seen } from './seen.ts';
import { type StateValue, stateValueOf } from './state-value.ts';
import type { CallEntry, Entry, Fields, Scalar } from './wire.ts';

/** The version of @statelyai/inspect whose shapes are followed. */
const PROTOCOL_VERSION = '0.7.2';
const ROOT = 'fleet';
const LONGEST_TOPIC = 256;

/**
 * Says what happened as the wire has it. Everything that somebody outside may have written (ids, topics) passes `clean`,
 * which takes out what must not be read (secrets, VIN, e-mail, positions) and bounds it: nothing is cut before.
 */
export class Entries {
  readonly #clean: Clean;
  /** By the names of the states: there are not many, and they come again and again. */
  readonly #values = new Map<string, StateValue>();

  constructor(clean: Clean) {
    this.#clean = clean;
  }

  of({ seq, at, seen }: Kept<Seen>): Entry {
    switch (seen.type) {
      case 'started': {
        const { actor, again } = seen.observation;
        return {
          type: '@xstate.actor',
          seq,
          at,
          ...this.#protocol(actor.address, seq, at),
          ...(actor.parent === null ? {} : { parentId: this.#clean(actor.parent) }),
          name: this.#clean(seen.known.name),
          kind: actor.kind,
          account: actor.account,
          commandId: this.#cleanOrNull(seen.known.commandId),
          again,
          snapshot: { status: 'active' },
        };
      }
      case 'delivered': {
        const { actor, from, event } = seen.observation;
        const told = this.#fields(event);
        return {
          type: '@xstate.event',
          seq,
          at,
          ...this.#protocol(actor.address, seq, at),
          ...(from === null ? {} : { sourceId: this.#clean(from) }),
          event: { ...told, type: event.type },
          commandId: this.#cleanOrNull(commandOf(seen)),
        };
      }
      case 'stepped': {
        const { actor, event, to, taken, facts } = seen.observation;
        return {
          type: '@xstate.snapshot',
          seq,
          at,
          ...this.#protocol(actor.address, seq, at),
          event: { type: event },
          snapshot: { status: 'active', value: this.#valueOf(to), context: this.#fields(facts as unknown as Fields) },
          commandId: this.#cleanOrNull(seen.known.commandId),
          taken,
          deadlines: seen.deadlines.map(({ name, endsAt }) => ({ name: this.#clean(name), endsAt })),
        };
      }
      case 'stopped': {
        const { actor, how } = seen.observation;
        return {
          type: '@xstate.snapshot',
          seq,
          at,
          ...this.#protocol(actor.address, seq, at),
          event: { type: 'xstate.stop' },
          snapshot: {
            status: how === 'died' ? 'error' : how,
            value: this.#valueOf(seen.value),
            context: this.#fields(seen.facts),
          },
          commandId: this.#cleanOrNull(seen.known.commandId),
          taken: [],
          deadlines: [],
        };
      }
      case 'call':
        return { type: 'bluelinkd.call', seq, at, ...this.#call(seen) };
      case 'message': {
        const { type: _, topic, commandId, ...rest } = seen;
        const own = { topic: this.#clean(topic, LONGEST_TOPIC), commandId: this.#cleanOrNull(commandId) };
        return { type: 'bluelinkd.message', seq, at, ...own, ...rest };
      }
      case 'log':
        return { ...seen, type: 'bluelinkd.log', seq, at };
      case 'health':
        return { ...seen, type: 'bluelinkd.health', seq, at };
    }
  }

  #protocol(address: string, seq: number, at: number) {
    return {
      sessionId: this.#clean(address),
      rootId: ROOT,
      createdAt: String(at),
      id: String(seq),
      _version: PROTOCOL_VERSION,
    } as const;
  }

  #call({ n, account, call, generation, over }: CallSeen): Omit<CallEntry, 'type' | 'seq' | 'at'> {
    const { kind, car, commandId, attempt } = call;
    const end = over?.end ?? null;
    return {
      phase: over === null ? 'begun' : 'ended',
      call: n,
      name: kind,
      account,
      carAddress: car === null ? null : this.#clean(`account/${account}/vehicle/${car}`),
      commandId: this.#cleanOrNull(commandId),
      attempt,
      generation: end?.generation ?? generation,
      scope: end?.scope ?? null,
      outcome: over === null ? null : end === null ? 'broke' : (end.failure?.kind ?? 'ok'),
      answer: end === null || end.value === null ? null : answerOf(end.value),
      cause: end?.failure === null || end?.failure === undefined ? null : this.#clean(end.failure.cause),
      durationMs: over === null ? null : Math.round(over.durationMs * 10) / 10,
    };
  }

  #valueOf(names: readonly string[]): StateValue {
    const key = names.join();
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = stateValueOf(names);
    this.#values.set(key, value);
    return value;
  }

  #fields(fields: Fields): Fields {
    const clean: Record<string, Scalar> = {};
    for (const key in fields) {
      const value = fields[key];
      if (value !== undefined) clean[key] = typeof value === 'string' ? this.#clean(value) : value;
    }
    return clean;
  }

  #cleanOrNull(text: string | null): string | null {
    return text === null ? null : this.#clean(text);
  }
}

function answerOf(value: NonNullable<CallOver['value']>): string {
  return value.type === 'record' ? `record ${value.word}` : value.type;
}
