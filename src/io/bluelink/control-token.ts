import { z } from 'zod';
import type { Clock } from '../../actors/ports.ts';
import type { CloudClient, Patience } from './cloud-client.ts';
import { CloudError, ownFailure, unexpectedShape, withoutPin } from './cloud-error.ts';
import type { OnSecret } from './secrets.ts';
import type { Credentials, SessionKeeper } from './session-keeper.ts';
import { SingleFlight, share } from './single-flight.ts';

const PIN_PATH = '/api/v1/user/pin';
const answerSchema = z.object({
  controlToken: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
  /** Seconds. */
  expiresTime: z.number().positive().max(3_600).default(600),
});

/** Given up this long before its end, so that it does not expire on the way. */
const MARGIN_MS = 10_000;

interface ControlToken {
  readonly token: string;
  /** It is bound to the access token and the device that bought it. */
  readonly generation: number;
  readonly deviceId: string;
  /** ms by `Clock.elapsed`. */
  readonly expiresAt: number;
}

export interface ControlTokenOptions {
  readonly pin: string | null;
  readonly client: CloudClient;
  readonly keeper: SessionKeeper;
  readonly clock: Clock;
  readonly onSecret: OnSecret;
}

/**
 * The token that the PIN buys. bluelinky takes any 2xx for one ("Bearer undefined", kept for ever), fetches two when two
 * calls need one, and asks again and again with a wrong PIN until the vendor locks it. Here: one call for all who need
 * one, kept for its lifetime, checked; a refused PIN is remembered and never asked again.
 */
export class ControlTokenDesk {
  readonly #options: ControlTokenOptions;
  #purchase = { key: '', flight: new SingleFlight<ControlToken>() };
  #held: ControlToken | null = null;

  constructor(options: ControlTokenOptions) {
    this.#options = options;
  }

  /** Throws `wrongPin` without a call, when there is no PIN or only one that was refused. */
  assertUsablePin(): string {
    const { pin, keeper } = this.#options;
    if (pin === null) throw withoutPin();
    if (keeper.isPinRefused(pin)) {
      throw new CloudError(
        ownFailure(
          'wrongPin',
          'The cloud refused the configured PIN before; it is not asked again.',
          'PIN refused before',
        ),
      );
    }
    return pin;
  }

  /** A control token that fits the session in hand. Rejects with `CloudError`. */
  async token(credentials: Credentials, deviceId: string, patience: Patience): Promise<string> {
    const pin = this.assertUsablePin();
    const held = this.#held;
    if (
      held !== null &&
      held.generation === credentials.generation &&
      held.deviceId === deviceId &&
      held.expiresAt - MARGIN_MS > this.#options.clock.elapsed()
    ) {
      return held.token;
    }
    // Joined only by calls with the same access token: a refusal must name the generation that was really refused.
    const key = `${credentials.generation} ${deviceId}`;
    if (this.#purchase.key !== key) this.#purchase = { key, flight: new SingleFlight() };
    const { signal } = new AbortController();
    const bought = await share(
      this.#purchase.flight,
      () => this.#buy(pin, credentials, deviceId, { timeoutMs: patience.timeoutMs, signal }),
      patience.signal,
    );
    return bought.token;
  }

  /** A refresh renews the whole session; also when the cloud refused the token. */
  drop(): void {
    this.#held = null;
  }

  async #buy(pin: string, credentials: Credentials, deviceId: string, patience: Patience): Promise<ControlToken> {
    const { client, keeper, clock, onSecret } = this.#options;
    try {
      const body = await client.api(
        {
          name: 'pin',
          method: 'PUT',
          path: PIN_PATH,
          body: { deviceId, pin },
          token: credentials.accessToken,
          deviceId,
        },
        patience,
      );
      const { controlToken, expiresTime } = this.#read(body);
      onSecret(controlToken, 'token');
      this.#held = {
        token: controlToken,
        generation: credentials.generation,
        deviceId,
        expiresAt: clock.elapsed() + expiresTime * 1000,
      };
      return this.#held;
    } catch (error) {
      if (error instanceof CloudError && error.failure.kind === 'wrongPin') await keeper.rememberRefusedPin(pin);
      throw error;
    }
  }

  /**
   * A 2xx without a token is a refusal of the PIN too, if the cloud's own logic said it; one with a token of a kind that we
   * do not know says nothing about the PIN.
   */
  #read(body: unknown): z.output<typeof answerSchema> {
    const { client } = this.#options;
    if (typeof body === 'object' && body !== null && !Array.isArray(body) && !hasToken(body)) {
      const { failure } = client.failure({ statusCode: 400, body }, 'pin');
      throw new CloudError({ ...failure, cause: 'no control token' });
    }
    const answer = client.shapes.answer(PIN_PATH);
    const read = answer.readBody(answerSchema, body);
    if (read !== null) return read;
    throw answer.problem === null ? client.failure({ statusCode: 200, body }, 'pin') : unexpectedShape(answer);
  }
}

function hasToken(body: object): boolean {
  return 'controlToken' in body && body.controlToken !== null && body.controlToken !== undefined;
}
