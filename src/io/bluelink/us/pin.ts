import { CloudError, ownFailure, withoutPin } from '../cloud-error.ts';
import type { SessionKeeper } from '../session-keeper.ts';

/** The cause of a `wrongPin` that is concluded: nothing to be remembered beyond this run. */
export const DOUBTED_PIN = 'HTTP 401 with two tokens';
const CLOSED =
  'The cloud refuses controls of this car though it accepts the token: the PIN is wrong, or the account may not control the car. Until a restart it is not tried again, because the vendor might lock the PIN.';

/**
 * The PIN, which goes with every call. One that was refused is remembered and never sent again: the vendor would lock it.
 * A control that was refused without a word may be so for its token or for its PIN. If that comes twice, with two tokens of
 * which the second is good elsewhere, it is taken for the PIN: this run sends that car no more controls.
 */
export class Pin {
  readonly #pin: string | null;
  readonly #keeper: SessionKeeper;
  /** The generation of the token that a car's last control was refused with, without a word. */
  readonly #unexplained = new Map<string, number>();
  readonly #closedCars = new Set<string>();

  constructor(pin: string | null, keeper: SessionKeeper) {
    this.#pin = pin;
    this.#keeper = keeper;
  }

  /** For calls that may do without it; null if there is none, or only one that was refused. */
  get value(): string | null {
    return this.#pin === null || this.#keeper.isPinRefused(this.#pin) ? null : this.#pin;
  }

  /**
   * For controls. Throws `wrongPin`, without a call, for a PIN that was refused. Null: the cloud decides without.
   *
   * @param opens whether it opens the car to others: that is not left to the cloud, and throws without a PIN, too.
   */
  forControl(car: string, opens: boolean): string | null {
    if (this.#closedCars.has(car)) throw new CloudError(ownFailure('wrongPin', CLOSED, DOUBTED_PIN));
    if (this.#pin === null && opens) throw withoutPin();
    if (this.#pin === null || this.value !== null) return this.#pin;
    const message = 'The cloud refused the configured PIN before; it is not sent again.';
    throw new CloudError(ownFailure('wrongPin', message, 'PIN refused before'));
  }

  /** The cloud has taken a control. */
  worked(car: string): void {
    this.#unexplained.delete(car);
  }

  /**
   * The cloud has refused a control without a word.
   *
   * @param generation of the token that it was made with.
   * @param isTokenGood asked if an earlier token met the same.
   * @returns what it comes to if it is the PIN's fault, else null: perhaps that of the token.
   */
  async refusedWithoutWord(
    car: string,
    generation: number,
    isTokenGood: () => Promise<boolean>,
  ): Promise<CloudError | null> {
    const before = this.#unexplained.get(car) ?? generation;
    this.#unexplained.set(car, generation);
    if (this.value === null || generation <= before || !(await isTokenGood())) return null;
    this.#closedCars.add(car);
    return new CloudError({ ...ownFailure('wrongPin', CLOSED, DOUBTED_PIN), answered: true });
  }

  /** The cloud has refused what was sent. */
  async refused(): Promise<void> {
    const sent = this.value;
    if (sent !== null) await this.#keeper.rememberRefusedPin(sent);
  }
}
