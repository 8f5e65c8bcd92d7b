import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  initialTransition,
  transition,
} from 'xstate';
import type { Envelope } from '../../src/machines/domain/events.ts';
import type { Coverage } from './coverage.ts';

/** One step of a machine that is explored by itself. */
export interface LonelyStep {
  readonly before: AnyMachineSnapshot;
  readonly after: AnyMachineSnapshot;
  readonly event: AnyEventObject;
  /** What it does, in order: `takeMessage`, `send DRAINED`. */
  readonly does: readonly string[];
  readonly says: readonly Envelope[];
}
interface Timer {
  readonly id: string;
  readonly event: AnyEventObject;
}
interface Lonely {
  readonly snapshot: AnyMachineSnapshot;
  readonly timers: readonly Timer[];
  readonly heard: number;
}

/**
 * All orders in which a machine may hear these events (at most `most` of them) and its timers fire. For machines that
 * no other waits for: the bridge and the fleet.
 */
export function exploreAlone(
  machine: AnyStateMachine,
  input: object,
  events: readonly AnyEventObject[],
  coverage: Coverage,
  most = 4,
): { readonly states: number; readonly steps: readonly LonelyStep[] } {
  const [snapshot, actions] = initialTransition(machine, input);
  coverage.begin(machine, input);
  const first: Lonely = { snapshot, timers: timersAfter([], actions), heard: 0 };
  const known = new Set([keyOf(first)]);
  const todo = [first];
  const steps: LonelyStep[] = [];
  for (let state = todo.shift(); state !== undefined; state = todo.shift()) {
    if (state.snapshot.status !== 'active') continue;
    const { timers, heard, snapshot: before } = state;
    const outside = heard < most ? events.map((event) => ({ event, timer: null })) : [];
    for (const { event, timer } of [...outside, ...timers.map((armed) => ({ event: armed.event, timer: armed }))]) {
      const [after, done] = transition(machine, before, event);
      coverage.take(machine, before, event);
      steps.push({ before, after, event, does: done.map(nameOf), says: done.flatMap(saidBy) });
      const left = timers.filter((other) => other !== timer);
      const next = { snapshot: after, timers: timersAfter(left, done), heard: heard + (timer === null ? 1 : 0) };
      if (known.has(keyOf(next))) continue;
      known.add(keyOf(next));
      todo.push(next);
    }
  }
  return { states: known.size, steps };
}

const keyOf = ({ snapshot, timers, heard }: Lonely): string =>
  JSON.stringify([snapshot.value, snapshot.context, timers.map(({ id }) => id).sort(), heard]);

interface Action {
  readonly type: string;
  readonly params?: unknown;
}
interface Raised {
  readonly id?: string;
  readonly sendId?: string;
  readonly delay?: unknown;
  readonly event?: AnyEventObject;
}

function timersAfter(before: readonly Timer[], actions: readonly Action[]): readonly Timer[] {
  let timers = before;
  for (const { type, params } of actions) {
    const { id = '', sendId, delay, event } = (params ?? {}) as Raised;
    if (type === 'xstate.cancel') timers = timers.filter((timer) => timer.id !== sendId);
    if (type === 'xstate.raise' && typeof delay === 'number' && event !== undefined) {
      timers = [...timers.filter((timer) => timer.id !== id), { id, event }];
    }
  }
  return timers;
}

const saidBy = ({ type, params }: Action): readonly Envelope[] =>
  type === 'send' ? (params as readonly Envelope[]) : [];

function nameOf({ type, params }: Action): string {
  if (type !== 'send') return type;
  const envelopes = params as readonly { readonly event: { readonly type: string } }[];
  return `send ${envelopes.map(({ event }) => event.type).join()}`;
}
