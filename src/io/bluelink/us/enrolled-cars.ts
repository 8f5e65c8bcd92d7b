import type { Clock, Log } from '../../../actors/ports.ts';
import type { CarInfo } from '../../../machines/domain/command.ts';
import type { Attempt } from '../api-reader.ts';
import type { CloudClient } from '../cloud-client.ts';
import { CloudError, ownFailure, unexpectedShape } from '../cloud-error.ts';
import type { OnSecret } from '../secrets.ts';
import { translateEnrollment } from '../translate/enrollment.ts';
import { kilometres } from '../translate/scalars.ts';
import type { EnrolledCar } from './enrolled-car.ts';
import type { HataClient } from './hata-client.ts';
import type { Pin } from './pin.ts';

/**
 * The odometer is in the list only. It is read again with a reading that is newer than the list, at most so often: a car
 * that stands costs nothing, one that is driven four calls a day, and no remote request, of which there are few.
 */
const ODOMETER_AFTER_MS = 6 * 3_600_000;
const MILES = 3;

export interface EnrolledCarsOptions {
  readonly client: CloudClient;
  readonly hata: HataClient;
  readonly pin: Pin;
  readonly username: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly onSecret: OnSecret;
}

/** The cars of the account, as the cloud listed them last. */
export class EnrolledCars {
  readonly #options: EnrolledCarsOptions;
  #cars: ReadonlyMap<string, EnrolledCar> = new Map();
  #asked = { at: 0, since: Number.NEGATIVE_INFINITY };

  constructor(options: EnrolledCarsOptions) {
    this.#options = options;
  }

  /** Rejects with `CloudError`. */
  async list(attempt: Attempt): Promise<readonly CarInfo[]> {
    const cars = await this.#read(attempt);
    return cars.map(({ hataGeneration: _, odometerMiles: __, ...car }) => car);
  }

  /** The list is read first if it has not been in this run. Rejects with `CloudError`. */
  async find(id: string, attempt: Attempt): Promise<EnrolledCar> {
    if (!this.#cars.has(id)) await this.#read(attempt);
    const car = this.#cars.get(id);
    if (car === undefined) {
      throw new CloudError(ownFailure('unsupported', "This car is not in the account's vehicle list.", 'unknown car'));
    }
    return car;
  }

  /**
   * @param reportedAt the car's own time of the reading that it is for, epoch ms; null if it has none.
   * @returns km; null if it is not known. Never rejects: a reading is worth more than its odometer.
   */
  async odometerKm(id: string, reportedAt: number | null, attempt: Attempt): Promise<number | null> {
    const isOld = this.#options.clock.elapsed() - this.#asked.since >= ODOMETER_AFTER_MS;
    if (isOld && (reportedAt === null || reportedAt > this.#asked.at)) {
      const { patience } = attempt;
      const brief = { ...patience, timeoutMs: patience.timeoutMs / 4 };
      await this.#read({ ...attempt, patience: brief }).catch(() => []);
    }
    return kilometres({ value: this.#cars.get(id)?.odometerMiles ?? null, unit: MILES });
  }

  /** Whether the list can be read with this token; the PIN is not shown. Never rejects. */
  async acceptToken(attempt: Attempt): Promise<boolean> {
    const body = await this.#ask(attempt, null).catch(() => null);
    return body !== null && !isWithoutList(body);
  }

  #ask(attempt: Attempt, pin: string | null): Promise<unknown> {
    const { hata, username } = this.#options;
    const path = `/ac/v2/enrollment/details/${encodeURIComponent(username).replaceAll('%40', '@')}`;
    const token = attempt.credentials.accessToken;
    return hata.read({ name: 'list', path, token, pin }, attempt.patience);
  }

  async #read(attempt: Attempt): Promise<readonly EnrolledCar[]> {
    const { client, pin, log, onSecret, clock } = this.#options;
    this.#asked = { at: clock.now(), since: clock.elapsed() };
    const body = await this.#ask(attempt, pin.value);
    if (isWithoutList(body)) throw strangerToTheList();
    const answer = client.shapes.answer('/ac/v2/enrollment/details');
    const list = translateEnrollment(body, answer);
    if (list === null) throw unexpectedShape(answer);
    if (list.skipped > 0) {
      log.write('warn', 'The vehicle list has entries that cannot be read.', { skipped: list.skipped });
    }
    for (const { vin } of list.cars) onSecret(vin, 'person');
    this.#cars = new Map(list.cars.map((car) => [car.id, car]));
    return list.cars;
  }
}

/** So the cloud answers, with HTTP 200, whom it no longer knows. */
function isWithoutList(body: unknown): boolean {
  return typeof body === 'object' && body !== null && !('enrolledVehicleDetails' in body);
}

function strangerToTheList(): CloudError {
  const message = 'The cloud lists no cars, as it does when it no longer accepts the access token.';
  return new CloudError({ ...ownFailure('tokenRefused', message, 'no enrolledVehicleDetails'), answered: true });
}
