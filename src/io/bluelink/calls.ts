import type { CallOptions, CallOutcome, Log } from '../../actors/ports.ts';
import type { CallResult, CarInfo, CloudCall, Control } from '../../machines/domain/command.ts';
import type { FailureKind } from '../../machines/domain/failure.ts';
import { ApiReader, type Attempt, type Headers } from './api-reader.ts';
import type { Budget } from './budget.ts';
import type { CloudClient } from './cloud-client.ts';
import { CloudError, failureOf, ownFailure } from './cloud-error.ts';
import { ControlCall } from './control-call.ts';
import type { ControlTokenDesk } from './control-token.ts';
import { Deadline } from './deadline.ts';
import type { Device } from './device.ts';
import { PROTOCOLS, type ReadEndpoint, recordsPath, VEHICLE_LIST_PATH } from './endpoints.ts';
import { type CallName, ROWS } from './failure-rows.ts';
import { type OnSecret, tellPosition } from './secrets.ts';
import type { SessionKeeper } from './session-keeper.ts';
import { translateActionRecords } from './translate/action-records.ts';
import { driverSide } from './translate/report-facts.ts';
import { translateVehicleList } from './translate/vehicle-list.ts';
import { Watch } from './watch.ts';

export interface CallsOptions {
  readonly client: CloudClient;
  readonly keeper: SessionKeeper;
  readonly device: Device;
  readonly controlToken: ControlTokenDesk;
  readonly budget: Budget;
  readonly now: () => number;
  readonly log: Log;
  readonly timeouts: {
    readonly callTimeoutMs: number;
    readonly forcedReadTimeoutMs: number;
    /** How often a woken car is looked after; default 3 s. */
    readonly wakePollMs?: number;
  };
  /** Aborted when the gateway closes. */
  readonly closing: AbortSignal;
  readonly onSecret: OnSecret;
}

const WAKE_POLL_MS = 3_000;
/** The real cloud has the report of a woken car after 10 to 21 s. */
const WAKE_LIMIT_MS = 60_000;

const LATE = { kind: 'timeout', message: 'The cloud did not answer in time.', cause: 'deadline' } as const;

