import type { CloudCall, Purpose } from '../machines/domain/command.ts';
import type { CloudFailure } from '../machines/domain/failure.ts';
import type { CallOutcome, RegistrationOutcome, SessionOutcome } from '../machines/domain/outcome.ts';

/** The world, as the actors see it: interfaces only. Adapters in `src/io` implement them, tests fake them. */

export type { CallOutcome, RegistrationOutcome, SessionOutcome };

export interface CallOptions {
  /** Ends the call at once. The gateway has its own time-out besides. */
  readonly signal: AbortSignal;
  /** The command that asked, for the log; null for calls of the daemon's own. */
  readonly commandId: string | null;
  /** 1, or 2 for the single retry after a refresh. */
  readonly attempt: number;
  /** Whether our own limits may refuse it (`budget`); absent: `needed`. */
  readonly purpose?: Purpose;
  /**
   * Awaited once by a control, when all that it needs is at hand and nothing but the control itself is left to be sent.
   * A failure keeps it here, and is the outcome. Absent: nothing to wait for.
   */
  readonly beforeSending?: () => Promise<CloudFailure | null>;
}

/** The topics on which the broker may keep a reading of a car, also one that an earlier run has published. */
export interface RetainedTopics {
  has(topic: string): boolean;
  add(topic: string): void;
  delete(topic: string): void;
}

/**
 * One account of the vendor's cloud. No method rejects: whatever goes wrong comes out as a `CloudFailure`. Passwords,
 * PIN and tokens stay behind this port.
 */
export interface CloudPort {
  call(call: CloudCall, options: CallOptions): Promise<CallOutcome>;
  /** The stored session if it is still good (`asked: false`), else its renewal; `grantRefused` if there is none. */
  startSession(signal: AbortSignal): Promise<SessionOutcome>;
  /**
   * Renews the session by its grant, always asking the server; drops the control token. Single flight: a second caller
   * waits for the first and gets its outcome.
   */
  refreshSession(signal: AbortSignal): Promise<SessionOutcome>;
  /** Logs in with the account's credentials, within the login budget (`loginBudget` without asking the server). */
  login(signal: AbortSignal): Promise<SessionOutcome>;
  /**
   * Registers our device anew, unless that has been done since the id `named` (`CallOutcome.device`; null means the
   * present one). Single flight, as the refresh is.
   */
  registerDevice(named: number | null, signal: AbortSignal): Promise<RegistrationOutcome>;
  /**
   * How far the cloud's clock is ahead of ours, ms (negative if it is behind): 0 while the two agree, or nobody knows.
   * Rather too much than too little.
   */
  clockAheadMs(): number;
  /** The generation of the session in hand, 0 if there is none. */
  generation(): number;
  /**
   * Hears of every session that another process has stored (`bluelinkd login`): calls are made with it from then on.
   * Answers how to stop that.
   */
  onSessionChange(listener: (news: SessionNews) => void): () => void;
  /** When the server last answered a refresh or login, epoch ms; also of earlier runs. */
  recentVisits(): readonly number[];
  /** What was used of the limits of calls, and what is left. */
  budget(): BudgetReport;
  /** Hears, at most once a second, that the report has changed. Answers how to stop that. */
  onBudgetChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** The account's calls of this day. Limits are null where there is none. */
export interface BudgetReport {
  readonly calls: number;
  readonly callsPerDay: number | null;
  /** Forced reads of the last 24 hours, by the cloud's id of the car; cars without any are missing. */
  readonly forcedReads: Readonly<Record<string, number>>;
  /** Of each car. */
  readonly forcedReadsPerDay: number | null;
  /** The cloud's own count, as its last answer told it; `resetAt` in epoch ms. */
  readonly server: {
    readonly limit: number | null;
    readonly remaining: number | null;
    readonly resetAt: number | null;
  };
}

export interface SessionNews {
  /** Newer than any before. */
  readonly generation: number;
  readonly lifetimeMs: number;
}

/** A message as the broker delivered it. */
export interface InboundMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** True only for a message that the broker had stored (subscribed with `rap: false`). */
  readonly retain: boolean;
  /** MQTT's DUP flag: a redelivery. */
  readonly dup: boolean;
  readonly qos: 0 | 1;
  /** MQTT 5 only, else null. Seconds. */
  readonly messageExpiryS: number | null;
  readonly responseTopic: string | null;
  readonly correlationData: Uint8Array | null;
  /** Epoch ms. */
  readonly receivedAt: number;
}

export interface OutboundMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly correlationData?: Uint8Array;
  /** Called when the broker has it (QoS 1) or it is written (QoS 0); never if it was dropped. */
  readonly delivered?: () => void;
}

/** What becomes of a message that cannot be kept: it is acknowledged when `over` resolves, which it always does. */
export interface Unkept {
  readonly over: Promise<void>;
}

