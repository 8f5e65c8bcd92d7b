import type { BudgetReport, Clock, Log } from '../../actors/ports.ts';
import type { Purpose } from '../../machines/domain/command.ts';
import type { CloudFailure } from '../../machines/domain/failure.ts';
import { DAY_MS, dayOf, shareOf, untilTomorrow } from './budget-day.ts';
import { type BudgetRecord, type BudgetStore, NOTHING_SPENT, spentByAll } from './budget-record.ts';
import { ownFailure } from './cloud-error.ts';
import type { RateLimit } from './rate-limit.ts';
import { Turns } from './turns.ts';

/** 0 means no limit. */
export interface BudgetLimits {
  readonly callsPerDay: number;
  /** Of each car. */
  readonly forcedReadsPerDay: number;
  /** Between two of one car. */
  readonly forcedReadGapMs: number;
}
export const NO_LIMITS: BudgetLimits = { callsPerDay: 0, forcedReadsPerDay: 0, forcedReadGapMs: 0 };

export interface BudgetOptions {
  readonly limits: BudgetLimits;
  /** Null: it is forgotten at the end. */
  readonly store: BudgetStore | null;
}

interface BudgetParts extends BudgetOptions {
  readonly rateLimit: RateLimit;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is about to be called. */
export interface Expense {
  readonly purpose: Purpose;
  /** Null for calls of the account. */
  readonly car: string | null;
  /** A forced read. */
  readonly wakes: boolean;
  readonly commandId: string | null;
}

/** A car that was woken by this run. */
interface Wake {
  /** ms by `Clock.elapsed`: the gap does not depend on the time of day. */
  readonly at: number;
  /** The command that asked: its repetition is no further read. */
  readonly commandId: string | null;
}

/** What a forced read was counted as. */
interface CountedRead {
  readonly entry: BudgetRecord['forced'][number];
  readonly wake: Wake;
  /** The car's wake before it. */
  readonly before: Wake | undefined;
}

/** A crash loses no more than this of the count: so many calls, or those of so many ms. */
const UNSAVED_CALLS = 10;
const SAVE_AFTER_MS = 10_000;
const TELL_AFTER_MS = 1_000;

/**
 * Counts every HTTP call of an account per day (UTC), and forced reads per car in any 24 hours. Our own count never
 * refuses what a control needs; the server's word that nothing remains refuses everything, whatever our limits are.
 */
export class Budget {
  readonly #parts: BudgetParts;
  readonly #listeners = new Set<() => void>();
  #record: BudgetRecord;
  /** What was stored when we last looked. */
  #stored: BudgetRecord;
  #unsaved = 0;
  #saving: Promise<void> = Promise.resolve();
  #saveTimer: NodeJS.Timeout | null = null;
  #tellTimer: NodeJS.Timeout | null = null;
  #everSaved = false;
  #isClosed = false;
  readonly #turns = new Turns();
  /** Each car's last. */
  readonly #wakes = new Map<string, Wake>();
  readonly #counted = new WeakMap<Expense, CountedRead>();

  private constructor(parts: BudgetParts, record: BudgetRecord) {
    this.#parts = parts;
    this.#record = record;
    this.#stored = record;
  }

  /** Never rejects: a record that cannot be read counts as none. */
  static async open(parts: BudgetParts): Promise<Budget> {
    const record = await parts.store?.load().catch(() => null);
    return new Budget(parts, record ?? NOTHING_SPENT);
  }

  /** Null when the call may be made (a forced read counts from here on), else why not. */
  admit(expense: Expense): CloudFailure | null {
    const now = this.#parts.clock.now();
    const refusal = this.#serverSaysNo(now) ?? this.#weSayNo(expense, now);
    if (refusal === null && expense.wakes) this.#countForced(expense, now);
    return refusal;
  }

  /** A forced read that was admitted has certainly not woken its car: it no longer counts. */
  giveBack(expense: Expense): void {
    const counted = this.#counted.get(expense);
    if (counted === undefined) return;
    this.#counted.delete(expense);
    const { entry, wake, before } = counted;
    if (this.#wakes.get(entry.car) === wake) {
      if (before === undefined) this.#wakes.delete(entry.car);
      else this.#wakes.set(entry.car, before);
    }
    this.#record = { ...this.#record, forced: this.#record.forced.filter((one) => one !== entry) };
    this.#changed(UNSAVED_CALLS);
  }

