import type { CallOptions, CallOutcome, CloudPort } from '../../actors/ports.ts';
import type { CloudCall } from '../../machines/domain/command.ts';
import type { Budget } from './budget.ts';
import type { CloudClient } from './cloud-client.ts';
import type { CloudClock } from './cloud-clock.ts';
import type { SessionKeeper } from './session-keeper.ts';
import type { SessionWork } from './session-work.ts';

/** How long `close` waits for a refresh under way, whose tokens would be lost. */
const CLOSE_GRACE_MS = 5_000;

export interface PortParts {
  readonly calls: { run(call: CloudCall, options: CallOptions): Promise<CallOutcome> };
  readonly work: SessionWork;
  readonly keeper: SessionKeeper;
  readonly budget: Budget;
  readonly client: CloudClient;
  readonly cloudClock: CloudClock;
  /** Aborted by `close`. */
  readonly closing: AbortController;
  /** What was bought with the session in hand is no longer good. */
  onNewSession(): void;
  readonly registerDevice: CloudPort['registerDevice'];
}

/** The port of one account, whatever cloud it has. */
export function cloudPort(parts: PortParts): CloudPort {
  const { calls, work, keeper, budget, client, cloudClock, closing, onNewSession, registerDevice } = parts;
  return {
    call: (call, options) => calls.run(call, options),
    startSession: (signal) => work.start(signal),
    refreshSession: async (signal) => {
      onNewSession();
      return work.refresh(signal);
    },
    login: (signal) => work.login(signal),
    clockAheadMs: () => cloudClock.aheadMs(),
    generation: () => keeper.record.generation,
    recentVisits: () => keeper.record.visits,
    onSessionChange: (listener) =>
      keeper.onNews(() => {
        onNewSession();
        listener({ generation: keeper.record.generation, lifetimeMs: work.lifetimeMs() });
      }),
    budget: () => budget.report(),
    onBudgetChange: (listener) => budget.onChange(listener),
    registerDevice,
    async close() {
      closing.abort();
      await work.close(CLOSE_GRACE_MS);
      await keeper.close();
      await budget.close();
      client.close();
    },
  };
}