export interface BusListener {
  /** Called on every connection, also the first. `protocolVersion` 4 is MQTT 3.1.1. */
  connected(info: { readonly protocolVersion: 4 | 5 }): void;
  /** `reason` is a sentence for a person, without secrets. */
  lost(reason: string): void;
  /**
   * The broker is told that we have it (PUBACK) when what this answers resolves, or at once if that is nothing. Messages
   * that come meanwhile are handed over all the same. What is not acknowledged is delivered again on a later connection.
   * Those after one that turns out to be `Unkept` are acknowledged without it: what has been told of them is no secret to the
   * broker for longer than needs be.
   */
  message(message: InboundMessage): Promise<unknown> | undefined;
}

/**
 * The broker. Connects by itself and keeps trying; `publish` never throws and never blocks: what cannot be sent now is
 * kept (retained topics: the last value; others: a bounded queue, oldest dropped and said so) until the broker is back.
 */
export interface MessageBus {
  /** `subscriptions` are topic filters, (re)subscribed at QoS 1 on every connection. */
  start(listener: BusListener, subscriptions: readonly string[]): void;
  publish(message: OutboundMessage): void;
  /** Publishes `last`, waits until the broker has it (bounded), disconnects. */
  close(last: OutboundMessage | null): Promise<void>;
}

/** Where the answers to a message go. */
export interface Origin {
  readonly resultTopic: string;
  /** Checked already; null if there is none, or none that is allowed. */
  readonly responseTopic: string | null;
  readonly correlationData: Uint8Array | null;
}

/** That the call of a control is about to be made, or has been. */
export interface Dispatch {
  /** The id of the command that the call is made for: its own, or that of the one that it joined. */
  readonly first: string;
  /** When the last call began; epoch ms, of the cloud's clock. */
  readonly at: number;
  /** Nobody wrote it down, but it may have been: `at` is when the command came, by our clock. */
  readonly isGuessed?: true | undefined;
  /** How many were begun. */
  readonly calls: number;
  /** The cloud took it; `at` as above. */
  readonly taken: { readonly actionId: string | null; readonly at: number } | null;
}

/** A command that was taken, as far as it has come. Times in epoch ms. */
export interface KeptCommand {
  readonly kind: 'command';
  readonly key: number;
  readonly id: string;
  /** Whether the sender gave the id. */
  readonly isNamed: boolean;
  readonly account: string;
  /** The cloud's vehicle id. */
  readonly car: string;
  /** Its level in topics. */
  readonly topicName: string;
  /** The last level of the topic. */
  readonly command: string;
  /** As the sender wrote it; null once the command has ended, because it may tell where somebody goes. */
  readonly payload: Uint8Array | null;
  readonly fingerprint: string;
  readonly receivedAt: number;
  /** When the sender no longer wants it. */
  readonly expiresAt: number | null;
  readonly ignored: readonly string[];
  readonly hint: string | null;
  readonly simulated: boolean;
  readonly origin: Origin;
  /** Repetitions of the message that wait for the same answer. */
  readonly twins: readonly Origin[];
  readonly dispatch: Dispatch | null;
  /** The final record, byte by byte as it is told. */
  readonly record: string | null;
  /** The broker has all answers. */
  readonly isTold: boolean;
}

/** A message that waits for its car to be listed. */
export interface KeptMessage {
  readonly kind: 'message';
  readonly key: number;
  /** What became of it may be lost: it may have been a command, and carried out. */
  readonly isDoubted: boolean;
  readonly message: InboundMessage;
}

export type JournalRecord = KeptCommand | KeptMessage;

/**
 * What must outlive the process, a crash included. A record replaces the one that has the same key. No method throws or
 * rejects; none takes longer than some seconds.
 */
export interface Journal {
  /** What earlier runs left, in the order of its keys; nothing while it cannot be read. */
  readonly left: readonly JournalRecord[];
  /** Whether `left` has been read. Until then nothing is kept, and whatever comes may have come before. */
  readonly isRead: boolean;
  /** Hears what earlier runs left, once, if it had not been read and now has. One listener. */
  onRead(listener: (left: readonly JournalRecord[]) => void): void;
  /** Resolves to true when it is on the disk, with everything written before; to false when it could not be put there. */
  write(record: JournalRecord): Promise<boolean>;
  /** The same where nobody waits: it survives the death of the process, but not of the machine, unless a `write` follows. */
  note(record: JournalRecord): void;
  remove(key: number): void;
  close(): Promise<void>;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Structured log. Fields are allowlisted by who calls it; the adapter redacts what it knows to be secret besides. */
export interface Log {
  child(fields: Readonly<Record<string, unknown>>): Log;
  write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface Clock {
  /** Epoch ms. Jumps when somebody sets the clock: for moments that are told, kept or compared with those of others. */
  now(): number;
  /** ms since some moment of this process; never jumps, never goes back: for how long something takes or lasts. */
  elapsed(): number;
}

/** Chance and names, so that a run can be repeated. */
export interface Randomness {
  /** 0 ≤ x < 1 */
  random(): number;
  /** A fresh id for a command without one. */
  id(): string;
}
