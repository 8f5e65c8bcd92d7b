import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { BluelinkyEnvironment, Brand } from './bluelinky-surface.ts';
import type { CloudClient, Patience } from './cloud-client.ts';
import { openEnvelope } from './envelope.ts';
import { APP_USER_AGENT, BRANDS } from './environment.ts';
import type { SessionKeeper } from './session-keeper.ts';
import { SingleFlight, waitFor } from './single-flight.ts';

const deviceSchema = z.object({ deviceId: z.string().regex(/^[\x21-\x7e]{1,128}$/) });

export interface DeviceOptions {
  readonly brand: Brand;
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
    return waitFor(
      this.#registration.run(() => this.#register({ timeoutMs: patience.timeoutMs, signal })),
      patience.signal,
    );
  }

  /** The cloud no longer knows this id: the next call registers first. An id that was replaced meanwhile stays. */
  async forget(deviceId: string): Promise<void> {
    await this.#options.keeper.update((record) => (record.deviceId === deviceId ? { deviceId: null } : {}));
  }

  async #register(patience: Patience): Promise<string> {
    const { environment, client, keeper, brand, now } = this.#options;
    const answer = await client.plain(
      {
        method: 'POST',
        url: `${environment.baseUrl}/api/v1/spa/notifications/register`,
        headers: {
          'content-type': 'application/json;charset=UTF-8',
          'user-agent': APP_USER_AGENT,
          'ccsp-service-id': environment.clientId,
          'ccsp-application-id': environment.appId,
          stamp: await environment.stamp(),
        },
        body: JSON.stringify({
          pushRegId: randomBytes(32).toString('hex'),
          pushType: BRANDS[brand].pushType,
          uuid: keeper.record.clientUuid,
        }),
      },
      'register',
      patience,
    );
    if (answer.statusCode < 200 || answer.statusCode > 299) throw client.failure(answer, 'register');
    const parsed = deviceSchema.safeParse(openEnvelope(answer.body, 'register', now()).resMsg);
    if (!parsed.success) throw client.failure({ statusCode: 200, body: {} }, 'register');
    const { deviceId } = parsed.data;
    await keeper.update(() => ({ deviceId }));
    this.#count += 1;
    return deviceId;
  }
}
