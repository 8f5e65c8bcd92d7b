import type { IncomingHttpHeaders } from 'node:http';
import type { Clock, Log } from '../../actors/ports.ts';

/**
 * Between which two values the cloud's clock (epoch ms) is ahead of `Clock.elapsed` of this process; and, as of the answer
 * that told it, `elapsed` itself and how far our own `now` was ahead of it.
 */
interface Estimate {
  readonly least: number;
  readonly most: number;
  readonly elapsed: number;
  readonly ours: number;
}

/** `Date` is in whole seconds, and servers keep its text for up to another. */
const DATE_SPAN_MS = 2_000;
const EARLIEST_MS = Date.UTC(2020, 0);
const LATEST_MS = Date.UTC(2100, 0);
/** How much a clock goes wrong while it runs: some seconds a day, taken twofold. */
const DRIFT = 1 / 10_000;
/** Cars report in whole seconds: clocks that differ by less are alike. */
const ALIKE_MS = 1_000;
/** So many ms apart, clocks are worth a word. */
const NOTEWORTHY_MS = 30_000;

/**
 * The cloud's time, by the `Date` of its answers: in it a command and what the car reported are compared, so a clock of
 * ours that is wrong makes no old report look new. Each answer says between which two values the cloud is ahead of us, by
 * when it was asked for and when it was here; together they narrow it down. While our clock lies between them, or less
 * than a second beside, it is taken as right; so it is as long as no answer had a time. Else the later of the two counts:
 * a command that seems younger than it is may stay unconfirmed, but none is confirmed by what was before it.
 *
 * It is counted from `elapsed`, so setting our clock does not move it. `elapsed` may stand still while the machine sleeps:
 * what our clock has gained on it since the last answer may have passed, and is added to the later value.
 */
export class CloudClock implements Clock {
  readonly #clock: Clock;
  readonly #log: Log;
  #estimate: Estimate | null = null;
  /** What the last answer said, if that was earlier than all before. */
  #doubted: Estimate | null = null;
  #hasWarned = false;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** The cloud's time, epoch ms: not before what it really is, as far as can be known. */
  now(): number {
    return this.#clock.now() + this.aheadMs();
  }

  elapsed(): number {
    return this.#clock.elapsed();
  }

  /** How far the cloud's clock is ahead of ours, whole ms; 0 while nothing says that they differ. */
  aheadMs(): number {
    if (this.#estimate === null) return 0;
    const { ours, elapsed } = this.#moment();
    const { least, most } = aged(this.#estimate, elapsed);
    if (ours >= least - ALIKE_MS && ours <= most + ALIKE_MS) return 0;
    const gained = Math.max(0, ours - this.#estimate.ours);
    return Math.ceil(most + gained - ours);
  }

  /**
   * Takes the time from an answer.
   *
   * @param askedAt when the request left, ms by `elapsed`; the answer has just come.
   */
  hear(headers: IncomingHttpHeaders, askedAt: number): void {
    const date = dateOf(headers);
    if (date === null) return;
    const moment = this.#moment();
    const heard = { ...moment, least: date - moment.elapsed, most: date + DATE_SPAN_MS - askedAt };
    this.#estimate = this.#revised(heard);
    this.#warn(this.#estimate);
  }

  /**
   * What contradicts all before is believed at once if it makes the time later (the machine slept, perhaps), and if it
   * makes it earlier, when the next answer says the same: a single one may be a page that somebody has kept.
   */
  #revised(heard: Estimate): Estimate {
    const doubted = this.#doubted;
    this.#doubted = null;
    if (this.#estimate === null) return heard;
    const known = aged(this.#estimate, heard.elapsed);
    const both = overlap(known, heard);
    if (both !== null || heard.least > known.most) return both ?? heard;
    const confirmed = doubted === null ? null : overlap(aged(doubted, heard.elapsed), heard);
    if (confirmed === null) this.#doubted = heard;
    return confirmed ?? this.#estimate;
  }

  #warn({ least, most }: Estimate): void {
    const { ours } = this.#moment();
    const differenceMs = (least + most) / 2 - ours;
    const isNoteworthy = Math.abs(differenceMs) > NOTEWORTHY_MS;
    if (isNoteworthy && !this.#hasWarned) {
      const seconds = Math.round(Math.abs(differenceMs) / 1_000);
      const side = differenceMs > 0 ? 'behind' : 'ahead of';
      this.#log.write('warn', `The clock of this machine is ${seconds} s ${side} the cloud's.`);
    }
    this.#hasWarned = isNoteworthy;
  }

  #moment(): Pick<Estimate, 'ours' | 'elapsed'> {
    const elapsed = this.#clock.elapsed();
    return { ours: this.#clock.now() - elapsed, elapsed };
  }
}

/** The same, as sure as it still is. */
function aged(estimate: Estimate, elapsed: number): Estimate {
  const driftMs = (elapsed - estimate.elapsed) * DRIFT;
  return { ...estimate, least: estimate.least - driftMs, most: estimate.most + driftMs };
}

/** What both allow, as of the newer; null if they contradict each other. */
function overlap(older: Estimate, newer: Estimate): Estimate | null {
  const least = Math.max(older.least, newer.least);
  const most = Math.min(older.most, newer.most);
  return least <= most ? { ...newer, least, most } : null;
}

/** Epoch ms; null if there is none, if it makes no sense, or if it was written for an earlier request. */
function dateOf({ date, age }: IncomingHttpHeaders): number | null {
  if (date === undefined || (age !== undefined && age.trim() !== '0')) return null;
  const at = Date.parse(date);
  return at >= EARLIEST_MS && at < LATEST_MS ? at : null;
}
