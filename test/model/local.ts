import { type AnyEventObject, type AnyMachineSnapshot, type AnyStateMachine, initialTransition } from 'xstate';
import type { Envelope } from '../../src/machines/domain/events.ts';
import type { Kind } from './addresses.ts';
import type { Action, Coverage } from './coverage.ts';

/**
 * One actor's part of a global state: the snapshot of its production machine, the calls that it invoked and the timers
 * that it armed. Interned, so that equal ones are one object; a step of it is computed once and remembered.
 */
export interface Local {
  readonly id: number;
  readonly kind: Kind;
  readonly snapshot: AnyMachineSnapshot;
  readonly calls: readonly Call[];
  readonly timers: readonly Timer[];
  /** Reached a final state: takes nothing any more. */
  readonly done: boolean;
  /** Its kind, state, context, calls and timers, as text: equal for equal ones. */
  readonly key: string;
  /** The state value, for people: `refreshing.calling`. */
  readonly value: string;
}

/** An invoked actor that runs. */
export interface Call {
  readonly id: string;
  readonly src: string;
  readonly input: unknown;
}

export interface Timer {
  readonly id: string;
  readonly delayMs: number;
  readonly event: Interned<AnyEventObject>;
}

/** A child that a machine asked for with its `spawn` action. */
export interface Birth {
  readonly id: string;
  readonly kind: Kind;
  readonly input: object;
}

/** What one event does to one actor. */
export interface LocalStep {
  readonly after: Local;
  /** What it does to others, in order. */
  readonly effects: readonly Effect[];
  readonly started: readonly Call[];
  /** Ids of calls that were stopped while they ran. */
  readonly aborted: readonly string[];
}
export type Effect =
  | { readonly type: 'send'; readonly envelope: Envelope }
  | { readonly type: 'spawn'; readonly birth: Birth }
  | { readonly type: 'bury'; readonly child: string };

/** An event with a number, so that equal events are compared and remembered cheaply. */
export interface Interned<T> {
  readonly id: number;
  readonly body: T;
}

