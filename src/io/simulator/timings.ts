/** Time in the simulated world: its clock, its timers, and how long things take. */

export interface SimClock {
  /** Epoch ms. */
  now(): number;
}

export interface SimTimers {
  set(run: () => void, ms: number): unknown;
  clear(handle: unknown): void;
}

export interface Timings {
  /** From the acceptance of a control until the car has carried it out and reported. */
  readonly controlDelayMs: number;
  /** From the car's report until the action record says so. */
  readonly recordDelayMs: number;
  /** How long a forced status or location blocks. The real one takes about 20 s. */
  readonly forcedReadMs: number;
  /** From a CCS2 wake until the car's report is in `/latest`. The real one takes 10 to 21 s. */
  readonly ccs2WakeMs: number;
  /** Added to all of the above when the car is asleep. */
  readonly wakeDelayMs: number;
  /** A car without contact for this long, neither charging nor heating, falls asleep. */
  readonly sleepAfterMs: number;
  /** A charging car reports this often. */
  readonly chargingReportMs: number;
  /** A control whose record is not final blocks the next one ("duplicate request") for at most this long. */
  readonly pendingLimitMs: number;
  /** After this long the cloud writes `non-response` into the record of a car that does not answer. */
  readonly nonResponseMs: number;
}

export const DEFAULT_TIMINGS: Timings = {
  controlDelayMs: 1_000,
  recordDelayMs: 0,
  forcedReadMs: 1_000,
  ccs2WakeMs: 2_000,
  wakeDelayMs: 500,
  sleepAfterMs: 900_000,
  chargingReportMs: 300_000,
  pendingLimitMs: 60_000,
  nonResponseMs: 30_000,
};

export interface Lifetimes {
  readonly accessMs: number;
  readonly controlMs: number;
  readonly cciMs: number;
  /** Of access tokens in the US. */
  readonly hataMs: number;
}

export const DEFAULT_LIFETIMES: Lifetimes = {
  accessMs: 86_400_000,
  controlMs: 600_000,
  cciMs: 3_599_000,
  hataMs: 1_799_000,
};

export interface Limits {
  /** Calls per account and day; the next one is answered 509. */
  readonly callsPerDay: number;
  /** Whether a second control (or forced read) of a car is a "duplicate request" while the first is worked on. */
  readonly onePending: boolean;
  /** Wrong passwords or PINs in a row before even the right one is refused, for `lockoutMs`. */
  readonly attempts: number;
  readonly lockoutMs: number;
  readonly bodyBytes: number;
  readonly logEntries: number;
}

export const DEFAULT_LIMITS: Limits = {
  callsPerDay: 1_000_000,
  onePending: true,
  attempts: 5,
  lockoutMs: 300_000,
  bodyBytes: 65_536,
  logEntries: 20_000,
};

export const SYSTEM_CLOCK: SimClock = { now: () => Date.now() };

export const SYSTEM_TIMERS: SimTimers = {
  set: (run, ms) => setTimeout(run, ms),
  clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

/** Waits that all end when the simulator closes. */
export class Sleeper {
  readonly #timers: SimTimers;
  readonly #sleeping = new Map<unknown, () => void>();
  #closed = false;

  constructor(timers: SimTimers) {
    this.#timers = timers;
  }

  /** Resolves after `ms`, or at once when the sleeper is closed. */
  sleep(ms: number): Promise<void> {
    if (ms <= 0 || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const handle = this.#timers.set(() => {
        this.#sleeping.delete(handle);
        resolve();
      }, ms);
      this.#sleeping.set(handle, resolve);
    });
  }

  close(): void {
    this.#closed = true;
    for (const [handle, resolve] of this.#sleeping) {
      this.#timers.clear(handle);
      resolve();
    }
    this.#sleeping.clear();
  }
}
