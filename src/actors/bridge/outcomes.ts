import type { Ending } from '../../machines/domain/command.ts';
import type { CommandSettled } from '../../machines/domain/events.ts';
import { finalRecord } from '../contract/records.ts';
import type { Clock } from '../ports.ts';
import type { Entry } from './entry.ts';
import type { Ledger } from './ledger.ts';
import type { Publisher } from './publisher.ts';

interface OutcomesParts {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly publisher: Publisher;
}

/** Ends every command that was taken, once, and tells whoever asked. */
export class Outcomes {
  private readonly parts: OutcomesParts;

  constructor(parts: OutcomesParts) {
    this.parts = parts;
  }

  /** How a command ended. Does nothing if nobody knows the command. */
  settle({ id, ending }: Pick<CommandSettled, 'id' | 'ending'>): void {
    const { clock, ledger, publisher } = this.parts;
    const entry = ledger.find(id);
    if (entry === null) return;
    const finishedAt = clock.now();
    const retryAt = ending.retryAfterMs === undefined ? null : finishedAt + ending.retryAfterMs;
    const record = finalRecord(entry.received, ending, { finishedAt, retryAt });
    ledger.settle(entry, record, () => {
      if (entry.action !== null) publisher.actionEnded(entry.car, entry.action, ending, finishedAt);
      this.tell(entry);
    });
  }

  /** Ends whatever is still owed, for a dead vehicle or because time is over. */
  settleAll(entries: readonly Entry[], reason: 'restarted' | 'shuttingDown'): void {
    for (const entry of entries) this.settle({ id: entry.received.id, ending: brokenOff(entry, reason) });
  }

  /** The record of a command that has ended; again, if an earlier run may not have told it. */
  tell(entry: Entry): void {
    const { ledger, publisher } = this.parts;
    const { car, origin, twins, record } = entry;
    if (record !== null) publisher.ended(car, origin, twins, record, () => ledger.markTold(entry));
  }
}

function brokenOff({ underway }: Entry, reason: 'restarted' | 'shuttingDown'): Ending {
  const why = reason === 'restarted' ? 'It broke off inside the daemon' : 'The daemon shut down';
  const ending = { reason, attempts: underway ? 1 : 0, actionId: null };
  return underway
    ? { ...ending, status: 'unknown', message: `${why} after it was sent; it may or may not have happened.` }
    : {
        ...ending,
        status: reason === 'restarted' ? 'failed' : 'rejected',
        message: `${why} before it was sent.`,
      };
}
