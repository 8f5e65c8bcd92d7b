import { randomUUID } from 'node:crypto';
import { EUROPE, type Locale } from '../locale.ts';
import type { SimClock, Timings } from '../timings.ts';
import type { Action, ControlPlan, Delivery, Reachability, RecordResult } from './action.ts';
import type { CarSpec, CarState, EngineType } from './car-state.ts';
import { DEFAULT_SPEC, DEFAULT_STATE } from './car-state.ts';
import { evolve, msUntilChange, settle } from './life.ts';
import type { Order } from './orders.ts';
import { carryOut, describe } from './orders.ts';

/** A car as a test or the demo describes it. */
export interface SimCar {
  /** The cloud's vehicle id, `^[A-Za-z0-9_-]{1,64}$`; a UUID in the real cloud. */
  readonly id: string;
  readonly vin: string;
  readonly name: string;
  readonly model: string;
  readonly year: string;
  readonly type: EngineType;
  /** 0: classic protocol, anything else: CCS2. */
  readonly ccs2: number;
  /** Of a car in the US, default 3: electric cars of the second know neither the duration of the climate nor its seats. */
  readonly hataGeneration?: '2' | '3';
  readonly spec?: Partial<CarSpec>;
  readonly state?: Partial<CarState>;
}

const ACTIONS_KEPT = 50;
const DELIVERIES_KEPT = 2_000;
/** What one forced read costs the 12 V battery. */
const WAKE_COST_PERCENT = 0.05;

/**
 * One car: its true state, the last report that the cloud has of it, and what has been asked of it. Nothing runs by
 * itself: every look computes what has happened since the last one, so a car needs no timers.
 */
export class Car {
  readonly config: SimCar;
  readonly spec: CarSpec;
  /** How it writes. */
  readonly locale: Locale;
  reachability: Reachability = 'ok';
  /** A status payload served instead of the car's own, as it stands; null for the car's own. */
  rawStatus: unknown = null;
  /** Forced reads under way. */
  forcedReads = 0;
  #wakes = 0;
  #deliveryCount = 0;
  #state: CarState;
  #at: number;
  #report: { readonly state: CarState; readonly at: number };
  #reportEveryFrom: number;
  #lastContactAt: number;
  #agenda: { readonly at: number; readonly run: () => void }[] = [];
  readonly #actions: Action[] = [];
  readonly #deliveries: Delivery[] = [];
  readonly #clock: SimClock;
  readonly #timings: Timings;

  constructor(config: SimCar, clock: SimClock, timings: Timings, locale: Locale = EUROPE) {
    this.config = config;
    this.locale = locale;
    this.spec = { ...DEFAULT_SPEC, ...config.spec };
    this.#clock = clock;
    this.#timings = timings;
    this.#state = { ...DEFAULT_STATE, ...config.state };
    this.#at = clock.now();
    this.#report = { state: this.#state, at: this.#at };
    this.#reportEveryFrom = this.#at;
    this.#lastContactAt = this.#at;
  }

  get id(): string {
    return this.config.id;
  }

  /** What the car is really like now. */
  get actual(): CarState {
    this.#advance();
    return this.#state;
  }

  /** What the cloud knows of it: the last report and when the car made it, epoch ms. */
  get report(): { readonly state: CarState; readonly at: number } {
    this.#advance();
    return this.#report;
  }

  /** Forced reads that reached for this car, answered or not. */
  get wakes(): number {
    return this.#wakes;
  }

  /** Controls that reached this car, whatever came of them. */
  get deliveryCount(): number {
    return this.#deliveryCount;
  }

  /** The most recent of them, oldest first. */
  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  get asleep(): boolean {
    this.#advance();
    const idle = this.#clock.now() - this.#lastContactAt >= this.#timings.sleepAfterMs;
    return idle && !this.#state.charging && !this.#state.climateOn;
  }

  /** The control that is still being worked on, null if the car is free for the next. */
  get pending(): Action | null {
    this.#advance();
    const now = this.#clock.now();
    const open = (action: Action) =>
      (action.finalAt === null || action.finalAt > now) && now < action.acceptedAt + this.#timings.pendingLimitMs;
    return this.#actions.find(open) ?? null;
  }

  /** The actions that a device asked for, newest first, with the result that the record shows now. */
  recordsFor(deviceId: string): readonly { readonly action: Action; readonly result: RecordResult | null }[] {
    this.#advance();
    const now = this.#clock.now();
    return this.#actions
      .filter((action) => action.listed && action.deviceId === deviceId)
      .map((action) => ({ action, result: action.finalAt !== null && action.finalAt <= now ? action.result : null }))
      .reverse();
  }

