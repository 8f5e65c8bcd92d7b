import type { CallOptions, CallOutcome, CloudPort } from '../../actors/ports.ts';
import type { CloudCall } from '../../machines/domain/command.ts';
import type { FailureKind } from '../../machines/domain/failure.ts';
import type { Instruments } from './instruments.ts';

type CallKind =
  | 'control'
  | 'cachedRead'
  | 'forcedRead'
  | 'record'
  | 'list'
  | 'sessionStart'
  | 'sessionRefresh'
  | 'login'
  | 'deviceRegistration';
type Outcome = { readonly ok: true } | { readonly ok: false; readonly failure: { readonly kind: FailureKind } };

/** The same cloud, with every call counted and timed. @param now ms of a clock that only goes forward. */
export function measuredCloud(
  cloud: CloudPort,
  account: string,
  { calls, callSeconds, callsInFlight }: Instruments,
  now: () => number,
): CloudPort {
  const inFlight = callsInFlight.labels(account);
  inFlight.set(0);
  async function measured<T extends Outcome>(kind: CallKind, make: () => Promise<T>): Promise<T> {
    const begunAt = now();
    inFlight.inc();
    try {
      const outcome = await make();
      calls.inc({ account, kind, outcome: outcome.ok ? 'ok' : outcome.failure.kind });
      return outcome;
    } finally {
      inFlight.dec();
      callSeconds.observe({ kind }, (now() - begunAt) / 1000);
    }
  }
  return {
    call: (call: CloudCall, options: CallOptions): Promise<CallOutcome> =>
      measured(kindOf(call), () => cloud.call(call, options)),
    startSession: (signal) => measured('sessionStart', () => cloud.startSession(signal)),
    refreshSession: (signal) => measured('sessionRefresh', () => cloud.refreshSession(signal)),
    login: (signal) => measured('login', () => cloud.login(signal)),
    registerDevice: (named, signal) => measured('deviceRegistration', () => cloud.registerDevice(named, signal)),
    generation: () => cloud.generation(),
    onSessionChange: (listener) => cloud.onSessionChange(listener),
    recentVisits: () => cloud.recentVisits(),
    budget: () => cloud.budget(),
    onBudgetChange: (listener) => cloud.onBudgetChange(listener),
    close: () => cloud.close(),
  };
}

function kindOf(call: CloudCall): CallKind {
  if (call.type !== 'read') return call.type;
  return call.source === 'forced' ? 'forcedRead' : 'cachedRead';
}
