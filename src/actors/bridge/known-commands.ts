import type { Clock, Journal } from '../ports.ts';
import type { Entry } from './entry.ts';

export type Admission =
  | { readonly type: 'new' }
  | { readonly type: 'repeated'; readonly entry: Entry }
  | { readonly type: 'reused' }
  | { readonly type: 'full' };

/**
 * Who repeats a command within ten minutes is promised that it is one; and what was repeated in time may wait at the
 * broker for a while before it comes.
 */
const REMEMBERED_MS = 600_000 + 120_000;
const REDELIVERED_MS = 120_000;
/** What the broker never took is owed for so long. */
const OWED_MS = 86_400_000;
const LIMIT = 100_000;

/**
 * The commands that came in the last ten minutes, or are still owed an answer, by their id: the same message again is not
 * another command.
 */
export class KnownCommands {
  private readonly journal: Pick<Journal, 'remove'>;
  private readonly clock: Clock;
  /** In the order in which they came. */
  private readonly entries = new Map<string, Entry>();
  /** Messages without an id, by their fingerprint: only a redelivery by the broker is taken for a repetition. */
  private readonly unnamed = new Map<string, { readonly id: string; readonly since: number }>();

  constructor(journal: Pick<Journal, 'remove'>, clock: Clock) {
    this.journal = journal;
    this.clock = clock;
  }

  add(entry: Entry): void {
    this.entries.set(entry.received.id, entry);
    if (entry.isNamed) return;
    // The map is in the order of age.
    this.unnamed.delete(entry.fingerprint);
    this.unnamed.set(entry.fingerprint, { id: entry.received.id, since: entry.since });
  }

  /** Those of earlier runs came before all that are known. Who is known already stays as it is. */
  addEarlier(entries: readonly Entry[]): void {
    const later = this.all();
    this.entries.clear();
    this.unnamed.clear();
    for (const entry of entries) this.add(entry);
    for (const entry of later) this.add(entry);
  }

  find(id: string): Entry | null {
    return this.entries.get(id) ?? null;
  }

  all(): readonly Entry[] {
    return [...this.entries.values()];
  }

  /** What a message with this id is. */
  admit(id: string, fingerprint: string): Admission {
    this.forget();
    const entry = this.entries.get(id);
    if (entry !== undefined)
      return entry.fingerprint === fingerprint ? { type: 'repeated', entry } : { type: 'reused' };
    return this.entries.size >= LIMIT ? { type: 'full' } : { type: 'new' };
  }

  /** The id of the last unnamed message with this fingerprint, if what came now is its redelivery. */
  redelivered(fingerprint: string): string | null {
    const known = this.unnamed.get(fingerprint);
    return known !== undefined && this.clock.elapsed() - known.since <= REDELIVERED_MS ? known.id : null;
  }

  /** The same where it is known what is to be done only, and not with which car. */
  redeliveredWork(work: string): readonly Entry[] {
    const fingerprints = [...this.unnamed.keys()].filter((fingerprint) => fingerprint.endsWith(`/${work}`));
    return fingerprints.flatMap((fingerprint) => {
      const id = this.redelivered(fingerprint);
      return id === null ? [] : (this.find(id) ?? []);
    });
  }

  /** What is too old, and owed to nobody. */
  forget(): void {
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
