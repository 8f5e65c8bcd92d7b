import type { CommandName, FinalStatus, Purpose, Reason, RecordWord } from '../../machines/domain/command.ts';
import type { Address } from '../../machines/domain/events.ts';
import type { Scope } from '../../machines/domain/failure.ts';

/**
 * What can be seen of the running actors, as plain data: for metrics, the inspector, recordings. Only what is named here
 * gets out; no secret, VIN, e-mail, position or sentence can be among it. Addresses hold the cloud's ids of cars.
 */

export type ActorKind = 'fleet' | 'bridge' | 'account' | 'token' | 'breaker' | 'vehicle' | 'command' | 'list';

export interface Actor {
  readonly address: Address;
  readonly kind: ActorKind;
  /** Null for fleet and bridge. */
  readonly account: string | null;
  /** Null for the fleet. */
  readonly parent: Address | null;
}

/** An event without what nobody outside needs: its type, and the fields that may be seen. */
export interface ToldEvent {
  readonly type: string;
  readonly [field: string]: string | number | boolean | null;
}

/** A transition as the statechart defines it: states by their full names (`token.cooldown.proving`). */
export interface Taken {
  readonly source: string;
  /** Empty for one that is taken by itself. */
  readonly event: string;
  /** Empty for one that stays where it is. */
  readonly targets: readonly string[];
}

/** A timer that runs. */
export interface Deadline {
  /** `tokenWait`; for timers of single permits, the permit's. */
  readonly name: string;
  /** Epoch ms. */
  readonly endsAt: number;
}

export interface TokenFacts {
  readonly kind: 'token';
  readonly generation: number;
  readonly lifetimeMs: number;
  /** Why it is, or was last, in `refreshing`. */
  readonly why: 'start' | 'renewal' | 'rejection' | 'suspect';
  readonly waiting: number;
  /** Those who named the fresh token as refused. */
  readonly refused: number;
  readonly visits: number;
  readonly failures: number;
  readonly reason: Reason | null;
}

export interface BreakerFacts {
  readonly kind: 'breaker';
  /** Permits that are out. */
  readonly out: number;
  readonly line: number;
  readonly controlFailures: number;
  readonly readFailures: number;
  readonly tokenFailures: number;
  readonly openings: number;
  readonly openForMs: number | null;
}

export interface VehicleFacts {
  readonly kind: 'vehicle';
  /** Controls that wait. */
  readonly queue: number;
  /** The control whose turn it is. */
  readonly running: CommandName | null;
  /** Reads that run or wait: 0 to 4. */
  readonly reads: number;
  readonly closing: boolean;
}

/** Of a command, or of the reading of the vehicle list. */
export interface CommandFacts {
  readonly kind: 'command';
  /** The sender's id, or one of our own. */
  readonly id: string;
  readonly command: CommandName | 'list';
  readonly purpose: Purpose;
  /** The token that its last call was made with. */
  readonly generation: number;
  readonly scope: Scope;
  readonly calls: number;
  readonly retried: boolean;
  readonly reregistered: boolean;
  readonly busyRepeats: number;
  readonly looks: number;
  readonly word: RecordWord | null;
  readonly actionId: string | null;
  /** Null until it has ended. */
  readonly status: FinalStatus | null;
  readonly reason: Reason | null;
  readonly confirmed: 'record' | 'reading' | null;
}

export interface AccountFacts {
  readonly kind: 'account';
  /** Null until the list has been read. */
  readonly cars: number | null;
  readonly restarts: number;
  /** Failed readings of the list in a row. */
  readonly failures: number;
}

export interface PlainFacts {
  readonly kind: 'bridge' | 'fleet';
}

/** What may be seen of an actor's memory. */
export type Facts = TokenFacts | BreakerFacts | VehicleFacts | CommandFacts | AccountFacts | PlainFacts;

/** `at` is our clock, epoch ms. */
interface Seen {
  readonly at: number;
  readonly actor: Actor;
}

export interface Started extends Seen {
  readonly type: 'started';
  /** True if one of this address has died: it was started anew. */
  readonly again: boolean;
}

/** An event is about to be taken. */
export interface DeliveredTo extends Seen {
  readonly type: 'delivered';
  /** Null for what comes from outside; the actor's own address for its timers and the ends of its calls. */
  readonly from: Address | null;
  readonly event: ToldEvent;
}

/**
 * An event has been dealt with. It is told when everything is over that it led to, so what other actors did because of it
 * comes before.
 */
export interface Stepped extends Seen {
  readonly type: 'stepped';
  /** The type of the event. */
  readonly event: string;
  /** Names of the innermost states, sorted: `controls.busy`. Empty before the first step. */
  readonly from: readonly string[];
  /** The same array as `from` if nothing changed. */
  readonly to: readonly string[];
  readonly taken: readonly Taken[];
  readonly facts: Facts;
  /** The actor's timers as they run now: to be asked while this is told, not later. */
  readonly deadlines: () => readonly Deadline[];
}

export interface Stopped extends Seen {
  readonly type: 'stopped';
  readonly how: 'done' | 'stopped' | 'died';
}

export type Observation = Started | DeliveredTo | Stepped | Stopped;

/** Must be quick. What it throws is logged once and hurts nobody. It must not send events to actors. */
export type Observer = (observation: Observation) => void;

/** The outermost state of those that are active: `refreshing.awaitingPermit` → `refreshing`. */
export function topOf(states: Stepped['to']): string {
  return (states[0] ?? '').split('.', 1)[0] ?? '';
}