  /** A control on its way to the car. */
  deliver(order: Order, deviceId: string, listed: boolean, plan: ControlPlan): Action {
    const delayMs = this.#timings.controlDelayMs + this.#wakeUp();
    const acceptedAt = this.#clock.now();
    const action: Action = { id: randomUUID(), order, deviceId, acceptedAt, listed, finalAt: null, result: null };
    this.#actions.push(action);
    if (this.#actions.length > ACTIONS_KEPT) this.#actions.shift();
    this.#deliveryCount += 1;
    this.#deliveries.push({ at: acceptedAt, order: describe(order), actionId: action.id });
    if (this.#deliveries.length > DELIVERIES_KEPT) this.#deliveries.shift();
    const fate = this.reachability === 'silent' ? 'nonResponse' : plan.fate;
    if (fate === 'nonResponse') {
      action.finalAt = acceptedAt + (plan.afterMs ?? this.#timings.nonResponseMs);
      action.result = 'non-response';
    }
    if (fate === 'carryOut' || plan.carriedOut) this.#later(delayMs, () => this.#obey(action));
    else if (fate === 'refuse') this.#later(delayMs, () => this.#finish(action, 'fail'));
    this.#advance();
    return action;
  }

  /** A forced read reaches for the car. Answers how long the car takes, ms. */
  wake(): number {
    const delayMs = this.#timings.forcedReadMs + this.#wakeUp();
    this.#countWake();
    return delayMs;
  }

  /** A CCS2 wake: the car reports a while later. */
  wakeAndReport(): void {
    const delayMs = this.#timings.ccs2WakeMs + this.#wakeUp();
    this.#countWake();
    this.#later(delayMs, () => this.#reportAt(this.#at));
    this.#advance();
  }

  /** A forced read that the car did not answer. */
  failToWake(): void {
    this.#advance();
    this.#countWake();
  }

  reportNow(): void {
    this.#advance();
    this.#reportAt(this.#at);
  }

  /** Changes the car itself, as its driver would. The cloud does not know until the car reports. */
  change(part: Partial<CarState>): void {
    this.#advance();
    this.#state = { ...this.#state, ...part };
  }

  #obey(action: Action): void {
    const next = carryOut(this.#state, action.order, this.#at);
    if (next !== null) this.#state = next;
    this.#reportAt(this.#at);
    this.#finish(action, next === null ? 'fail' : 'success');
  }

  /** A record that has its word already (`non-response`) keeps it. */
  #finish(action: Action, result: RecordResult): void {
    if (action.result !== null) return;
    action.result = result;
    action.finalAt = this.#at + this.#timings.recordDelayMs;
  }

  #wakeUp(): number {
    const delayMs = this.asleep ? this.#timings.wakeDelayMs : 0;
    this.#lastContactAt = this.#clock.now();
    return delayMs;
  }

  #countWake(): void {
    this.#wakes += 1;
    this.#state = { ...this.#state, battery12vPercent: Math.max(0, this.#state.battery12vPercent - WAKE_COST_PERCENT) };
  }

  #later(delayMs: number, run: () => void): void {
    this.#agenda.push({ at: this.#clock.now() + delayMs, run });
    this.#agenda.sort((a, b) => a.at - b.at);
  }

  #reportAt(at: number): void {
    this.#report = { state: this.#state, at };
    this.#reportEveryFrom = at;
  }

  /** Lives from the last look until now, event by event. */
  #advance(): void {
    const now = this.#clock.now();
    while (this.#at < now || (this.#agenda[0]?.at ?? Number.POSITIVE_INFINITY) <= now) {
      const agendaAt = this.#agenda[0]?.at ?? Number.POSITIVE_INFINITY;
      const change = msUntilChange(this.#state, this.spec, this.#at);
      const changeAt = change === null ? Number.POSITIVE_INFINITY : this.#at + change;
      const reportAt = this.#state.charging
        ? this.#reportEveryFrom + Math.max(1_000, this.#timings.chargingReportMs)
        : Number.POSITIVE_INFINITY;
      const next = Math.max(this.#at, Math.min(agendaAt, changeAt, reportAt, now));
      this.#state = evolve(this.#state, this.spec, next - this.#at);
      this.#at = next;
      if (changeAt <= next) {
        this.#state = settle(this.#state, next);
        this.#reportAt(next);
      } else if (reportAt <= next) {
        this.#reportAt(next);
      }
      if (agendaAt <= next) this.#agenda.shift()?.run();
    }
  }
}