const withoutSettings = (key: string, value: unknown): unknown => (key === 'settings' ? undefined : value);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export class Locals {
  private readonly byKey = new Map<string, Local>();
  /** By the number of who takes an event, then by that of the event. */
  private readonly steps: Map<number, LocalStep>[] = [];
  private readonly inputs = new WeakMap<object, LocalStep>();
  private readonly births = new Map<string, LocalStep>();
  private readonly events = new Map<string, Interned<AnyEventObject>>();
  private readonly machines: Readonly<Record<Kind, AnyStateMachine>>;
  private readonly coverage: Coverage;

  constructor(machines: Readonly<Record<Kind, AnyStateMachine>>, coverage: Coverage) {
    this.machines = machines;
    this.coverage = coverage;
  }

  /** `tag` keeps apart what looks alike: two timers that raise equal events. */
  event(body: AnyEventObject, tag = ''): Interned<AnyEventObject> {
    const key = `${tag}${JSON.stringify(body)}`;
    const known = this.events.get(key);
    if (known !== undefined) return known;
    const event = { id: this.events.size, body };
    this.events.set(key, event);
    return event;
  }

  born(kind: Kind, input: object): LocalStep {
    const same = this.inputs.get(input);
    if (same !== undefined) return same;
    const key = `${kind}${JSON.stringify(input, withoutSettings)}`;
    const step = this.births.get(key) ?? this.bear(kind, input);
    this.births.set(key, step);
    this.inputs.set(input, step);
    return step;
  }

  private bear(kind: Kind, input: object): LocalStep {
    const [snapshot, actions] = this.coverage.begin(this.machines[kind], input);
    return this.digest(kind, snapshot, actions, [], []);
  }

  /** An actor in the middle of its life, put there by a slice. */
  placed(kind: Kind, input: object, value: unknown, knows: object): Local {
    const machine = this.machines[kind];
    const [{ context }] = initialTransition(machine, input);
    const snapshot = machine.resolveState({ value, context: { ...context, ...knows } } as Parameters<
      typeof machine.resolveState
    >[0]);
    return this.intern(kind, snapshot, [], []);
  }

  /** `finished` is the call that this event is the end of. */
  step(local: Local, event: Interned<AnyEventObject>, finished: string | null): LocalStep {
    const ofLocal = this.steps[local.id] ?? new Map<number, LocalStep>();
    this.steps[local.id] = ofLocal;
    const known = ofLocal.get(event.id);
    if (known !== undefined) return known;
    const machine = this.machines[local.kind];
    const [snapshot, actions] = this.coverage.take(machine, local.snapshot, event.body);
    if (snapshot.status === 'error')
      throw new Error(`${local.kind} died of ${event.body.type}: ${String(snapshot.error)}`);
    const calls = local.calls.filter(({ id }) => id !== finished);
    // A timer that fires is gone, whoever hears its event.
    const timers = local.timers.filter((timer) => timer.event !== event);
    const step = this.digest(local.kind, snapshot, actions, calls, timers);
    ofLocal.set(event.id, step);
    return step;
  }

  private digest(
    kind: Kind,
    snapshot: AnyMachineSnapshot,
    actions: readonly Action[],
    callsBefore: readonly Call[],
    timersBefore: readonly Timer[],
  ): LocalStep {
    let calls = [...callsBefore];
    let timers = [...timersBefore];
    const effects: Effect[] = [];
    const started: Call[] = [];
    const aborted: string[] = [];
    for (const { type, params } of actions) {
      switch (type) {
        case 'send':
          for (const envelope of params as readonly Envelope[]) effects.push({ type, envelope });
          break;
        case 'spawn':
          for (const birth of params as readonly Record<string, unknown>[]) {
            effects.push({ type, birth: birthOf(birth) });
          }
          break;
        case 'bury':
          for (const name of params as readonly (string | number)[]) {
            effects.push({ type, child: typeof name === 'number' ? `command/${name}` : name });
          }
          break;
        case 'xstate.spawnChild': {
          if (!isRecord(params)) break;
          const call = { id: text(params.id), src: text(params.src), input: params.input };
          calls.push(call);
          started.push(call);
          break;
        }
        case 'xstate.stopChild': {
          const id = isRecord(params) ? text(params.id) : text(params);
          if (calls.some((call) => call.id === id)) aborted.push(id);
          calls = calls.filter((call) => call.id !== id);
          break;
        }
        case 'xstate.raise': {
          if (!isRecord(params) || typeof params.delay !== 'number') break;
          const timer = {
            id: text(params.id),
            delayMs: params.delay,
            event: this.event({ ...(params.event as AnyEventObject) }, text(params.id)),
          };
          timers = [...timers.filter(({ id }) => id !== timer.id), timer];
          break;
        }
        case 'xstate.cancel': {
          const id = isRecord(params) ? text(params.sendId) : '';
          timers = timers.filter((timer) => timer.id !== id);
          break;
        }
      }
    }
    if (snapshot.status !== 'active') {
      aborted.push(...calls.map(({ id }) => id));
      calls = [];
      timers = [];
    }
    return { after: this.intern(kind, snapshot, calls, timers), effects, started, aborted };
  }

  private intern(kind: Kind, snapshot: AnyMachineSnapshot, calls: readonly Call[], timers: readonly Timer[]): Local {
    const done = snapshot.status !== 'active';
    const value = nameOfValue(snapshot.value);
    const ordered = [...timers].sort((a, b) => (a.id < b.id ? -1 : 1));
    // What has ended differs in nothing that anybody could still see.
    const key = done
      ? `${kind} ended`
      : JSON.stringify([kind, snapshot.value, snapshot.context, calls, ordered], withoutSettings);
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const local: Local = {
      id: this.byKey.size + 1,
      key,
      kind,
      snapshot,
      calls,
      timers: ordered,
      done,
      value: done ? 'ended' : value,
    };
    this.byKey.set(key, local);
    return local;
  }
}

function birthOf(birth: Record<string, unknown>): Birth {
  const input = birth.input as object;
  if (typeof birth.n === 'number') return { id: `command/${birth.n}`, kind: 'command', input };
  return { id: text(birth.id), kind: birth.kind as Kind, input };
}

export function nameOfValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isRecord(value)) return '';
  const parts = Object.entries(value).map(([name, inner]) => {
    const below = nameOfValue(inner);
    return below === '' ? name : `${name}.${below}`;
  });
  return parts.join('|');
}
