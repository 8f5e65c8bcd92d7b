import { z } from 'zod';
import { needsArming } from '../../../machines/domain/arming.ts';
import type { CallResult, CloudCall, Control, RecordWord } from '../../../machines/domain/command.ts';
import type { CloudFailure } from '../../../machines/domain/failure.ts';
import type { VehicleState } from '../../../machines/domain/vehicle-state.ts';
import type { Attempt } from '../api-reader.ts';
import { beginSending } from '../begin-sending.ts';
import type { Performer } from '../call-run.ts';
import type { CloudClient } from '../cloud-client.ts';
import { CloudError, ownFailure, unexpectedShape } from '../cloud-error.ts';
import type { HttpAnswer } from '../http-call.ts';
import { type OnSecret, tellPosition } from '../secrets.ts';
import { translateHataStatus } from '../translate/hata.ts';
import { waking } from '../waking.ts';
import { type HataService, hataControl } from './control-table.ts';
import type { EnrolledCar } from './enrolled-car.ts';
import type { EnrolledCars } from './enrolled-cars.ts';
import { type HataClient, isGood } from './hata-client.ts';
import { DOUBTED_PIN, type Pin } from './pin.ts';

export interface HataCallsOptions {
  readonly client: CloudClient;
  readonly hata: HataClient;
  readonly cars: EnrolledCars;
  readonly pin: Pin;
  readonly username: string;
  readonly now: () => number;
  readonly onSecret: OnSecret;
}

const STATUS_PATH = '/ac/v2/rcs/rvs/vehicleStatus';
const RECORD_PATH = '/ac/v2/rmt/getRunningStatus';
/** More than are ever looked after at a time. */
const SERVICES_KEPT = 200;
/** Clients find the id of the action under one of these. */
const ACTION_HEADERS = ['tmstid', 'transactionid', 'xid'] as const;

const recordSchema = z.object({ status: z.string().optional() });
const RECORD_WORDS: Readonly<Record<string, RecordWord>> = { SUCCESS: 'success', ERROR: 'fail' };

/** What can be asked of the US cloud. */
export class HataCalls implements Performer {
  readonly #options: HataCallsOptions;
  /** What the record of an action is asked under, by its id. Forgotten at the end of a run: then the usual. */
  readonly #services = new Map<string, HataService>();

  constructor(options: HataCallsOptions) {
    this.#options = options;
  }

  async perform(call: CloudCall, attempt: Attempt): Promise<CallResult> {
    const { cars } = this.#options;
    if (call.type === 'list') return { type: 'list', cars: await cars.list(attempt) };
    const car = await cars.find(call.car, attempt);
    switch (call.type) {
      case 'read':
        return this.#read(car, call.source, attempt);
      case 'control':
        return this.#control(car, call.command, attempt);
      case 'record':
        return { type: 'record', word: await this.#record(car, call.actionId, attempt) };
    }
  }

  async learn({ kind, cause }: CloudFailure): Promise<void> {
    if (kind === 'wrongPin' && cause !== DOUBTED_PIN) await this.#options.pin.refused();
  }

  async #read(car: EnrolledCar, source: 'cached' | 'forced', attempt: Attempt): Promise<CallResult> {
    const { cars, now, onSecret } = this.#options;
    const state = await this.#status(car, source, attempt);
    const fetchedAt = now();
    const reportedAt = state.last_updated_utc === null ? null : Date.parse(state.last_updated_utc);
    const odometer_km = await cars.odometerKm(car.id, reportedAt, attempt);
    tellPosition(state, onSecret);
    return { type: 'reading', reading: { state: { ...state, odometer_km }, source, fetchedAt } };
  }

