import type { CommandRecord } from '../contract/records.ts';
import type { Clock, Dispatch, InboundMessage, Journal, KeptMessage, Origin } from '../ports.ts';
import { type Entry, entryOf, keptOf, restored, slim, type Taken } from './entry.ts';

export type Admission =
  | { readonly type: 'new' }
  | { readonly type: 'repeated'; readonly entry: Entry }
  | { readonly type: 'reused' }
  | { readonly type: 'full' };

const REMEMBERED_MS = 600_000;
const REDELIVERED_MS = 120_000;
/** What the broker never took is owed for so long. */
const OWED_MS = 86_400_000;
const LIMIT = 100_000;
const TWIN_LIMIT = 64;

/**
 * Who is owed an answer, and what was asked before: the same message within ten minutes is one execution. It outlives
 * the bridge actor, and by the journal the process: what a dead one owed is still known to its successor.
 */
export class Ledger {
  private readonly journal: Journal;
  private readonly clock: Clock;
  private readonly entries = new Map<string, Entry>();
  /** Messages without an id, by their fingerprint: only a redelivery by the broker is taken for a repetition. */
  private readonly unnamed = new Map<string, { readonly id: string; readonly since: number }>();
  /** The commands that share a call, by the id of the first. */
  private readonly groups = new Map<string, Set<string>>();
  private readonly telling = new Set<Promise<void>>();
  private open = 0;
  private nextKey: number;
  /** What an earlier run took and did not end, in the order in which it came. */
  readonly owed: readonly Entry[];
  /** What an earlier run ended and did not tell. */
  readonly untold: readonly Entry[];
  /** Messages whose car an earlier run did not know yet. */
  readonly early: readonly KeptMessage[];

  constructor(journal: Journal, clock: Clock) {
    this.journal = journal;
    this.clock = clock;
    // Also after a run whose records could not be read, new keys are new.
    this.nextKey = journal.left.reduce((next, { key }) => Math.max(next, key + 1), clock.now());
    this.early = journal.left.filter((record) => record.kind === 'message');
    this.restoreAll(journal.left);
    this.forget();
    const known = [...this.entries.values()];
    this.owed = known.filter(({ record }) => record === null);
    this.untold = known.filter(({ record, isTold }) => record !== null && !isTold);
  }

  admit(id: string, fingerprint: string): Admission {
    this.forget();
    const entry = this.entries.get(id);
    if (entry !== undefined)
      return entry.fingerprint === fingerprint ? { type: 'repeated', entry } : { type: 'reused' };
    return this.entries.size >= LIMIT ? { type: 'full' } : { type: 'new' };
  }

  /** The id under which an unnamed message with this fingerprint came before, if it is a redelivery of it. */
  redelivered(fingerprint: string): string | null {
    const known = this.unnamed.get(fingerprint);
    return known !== undefined && this.clock.elapsed() - known.since <= REDELIVERED_MS ? known.id : null;
  }

  /** @returns the entry, and whether it is in the journal. */
  take(taken: Taken): { readonly entry: Entry; readonly kept: Promise<boolean> } {
    const entry = entryOf(taken, { key: this.nextKey++, since: this.clock.elapsed() });
    this.enter(entry);
    return { entry, kept: this.write(entry) };
  }

  /** @returns whether it is in the journal; null when so many repetitions wait that one more would be too many. */
  addTwin(entry: Entry, origin: Origin): Promise<boolean> | null {
    if (entry.twins.length >= TWIN_LIMIT) return null;
    entry.twins.push(origin);
    return this.write(entry);
  }

  find(id: string): Entry | null {
    return this.entries.get(id) ?? null;
  }

  /** A call is about to be sent for this command and those that joined it. @returns whether that is in the journal. */
  async dispatched(id: string): Promise<boolean> {
    const entry = this.entries.get(id);
    if (entry === undefined || entry.record !== null) return false;
    const calls = (entry.dispatch?.calls ?? 0) + 1;
    const dispatch: Dispatch = { first: id, at: this.clock.now(), calls, taken: null };
    const kept = this.groupOf(id).map((member) => {
      member.dispatch = dispatch;
      return this.write(member);
    });
    return (await Promise.all(kept)).every((isKept) => isKept);
  }

  /** What the call came to: the cloud took it, or it certainly did not reach the car. */
  answered(id: string, taken: Dispatch['taken']): void {
    for (const member of this.groupOf(id)) {
      if (member.dispatch === null || member.record !== null) continue;
      member.dispatch = taken === null ? null : { ...member.dispatch, taken };
      this.journal.note(keptOf(member));
    }
  }

