import type { Purpose } from '../../machines/domain/command.ts';
import type { CloudFailure, Scope } from '../../machines/domain/failure.ts';
import type { CloudClient, Patience } from './cloud-client.ts';
import type { Device } from './device.ts';
import { type Envelope, openEnvelope } from './envelope.ts';
import type { CallName } from './failure-rows.ts';
import type { Credentials } from './session-keeper.ts';
import { endpointOf } from './shape-reports.ts';
import { waking } from './waking.ts';

/** What one call works with: taken at its beginning, so that the outcome can name it. */
export interface Attempt {
  readonly name: CallName;
  /** The command that asked; null for calls of the daemon's own. */
  readonly commandId: string | null;
  readonly purpose: Purpose;
  readonly credentials: Credentials;
  readonly patience: Patience;
  /** Which token is at stake at the moment. */
  scope: Scope;
  deviceId: string | null;
  /** The number of that device id. */
  device: number | null;
  /** See `CallOptions`. */
  readonly beforeSending: () => Promise<CloudFailure | null>;
  /** From here on an error of our own may have come after the car got its command. */
  mayBeSent: boolean;
  /** Whether the request that wakes the car may have been taken; only forced reads make it. */
  mayHaveWoken: boolean;
}

export type Headers = Readonly<Record<string, string>>;

interface ApiReaderOptions {
  readonly client: CloudClient;
  readonly device: Device;
  readonly now: () => number;
  readonly callTimeoutMs: number;
}

/** Reads of the vehicle API with what an attempt has in hand. Rejects with `CloudError`. */
export class ApiReader {
  readonly #options: ApiReaderOptions;

  constructor(options: ApiReaderOptions) {
    this.#options = options;
  }

  async read(path: string, attempt: Attempt, headers: Headers = {}): Promise<Envelope> {
    const { client, callTimeoutMs, now } = this.#options;
    const { name, credentials, patience } = attempt;
    const timeoutMs = Math.min(patience.timeoutMs, callTimeoutMs);
    const deviceId = await this.deviceId(attempt, { ...patience, timeoutMs });
    const call = { name, method: 'GET' as const, path, token: credentials.accessToken, deviceId, headers };
    const made = () => client.api(call, patience);
    const body = name === 'forcedRead' ? await waking(attempt, made) : await made();
    return openEnvelope(body, name, now(), client.shapes.answer(endpointOf(path)));
  }

  /** A look at the cloud's memory in the course of another call, with the device that the attempt has already. */
  async glance(path: string, attempt: Attempt, headers: Headers, signal: AbortSignal): Promise<Envelope> {
    const patience = { timeoutMs: this.#options.callTimeoutMs, signal };
    return this.read(path, { ...attempt, name: 'cachedRead', patience }, headers);
  }

  async deviceId(attempt: Attempt, patience: Patience): Promise<string> {
    const { device } = this.#options;
    attempt.deviceId ??= await device.id(patience);
    attempt.device ??= device.count;
    return attempt.deviceId;
  }
}