  /** A forced one waits until the car has answered. */
  async #status(car: EnrolledCar, source: 'cached' | 'forced', attempt: Attempt): Promise<VehicleState> {
    const { client, hata, pin, now } = this.#options;
    const headers = { REFRESH: source === 'forced' ? 'true' : 'false' };
    const token = attempt.credentials.accessToken;
    const read = () =>
      hata.read({ name: attempt.name, path: STATUS_PATH, token, pin: pin.value, car, headers }, attempt.patience);
    const body = source === 'forced' ? await waking(attempt, read) : await read();
    const answer = client.shapes.answer(STATUS_PATH);
    const state = translateHataStatus(body, now(), answer);
    if (state === null) throw unexpectedShape(answer);
    return state;
  }

  async #control(car: EnrolledCar, asked: Control, attempt: Attempt): Promise<CallResult> {
    const { hata, cars, pin: pins, username, client, now } = this.#options;
    const pin = pins.forControl(car.id, needsArming(asked));
    const command = await this.#complete(car, asked, attempt);
    const control = hataControl(command, car, username);
    if (control === null) {
      throw new CloudError(ownFailure('unsupported', 'The cloud of the US does not have this command.', 'no endpoint'));
    }
    await beginSending(attempt);
    const answer = await hata.send(
      {
        name: attempt.name,
        method: 'POST',
        path: control.path,
        token: attempt.credentials.accessToken,
        pin,
        car,
        ...(control.namesVin ? { headers: { 'APPCLOUD-VIN': car.vin } } : {}),
        ...(control.body === null ? {} : { body: control.body }),
      },
      attempt.patience,
    );
    if (!isGood(answer)) {
      const { failure } = client.failure(answer, attempt.name);
      if (failure.kind === 'tokenRefused' && typeof answer.body !== 'object') {
        const isTokenGood = () => cars.acceptToken(attempt);
        const wrongPin = await pins.refusedWithoutWord(car.id, attempt.credentials.generation, isTokenGood);
        if (wrongPin !== null) throw wrongPin;
      }
      // A failure behind the gate says nothing about how far the control came; a limit that is used up does.
      const mayHave = answer.statusCode >= 500 && failure.kind !== 'rateLimited';
      throw new CloudError(mayHave ? { ...failure, reached: 'maybe' } : failure);
    }
    pins.worked(car.id);
    const actionId = actionIdOf(answer);
    if (actionId !== null) this.#remember(actionId, control.service);
    return { type: 'accepted', actionId, acceptedAt: now() };
  }

  /** The cloud takes both charge limits or none: the one that nobody named stays as it is. */
  async #complete(car: EnrolledCar, command: Control, attempt: Attempt): Promise<Control> {
    if (command.name !== 'charge_limits' || (command.acPct !== null && command.dcPct !== null)) return command;
    const known = await this.#status(car, 'cached', { ...attempt, name: 'cachedRead' });
    const acPct = command.acPct ?? known.charge_limit_ac_pct;
    const dcPct = command.dcPct ?? known.charge_limit_dc_pct;
    if (acPct === null || dcPct === null) {
      const message = 'The cloud does not tell the other charge limit, and takes only both; send both.';
      throw new CloudError({ ...ownFailure('invalidResponse', message, 'no charge limits'), answered: true });
    }
    return { name: 'charge_limits', acPct, dcPct };
  }

  async #record(car: EnrolledCar, actionId: string, attempt: Attempt): Promise<RecordWord> {
    const { client, hata, pin, username } = this.#options;
    const service = this.#services.get(actionId) ?? 'REMOTE_POLL';
    const headers = { tid: actionId, login_id: username, service_type: service };
    const token = attempt.credentials.accessToken;
    const body = await hata.read(
      { name: attempt.name, path: RECORD_PATH, token, pin: pin.value, car, headers },
      attempt.patience,
    );
    const answer = client.shapes.answer(RECORD_PATH);
    const record = answer.readBody(recordSchema, body);
    if (record === null) throw unexpectedShape(answer);
    return RECORD_WORDS[record.status ?? ''] ?? 'pending';
  }

  #remember(actionId: string, service: HataService): void {
    this.#services.set(actionId, service);
    const [oldest] = this.#services.keys();
    if (this.#services.size > SERVICES_KEPT && oldest !== undefined) this.#services.delete(oldest);
  }
}

function actionIdOf({ headers }: HttpAnswer): string | null {
  const ids = ACTION_HEADERS.map((name) => headers[name]);
  return ids.find((id): id is string => typeof id === 'string' && /^[\x21-\x7e]{1,128}$/.test(id)) ?? null;
}
