/** Whether commands can be served now, and why not. */

export interface Obstacle {
  readonly part: 'broker' | 'account' | 'journal' | 'daemon';
  readonly account?: string;
  /** A word of ours: `disconnected`, `stopping`, `journalUnavailable`, the state of the token, or the reason of its failure. */
  readonly reason: string;
  /** One sentence for a person. */
  readonly message: string;
}

export type TokenState = 'valid' | 'refreshing' | 'cooldown' | 'failed';

export class Readiness {
  #isConnected = false;
  #isStopping = false;
  #isJournalUsable = true;
  /** Why the token of an account cannot be used; null if it can. */
  readonly #accounts: Map<string, string | null>;

  constructor(accounts: readonly string[]) {
    this.#accounts = new Map(accounts.map((name) => [name, 'refreshing']));
  }

  brokerIs(connected: boolean): void {
    this.#isConnected = connected;
  }

  /** @param obstacle null if the token can be used. */
  tokenIs(account: string, obstacle: string | null): void {
    this.#accounts.set(account, obstacle);
  }

  journalIs(usable: boolean): void {
    this.#isJournalUsable = usable;
  }

  stopping(): void {
    this.#isStopping = true;
  }

  /** Everything that is in the way; none if the daemon is ready. */
  obstacles(): readonly Obstacle[] {
    const found: Obstacle[] = [];
    if (this.#isStopping) found.push({ part: 'daemon', reason: 'stopping', message: 'The daemon is being stopped.' });
    if (!this.#isConnected) {
      found.push({ part: 'broker', reason: 'disconnected', message: 'The broker is not connected.' });
    }
    if (!this.#isJournalUsable) {
      const message = 'The journal cannot be written: controls are refused.';
      found.push({ part: 'journal', reason: 'journalUnavailable', message });
    }
    for (const [account, reason] of this.#accounts) {
      if (reason === null) continue;
      const message = `The token of the account ${account} cannot be used (${reason}).`;
      found.push({ part: 'account', account, reason, message });
    }
    return found;
  }
}
