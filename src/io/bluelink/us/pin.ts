import { CloudError, ownFailure } from '../cloud-error.ts';
import type { SessionKeeper } from '../session-keeper.ts';

/**
 * The PIN, which goes with every call. One that was refused is remembered and never sent again: the vendor would lock it.
 */
export class Pin {
  readonly #pin: string | null;
  readonly #keeper: SessionKeeper;

  constructor(pin: string | null, keeper: SessionKeeper) {
    this.#pin = pin;
    this.#keeper = keeper;
  }

  /** For calls that may do without it; null if there is none, or only one that was refused. */
  get value(): string | null {
    return this.#pin === null || this.#keeper.isPinRefused(this.#pin) ? null : this.#pin;
  }

  /** For controls. Throws `wrongPin`, without a call, for a PIN that was refused. Null: the cloud decides without. */
  forControl(): string | null {
    if (this.#pin === null || this.value !== null) return this.#pin;
    const message = 'The cloud refused the configured PIN before; it is not sent again.';
    throw new CloudError(ownFailure('wrongPin', message, 'PIN refused before'));
  }

  /** The cloud has refused what was sent. */
  async refused(): Promise<void> {
    const sent = this.value;
    if (sent !== null) await this.#keeper.rememberRefusedPin(sent);
  }
}
