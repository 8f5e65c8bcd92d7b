import type { StateValue } from './state-value.ts';

/**
 * What the inspector tells, one JSON object each: on the stream, in a recording. The first three have the names and shapes
 * of XState's inspection protocol (as @statelyai/inspect sends it), with allowlisted fields only, and fields of our own
 * besides; `sessionId` is the address of an actor. Nothing here needs Node or a browser.
 */

export type Scalar = string | number | boolean | null;
export type Fields = Readonly<Record<string, Scalar>>;

interface Base {
  /** Whole, rising within one run of the daemon. */
  readonly seq: number;
  /** Epoch ms. */
  readonly at: number;
}

/** What XState's protocol has besides. */
interface Protocol extends Base {
  readonly sessionId: string;
  readonly rootId: 'fleet';
  /** `at` as text: so the protocol has it. */
  readonly createdAt: string;
  /** `seq` as text. */
  readonly id: string;
  readonly _version: string;
}

export interface ActorEntry extends Protocol {
  readonly type: '@xstate.actor';
  /** What a person reads: the account, the car's name in topics, `lock #3`. */
  readonly name: string;
  readonly kind: string;
  readonly account: string | null;
  /** Absent for the fleet. */
  readonly parentId?: string;
  /** Of a command. */
  readonly commandId: string | null;
  /** One of this address had died. */
  readonly again: boolean;
  readonly snapshot: { readonly status: 'active' };
}

/** About to be taken by the actor. */
export interface EventEntry extends Protocol {
  readonly type: '@xstate.event';
  /** Absent for what comes from outside; the actor itself for its timers and the ends of its calls. */
  readonly sourceId?: string;
  readonly event: Fields & { readonly type: string };
  /** If it belongs to one. */
  readonly commandId: string | null;
}

export interface TakenTransition {
  readonly source: string;
  readonly event: string;
  readonly targets: readonly string[];
}

export interface DeadlineEntry {
  readonly name: string;
  /** Epoch ms. */
  readonly endsAt: number;
}

/** An event has been dealt with: comes after everything that it led to. */
export interface SnapshotEntry extends Protocol {
  readonly type: '@xstate.snapshot';
  /** `xstate.stop` when it ended without one. */
  readonly event: { readonly type: string };
  readonly snapshot: {
    readonly status: 'active' | 'done' | 'error' | 'stopped';
    readonly value: StateValue;
    readonly context: Fields;
  };
  readonly commandId: string | null;
  readonly taken: readonly TakenTransition[];
  readonly deadlines: readonly DeadlineEntry[];
}

export interface CallEntry extends Base {
  readonly type: 'bluelinkd.call';
  readonly phase: 'begun' | 'ended';
  /** The same for both phases. */
  readonly call: number;
  /** `control`, `cachedRead`, `record`, `sessionRefresh` … */
  readonly name: string;
  readonly account: string;
  /** Of the car that it is for. */
  readonly carAddress: string | null;
  readonly commandId: string | null;
  readonly attempt: number | null;
  /** Of the token; of one that begins, that of the session in hand. */
  readonly generation: number | null;
  readonly scope: 'access' | 'control' | null;
  /** `ok`, or the kind of the failure; null while it runs. */
  readonly outcome: string | null;
  /** What came back: `accepted`, `reading`, `record success` … */
  readonly answer: string | null;
  /** `HTTP 401`, `resCode 4004` … */
  readonly cause: string | null;
  readonly durationMs: number | null;
}

/** A message at the broker, without what it says. */
export interface MessageEntry extends Base {
  readonly type: 'bluelinkd.message';
  readonly direction: 'in' | 'out';
  readonly topic: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly bytes: number;
  /** Of answers. */
  readonly commandId: string | null;
  readonly status: string | null;
  readonly reason: string | null;
}

export interface LogEntry extends Base {
  readonly type: 'bluelinkd.log';
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface AccountHealth {
  readonly account: string;
  readonly tokenState: string | null;
  readonly generation: number;
  /** Epoch ms. */
  readonly expiresAt: number | null;
  readonly breakerState: string | null;
  /** Of the day's budget; null without a limit. */
  readonly callsLeft: number | null;
  /** The most since the last of these. */
  readonly callsInFlight: number;
  /** Who waits for a turn at the cloud; the most since the last of these. */
  readonly line: number;
  /** Who waits for the token or for a turn; the most since the last of these. */
  readonly waiting: number;
  readonly refreshesLastHour: number;
}

export interface HealthEntry extends Base {
  readonly type: 'bluelinkd.health';
  readonly accounts: readonly AccountHealth[];
  /** Controls that wait, of all cars; the most since the last of these. */
  readonly queue: number;
  /** The most since the last of these. */
  readonly commandsOpen: number;
  /** The longest since the last of these. */
  readonly eventLoopDelayMs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly brokerConnected: boolean;
  /** Who listens here. */
  readonly clients: number;
}

/** Only on the stream: what was told between is not there any more. */
export interface DroppedEntry extends Base {
  readonly type: 'bluelinkd.dropped';
  readonly count: number;
  readonly sinceSeq: number;
}

/** The first message of every stream. `seq` is that of the newest entry. */
export interface HelloEntry extends Base {
  readonly type: 'bluelinkd.hello';
  /** Another word for every process: numbers begin anew with it. */
  readonly boot: string;
  readonly version: string;
}

/** In those of version 1 the value of a snapshot is the list of the innermost states; they are read, too. */
export const RECORDING_VERSION = 2;

/** The first line of a recording. */
export interface RecordingHeader {
  readonly type: 'bluelinkd.recording';
  readonly version: typeof RECORDING_VERSION;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly bluelinkd: string;
  readonly node: string;
  readonly simulated: boolean;
}

/** What the ring buffer keeps. */
export type Entry = ActorEntry | EventEntry | SnapshotEntry | CallEntry | MessageEntry | LogEntry | HealthEntry;
