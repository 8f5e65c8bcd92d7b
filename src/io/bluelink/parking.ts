import type { Clock } from '../../actors/ports.ts';
import type { Position, Reading } from '../../machines/domain/vehicle-state.ts';
import type { ApiReader, Attempt, Headers } from './api-reader.ts';
import type { Budget } from './budget.ts';
import { CloudError } from './cloud-error.ts';
import { Deadline } from './deadline.ts';
import type { ParkingEndpoint } from './endpoints.ts';

type State = Reading['state'];

export interface ParkingOptions {
  readonly endpoint: ParkingEndpoint;
  readonly reader: ApiReader;
  readonly budget: Budget;
  readonly clock: Clock;
  readonly callTimeoutMs: number;
}

/** What was known of a car when its position was asked for last. */
interface Known {
  readonly odometerKm: number | null;
  readonly engineOn: boolean | null;
  readonly position: Position | null;
  /** ms by `Clock.elapsed`, as is what follows. */
  readonly askedAt: number;
  /** After a failure: not sooner than this. */
  readonly retryAt: number;
}

const NOTHING: Omit<Known, 'retryAt'> = {
  odometerKm: null,
  engineOn: null,
  position: null,
  askedAt: Number.NEGATIVE_INFINITY,
};
const HOUR_MS = 3_600_000;
/** A car moved by less than the odometer counts, between two reports, is found after this all the same. */
const MAX_AGE_MS = 6 * HOUR_MS;
const RETRY_MS = HOUR_MS / 2;

/**
 * The positions of cars whose cloud tells them by a call of its own. It counts among the day's calls like any other, and
 * a parked car stays where it is: so it is made after a forced read, when the odometer or the engine says that the car
 * was driven, and every six hours; not with the cached reads that confirm a command, which are in a hurry. A position
 * that cannot be had spoils no reading.
 */
export class Parking {
  readonly #options: ParkingOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: ParkingOptions) {
    this.#options = options;
  }

  /** The state with the parking position, or with what it said itself if there is none. Never rejects. */
  async located(
    car: string,
    { state, source }: Pick<Reading, 'state' | 'source'>,
    attempt: Attempt,
    headers: Headers,
  ): Promise<State> {
    if (this.#isDue(car, state, source, attempt)) await this.#ask(car, state, attempt, headers);
    return { ...state, location: this.#known.get(car)?.position ?? state.location };
  }

  #isDue(car: string, state: State, source: Reading['source'], { purpose, commandId }: Attempt): boolean {
    const { budget, clock } = this.#options;
    const elapsed = clock.elapsed();
    if (purpose === 'needed' && source === 'cached') return false;
    const known = this.#known.get(car);
    const isDue =
      known === undefined ||
      source === 'forced' ||
      (elapsed >= known.retryAt && (isDriven(known, state) || elapsed - known.askedAt >= MAX_AGE_MS));
    if (!isDue) return false;
    // It goes with a read that has had its turn already, so it takes none of a car's turns to be polled.
    const share = purpose === 'poll' ? 'own' : purpose;
    return budget.admit({ purpose: share, car: null, wakes: false, commandId }) === null;
  }

  async #ask(car: string, state: State, attempt: Attempt, headers: Headers): Promise<void> {
    const { endpoint, reader, callTimeoutMs, clock } = this.#options;
    const before = this.#known.get(car);
    const askedAt = clock.elapsed();
    const deadline = new Deadline(callTimeoutMs / 2, [attempt.patience.signal]);
    try {
      const { resMsg, answer } = await reader.glance(endpoint.path(car), attempt, headers, deadline.signal);
      const position = endpoint.translate(resMsg, clock.now(), answer) ?? before?.position ?? null;
      const { odometer_km: odometerKm, engine_on: engineOn } = state;
      this.#known.set(car, { odometerKm, engineOn, position, askedAt, retryAt: askedAt });
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      this.#known.set(car, { ...(before ?? NOTHING), retryAt: askedAt + RETRY_MS });
    } finally {
      deadline.end();
    }
  }
}

/** What a reading does not tell has not changed. */
function isDriven({ odometerKm, engineOn }: Known, state: State): boolean {
  const hasChanged = <T>(before: T | null, now: T | null) => before !== null && now !== null && before !== now;
  return hasChanged(odometerKm, state.odometer_km) || hasChanged(engineOn, state.engine_on);
}