  /** One HTTP request leaves. */
  count(): void {
    const day = dayOf(this.#parts.clock.now());
    const calls = day === this.#record.day ? this.#record.calls + 1 : 1;
    this.#record = { ...this.#record, day, calls };
    this.#changed(this.#everSaved ? 1 : UNSAVED_CALLS);
  }

  report(): BudgetReport {
    const { limits, clock, rateLimit } = this.#parts;
    const now = clock.now();
    const forcedReads: Record<string, number> = {};
    for (const { car } of this.#forcedSince(now - DAY_MS, now)) forcedReads[car] = (forcedReads[car] ?? 0) + 1;
    return {
      calls: this.#callsOn(now),
      callsPerDay: limits.callsPerDay === 0 ? null : limits.callsPerDay,
      forcedReads,
      forcedReadsPerDay: limits.forcedReadsPerDay === 0 ? null : limits.forcedReadsPerDay,
      server: rateLimit.state,
    };
  }

  /** Hears within a second that there is something new to report. Answers how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when everything has been stored. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    if (this.#tellTimer !== null) clearTimeout(this.#tellTimer);
    if (this.#unsaved > 0) this.#save();
    await this.#saving;
  }

  #serverSaysNo(now: number): CloudFailure | null {
    const blockedForMs = this.#parts.rateLimit.blockedForMs(now);
    if (blockedForMs === null) return null;
    const message = 'The cloud says that no requests are left for now.';
    return { ...ownFailure('rateLimited', message, 'x-ratelimit-remaining 0'), retryAfterMs: blockedForMs };
  }

  #weSayNo({ purpose, car, wakes, commandId }: Expense, now: number): CloudFailure | null {
    if (purpose === 'needed') return null;
    const { callsPerDay } = this.#parts.limits;
    if (callsPerDay > 0 && !this.#hasShare(purpose, car, now)) {
      const message = `${this.#callsOn(now)} of the ${callsPerDay} calls of this day are used; the rest is kept for what is more important.`;
      return refused(message, 'calls per day', untilTomorrow(now));
    }
    if (!wakes || car === null || this.#isRepeated(car, commandId)) return null;
    return this.#mayNotWake(car, now);
  }

  #hasShare(purpose: Exclude<Purpose, 'needed'>, car: string | null, now: number): boolean {
    const share = Math.ceil((this.#parts.limits.callsPerDay * shareOf(purpose, now)) / 100);
    const left = share - this.#callsOn(now);
    return purpose === 'poll' && car !== null ? this.#turns.take(car, left, now) : left > 0;
  }

  #mayNotWake(car: string, now: number): CloudFailure | null {
    const { clock, limits } = this.#parts;
    const { forcedReadsPerDay, forcedReadGapMs } = limits;
    const wakes = this.#forcedSince(now - DAY_MS, now).filter((wake) => wake.car === car);
    const [last, first] = [wakes.at(-1), wakes.at(-forcedReadsPerDay)];
    if (forcedReadsPerDay > 0 && wakes.length >= forcedReadsPerDay && first !== undefined) {
      const message = `The car was woken ${wakes.length} times in 24 hours; more would drain its 12 V battery (force! does it all the same).`;
      return refused(message, 'forced reads per day', first.at + DAY_MS - now);
    }
    const wake = this.#wakes.get(car);
    const leftMs = forcedReadGapMs - (wake === undefined ? now - (last?.at ?? 0) : clock.elapsed() - wake.at);
    if (leftMs <= 0) return null;
    const message =
      'The car was woken a short while ago; to do so again would drain its 12 V battery (force! does it all the same).';
    return refused(message, 'forced read gap', Math.ceil(leftMs));
  }

  #countForced(expense: Expense, now: number): void {
    const { car, commandId } = expense;
    if (car === null || this.#isRepeated(car, commandId)) return;
    const entry = { car, at: now };
    const wake: Wake = { at: this.#parts.clock.elapsed(), commandId };
    this.#counted.set(expense, { entry, wake, before: this.#wakes.get(car) });
    this.#wakes.set(car, wake);
    this.#record = { ...this.#record, forced: [...this.#forcedSince(now - DAY_MS, now), entry] };
    this.#changed(UNSAVED_CALLS);
  }

  #isRepeated(car: string, commandId: string | null): boolean {
    return commandId !== null && this.#wakes.get(car)?.commandId === commandId;
  }

  #callsOn(now: number): number {
    return this.#record.day === dayOf(now) ? this.#record.calls : 0;
  }

  /** Those in the future are of a clock that was wrong. */
  #forcedSince(since: number, now: number): BudgetRecord['forced'] {
    return this.#record.forced.filter(({ at }) => at > since && at <= now);
  }

  #changed(weight: number): void {
    this.#unsaved += weight;
    if (this.#isClosed) return;
    this.#tellTimer ??= later(TELL_AFTER_MS, () => {
      this.#tellTimer = null;
      for (const listener of this.#listeners) listener();
    });
    if (this.#unsaved >= UNSAVED_CALLS) this.#save();
    else this.#saveTimer ??= later(SAVE_AFTER_MS, () => this.#save());
  }

  #save(): void {
    if (this.#saveTimer !== null) clearTimeout(this.#saveTimer);
    this.#saveTimer = null;
    this.#unsaved = 0;
    this.#everSaved = true;
    const { store, log } = this.#parts;
    if (store === null) return;
    this.#saving = this.#saving.then(async () => {
      try {
        const ours = this.#record;
        this.#stored = await store.change((stored) => spentByAll(stored, { known: this.#stored, ours }));
        // What others asked counts for us, too, and what we asked meanwhile is still to be stored.
        this.#record = spentByAll(this.#stored, { known: ours, ours: this.#record });
      } catch (error) {
        const cause = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        log.write('warn', 'The number of calls could not be stored; after a restart it will be too low.', { cause });
      }
    });
  }
}

function refused(message: string, cause: string, retryAfterMs: number): CloudFailure {
  return { ...ownFailure('budget', message, cause), retryAfterMs };
}

function later(ms: number, work: () => void): NodeJS.Timeout {
  return setTimeout(work, ms).unref();
}
