import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { BluelinkyEnvironment } from './bluelinky-surface.ts';
import type { CloudClient, Patience } from './cloud-client.ts';
import { CloudError, explained } from './cloud-error.ts';
import { openEnvelope } from './envelope.ts';
import { APP_USER_AGENT } from './environment.ts';
import type { AppConstants } from './regions.ts';
import type { SessionKeeper } from './session-keeper.ts';
import { SingleFlight, share } from './single-flight.ts';

const REGISTER_PATH = '/api/v1/spa/notifications/register';
const deviceSchema = z.object({ deviceId: z.string().regex(/^[\x21-\x7e]{1,128}$/) });

export interface DeviceOptions {
  readonly constants: AppConstants;
  readonly environment: BluelinkyEnvironment;
  readonly client: CloudClient;
  readonly keeper: SessionKeeper;
  readonly now: () => number;
}

/**
 * Our device id at the cloud. bluelinky registers with Apple's push service for both brands, which Hyundai refuses, and
 * only while logging in; the cloud forgets a device when a push to it fails, so registering is a thing of its own.
 */
export class Device {
  readonly #options: DeviceOptions;
  readonly #registration = new SingleFlight<string>();
  #count = 1;

  constructor(options: DeviceOptions) {
    this.#options = options;
  }

  /** The registered id, registering first if there is none. Rejects with `CloudError`. */
  async id(patience: Patience): Promise<string> {
    return this.#options.keeper.record.deviceId ?? (await this.register(patience));
  }

  /** Which id is in hand: goes up with every registration of this run. */
  get count(): number {
    return this.#count;
  }

  /** Whether a registration runs that a further one would only wait for. */
  get isRegistering(): boolean {
    return this.#registration.running !== null;
  }

  /** Registers again: one call for all who ask meanwhile, which goes on when one of them stops waiting. */
  register(patience: Patience): Promise<string> {
    const { signal } = new AbortController();
    return share(this.#registration, () => this.#register({ timeoutMs: patience.timeoutMs, signal }), patience.signal);
  }

  /** The cloud no longer knows this id: the next call registers first. An id that was replaced meanwhile stays. */
  async forget(deviceId: string): Promise<void> {
    await this.#options.keeper.update((record) => (record.deviceId === deviceId ? { deviceId: null } : {}));
  }

  /** Where public clients disagree about the key of the stamp, the registration tells which one is right. */
  async #register(patience: Patience): Promise<string> {
    const { constants, keeper } = this.#options;
    const { stampKey = 0 } = keeper.record;
    try {
      return await this.#registerOnce(patience);
    } catch (error) {
      const other = constants.stampKeys.findIndex((_, index) => index !== stampKey);
      if (other < 0 || !isStampRefused(error)) throw error;
      await keeper.update(() => ({ stampKey: other }));
      try {
        return await this.#registerOnce(patience);
      } catch {
        await keeper.update(() => ({ stampKey }));
        throw error;
      }
    }
  }

  async #registerOnce(patience: Patience): Promise<string> {
    const { environment, client, keeper, constants, now } = this.#options;
    const answer = await client.plain(
      {
        method: 'POST',
        url: `${environment.baseUrl}${REGISTER_PATH}`,
        headers: {
          'content-type': 'application/json;charset=UTF-8',
          'user-agent': APP_USER_AGENT,
          'ccsp-service-id': environment.clientId,
          'ccsp-application-id': environment.appId,
          stamp: await environment.stamp(),
        },
        body: JSON.stringify({
          pushRegId: randomBytes(32).toString('hex'),
          pushType: constants.pushType,
          uuid: keeper.record.clientUuid,
        }),
      },
      'register',
      patience,
    );
    if (answer.statusCode < 200 || answer.statusCode > 299) throw client.failure(answer, 'register');
    const shape = client.shapes.answer(REGISTER_PATH);
    const envelope = openEnvelope(answer.body, 'register', now(), shape);
    const registered = envelope.answer.read(deviceSchema, envelope.resMsg);
    if (registered === null) {
      throw explained(client.failure({ statusCode: 200, body: {} }, 'register'), envelope.answer);
    }
    const { deviceId } = registered;
    await keeper.update(() => ({ deviceId }));
    this.#count += 1;
    return deviceId;
  }
}

/** 4017 or another 401: a stamp that does not fit its application id makes that invalid. */
function isStampRefused(error: unknown): boolean {
  return error instanceof CloudError && /^(?:HTTP 401|resCode 401\d)$/.test(error.failure.cause);
}
