import type { CallResult, Control } from '../../machines/domain/command.ts';
import type { ActionDevices } from './action-devices.ts';
import type { ApiReader, Attempt, Headers } from './api-reader.ts';
import { beginSending } from './begin-sending.ts';
import type { CloudClient } from './cloud-client.ts';
import { CloudError, explained, ownFailure } from './cloud-error.ts';
import { type DriverSide, needsDriverSide } from './control-bodies.ts';
import { controlEndpoint } from './control-table.ts';
import type { ControlTokenDesk } from './control-token.ts';
import { Deadline } from './deadline.ts';
import { chargeTargetPath, type SpaGeneration } from './endpoints.ts';
import { openEnvelope } from './envelope.ts';
import { endpointOf } from './shape-reports.ts';
import { translateChargeTargets } from './translate/charge-targets.ts';

export interface ControlCallOptions {
  readonly client: CloudClient;
  readonly reader: ApiReader;
  readonly controlToken: ControlTokenDesk;
  readonly actionDevices: ActionDevices;
  readonly now: () => number;
  /** Asks the cloud, without waking the car. Rejects with `CloudError`. */
  readonly readDriverSide: (car: ControlledCar, attempt: Attempt, signal: AbortSignal) => Promise<DriverSide>;
}

/** The car that a control is for, as the gateway knows it. */
export interface ControlledCar {
  readonly id: string;
  readonly generation: SpaGeneration;
  /** Null if it has not been read yet. */
  readonly driverSide: DriverSide | null;
  /** °C: what the code of a set temperature counts from. */
  readonly lowestTempC: number;
  /** What tells the cloud which protocol we mean. */
  readonly headers: Headers;
}

/** Sends controls to cars. */
export class ControlCall {
  readonly #options: ControlCallOptions;

  constructor(options: ControlCallOptions) {
    this.#options = options;
  }

  /** Answers `accepted`, which says nothing about the car. Rejects with `CloudError`. */
  async send(car: ControlledCar, asked: Control, attempt: Attempt): Promise<CallResult> {
    const { client, controlToken, actionDevices, reader, now } = this.#options;
    const { credentials, patience } = attempt;
    const endpoint = controlEndpoint(car.id, car.generation, asked);
    if (endpoint === null) {
      throw new CloudError(ownFailure('unsupported', 'This car does not have this command.', 'no endpoint'));
    }
    if (endpoint.provesPin) controlToken.assertUsablePin();
    // What has to be done beforehand leaves at least half of the time to the control itself.
    const preparation = new Deadline(patience.timeoutMs / 2, [patience.signal]);
    const preparing = { timeoutMs: patience.timeoutMs / 2, signal: preparation.signal };
    let deviceId: string;
    let command: Control;
    let proof: string | null;
    let driverSide: DriverSide;
    try {
      deviceId = await reader.deviceId(attempt, preparing);
      command = await this.#complete(car, asked, attempt, preparation.signal);
      driverSide = await this.#driverSide(car, asked, attempt, preparation.signal);
      proof = endpoint.provesPin ? await controlToken.token(credentials, deviceId, preparing) : null;
    } finally {
      preparation.end();
    }
    const body = endpoint.body(command, { ...car, driverSide, deviceId });
    attempt.scope = endpoint.token;
    await beginSending(attempt);
    const answer = await client.api(
      {
        name: attempt.name,
        method: 'POST',
        path: endpoint.path,
        body,
        token: endpoint.token === 'control' && proof !== null ? proof : credentials.accessToken,
        deviceId,
        headers: endpoint.token === 'control' ? { ...car.headers, authorizationccsp: `Bearer ${proof}` } : car.headers,
      },
      patience,
    );
    const { msgId } = openEnvelope(answer, attempt.name, now(), client.shapes.answer(endpointOf(endpoint.path)));
    if (msgId !== null && attempt.device !== null)
      actionDevices.remember(msgId, { id: deviceId, count: attempt.device });
    return { type: 'accepted', actionId: msgId, acceptedAt: now() };
  }

  /** The wrong seat is not heated because nobody has read the car yet. */
  async #driverSide(car: ControlledCar, command: Control, attempt: Attempt, signal: AbortSignal): Promise<DriverSide> {
    if (car.driverSide !== null) return car.driverSide;
    return needsDriverSide(command) ? this.#options.readDriverSide(car, attempt, signal) : 'L';
  }

  /** The cloud takes both charge limits or none: the one that nobody named stays as it is. */
  async #complete(car: ControlledCar, command: Control, attempt: Attempt, signal: AbortSignal): Promise<Control> {
    if (command.name !== 'charge_limits' || (command.acPct !== null && command.dcPct !== null)) return command;
    const read = await this.#options.reader.glance(chargeTargetPath(car.id), attempt, car.headers, signal);
    const targets = translateChargeTargets(read.resMsg, read.answer);
    const acPct = command.acPct ?? targets.acPct;
    const dcPct = command.dcPct ?? targets.dcPct;
    if (acPct === null || dcPct === null) {
      const message = 'The cloud does not tell the other charge limit, and takes only both; send both.';
      if (read.answer.problem === null) read.answer.fail(['targetSOClist'], 'the limits of both plugs');
      const failure = { ...ownFailure('invalidResponse', message, 'no charge limits'), answered: true };
      throw explained(new CloudError(failure), read.answer);
    }
    return { name: 'charge_limits', acPct, dcPct };
  }
}
