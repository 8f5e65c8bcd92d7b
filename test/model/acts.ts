import type { AnyEventObject } from 'xstate';
import { ACCOUNT, BREAKER, BRIDGE, commandAddress, FLEET, TOKEN, vehicleAddress } from './addresses.ts';
import { type Cloud, type Disturbance, type Ending, type Flight, requestOf, tookEffect } from './cloud.ts';
import type { Draft } from './draft.ts';
import type { Interned, Locals, Timer } from './local.ts';
import type { Mail, Message } from './mail.ts';
import type { Parts } from './parts.ts';
import { orderId, type Slice } from './slice.ts';
import type { Channel, World } from './world.ts';

/** What a step does to the system, as data: the same can be done to the real actors. */
export type Act =
  | { readonly type: 'deliver'; readonly channel: Channel }
  | { readonly type: 'order'; readonly at: number }
  | { readonly type: 'end'; readonly flight: Flight; readonly ending: Ending; readonly losesReport: boolean }
  | { readonly type: 'hang'; readonly flight: Flight; readonly delivers: boolean }
  | { readonly type: 'expire' }
  | { readonly type: 'fire'; readonly address: string; readonly timer: Timer; readonly early: boolean }
  | { readonly type: 'die'; readonly address: string }
  | { readonly type: 'tell'; readonly from: string; readonly to: string; readonly event: AnyEventObject }
  | { readonly type: 'login'; readonly generation: number };

/** One thing that may happen next. */
export interface Step {
  readonly act: Act;
  /** What it costs: the steps without a price are those that lead to an end when nothing more arrives. */
  readonly cost: Disturbance | 'order' | null;
}

/** Does steps to drafts. */
export class Acts {
  private readonly slice: Slice;
  private readonly locals: Locals;
  private readonly mail: Mail;
  private readonly parts: Parts;
  private readonly events = new WeakMap<Act, Interned<AnyEventObject>>();
  private readonly letters = new WeakMap<Act, Message>();
  private readonly inputs = new Map<number, object>();

  constructor(slice: Slice, locals: Locals, mail: Mail, parts: Parts) {
    this.slice = slice;
    this.locals = locals;
    this.mail = mail;
    this.parts = parts;
  }

  do({ act, cost }: Step, { cloud, actors }: World, draft: Draft): void {
    if (cost !== null && cost !== 'order') draft.spend(cost);
    switch (act.type) {
      case 'deliver':
        draft.deliver(act.channel);
        break;
      case 'order':
        this.order(act, cloud, draft);
        break;
      case 'end':
        draft.setCloud(this.parts.cloud(act.ending.cloud));
        draft.losesReport = act.losesReport;
        draft.finish(act.flight, this.endOf(act), act.ending.delivers);
        break;
      case 'hang': {
        const request = act.delivers ? requestOf(act.flight.call) : null;
        if (request?.type === 'control') draft.setCloud(this.parts.cloud(tookEffect(cloud, request)));
        draft.hang(act.flight);
        break;
      }
      case 'expire':
        draft.setCloud(this.parts.cloud({ ...cloud, good: 0 }));
        break;
      case 'fire':
        draft.fire(act.address, act.timer.event, act.early);
        break;
      case 'login': {
        const { generation } = act;
        draft.setCloud(this.parts.cloud({ ...cloud, generation, good: cloud.good | (1 << generation) }));
        draft.post(this.letter(act, FLEET, TOKEN, { type: 'SESSION_CHANGED', generation, lifetimeMs: 86_400_000 }));
        break;
      }
      case 'tell':
        draft.post(this.letter(act, act.from, act.to, act.event));
        break;
      case 'die':
        this.kill(act, draft, actors.has(ownerOf(act.address)));
        break;
    }
  }

  /** How the actor hears that its call has ended. */
  private endOf(act: Extract<Act, { readonly type: 'end' }>): Interned<AnyEventObject> {
    const known = this.events.get(act);
    if (known !== undefined) return known;
    const { id } = act.flight.call;
    const { output } = act.ending;
    const event = this.locals.event(
      output === undefined
        ? { type: `xstate.error.actor.${id}`, actorId: id, error: 'a bug' }
        : { type: `xstate.done.actor.${id}`, actorId: id, output },
    );
    this.events.set(act, event);
    return event;
  }

  private order(act: Extract<Act, { readonly type: 'order' }>, cloud: Cloud, draft: Draft): void {
    const { at } = act;
    const { orders, settings, through } = this.slice;
    const order = orders[at];
    if (order === undefined) throw new Error('There is no such order.');
    const { car, command, expiresInMs = null, resume } = order;
    const more = resume === undefined ? {} : { resume };
    const id = orderId(this.slice, at);
    draft.issue(at);
    if (resume !== undefined && command.name !== 'refresh') {
      draft.setCloud(this.parts.cloud(tookEffect(cloud, { type: 'control', car, command })));
    }
    if (through === 'vehicle') {
      const event = { type: 'COMMAND', id, command, receivedAt: 0, expiresInMs, ...more };
      draft.post(this.letter(act, BRIDGE, vehicleAddress(car), event));
      return;
    }
    const n = orders.slice(0, at + 1).filter((other) => other.car === car).length;
    const address = commandAddress(car, n);
    const input = this.inputs.get(at) ?? { settings, id, n, car, command, expiresInMs, ...more };
    this.inputs.set(at, input);
    draft.spawn(address, input);
    draft.post(this.letter(act, vehicleAddress(car), address, { type: 'START' }));
  }

  /** XState tells the owner; where the slice leaves the owner out, what it would say is said for it. */
  private kill(act: Extract<Act, { readonly type: 'die' }>, draft: Draft, hasOwner: boolean): void {
    const { address } = act;
    const owner = ownerOf(address);
    draft.bury(address);
    if (!hasOwner) {
      draft.post(this.letter(act, owner, BREAKER, { type: 'HOLDER_GONE', holder: address }));
      return;
    }
    const actorId = address.slice(owner.length + 1);
    const known = this.events.get(act);
    const event = known ?? this.locals.event({ type: `xstate.error.actor.${actorId}`, actorId, error: 'a bug' });
    this.events.set(act, event);
    draft.fire(owner, event, true);
  }

  /** What one act says is the same each time. */
  private letter(act: Act, from: string, to: string, event: AnyEventObject): Message {
    const known = this.letters.get(act);
    if (known !== undefined) return known;
    const message = this.mail.stamped({ from, to, event });
    this.letters.set(act, message);
    return message;
  }
}

/** A place is a kind and a name, except for the token and the breaker, which need none. */
export const ownerOf = (address: string): string =>
  address === TOKEN || address === BREAKER ? ACCOUNT : address.split('/').slice(0, -2).join('/');
