/** Whether commands can be served now, and why not. */

export interface Obstacle {
  readonly part: 'broker' | 'account' | 'journal' | 'daemon';
  readonly account?: string;
  /**
   * A word of ours: `disconnected`, `stopping`, `journalUnavailable`, `restarted` (a part of the account died too often), the
   * state of the token, or the reason of its failure.
   */
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
  /** Actors that died and were not started anew, with their account. */
  readonly #dead = new Map<string, string>();

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

  /** The actor at this address died. */
  died(address: string, account: string): void {
    this.#dead.set(address, account);
  }

  /** An actor was started there; whoever lived below its predecessor is gone with it. */
  started(address: string): void {
    for (const dead of this.#dead.keys()) {
      if (dead === address || dead.startsWith(`${address}/`)) this.#dead.delete(dead);
    }
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
    const crippled = new Set(this.#dead.values());
    for (const account of crippled) {
      const message = `A part of the account ${account} broke too often and stays down: restart bluelinkd.`;
      found.push({ part: 'account', account, reason: 'restarted', message });
    }
    for (const [account, reason] of this.#accounts) {
      if (reason === null || crippled.has(account)) continue;
      const message = `The token of the account ${account} cannot be used (${reason}).`;
      found.push({ part: 'account', account, reason, message });
    }
    return found;
  }
}
