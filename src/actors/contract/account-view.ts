import type { AccountStatus } from '../../machines/domain/events.ts';
import type { BudgetReport } from '../ports.ts';
import { isoTimeOrNull } from './iso-time.ts';

export interface AccountFacts {
  /** Its time in epoch ms, as all others here: by our clock. */
  readonly status: AccountStatus;
  readonly budget: BudgetReport;
  /** The cars' names in topics, by the cloud's id. */
  readonly cars: ReadonlyMap<string, string>;
  /** When the next car is polled at the latest, epoch ms; null if none is. */
  readonly nextPollAt: number | null;
  readonly simulated: boolean;
}

/** The document of `bridge/account/{name}`. Times are ISO 8601 UTC; a limit that does not exist is null. */
export function renderAccount({ status, budget, cars, nextPollAt, simulated }: AccountFacts) {
  const { calls, callsPerDay, forcedReads, forcedReadsPerDay, server } = budget;
  return {
    token: status.token.state,
    generation: status.token.generation,
    breaker: status.breaker.state,
    cars: status.cars,
    reason: status.reason,
    message: status.message,
    retry_at: isoTimeOrNull(status.retryAt),
    calls_used: calls,
    calls_limit: callsPerDay,
    calls_left: callsPerDay === null ? null : Math.max(0, callsPerDay - calls),
    server_calls_limit: server.limit,
    server_calls_left: server.remaining,
    server_reset_at: isoTimeOrNull(server.resetAt),
    forced_reads_left:
      forcedReadsPerDay === null
        ? null
        : Object.fromEntries(
            [...cars].map(([id, name]) => [name, Math.max(0, forcedReadsPerDay - (forcedReads[id] ?? 0))]),
          ),
    next_poll_at: isoTimeOrNull(nextPollAt),
    simulated,
  };
}
