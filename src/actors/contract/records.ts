import type { CommandStatus, Ending, FinalStatus, Options, Reason } from '../../machines/domain/command.ts';
import { isoTime, isoTimeOrNull } from './iso-time.ts';
import { REASON_TEXTS } from './reasons.ts';

/** What a sender reads on `…/commands/{name}/result`. Times are ISO 8601 UTC. */
export interface CommandRecord {
  readonly id: string;
  readonly command: string;
  readonly status: CommandStatus;
  /** Absent on success, and while the command is only accepted. */
  readonly reason?: Reason;
  readonly message: string;
  readonly hint: string | null;
  /** Calls of the command's own action that were made. */
  readonly attempts: number;
  readonly received_at: string;
  /** Null in `accepted`. */
  readonly finished_at: string | null;
  readonly simulated?: true;
  /** The id of the command whose call, and result, this one shares. */
  readonly joined?: string;
  readonly duplicate?: true;
  readonly ignored?: readonly string[];
  /** The options that were sent to the car, defaults included. */
  readonly sent?: Options;
  readonly retry_at?: string;
  readonly action_id?: string;
}

/** What is known of the message itself, whatever becomes of it. */
export interface Received {
  readonly id: string;
  /** The last level of the topic. */
  readonly command: string;
  /** Epoch ms. */
  readonly receivedAt: number;
  /** Keys that were not understood, or that the car has no use for. */
  readonly ignored: readonly string[];
  /** True when the car is an imagined one. */
  readonly simulated: boolean;
  /** What the sender should know besides; goes before the hint of the reason. */
  readonly hint: string | null;
}

export function acceptedRecord(received: Received): CommandRecord {
  return {
    id: received.id,
    command: received.command,
    status: 'accepted',
    message: 'Accepted.',
    hint: received.hint,
    attempts: 0,
    received_at: isoTime(received.receivedAt),
    finished_at: null,
    ...additions(received),
  };
}

export interface Finish {
  /** Epoch ms. */
  readonly finishedAt: number;
  /** Epoch ms, when the sender may try again; null if nobody knows. */
  readonly retryAt?: number | null;
}

/** The end of a command that was carried out, or should have been. */
export function finalRecord(received: Received, ending: Ending, finish: Finish): CommandRecord {
  const { reason } = ending;
  const retryAt = isoTimeOrNull(finish.retryAt ?? null);
  return {
    id: received.id,
    command: received.command,
    status: ending.status,
    ...(reason === null ? {} : { reason }),
    message: ending.message === '' ? messageOf(reason) : ending.message,
    hint: joinHints(received.hint, reason === null ? null : REASON_TEXTS[reason].hint),
    attempts: ending.attempts,
    received_at: isoTime(received.receivedAt),
    finished_at: isoTime(finish.finishedAt),
    ...additions(received),
    ...(ending.sent === undefined ? {} : { sent: ending.sent }),
    ...(ending.joined === undefined ? {} : { joined: ending.joined }),
    ...(ending.actionId === null ? {} : { action_id: ending.actionId }),
    ...(retryAt === null ? {} : { retry_at: retryAt }),
  };
}

export interface Refused {
  readonly reason: Reason;
  /** Default: the sentence of the reason. */
  readonly message?: string | null;
  readonly hint?: string | null;
}

/** The end of a message that never became a command: `expired` for that reason, `rejected` for all others. */
export function refusedRecord(received: Received, refused: Refused, finish: Finish): CommandRecord {
  const text = REASON_TEXTS[refused.reason];
  const status: FinalStatus = refused.reason === 'expired' ? 'expired' : 'rejected';
  const ending: Ending = {
    status,
    reason: refused.reason,
    message: refused.message ?? text.message,
    attempts: 0,
    actionId: null,
  };
  return { ...finalRecord(received, ending, finish), hint: joinHints(received.hint, refused.hint ?? text.hint) };
}

/** The same final record again, for a message that is a repetition. */
export function duplicateOf(record: CommandRecord): CommandRecord {
  return { ...record, duplicate: true };
}

function additions({ simulated, ignored }: Received): Pick<CommandRecord, 'simulated' | 'ignored'> {
  return { ...(simulated ? { simulated: true } : {}), ...(ignored.length === 0 ? {} : { ignored }) };
}

function messageOf(reason: Reason | null): string {
  return reason === null ? 'Done.' : REASON_TEXTS[reason].message;
}

function joinHints(first: string | null, second: string | null): string | null {
  const hints = [first, second].filter((hint) => hint !== null);
  return hints.length === 0 ? null : hints.join(' ');
}
