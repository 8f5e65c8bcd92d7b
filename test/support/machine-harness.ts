import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type ContextFrom,
  type EventFrom,
  type EventObject,
  type ExecutableActionObject,
  type InputFrom,
  initialTransition,
  transition,
} from 'xstate';
import type { Envelope, ProtocolEvent, Target } from '../../src/machines/domain/events.ts';
import type { LogEntry } from '../../src/machines/story.ts';

/**
 * Drives one bare machine by pure transitions: what it does is read as data, its timers run on a clock of our own, its
 * calls end when the test says so. Nothing runs by itself, so nothing has to be waited for.
 */
export interface Machine<M extends AnyStateMachine> {
  /** The active states, outermost first: `cooldown.verifying.reading`; those of parallel regions joined by ` · `. */
  readonly state: string;
  readonly context: ContextFrom<M>;
  /** ms since the start. */
  readonly now: number;
  /** The sources of the calls that run. */
  readonly calls: readonly string[];
  /** What is under way and to come: equal before and after an event that is ignored. */
  readonly pending: readonly string[];
  readonly log: readonly LogEntry[];
  /** Every envelope since the start. */
  readonly sent: readonly Envelope[];
  /** Effects of other kinds (`spawn`, `bury`, …) since the start. */
  readonly effects: readonly Effect[];
  /** What it did since the start, in order: `send HOLDER_GONE`, `spawn`. */
  readonly done: readonly string[];
  /** Delivers an event. Each of these steps returns what was said in it, as `brief` puts it. */
  tell(event: Told<EventFrom<M>>): readonly string[];
  /** Lets time pass; timers fire in order. */
  advance(ms: number): readonly string[];
  /** The running call of this source ends well. */
  finish(source: string, output: unknown): readonly string[];
  /** The running call of this source throws. */
  crash(source: string): readonly string[];
  inputOf(source: string): unknown;
  /** The last event of this type that was sent. */
  last<T extends ProtocolEvent['type']>(type: T): Extract<ProtocolEvent, { type: T }>;
}

export interface Effect {
  readonly type: string;
  readonly params: unknown;
}

/** An event as a test writes it: the harness stamps `from` (`someone`) and `at`, if the test does not. */
export type Told<E> = E extends { readonly from: string; readonly at: number }
  ? Omit<E, 'from' | 'at'> & { readonly from?: string; readonly at?: number }
  : E;

/** Node fires a longer timer at once. */
const LONGEST_MS = 2 ** 31 - 1;

interface Timer {
  readonly id: string;
  readonly at: number;
  readonly event: EventObject;
}
interface Call {
  readonly source: string;
  readonly input: unknown;
}

/** @param quiet types of events that the steps do not return (status reports, mostly); `sent` has them all the same. */
export function drive<M extends AnyStateMachine>(
  machine: M,
  input: InputFrom<M>,
  quiet: readonly ProtocolEvent['type'][] = [],
): Machine<M> {
  return new DrivenMachine(machine, input, quiet);
}

class DrivenMachine<M extends AnyStateMachine> implements Machine<M> {
  now = 0;
  readonly log: LogEntry[] = [];
  readonly sent: Envelope[] = [];
  readonly effects: Effect[] = [];
  readonly done: string[] = [];
  readonly #machine: M;
  readonly #quiet: ReadonlySet<string>;
  readonly #calls = new Map<string, Call>();
  #timers: readonly Timer[] = [];
  #snapshot: AnyMachineSnapshot;

  constructor(machine: M, input: InputFrom<M>, quiet: readonly string[]) {
    this.#machine = machine;
    this.#quiet = new Set(quiet);
    const [snapshot, actions]: [AnyMachineSnapshot, ExecutableActionObject[]] = initialTransition(machine, input);
    this.#snapshot = snapshot;
    this.#execute(actions);
  }