/** The calls that the actors ask for, as data; every one ends in an outcome and within its time. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #generations = new Map<string, CarInfo['generation']>();
  readonly #driverSides = new Map<string, 'L' | 'R'>();
  readonly #watch: Watch;
  readonly #reader: ApiReader;
  readonly #controls: ControlCall;

  constructor(options: CallsOptions) {
    this.#options = options;
    const { forcedReadTimeoutMs, wakePollMs = WAKE_POLL_MS } = options.timeouts;
    // What comes before the wake has to fit into the time of the call as well.
    const limitMs = Math.min(WAKE_LIMIT_MS, forcedReadTimeoutMs * 0.8);
    this.#reader = new ApiReader({ ...options, callTimeoutMs: options.timeouts.callTimeoutMs });
    this.#controls = new ControlCall({ ...options, reader: this.#reader });
    this.#watch = new Watch(options.now, { pollMs: wakePollMs, limitMs });
  }

  async run(call: CloudCall, options: CallOptions): Promise<CallOutcome> {
    const { log, now, keeper } = this.#options;
    const name = nameOf(call);
    const begun = now();
    const fields = { call: name, id: options.commandId, attempt: options.attempt };
    log.write('debug', 'Cloud call begun.', { ...fields, generation: keeper.record.generation });
    const outcome = await this.#outcome(call, name, options);
    log.write('debug', 'Cloud call done.', {
      ...fields,
      durationMs: now() - begun,
      result: outcome.ok ? 'ok' : outcome.failure.kind,
      ...(outcome.ok ? {} : { cause: outcome.failure.cause }),
      generation: outcome.token.generation,
    });
    return outcome;
  }

  async #outcome(call: CloudCall, name: CallName, options: CallOptions): Promise<CallOutcome> {
    const { signal, commandId, purpose = 'needed' } = options;
    const { keeper, now, timeouts, closing, budget } = this.#options;
    const credentials = keeper.credentials();
    if (credentials === null) {
      const failure = ownFailure('tokenRefused', 'There is no session yet.', 'no session');
      return { ok: false, failure, token: { generation: keeper.record.generation, scope: 'access' } };
    }
    const wakes = call.type === 'read' && call.source === 'forced' ? call.car : null;
    const refusal = budget.admit({ purpose, wakes, commandId });
    if (refusal !== null) {
      return { ok: false, failure: refusal, token: { generation: credentials.generation, scope: 'access' } };
    }
    const timeoutMs = name === 'forcedRead' ? timeouts.forcedReadTimeoutMs : timeouts.callTimeoutMs;
    const deadline = new Deadline(timeoutMs, [signal, closing]);
    const patience = { timeoutMs, signal: deadline.signal };
    const attempt: Attempt = {
      name,
      commandId,
      credentials,
      patience,
      scope: 'access',
      deviceId: null,
      device: null,
      mayBeSent: false,
    };
    const madeWith = () => ({
      token: { generation: credentials.generation, scope: attempt.scope },
      ...(attempt.device === null ? {} : { device: attempt.device }),
    });
    try {
      return { ok: true, value: await this.#perform(call, attempt), ...madeWith() };
    } catch (error) {
      const failure = failureOf(error, { call: name, now: now(), sent: attempt.mayBeSent });
      await this.#learn(failure.kind, attempt);
      const isLate = failure.kind === 'aborted' && !signal.aborted && !closing.aborted;
      return { ok: false, failure: isLate ? { ...failure, ...LATE } : failure, ...madeWith() };
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
        const { resMsg } = await this.#reader.read(recordsPath(call.car), attempt);
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
    const { resMsg } = await this.#reader.read(VEHICLE_LIST_PATH, attempt);
    const list = translateVehicleList(resMsg);
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
    const { headers, protocol } = await this.#protocol(car, attempt);
    const cached = protocol.cached(car);
    const forced = source === 'forced' ? protocol.forced(car) : null;
    if (forced?.type === 'watched') {
      await this.#reader.deviceId(attempt, attempt.patience);
      const sleeper = {
        wake: async () => {
          await this.#reader.read(forced.wakePath, attempt, headers);
        },
        latest: async (signal: AbortSignal) =>
          (await this.#reader.glance(cached.path, attempt, headers, signal)).resMsg,
      };
      const { commandId, patience } = attempt;
      return this.#reading(car, cached, await this.#watch.newReport(car, commandId, sleeper, patience.signal), source);
    }
    const endpoint = forced?.read ?? cached;
    const { resMsg } = await this.#reader.read(endpoint.path, attempt, headers);
    return this.#reading(car, endpoint, resMsg, source);
  }

  #reading(car: string, endpoint: ReadEndpoint, resMsg: unknown, source: 'cached' | 'forced'): CallResult {
    const fetchedAt = this.#options.now();
    const state = endpoint.translate(resMsg, fetchedAt);
    if (state === null) throw unexpectedShape();
    const side = driverSide(resMsg);
    if (side !== null) this.#driverSides.set(car, side);
    tellPosition(state, this.#options.onSecret);
    return { type: 'reading', reading: { state, source, fetchedAt } };
  }

  async #control(car: string, command: Control, attempt: Attempt): Promise<CallResult> {
    const { generation, headers } = await this.#protocol(car, attempt);
    const side = this.#driverSides.get(car) ?? 'L';
    return this.#controls.send({ id: car, generation, driverSide: side, headers }, command, attempt);
  }

  /** The protocol of a car; the list is read first if it has not been in this run. */
  async #protocol(car: string, attempt: Attempt) {
    if (!this.#generations.has(car)) {
      const listing: Attempt = { ...attempt, name: 'list' };
      try {
        await this.#list(listing);
      } finally {
        // If the list is refused for its device id, it must be known for which.
        attempt.deviceId = listing.deviceId;
        attempt.device = listing.device;
      }
    }
    const generation = this.#generations.get(car);
    if (generation === undefined) {
      throw new CloudError(ownFailure('unsupported', "This car is not in the account's vehicle list.", 'unknown car'));
    }
    const protocol = PROTOCOLS[generation];
    const headers: Headers = { ccuccs2protocolsupport: protocol.ccs2Header };
    return { generation, protocol, headers };
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
