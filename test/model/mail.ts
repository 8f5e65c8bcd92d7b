import type { AnyEventObject } from 'xstate';
import { childAddress, resolve } from '../../src/actors/addresses.ts';
import type { Address, Envelope } from '../../src/machines/domain/events.ts';
import type { Effect, Interned, Locals } from './local.ts';

/** What somebody says, with its sender and receiver. */
export interface Outgoing {
  readonly from: Address;
  readonly to: Address;
  readonly event: AnyEventObject;
}

/** The same on its way: `from` and `at` are stamped into the letter, as src/actors does. */
export interface Message extends Outgoing {
  readonly letter: Interned<AnyEventObject>;
}

type Tamper = (outgoing: Outgoing) => readonly Outgoing[];

/** Addresses and stamps what machines say, once for each thing said by each actor. */
export class Mail {
  private readonly locals: Locals;
  private readonly tamper: Tamper | undefined;
  private readonly known = new WeakMap<Effect, Map<Address, readonly Message[]>>();

  constructor(locals: Locals, tamper: Tamper | undefined) {
    this.locals = locals;
    this.tamper = tamper;
  }

  of(from: Address, effect: Extract<Effect, { readonly type: 'send' }>): readonly Message[] {
    const bySender = this.known.get(effect) ?? new Map<Address, readonly Message[]>();
    this.known.set(effect, bySender);
    const known = bySender.get(from);
    if (known !== undefined) return known;
    const messages = this.addressed(from, effect.envelope).map((outgoing) => this.stamped(outgoing));
    bySender.set(from, messages);
    return messages;
  }

  stamped({ from, to, event }: Outgoing): Message {
    return { from, to, event, letter: this.locals.event({ ...event, from, at: 0 }) };
  }

  private addressed(from: Address, { to, event }: Envelope): readonly Outgoing[] {
    const outgoing = { from, to: resolve(from, to) ?? '', event: absolute(from, event) };
    return this.tamper?.(outgoing) ?? [outgoing];
  }
}

/** A supervisor names a dead child relative to itself; `send` makes the name absolute. */
function absolute(from: Address, event: AnyEventObject): AnyEventObject {
  return event.type === 'HOLDER_GONE' ? { ...event, holder: childAddress(from, String(event.holder)) } : event;
}
