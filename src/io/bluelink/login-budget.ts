import type { Clock } from '../../actors/ports.ts';
import type { CloudFailure } from '../../machines/domain/failure.ts';
import { ownFailure } from './cloud-error.ts';
import type { SessionKeeper } from './session-keeper.ts';

const DAY_MS = 86_400_000;

/**
 * So many logins in any 24 hours, counted across restarts. A login is counted, on the disk, before it is made, and
 * given back if no server answered it: otherwise a crash in between would make it free.
 */
export class LoginBudget {
  readonly #keeper: SessionKeeper;
  readonly #perDay: number;
  readonly #clock: Clock;
  #taken: number | null = null;

  constructor(keeper: SessionKeeper, perDay: number, clock: Clock) {
    this.#keeper = keeper;
    this.#perDay = perDay;
    this.#clock = clock;
  }

  /** Null when the login may be made, else why not. */
  async take(): Promise<CloudFailure | null> {
    const now = this.#clock.now();
    let recent: readonly number[] = [];
    const isStored = await this.#keeper.update(({ logins }) => {
      recent = logins.filter((at) => at > now - DAY_MS && at <= now);
      return recent.length < this.#perDay ? { logins: [...recent, now] } : {};
    });
    if (recent.length >= this.#perDay) return this.#usedUp(recent, now);
    this.#taken = now;
    if (isStored) return null;
    // None is made, so none counts: else a disk that is full for a minute would cost the logins of the whole day.
    await this.giveBack();
    return ownFailure(
      'misconfigured',
      'The session file cannot be written, so logins cannot be counted; no login is made.',
      'session store',
    );
  }

  /** No server answered. */
  async giveBack(): Promise<void> {
    const taken = this.#taken;
    this.#taken = null;
    await this.#keeper.update(({ logins }) => {
      const index = taken === null ? -1 : logins.lastIndexOf(taken);
      return index < 0 ? {} : { logins: logins.toSpliced(index, 1) };
    });
  }

  #usedUp(logins: readonly number[], now: number): CloudFailure {
    const oldest = logins.toSorted((a, b) => a - b).at(logins.length - this.#perDay) ?? now;
    return {
      ...ownFailure('loginBudget', `The ${this.#perDay} logins of these 24 hours are used up.`, 'login budget'),
      retryAfterMs: this.#perDay === 0 ? DAY_MS : oldest + DAY_MS - now,
    };
  }
}
