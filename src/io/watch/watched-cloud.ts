import type { CallOptions, CallOutcome, CloudPort } from '../../actors/ports.ts';
import type { CallResult, CloudCall } from '../../machines/domain/command.ts';
import type { CloudFailure } from '../../machines/domain/failure.ts';

export type CallKind =
  | 'control'
  | 'cachedRead'
  | 'forcedRead'
  | 'record'
  | 'list'
  | 'sessionStart'
  | 'sessionRefresh'
  | 'login'
  | 'deviceRegistration';

/** A call as it begins. */
export interface Call {
  readonly kind: CallKind;
  /** The cloud's id of the car; null for calls of the account. */
  readonly car: string | null;
  readonly commandId: string | null;
  readonly attempt: number | null;
}

/** What came of it. */
export interface CallEnd {
  /** Null if it came to what it was for. */
  readonly failure: CloudFailure | null;
  readonly value: CallResult | null;
  /** Of the token that it was made with, or that it brought; null where there is none. */
  readonly generation: number | null;
  readonly scope: 'access' | 'control' | null;
}

/** Hears of a call that begins, and answers who is to hear of its end: null if it was thrown out of it. */
export type CallWatcher = (call: Call) => (end: CallEnd | null) => void;

type Outcome = { readonly ok: true } | { readonly ok: false; readonly failure: CloudFailure };

/** The same cloud, with somebody who hears of every call. The watcher must not throw. */
export function watchedCloud(cloud: CloudPort, watch: CallWatcher): CloudPort {
  async function watched<T extends Outcome>(
    call: Call,
    make: () => Promise<T>,
    endOf: (outcome: T) => CallEnd,
  ): Promise<T> {
    const ended = watch(call);
    try {
      const outcome = await make();
      ended(endOf(outcome));
      return outcome;
    } catch (error) {
      ended(null);
      throw error;
    }
  }
  const own = (kind: CallKind): Call => ({ kind, car: null, commandId: null, attempt: null });
  const endOfOwn = (outcome: Outcome & { readonly generation?: number }): CallEnd => ({
    failure: outcome.ok ? null : outcome.failure,
    value: null,
    generation: outcome.generation ?? null,
    scope: null,
  });
  return {
    call: (call: CloudCall, options: CallOptions): Promise<CallOutcome> =>
      watched(
        {
          kind: kindOf(call),
          car: call.type === 'list' ? null : call.car,
          commandId: options.commandId,
          attempt: options.attempt,
        },
        () => cloud.call(call, options),
        endOfCall,
      ),
    startSession: (signal) => watched(own('sessionStart'), () => cloud.startSession(signal), endOfOwn),
    refreshSession: (signal) => watched(own('sessionRefresh'), () => cloud.refreshSession(signal), endOfOwn),
    login: (signal) => watched(own('login'), () => cloud.login(signal), endOfOwn),
    registerDevice: (named, signal) =>
      watched(own('deviceRegistration'), () => cloud.registerDevice(named, signal), endOfOwn),
    clockAheadMs: () => cloud.clockAheadMs(),
    generation: () => cloud.generation(),
    onSessionChange: (listener) => cloud.onSessionChange(listener),
    recentVisits: () => cloud.recentVisits(),
    budget: () => cloud.budget(),
    onBudgetChange: (listener) => cloud.onBudgetChange(listener),
    close: () => cloud.close(),
  };
}

const endOfCall = (outcome: CallOutcome): CallEnd => ({
  failure: outcome.ok ? null : outcome.failure,
  value: outcome.ok ? outcome.value : null,
  generation: outcome.token.generation,
  scope: outcome.token.scope,
});

function kindOf(call: CloudCall): CallKind {
  if (call.type !== 'read') return call.type;
  return call.source === 'forced' ? 'forcedRead' : 'cachedRead';
}
