import type { CloudCall } from '../machines/domain/command.ts';
import type { CloudFailure } from '../machines/domain/failure.ts';
import type { Ledger } from './bridge/ledger.ts';
import type { CallOptions, CallOutcome, Clock, CloudPort } from './ports.ts';

type DispatchLedger = Pick<Ledger, 'dispatched' | 'answered'>;

const NOT_WRITTEN: CloudFailure = {
  kind: 'journalUnavailable',
  message: 'The command could not be written down, so it was not sent.',
  cause: 'journal',
  reached: 'no',
  answered: false,
  retryAfterMs: null,
};

/**
 * The cloud, but no control leaves before the disk knows of it; what became of it is written down, too.
 *
 * @param clock the cloud's.
 */
export function withDispatchJournal(cloud: CloudPort, ledger: DispatchLedger, clock: Clock): CloudPort {
  const callControl = async (call: CloudCall, options: CallOptions): Promise<CallOutcome> => {
    const { commandId, signal } = options;
    const beforeSending = async (): Promise<CloudFailure | null> =>
      commandId !== null && (await ledger.dispatched(commandId, clock.now())) ? null : NOT_WRITTEN;
    const outcome = await cloud.call(call, { ...options, beforeSending });
    if (commandId === null) return outcome;
    if (outcome.ok) {
      const { value } = outcome;
      if (value.type === 'accepted') ledger.answered(commandId, { actionId: value.actionId, at: value.acceptedAt });
    } else if (outcome.failure.reached === 'no' && !signal.aborted) {
      // Certainly not delivered: after a crash it may be sent as if nothing had happened.
      ledger.answered(commandId, null);
    }
    return outcome;
  };
  return {
    call: (call, options) => (call.type === 'control' ? callControl(call, options) : cloud.call(call, options)),
    startSession: (signal) => cloud.startSession(signal),
    refreshSession: (signal) => cloud.refreshSession(signal),
    login: (signal) => cloud.login(signal),
    registerDevice: (named, signal) => cloud.registerDevice(named, signal),
    clockAheadMs: () => cloud.clockAheadMs(),
    generation: () => cloud.generation(),
    onSessionChange: (listener) => cloud.onSessionChange(listener),
    recentVisits: () => cloud.recentVisits(),
    budget: () => cloud.budget(),
    onBudgetChange: (listener) => cloud.onBudgetChange(listener),
    close: () => cloud.close(),
  };
}
