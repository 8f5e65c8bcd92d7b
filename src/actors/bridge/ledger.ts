import type { CommandRecord, Received } from '../contract/records.ts';
import type { ListedCar } from './directory.ts';

/** Where the answers to one message go. */
export interface Origin {
  readonly resultTopic: string;
  /** Checked already; null if there is none, or none that is allowed. */
  readonly responseTopic: string | null;
  readonly correlationData: Uint8Array | null;
}

/** A command that was taken, from its acceptance until ten minutes later. */
export interface Entry {
  readonly received: Received;
  readonly car: ListedCar;
  readonly origin: Origin;
  /** Car, command and payload without the id. */
  readonly fingerprint: string;
  /** The control may have been sent. */
  underway: boolean;
  /** The cloud's action, once it took the control; epoch ms. */
  action: { readonly id: string; readonly startedAt: number } | null;
  /** How it ended; null while it has not. */
  record: CommandRecord | null;
  /** Repetitions of the message: each gets the same record. */
  readonly twins: Origin[];
}

export type Admission =
  | { readonly type: 'new' }
  | { readonly type: 'repeated'; readonly entry: Entry }
  | { readonly type: 'reused' }
  | { readonly type: 'full' };

const REMEMBERED_MS = 600_000;
const REDELIVERED_MS = 120_000;
const LIMIT = 50_000;
const TWIN_LIMIT = 64;

/**
 * Who is owed an answer, and what was asked before: the same message within ten minutes is one execution. It outlives
 * the bridge actor, so that what a dead bridge owed is still known to its successor.
 */
export class Ledger {
  private readonly entries = new Map<string, Entry>();
  /** Messages without an id, by their fingerprint: only a redelivery by the broker is taken for a repetition. */
  private readonly unnamed = new Map<string, { readonly id: string; readonly at: number }>();
  private open = 0;

  admit(id: string, fingerprint: string, now: number): Admission {
    this.forget(now);
    const entry = this.entries.get(id);
    if (entry !== undefined)
      return entry.fingerprint === fingerprint ? { type: 'repeated', entry } : { type: 'reused' };
    return this.entries.size >= LIMIT ? { type: 'full' } : { type: 'new' };
  }

  /** The id under which an unnamed message with this fingerprint came before, if it is a redelivery of it. */
  redelivered(fingerprint: string, now: number): string | null {
    const known = this.unnamed.get(fingerprint);
    return known !== undefined && now - known.at <= REDELIVERED_MS ? known.id : null;
  }

  take(entry: Entry, isNamed: boolean): void {
    this.entries.set(entry.received.id, entry);
    this.open += 1;
    if (!isNamed) this.unnamed.set(entry.fingerprint, { id: entry.received.id, at: entry.received.receivedAt });
  }

  /** @returns false when so many repetitions wait that one more would be too many. */
  addTwin(entry: Entry, origin: Origin): boolean {
    if (entry.twins.length >= TWIN_LIMIT) return false;
    entry.twins.push(origin);
    return true;
  }

  find(id: string): Entry | null {
    return this.entries.get(id) ?? null;
  }

  /** @returns false if it had ended before: nobody is told twice. */
  settle(entry: Entry, record: CommandRecord): boolean {
    if (entry.record !== null) return false;
    entry.record = record;
    this.open -= 1;
    return true;
  }

  unsettled(): readonly Entry[] {
    return this.open === 0 ? [] : [...this.entries.values()].filter(({ record }) => record === null);
  }

  get openCount(): number {
    return this.open;
  }

  private forget(now: number): void {
    for (const [id, { received, record }] of this.entries) {
      if (now - received.receivedAt <= REMEMBERED_MS) break;
      if (record !== null) this.entries.delete(id);
    }
    for (const [fingerprint, { at }] of this.unnamed) {
      if (now - at <= REDELIVERED_MS) break;
      this.unnamed.delete(fingerprint);
    }
  }
}
