import type { CommandRecord } from '../contract/records.ts';
import type { Clock, Dispatch, InboundMessage, Journal, KeptMessage, Origin, Unkept } from '../ports.ts';
import { type Entry, entryOf, keptOf, restored, slim, type Taken } from './entry.ts';
import { type Admission, KnownCommands } from './known-commands.ts';
import { SharedCalls } from './shared-calls.ts';

const TWIN_LIMIT = 64;

/** What earlier runs left to be done. */
export interface LeftBehind {
  /** What they took and did not end, in the order in which it came. */
  readonly owed: readonly Entry[];
  /** What they ended and did not tell. */
  readonly untold: readonly Entry[];
  /** Messages whose car they did not know yet. */
  readonly early: readonly KeptMessage[];
}

/**
 * Who is owed an answer, and what was asked before (known-commands.ts): the same message within ten minutes is one
 * execution. It outlives the bridge actor, and by the journal the process: what a dead one owed is still known to its
 * successor.
 */
export class Ledger {
  private readonly journal: Journal;
  private readonly clock: Clock;
  private readonly known: KnownCommands;
  private readonly calls = new SharedCalls();
  private readonly telling = new Set<Promise<void>>();
  private open = 0;
  private nextKey: number;
  /** Of what could be read at the start. */
  readonly left: LeftBehind;

  constructor(journal: Journal, clock: Clock) {
    this.journal = journal;
    this.clock = clock;
    this.known = new KnownCommands(journal, clock);
    // Also after a run whose records could not be read, new keys are new.
    this.nextKey = journal.left.reduce((next, { key }) => Math.max(next, key + 1), clock.now());
    this.left = this.restoreAll(journal.left);
  }

  /** Nobody knows yet what earlier runs took: what comes now may have come before. */
  get isBlind(): boolean {
    return !this.journal.isRead;
  }

  /** @param listener hears what earlier runs left, if that could not be read at the start and now can. */
  onRead(listener: (left: LeftBehind) => void): void {
    this.journal.onRead((left) => {
      const mine = this.known.all();
      // Nothing of this run is in the journal yet, and nothing of it may take the place of what is.
      this.nextKey = left.reduce((next, { key }) => Math.max(next, key + 1), this.nextKey);
      for (const entry of mine) entry.key = this.nextKey++;
      const behind = this.restoreAll(left);
      for (const entry of mine) this.journal.note(keptOf(entry));
      listener(behind);
    });
  }

  // ── What comes ────────────────────────────────────────────────────────────────────────────────────────────────────

  admit(id: string, fingerprint: string): Admission {
    return this.known.admit(id, fingerprint);
  }

  /** The id under which an unnamed message with this fingerprint came before, if it is a redelivery of it. */
  redelivered(fingerprint: string): string | null {
    return this.known.redelivered(fingerprint);
  }

