import type { CallOptions, CallOutcome, Clock, Log } from '../../actors/ports.ts';
import type { CallResult, CarInfo, CloudCall, Control, RecordWord } from '../../machines/domain/command.ts';
import type { FailureKind } from '../../machines/domain/failure.ts';
import { ActionDevices } from './action-devices.ts';
import { ApiReader, type Attempt, type Headers } from './api-reader.ts';
import type { Budget } from './budget.ts';
import { CallRun } from './call-run.ts';
import type { CloudClient } from './cloud-client.ts';
import { CloudError, ownFailure, unexpectedShape } from './cloud-error.ts';
import type { DriverSide } from './control-bodies.ts';
import { ControlCall, type ControlledCar } from './control-call.ts';
import type { ControlTokenDesk } from './control-token.ts';
import type { Device } from './device.ts';
import { type ReadEndpoint, recordsPath, type SpaGeneration, VEHICLE_LIST_PATH } from './endpoints.ts';
import type { Envelope } from './envelope.ts';
import { Parking } from './parking.ts';
import type { RegionConstants } from './regions.ts';
import { type OnSecret, tellPosition } from './secrets.ts';
import type { SessionKeeper } from './session-keeper.ts';
import { translateActionRecords } from './translate/action-records.ts';
import { driverSide as driverSideOf } from './translate/report-facts.ts';
import { translateVehicleList } from './translate/vehicle-list.ts';
import { Watch } from './watch.ts';

export interface CallsOptions {
  readonly regional: RegionConstants;
  readonly client: CloudClient;
  readonly keeper: SessionKeeper;
  readonly device: Device;
  readonly controlToken: ControlTokenDesk;
  readonly budget: Budget;
  readonly clock: Clock;
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

/** One read, and how it is made. */
interface ReadCall {
  readonly car: string;
  readonly endpoint: ReadEndpoint;
  readonly source: 'cached' | 'forced';
  readonly headers: Headers;
}

/** The calls that the actors ask for, as data; every one ends in an outcome and within its time. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #generations = new Map<string, SpaGeneration>();
  readonly #actionDevices = new ActionDevices();
  readonly #driverSides = new Map<string, DriverSide>();
  readonly #watch: Watch;
  readonly #reader: ApiReader;
  readonly #controls: ControlCall;
  readonly #run: CallRun;
  /** Null where the status has the position in it. */
  readonly #parking: Parking | null;

