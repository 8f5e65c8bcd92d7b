import type { Reading } from './vehicle-state.ts';

/** Commands that change the car. One at a time per car. */
export type Control = { readonly name: 'lock'; readonly action: 'lock' | 'unlock' };

/** Reads: `force` wakes the car, `smart` asks the cloud only if what we know is older than `maxAgeS` seconds. */
export type Refresh = {
  readonly name: 'refresh';
  readonly mode: 'cached' | 'force' | 'smart';
  readonly maxAgeS: number | null;
};

/** The daemon's own: which cars are there? */
export type List = { readonly name: 'list' };

/** What a sender may ask for. */
export type Command = Control | Refresh;
export type CommandName = Command['name'];

/** Where a read comes from: the cloud's memory, or the car itself (which is woken). */
export type ReadSource = 'cached' | 'forced';

export type CommandStatus = 'accepted' | 'succeeded' | 'failed' | 'timedOut' | 'unknown' | 'rejected' | 'expired';
export type FinalStatus = Exclude<CommandStatus, 'accepted'>;

export const REASONS = [
  'retained',
  'malformed',
  'tooLarge',
  'unknownCar',
  'unknownCommand',
  'invalidOption',
  'unsupported',
  'idReused',
  'queueFull',
  'superseded',
  'expired',
  'notArmed',
  'readOnly',
  'tokenRejectedAfterRefresh',
  'freshTokenRejected',
  'refreshFailed',
  'refreshLimit',
  'loginBudget',
  'credentialsRejected',
  'consentRequired',
  'otpRequired',
  'wrongPin',
  'cloudUnavailable',
  'rateLimited',
  'budget',
  'carBusy',
  'carRefused',
  'carUnreachable',
  'noConfirmation',
  'invalidResponse',
  'journalUnavailable',
  'shuttingDown',
  'restarted',
] as const;
export type Reason = (typeof REASONS)[number];

/** How a command ended: what its sender hears. */
export interface Ending {
  readonly status: FinalStatus;
  /** Absent (null) on success only. */
  readonly reason: Reason | null;
  /** One sentence for a person. */
  readonly message: string;
  /** Calls of the command's own action that were made: 0 to 6. */
  readonly attempts: number;
  /** The cloud's id of the action, when it gave one. */
  readonly actionId: string | null;
  /** When trying again makes sense, ms from the end; absent if nobody knows. */
  readonly retryAfterMs?: number;
  /** The id of the command that this one joined: one call, one result for both. */
  readonly joined?: string;
}

/** A car as the vehicle list describes it. */
export interface CarInfo {
  /** The cloud's vehicle id. */
  readonly id: string;
  readonly vin: string;
  readonly name: string;
  readonly model: string;
  readonly year: string | null;
  readonly engine: 'ev' | 'phev' | 'hybrid' | 'combustion' | null;
  /** The protocol generation, chosen per car by `ccuCCS2ProtocolSupport`. */
  readonly generation: 'classic' | 'ccs2';
}

/** One call to the cloud, as data. */
export type CloudCall =
  | { readonly type: 'control'; readonly car: string; readonly command: Control }
  | { readonly type: 'read'; readonly car: string; readonly source: ReadSource }
  | { readonly type: 'record'; readonly car: string; readonly actionId: string }
  | { readonly type: 'list' };

/** The word of the cloud's action record: `missing` when no record has our action id. */
export type RecordWord = 'success' | 'fail' | 'nonResponse' | 'pending' | 'missing';

export type CallResult =
  /** The cloud took the control. `acceptedAt` is our clock, epoch ms. It says nothing about the car. */
  | { readonly type: 'accepted'; readonly actionId: string | null; readonly acceptedAt: number }
  | { readonly type: 'reading'; readonly reading: Reading }
  | { readonly type: 'record'; readonly word: RecordWord }
  | { readonly type: 'list'; readonly cars: readonly CarInfo[] };
