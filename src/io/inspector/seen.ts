import type { DeliveredTo, Started, Stepped, Stopped } from '../../actors/observe/observation.ts';
import type { CallResult } from '../../machines/domain/command.ts';
import type { Call, CallEnd } from '../watch/watched-cloud.ts';
import type { DeadlineEntry, Fields, HealthEntry, MessageEntry } from './wire.ts';

/** What happened, as it is kept: references to what others made, so that keeping costs next to nothing. */

/** One actor, from its start to its end. */
export interface Known {
  readonly address: string;
  /** Of a command known from its first step on. */
  name: string;
  /** Known from its first step on. */
  commandId: string | null;
}

export type Seen =
  | { readonly type: 'started'; readonly observation: Started; readonly known: Known }
  | { readonly type: 'delivered'; readonly observation: DeliveredTo; readonly command: Known | null }
  | {
      readonly type: 'stepped';
      readonly observation: Stepped;
      readonly known: Known;
      readonly deadlines: readonly DeadlineEntry[];
    }
  | {
      readonly type: 'stopped';
      readonly observation: Stopped;
      readonly known: Known;
      readonly value: readonly string[];
      readonly facts: Fields;
    }
  | CallSeen
  | ({ readonly type: 'message' } & Omit<MessageEntry, 'type' | 'seq' | 'at'>)
  | {
      readonly type: 'log';
      readonly level: string;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  | ({ readonly type: 'health' } & Omit<HealthEntry, 'type' | 'seq' | 'at'>);

/** What came of a call, without what the car said and which cars there are. */
export type CallOver = Omit<CallEnd, 'value'> & {
  readonly value: { readonly type: 'reading' | 'list' } | Extract<CallResult, { type: 'accepted' | 'record' }> | null;
};

export interface CallSeen {
  readonly type: 'call';
  readonly n: number;
  readonly account: string;
  readonly call: Call;
  /** Of the session in hand when it began. */
  readonly generation: number;
  /** Null while it runs. */
  readonly over: { readonly end: CallOver | null; readonly durationMs: number } | null;
}

/** The command that this is about; null if it is about none. */
export function commandOf(seen: Seen): string | null {
  switch (seen.type) {
    case 'delivered': {
      const { type, id } = seen.observation.event;
      if (seen.command !== null) return seen.command.commandId;
      return NAMED_BY_ID.has(type) && typeof id === 'string' ? id : null;
    }
    case 'stepped':
    case 'stopped':
      return seen.known.commandId;
    case 'call':
      return seen.call.commandId;
    case 'message':
      return seen.commandId;
    default:
      return null;
  }
}

const NAMED_BY_ID = new Set(['COMMAND', 'COMMAND_SETTLED', 'COMMAND_UNDERWAY', 'ACTION_BEGUN']);