  /**
   * The command that a message repeats whose car is not listed.
   *
   * @param id null: the broker delivers it again, and it has none.
   */
  repeated(id: string | null, at: { readonly topicName: string; readonly work: string }): Entry | null {
    const candidates = id === null ? this.known.redeliveredWork(at.work) : [this.known.find(id)];
    const isThis = (entry: Entry | null) =>
      entry?.car.topicName === at.topicName &&
      entry.fingerprint === `${entry.car.account}/${entry.car.car.id}/${at.work}`;
    return candidates.find(isThis) ?? null;
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

  /** A message whose car nobody knows yet. @returns its place in the journal, null if it cannot have one yet. */
  keepEarly(message: InboundMessage): { readonly key: number | null; readonly kept: Promise<boolean> } {
    if (this.isBlind) return { key: null, kept: Promise.resolve(false) };
    const key = this.nextKey++;
    return { key, kept: this.journal.write({ kind: 'message', key, isDoubted: false, message }) };
  }

  dropEarly(key: number): void {
    this.journal.remove(key);
  }

  find(id: string): Entry | null {
    return this.known.find(id);
  }

  // ── What is under way ─────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * A call is about to be sent for this command and those that joined it.
   *
   * @param at epoch ms, of the cloud's clock.
   * @returns whether that is in the journal.
   */
  async dispatched(id: string, at: number): Promise<boolean> {
    const entry = this.known.find(id);
    if (entry === null || entry.record !== null) return false;
    const calls = (entry.dispatch?.calls ?? 0) + 1;
    const dispatch: Dispatch = { first: id, at, calls, taken: null };
    const kept = this.sharing(id).map((member) => {
      member.dispatch = dispatch;
      return this.write(member);
    });
    return (await Promise.all(kept)).every((isKept) => isKept);
  }

  /** What the call came to: the cloud took it, or it certainly did not reach the car. */
  answered(id: string, taken: Dispatch['taken']): void {
    for (const member of this.sharing(id)) {
      if (member.dispatch === null || member.record !== null) continue;
      member.dispatch = taken === null ? null : { ...member.dispatch, taken };
      this.journal.note(keptOf(member));
    }
  }

  /** From now on the command may have reached the car, by the call that is made for `first`. */
  markUnderway(id: string, first: string): void {
    const entry = this.known.find(id);
    if (entry === null) return;
    entry.underway = true;
    if (id === first) return;
    this.calls.join(first, id);
    const leader = this.known.find(first);
    if (leader === null || leader.dispatch === null || entry.dispatch !== null) return;
    entry.dispatch = leader.dispatch;
    void this.write(entry);
  }

  // ── What ends ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @returns false if it had ended before: nobody is told twice. */
  settle(entry: Entry, record: CommandRecord, tell: () => void): boolean {
    if (entry.record !== null) return false;
    entry.record = record;
    entry.payload = null;
    this.open -= 1;
    this.calls.end(entry.received.id);
    this.whenKept(entry, this.write(entry), () => {
      tell();
      entry.end();
    });
    return true;
  }

  /** Resolves when the broker may forget the message: it is kept. If it cannot be, that is when its answer has been told. */
  async whenSafe({ over }: Entry, kept: Promise<boolean>): Promise<Unkept | null> {
    return (await kept) ? null : { over };
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
    if (this.known.find(entry.received.id) === entry) this.journal.note(keptOf(entry));
    slim(entry);
  }

  /** Resolves when everybody has been told what there was to tell so far. */
  async settled(): Promise<void> {
    await Promise.all(this.telling);
  }

  unsettled(): readonly Entry[] {
    return this.open === 0 ? [] : this.known.all().filter(({ record }) => record === null);
  }

  get openCount(): number {
    return this.open;
  }

  // ── What an earlier run left ──────────────────────────────────────────────────────────────────────────────────────

  /** How old they are is known by the time of day only; but none is older than one that came before it. */
  private restoreAll(left: Journal['left']): LeftBehind {
    const [now, elapsed] = [this.clock.now(), this.clock.elapsed()];
    const entries: Entry[] = [];
    let since = Number.NEGATIVE_INFINITY;
    for (const kept of left) {
      if (kept.kind !== 'command') continue;
      since = Math.max(since, elapsed - Math.max(0, now - kept.receivedAt));
      // A read that was asked for again while nobody knew of it: it has its new answer.
      if (this.known.find(kept.id) !== null && kept.command === 'refresh') this.journal.remove(kept.key);
      else entries.push(restored(kept, since));
    }
    this.known.addEarlier(entries);
    this.known.forget();
    const known = entries.filter((entry) => this.known.find(entry.received.id) === entry);
    for (const entry of known) this.restore(entry);
    return {
      owed: known.filter(({ record }) => record === null),
      untold: known.filter(({ record, isTold }) => record !== null && !isTold),
      early: left.filter((record) => record.kind === 'message'),
    };
  }

  private restore({ record, dispatch, received: { id } }: Entry): void {
    if (record !== null) return;
    this.open += 1;
    if (dispatch !== null && dispatch.first !== id) this.calls.join(dispatch.first, id);
  }

  private enter(entry: Entry): void {
    this.known.add(entry);
    if (entry.record === null) this.open += 1;
  }

  private write(entry: Entry): Promise<boolean> {
    return this.journal.write(keptOf(entry));
  }

  /** Who shares the call that is made for this command. */
  private sharing(id: string): readonly Entry[] {
    return this.calls.of(id).flatMap((member) => this.known.find(member) ?? []);
  }
}
