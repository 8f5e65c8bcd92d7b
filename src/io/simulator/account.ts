import { randomInt } from 'node:crypto';
import type { Brand, Region } from './brands.ts';
import type { SimCar } from './car/car.ts';
import { Car } from './car/car.ts';
import { LOCALES } from './locale.ts';
import type { Limits, SimClock, Timings } from './timings.ts';

/** An account of the simulated cloud, as a test or the demo describes it. */
export interface SimAccount {
  readonly username: string;
  readonly password: string;
  /** Null when the owner has set none: every PIN is wrong. */
  readonly pin: string | null;
  readonly brand: Brand;
  /** Default EU. */
  readonly region?: Region;
  readonly cars: readonly SimCar[];
  /** The grant of the old logins, `^[A-Z0-9]{48}$`; made up when absent. Stays valid across restarts of the simulator. */
  readonly refreshToken?: string;
  /** What the cloud checks the stamps of this account's app with (base64), when it is not the usual key. */
  readonly stampKey?: string;
}

/** What a wrong password or PIN is answered with. */
export interface AttemptsLeft {
  readonly remainCount: number;
  /** Seconds. */
  readonly remainTime: number;
}

const GRANT_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const DAY_MS = 86_400_000;

function newGrant(): string {
  return Array.from({ length: 48 }, () => GRANT_LETTERS[randomInt(GRANT_LETTERS.length)]).join('');
}

/** Counts wrong answers; after too many even the right one is refused for a while. */
class Lockout {
  #wrong = 0;
  #since = 0;
  readonly #limits: Limits;
  readonly #clock: SimClock;

  constructor(limits: Limits, clock: SimClock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Null when the answer is right and may be given; else what is left. */
  check(isRight: boolean): AttemptsLeft | null {
    const now = this.#clock.now();
    if (this.#wrong > 0 && now - this.#since >= this.#limits.lockoutMs) this.#wrong = 0;
    if (isRight && this.#wrong < this.#limits.attempts) {
      this.#wrong = 0;
      return null;
    }
    if (this.#wrong < this.#limits.attempts) {
      this.#wrong += 1;
      this.#since = now;
    }
    const remainTime = Math.ceil((this.#since + this.#limits.lockoutMs - now) / 1000);
    return { remainCount: this.#limits.attempts - this.#wrong, remainTime };
  }
}

export interface Budget {
  readonly limit: number;
  readonly remaining: number;
  /** Unix seconds. */
  readonly reset: number;
  readonly exceeded: boolean;
}

/** The server's side of an account: its cars, its grants, what it has used up. */
export class Account {
  readonly index: number;
  readonly config: SimAccount;
  readonly cars: readonly Car[];
  readonly signInAttempts: Lockout;
  readonly pinAttempts: Lockout;
  /** The grants that the old token endpoints accept. */
  readonly grants: Set<string>;
  #calls = 0;
  #windowStart: number | null = null;
  readonly #limits: Limits;
  readonly #clock: SimClock;

  constructor(config: SimAccount, index: number, clock: SimClock, timings: Timings, limits: Limits) {
    this.index = index;
    this.config = config;
    this.cars = config.cars.map((car) => new Car(car, clock, timings, LOCALES[config.region ?? 'EU']));
    this.grants = new Set([config.refreshToken ?? newGrant()]);
    this.signInAttempts = new Lockout(limits, clock);
    this.pinAttempts = new Lockout(limits, clock);
    this.#limits = limits;
    this.#clock = clock;
  }

  /** The 48-character refresh token in force; a new one if all were revoked. */
  grant(): string {
    const [first] = this.grants;
    if (first !== undefined) return first;
    const fresh = newGrant();
    this.grants.add(fresh);
    return fresh;
  }

  replaceGrant(old: string): string {
    this.grants.delete(old);
    const fresh = newGrant();
    this.grants.add(fresh);
    return fresh;
  }

  /** Counts one vehicle-level call. */
  spend(): Budget {
    const now = this.#clock.now();
    if (this.#windowStart === null || now - this.#windowStart >= DAY_MS) {
      this.#windowStart = now;
      this.#calls = 0;
    }
    this.#calls += 1;
    const limit = this.#limits.callsPerDay;
    return {
      limit,
      remaining: Math.max(0, limit - this.#calls),
      reset: Math.ceil((this.#windowStart + DAY_MS) / 1000),
      exceeded: this.#calls > limit,
    };
  }
}