  constructor(options: CallsOptions) {
    this.#options = options;
    const { clock, timeouts } = options;
    const { callTimeoutMs, forcedReadTimeoutMs, wakePollMs = WAKE_POLL_MS } = timeouts;
    const now = () => clock.now();
    const elapsed = () => clock.elapsed();
    // What comes before the wake has to fit into the time of the call as well.
    const limitMs = Math.min(WAKE_LIMIT_MS, forcedReadTimeoutMs * 0.8);
    this.#reader = new ApiReader({ ...options, now, callTimeoutMs });
    this.#controls = new ControlCall({
      ...options,
      now,
      reader: this.#reader,
      actionDevices: this.#actionDevices,
      readDriverSide: (car, attempt, signal) => this.#readDriverSide(car, attempt, signal),
    });
    const { parking } = options.regional.protocols;
    this.#parking =
      parking === null ? null : new Parking({ ...options, endpoint: parking, reader: this.#reader, callTimeoutMs });
    this.#watch = new Watch(elapsed, { pollMs: wakePollMs, limitMs });
    this.#run = new CallRun(options, {
      perform: (call, attempt) => this.#perform(call, attempt),
      learn: ({ kind }, attempt) => this.#learn(kind, attempt),
    });
  }

  run(call: CloudCall, options: CallOptions): Promise<CallOutcome> {
    return this.#run.run(call, options);
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
      case 'record':
        return { type: 'record', word: await this.#record(call.car, call.actionId, attempt) };
    }
  }

  /**
   * Not by bluelinky's `getVehicles`: it has no time-out, repeats itself in silence, asks for a profile of every car and
   * fails the whole list if one of them fails. The list itself has all that we need.
   */
  async #list(attempt: Attempt): Promise<readonly CarInfo[]> {
    const { resMsg, answer } = await this.#reader.read(VEHICLE_LIST_PATH, attempt);
    const list = translateVehicleList(resMsg, answer);
    if (list === null) throw unexpectedShape(answer);
    if (list.skipped > 0) {
      this.#options.log.write('warn', 'The vehicle list has entries that cannot be read.', { skipped: list.skipped });
    }
    for (const { id, vin, generation } of list.cars) {
      this.#generations.set(id, generation);
      this.#options.onSecret(vin, 'person');
    }
    return list.cars.map((car) => ({ ...car, ...this.#options.regional.cars }));
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
        latest: (signal: AbortSignal) => this.#reader.glance(cached.path, attempt, headers, signal),
      };
      const { commandId, patience } = attempt;
      const report = await this.#watch.newReport(car, commandId, sleeper, patience.signal);
      return this.#reading({ car, endpoint: cached, source, headers }, report, attempt);
    }
    const endpoint = forced?.read ?? cached;
    const report = await this.#reader.read(endpoint.path, attempt, headers);
    return this.#reading({ car, endpoint, source, headers }, report, attempt);
  }

  async #reading(
    { car, endpoint, source, headers }: ReadCall,
    { resMsg, answer }: Envelope,
    attempt: Attempt,
  ): Promise<CallResult> {
    const fetchedAt = this.#options.clock.now();
    const status = endpoint.translate(resMsg, fetchedAt, answer);
    if (status === null) throw unexpectedShape(answer);
    this.#learnDriverSide(car, resMsg);
    const state = (await this.#parking?.located(car, { state: status, source }, attempt, headers)) ?? status;
    tellPosition(state, this.#options.onSecret);
    return { type: 'reading', reading: { state, source, fetchedAt } };
  }

  /** Asked with the device id that the control was sent with, if that is another one, and then with the present one. */
  async #record(car: string, actionId: string, attempt: Attempt): Promise<RecordWord> {
    const sender = this.#actionDevices.of(actionId);
    if (sender !== null && sender.id !== this.#options.keeper.record.deviceId) {
      const word = await this.#recordOfFormer(car, actionId, { ...attempt, deviceId: sender.id, device: sender.count });
      if (word !== 'missing') return word;
    }
    const word = await this.#recordWith(car, actionId, attempt);
    // That it is missing says nothing against a device that was registered after the control had been sent.
    if (word === 'missing' && sender !== null) attempt.device = sender.count;
    return word;
  }

  async #recordOfFormer(car: string, actionId: string, attempt: Attempt): Promise<RecordWord> {
    try {
      return await this.#recordWith(car, actionId, attempt);
    } catch (error) {
      if (!(error instanceof CloudError) || error.failure.kind !== 'deviceIdInvalid') throw error;
      if (attempt.deviceId !== null) this.#actionDevices.forget(attempt.deviceId);
      return 'missing';
    }
  }

  async #recordWith(car: string, actionId: string, attempt: Attempt): Promise<RecordWord> {
    const { resMsg, answer } = await this.#reader.read(recordsPath(car), attempt);
    const word = translateActionRecords(resMsg, actionId, answer);
    if (word === null) throw unexpectedShape(answer);
    return word;
  }

  async #control(car: string, command: Control, attempt: Attempt): Promise<CallResult> {
    const { generation, headers } = await this.#protocol(car, attempt);
    const { driverSide, lowestC } = this.#options.regional.dialect;
    const side = driverSide ?? this.#driverSides.get(car) ?? null;
    return this.#controls.send(
      { id: car, generation, driverSide: side, lowestTempC: lowestC, headers },
      command,
      attempt,
    );
  }

  /** A report that does not tell means the left, here as in the state that is told of it; until another one tells. */
  async #readDriverSide({ id, generation, headers }: ControlledCar, attempt: Attempt, signal: AbortSignal) {
    const { path } = this.#options.regional.protocols.generations[generation].cached(id);
    const { resMsg } = await this.#reader.glance(path, attempt, headers, signal);
    const side = this.#learnDriverSide(id, resMsg) ?? 'L';
    this.#driverSides.set(id, side);
    return side;
  }

  #learnDriverSide(car: string, resMsg: unknown): DriverSide | null {
    const side = driverSideOf(resMsg);
    if (side !== null) this.#driverSides.set(car, side);
    return side;
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
    const protocol = this.#options.regional.protocols.generations[generation];
    const headers: Headers = { ccuccs2protocolsupport: protocol.ccs2Header };
    return { generation, protocol, headers };
  }
}