  get state(): string {
    return leaves(this.#snapshot.value).join(' · ');
  }

  get context(): ContextFrom<M> {
    return this.#snapshot.context;
  }

  get calls(): readonly string[] {
    return [...this.#calls.values()].map(({ source }) => source);
  }

  get pending(): readonly string[] {
    return [...this.#timers.map(({ id, at }) => `${id} at ${at}`), ...this.#calls.keys()];
  }

  tell(event: Told<EventFrom<M>>): readonly string[] {
    return this.#step({ from: 'someone', at: this.now, ...(event as EventObject) });
  }

  advance(ms: number): readonly string[] {
    const end = this.now + ms;
    const said: string[] = [];
    for (let due = this.#nextTimer(end); due !== undefined; due = this.#nextTimer(end)) {
      const { id, at, event } = due;
      this.now = at;
      this.#timers = this.#timers.filter((timer) => timer.id !== id);
      said.push(...this.#step(event));
    }
    this.now = end;
    return said;
  }

  finish(source: string, output: unknown): readonly string[] {
    const id = this.#take(source);
    return this.#step({ type: `xstate.done.actor.${id}`, actorId: id, output });
  }

  crash(source: string): readonly string[] {
    const id = this.#take(source);
    return this.#step({ type: `xstate.error.actor.${id}`, actorId: id, error: new Error('planted') });
  }

  inputOf(source: string): unknown {
    return this.#find(source)[1].input;
  }

  last<T extends ProtocolEvent['type']>(type: T): Extract<ProtocolEvent, { type: T }> {
    const found = this.sent.findLast(({ event }) => event.type === type);
    if (found === undefined) throw new Error(`No ${type} was sent.`);
    return found.event as Extract<ProtocolEvent, { type: T }>;
  }

  #nextTimer(end: number): Timer | undefined {
    return this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }

  #find(source: string): readonly [string, Call] {
    const found = [...this.#calls].find(([, call]) => call.source === source);
    if (found === undefined) throw new Error(`No call of ${source} runs in ${this.state}.`);
    return found;
  }

  #take(source: string): string {
    const [id] = this.#find(source);
    this.#calls.delete(id);
    return id;
  }

  #step(event: EventObject & Readonly<Record<string, unknown>>): readonly string[] {
    if (this.#snapshot.status !== 'active') return [];
    const before = this.sent.length;
    const [snapshot, actions]: [AnyMachineSnapshot, ExecutableActionObject[]] = transition(
      this.#machine,
      this.#snapshot as never,
      event as EventFrom<M>,
    );
    if (snapshot.status === 'error') throw snapshot.error;
    this.#snapshot = snapshot;
    this.#execute(actions);
    if (snapshot.status !== 'active') this.#timers = [];
    return this.sent
      .slice(before)
      .filter(({ event: { type } }) => !this.#quiet.has(type))
      .map(brief);
  }

  #execute(actions: readonly ExecutableActionObject[]): void {
    for (const { type, params } of actions as unknown as readonly { type: string; params: never }[]) {
      const known = this.#known[type];
      if (known === undefined) {
        this.effects.push({ type, params });
        this.done.push(type);
      }
      known?.(params);
    }
  }

  readonly #known: Readonly<Record<string, (params: never) => void>> = {
    send: (envelopes: readonly Envelope[]) => {
      this.sent.push(...envelopes);
      this.done.push(...envelopes.map(({ event: { type } }) => `send ${type}`));
    },
    log: (entry: LogEntry | null) => {
      if (entry !== null) this.log.push(entry);
    },
    /** One without a delay has been taken already, in the same step. */
    'xstate.raise': ({ id, delay, event }: { id: string; delay: number | undefined; event: EventObject }) => {
      if (delay === undefined) return;
      if (delay > LONGEST_MS) throw new Error(`The timer ${id} (${delay} ms) would fire at once.`);
      this.#timers = [...this.#timers.filter((timer) => timer.id !== id), { id, at: this.now + delay, event }];
    },
    'xstate.cancel': ({ sendId }: { sendId: string }) => {
      this.#timers = this.#timers.filter(({ id }) => id !== sendId);
    },
    'xstate.spawnChild': ({ id, src, input }: { id: string; src: string; input: unknown }) => {
      this.#calls.set(id, { source: src, input });
    },
    'xstate.stopChild': ({ id }: { id: string }) => {
      this.#calls.delete(id);
    },
  };
}

function leaves(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => {
    const below = leaves(inner);
    return below.length === 0 ? [key] : below.map((leaf) => `${key}.${leaf}`);
  });
}

const nameOf = (target: Target): string =>
  typeof target === 'string' ? target : 'child' in target ? `child ${target.child}` : target.address;

function word(key: string, value: unknown): readonly string[] {
  if (key === 'type' || key === 'message') return [];
  if (value === null || typeof value !== 'object') return [String(value)];
  if ('status' in value) return [[value.status, 'reason' in value ? value.reason : null].filter(Boolean).join(' ')];
  return [];
}

/** `car TOKEN_READY r1 2`: to whom, what, and its plain fields in order; prose and large objects are left out. */
export function brief({ to, event }: Envelope): string {
  const fields = Object.entries(event).flatMap(([key, value]) => word(key, value));
  return [nameOf(to), event.type, ...fields].join(' ');
}
