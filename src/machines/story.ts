import { type AnyEventObject, enqueueActions } from 'xstate';
import type { Envelope, ProtocolEvent } from './domain/events.ts';

/**
 * The few actions that all statecharts are told with. Effects are data: `send` and `log` name what is to be done, and
 * src/actors does it; a bare machine is pure, so it can be explored and drawn.
 */

export interface LogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields?: Readonly<Record<string, string | number | boolean | null>>;
}

/** What every statechart gets its data from. */
export interface Given<TContext, TEvent> {
  readonly context: TContext;
  readonly event: TEvent;
}

/** Tells: `send(requestToken)` is the action that sends what `requestToken` returns. */
export const send = <TParams>(params: TParams) => ({ type: 'send' as const, params });
/** Remembers: `update(addWaiter)` merges what `addWaiter` returns into the context. */
export const update = <TParams>(params: TParams) => ({ type: 'update' as const, params });
/** Tells itself, after this step: `raise(refreshTimedOut)`. */
export const raise = <TParams>(params: TParams) => ({ type: 'raise' as const, params });
/** Says: `log(refreshBegun)`. */
export const log = <TParams>(params: TParams) => ({ type: 'log' as const, params });

/** The bare machines' `send` and `log`: they are filled in src/actors, or read as data by the tests. */
export const effects = {
  send: (_: unknown, envelopes: readonly Envelope[]): void => {
    if (envelopes.length > 0) throw new Error('A bare machine cannot send: src/actors provides this action.');
  },
  log: (_: unknown, _entry: LogEntry | null): void => {
    throw new Error('A bare machine cannot log: src/actors provides this action.');
  },
};

/** `setup` infers nothing from a built-in action with parameters, so these are declared as what they look like. */
type Effect<TParams> = (given: unknown, params: TParams) => void;

/** Raises the events in order, after this step. */
export const raiseEvents = enqueueActions(({ enqueue }, events: readonly AnyEventObject[]) => {
  for (const event of events) enqueue.raise(event);
}) as unknown as Effect<readonly AnyEventObject[]>;

/** A longer timer would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A timer that raises `event` in `delayMs` (or in 24 days, if that is sooner); one that has the same id is replaced. */
export interface Timer {
  readonly id: string;
  readonly delayMs: number;
  readonly event: AnyEventObject;
}
export const startTimers = enqueueActions(({ enqueue }, timers: readonly Timer[]) => {
  for (const { id, delayMs, event } of timers) {
    enqueue.cancel(id);
    enqueue.raise(event, { id, delay: Math.min(LONGEST_TIMER_MS, delayMs) });
  }
}) as unknown as Effect<readonly Timer[]>;
export const stopTimers = enqueueActions(({ enqueue }, ids: readonly string[]) => {
  for (const id of ids) enqueue.cancel(id);
}) as unknown as Effect<readonly string[]>;

export const to = (target: Envelope['to'], event: ProtocolEvent): readonly Envelope[] => [{ to: target, event }];
export const reply = (address: string, event: ProtocolEvent): readonly Envelope[] => [{ to: { address }, event }];

/** What a bare machine invokes: filled in src/actors. */
export const bare = (): Promise<never> =>
  Promise.reject(new Error('A bare machine cannot call: src/actors provides this actor.'));
