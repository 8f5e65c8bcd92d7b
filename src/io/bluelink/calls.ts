import type { CallOptions, CallOutcome, Log } from '../../actors/ports.ts';
import type { CallResult, CarInfo, CloudCall, Control } from '../../machines/domain/command.ts';
import type { FailureKind, Scope } from '../../machines/domain/failure.ts';
import type { CloudClient, Patience } from './cloud-client.ts';
import { CloudError, failureOf, ownFailure } from './cloud-error.ts';
import type { ControlTokenDesk } from './control-token.ts';
import { Deadline } from './deadline.ts';
import type { Device } from './device.ts';
import { PROTOCOLS, recordsPath, VEHICLE_LIST_PATH } from './endpoints.ts';
import { openEnvelope } from './envelope.ts';
import { type CallName, ROWS } from './failure-rows.ts';
import { type OnSecret, tellPosition } from './secrets.ts';
import type { Credentials, SessionKeeper } from './session-keeper.ts';
import { translateActionRecords } from './translate/action-records.ts';
import { translateVehicleList } from './translate/vehicle-list.ts';

export interface CallsOptions {
  readonly client: CloudClient;
  readonly keeper: SessionKeeper;
  readonly device: Device;
  readonly controlToken: ControlTokenDesk;
  readonly now: () => number;
  readonly log: Log;
  readonly timeouts: { readonly callTimeoutMs: number; readonly forcedReadTimeoutMs: number };
  /** Aborted when the gateway closes. */
  readonly closing: AbortSignal;
  readonly onSecret: OnSecret;
}

/** What one call works with: taken at its beginning, so that the outcome can name it. */
interface Attempt {
  readonly name: CallName;
  readonly credentials: Credentials;
  readonly patience: Patience;
  /** Which token is at stake at the moment. */
  scope: Scope;
  deviceId: string | null;
  /** From here on an error of our own may have come after the car got its command. */
  mayBeSent: boolean;
}

const LATE = { kind: 'timeout', message: 'The cloud did not answer in time.', cause: 'deadline' } as const;