  /** From now on the command may have reached the car, by the call that is made for `first`. */
  markUnderway(id: string, first: string): void {
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    entry.underway = true;
    if (id === first) return;
    const group = this.groups.get(first) ?? new Set([first]);
    this.groups.set(first, group.add(id));
    const leader = this.entries.get(first);
    if (leader === undefined || leader.dispatch === null || entry.dispatch !== null) return;
    entry.dispatch = leader.dispatch;
    void this.write(entry);
  }

  /** @returns false if it had ended before: nobody is told twice. */
  settle(entry: Entry, record: CommandRecord, tell: () => void): boolean {
    if (entry.record !== null) return false;
    entry.record = record;
    entry.payload = null;
    this.open -= 1;
    this.groups.delete(entry.received.id);
    this.whenKept(entry, this.write(entry), () => {
      tell();
      entry.end();
    });
    return true;
  }

  /** Resolves when the broker may forget the message: it is kept, or if it cannot be, its answer has been told. */
  async whenSafe(entry: Entry, kept: Promise<boolean>): Promise<void> {
    if (!(await kept)) await entry.over;
  }

  /** Tells the sender something once it is in the journal (or cannot be), after all that was to be told before. */
  whenKept(entry: Entry, kept: Promise<boolean>, tell: () => void): void {
    const told = entry.told.then(() => kept).then(tell);
    entry.told = told;
    this.telling.add(told);
    void told.finally(() => this.telling.delete(told));
  }

  /** The broker has every answer. */
  markTold(entry: Entry): void {
    entry.isTold = true;
    if (this.entries.get(entry.received.id) === entry) this.journal.note(keptOf(entry));
    slim(entry);
  }

  /** A message whose car nobody knows yet. */
  keepEarly(message: InboundMessage): { readonly key: number; readonly kept: Promise<boolean> } {
    const key = this.nextKey++;
    return { key, kept: this.journal.write({ kind: 'message', key, message }) };
  }

  dropEarly(key: number): void {
    this.journal.remove(key);
  }

  /** Resolves when everybody has been told what there was to tell so far. */
  async settled(): Promise<void> {
    await Promise.all(this.telling);
  }

  unsettled(): readonly Entry[] {
    return this.open === 0 ? [] : [...this.entries.values()].filter(({ record }) => record === null);
  }

  get openCount(): number {
    return this.open;
  }

  /** How old they are is known by the time of day only; but none is older than one that came before it. */
  private restoreAll(left: Journal['left']): void {
    const [now, elapsed] = [this.clock.now(), this.clock.elapsed()];
    let since = Number.NEGATIVE_INFINITY;
    for (const kept of left) {
      if (kept.kind !== 'command') continue;
      since = Math.max(since, elapsed - Math.max(0, now - kept.receivedAt));
      this.restore(restored(kept, since));
    }
  }

  private restore(entry: Entry): void {
    this.enter(entry);
    const { dispatch } = entry;
    if (dispatch === null || entry.record !== null || dispatch.first === entry.received.id) return;
    const group = this.groups.get(dispatch.first) ?? new Set([dispatch.first]);
    this.groups.set(dispatch.first, group.add(entry.received.id));
  }

  private enter(entry: Entry): void {
    this.entries.set(entry.received.id, entry);
    if (entry.record === null) this.open += 1;
    if (!entry.isNamed) {
      // The map is in the order of age.
      this.unnamed.delete(entry.fingerprint);
      this.unnamed.set(entry.fingerprint, { id: entry.received.id, since: entry.since });
    }
  }

  private write(entry: Entry): Promise<boolean> {
    return this.journal.write(keptOf(entry));
  }

  private groupOf(id: string): readonly Entry[] {
    const ids = this.groups.get(id) ?? [id];
    return [...ids].flatMap((member) => this.entries.get(member) ?? []);
  }

  private forget(): void {
    const elapsed = this.clock.elapsed();
    for (const [id, entry] of this.entries) {
      const ageMs = elapsed - entry.since;
      if (ageMs <= REMEMBERED_MS) break;
      if (entry.record === null || (!entry.isTold && ageMs <= OWED_MS)) continue;
      this.entries.delete(id);
      this.journal.remove(entry.key);
    }
    for (const [fingerprint, { since }] of this.unnamed) {
      if (elapsed - since <= REDELIVERED_MS) break;
      this.unnamed.delete(fingerprint);
    }
  }
}