/** The calls that the actors ask for, as data; every one ends in an outcome and within its time. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #generations = new Map<string, CarInfo['generation']>();

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  async run(call: CloudCall, options: CallOptions): Promise<CallOutcome> {
    const { log, now, keeper } = this.#options;
    const name = nameOf(call);
    const begun = now();
    const fields = { call: name, id: options.commandId, attempt: options.attempt };
    log.write('debug', 'Cloud call begun.', { ...fields, generation: keeper.record.generation });
    const outcome = await this.#outcome(call, name, options.signal);
    log.write('debug', 'Cloud call done.', {
      ...fields,
      durationMs: now() - begun,
      result: outcome.ok ? 'ok' : outcome.failure.kind,
      ...(outcome.ok ? {} : { cause: outcome.failure.cause }),
      generation: outcome.token.generation,
    });
    return outcome;
  }

  async #outcome(call: CloudCall, name: CallName, signal: AbortSignal): Promise<CallOutcome> {
    const { keeper, now, timeouts, closing } = this.#options;
    const credentials = keeper.credentials();
    if (credentials === null) {
      const failure = ownFailure('tokenRefused', 'There is no session yet.', 'no session');
      return { ok: false, failure, token: { generation: keeper.record.generation, scope: 'access' } };
    }
    const timeoutMs = name === 'forcedRead' ? timeouts.forcedReadTimeoutMs : timeouts.callTimeoutMs;
    const deadline = new Deadline(timeoutMs, [signal, closing]);
    const patience = { timeoutMs, signal: deadline.signal };
    const attempt: Attempt = { name, credentials, patience, scope: 'access', deviceId: null, mayBeSent: false };
    const token = () => ({ generation: credentials.generation, scope: attempt.scope });
    try {
      return { ok: true, value: await this.#perform(call, attempt), token: token() };
    } catch (error) {
      const failure = failureOf(error, { call: name, now: now(), sent: attempt.mayBeSent });
      await this.#learn(failure.kind, attempt);
      const isLate = failure.kind === 'aborted' && !signal.aborted && !closing.aborted;
      return { ok: false, failure: isLate ? { ...failure, ...LATE } : failure, token: token() };
    } finally {
      deadline.end();
    }
  }

  async #learn(kind: FailureKind, { deviceId, scope }: Attempt): Promise<void> {
    if (kind === 'deviceIdInvalid' && deviceId !== null) await this.#options.device.forget(deviceId);
    if (kind === 'tokenRefused' && scope === 'control') this.#options.controlToken.drop();
  }

  async #perform(call: CloudCall, attempt: Attempt): Promise<CallResult> {
    switch (call.type) {
      case 'list':
        return { type: 'list', cars: await this.#list(attempt) };
      case 'control':
        return await this.#control(call.car, call.command, attempt);
      case 'read':
        return await this.#read(call.car, call.source, attempt);
      case 'record': {
        const body = await this.#get(recordsPath(call.car), attempt);
        const { resMsg } = openEnvelope(body, attempt.name, this.#options.now());
        const word = translateActionRecords(resMsg, call.actionId);
        if (word === null) throw unexpectedShape();
        return { type: 'record', word };
      }
    }
  }

  /**
   * Not by bluelinky's `getVehicles`: it has no time-out, repeats itself in silence, asks for a profile of every car and
   * fails the whole list if one of them fails. The list itself has all that we need.
   */
  async #list(attempt: Attempt): Promise<readonly CarInfo[]> {
    const body = await this.#get(VEHICLE_LIST_PATH, attempt);
    const list = translateVehicleList(openEnvelope(body, attempt.name, this.#options.now()).resMsg);
    if (list === null) throw unexpectedShape();
    if (list.skipped > 0) {
      this.#options.log.write('warn', 'The vehicle list has entries that cannot be read.', { skipped: list.skipped });
    }
    for (const { id, vin, generation } of list.cars) {
      this.#generations.set(id, generation);
      this.#options.onSecret(vin, 'person');
    }
    return list.cars;
  }

  async #read(car: string, source: 'cached' | 'forced', attempt: Attempt): Promise<CallResult> {
    const { header, protocol } = await this.#protocol(car, attempt);
    const endpoint = source === 'cached' ? protocol.cached(car) : protocol.forced(car);
    if (endpoint === null) throw unsupported();
    const body = await this.#get(endpoint.path, attempt, header);
    const fetchedAt = this.#options.now();
    const state = endpoint.translate(openEnvelope(body, attempt.name, fetchedAt).resMsg, fetchedAt);
    if (state === null) throw unexpectedShape();
    tellPosition(state, this.#options.onSecret);
    return { type: 'reading', reading: { state, source, fetchedAt } };
  }

  async #control(car: string, command: Control, attempt: Attempt): Promise<CallResult> {
    const { client, controlToken, now } = this.#options;
    const { credentials, patience } = attempt;
    const { header, protocol } = await this.#protocol(car, attempt);
    const needed = protocol.control(car, command, '');
    if (needed === null) throw unsupported();
    if (needed.provesPin) controlToken.assertUsablePin();
    // What has to be done beforehand leaves at least half of the time to the control itself.
    const preparation = new Deadline(patience.timeoutMs / 2, [patience.signal]);
    const preparing = { timeoutMs: patience.timeoutMs / 2, signal: preparation.signal };
    let deviceId: string;
    let proof: string | null;
    try {
      deviceId = await this.#deviceId(attempt, preparing);
      proof = needed.provesPin ? await controlToken.token(credentials, deviceId, preparing) : null;
    } finally {
      preparation.end();
    }
    const endpoint = protocol.control(car, command, deviceId) ?? needed;
    attempt.scope = endpoint.token;
    attempt.mayBeSent = true;
    const body = await client.api(
      {
        name: attempt.name,
        method: 'POST',
        path: endpoint.path,
        body: endpoint.body,
        token: endpoint.token === 'control' && proof !== null ? proof : credentials.accessToken,
        deviceId,
        headers: endpoint.token === 'control' ? { ...header, authorizationccsp: `Bearer ${proof}` } : header,
      },
      patience,
    );
    const { msgId } = openEnvelope(body, attempt.name, now());
    return { type: 'accepted', actionId: msgId, acceptedAt: now() };
  }

  async #get(path: string, attempt: Attempt, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const deviceId = await this.#deviceId(attempt, {
      ...attempt.patience,
      timeoutMs: Math.min(attempt.patience.timeoutMs, this.#options.timeouts.callTimeoutMs),
    });
    const { name, credentials, patience } = attempt;
    const call = { name, method: 'GET' as const, path, token: credentials.accessToken, deviceId, headers };
    return await this.#options.client.api(call, patience);
  }

  async #deviceId(attempt: Attempt, patience: Patience): Promise<string> {
    attempt.deviceId ??= await this.#options.device.id(patience);
    return attempt.deviceId;
  }

  /** The protocol of a car; the list is read first if it has not been in this run. */
  async #protocol(car: string, attempt: Attempt) {
    if (!this.#generations.has(car)) await this.#list({ ...attempt, name: 'list' });
    const generation = this.#generations.get(car);
    if (generation === undefined) {
      throw new CloudError(ownFailure('unsupported', "This car is not in the account's vehicle list.", 'unknown car'));
    }
    const protocol = PROTOCOLS[generation];
    return { protocol, header: { ccuccs2protocolsupport: protocol.ccs2Header } };
  }
}

function nameOf(call: CloudCall): CallName {
  switch (call.type) {
    case 'control':
    case 'record':
    case 'list':
      return call.type;
    case 'read':
      return call.source === 'forced' ? 'forcedRead' : 'cachedRead';
  }
}

/** The cloud's own logic answered, but not with what was asked for. */
function unexpectedShape(): CloudError {
  const { kind, message } = ROWS.unintelligible;
  return new CloudError({ ...ownFailure(kind, message, 'unexpected shape'), answered: true });
}

function unsupported(): CloudError {
  const message = 'This car speaks the newer protocol (CCS2), in which this version cannot do that yet.';
  return new CloudError(ownFailure('unsupported', message, 'CCS2'));
}
