import { randomBytes } from 'node:crypto';
import type { Account } from '../account.ts';
import { BoundedMap } from '../bounded-map.ts';
import type { SimClock } from '../timings.ts';

/** `access` opens the account, `control` is what the PIN buys: ten minutes, for one device. */
export type TokenKind = 'access' | 'control';

export interface Token {
  readonly kind: TokenKind;
  /** 1, 2, 3 … for each kind: how the log names a token. */
  readonly number: number;
  readonly value: string;
  readonly account: Account;
  /** The device that a control token was bought for; null for access tokens. */
  readonly deviceId: string | null;
  expiresAt: number;
  revoked: boolean;
}

export interface TokenFilter {
  readonly kinds?: readonly TokenKind[];
  /** Index of the account, from 0. */
  readonly account?: number;
}

const TOKENS_KEPT = 20_000;
const TOKEN_BYTES = 96;

/** Every access and control token that the cloud has given out, and whether it still opens anything. */
export class TokenLedger {
  readonly #tokens = new BoundedMap<string, Token>(TOKENS_KEPT);
  readonly #counts: Record<TokenKind, number> = { access: 0, control: 0 };
  readonly #clock: SimClock;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  issue(kind: TokenKind, account: Account, lifetimeMs: number, deviceId: string | null = null): Token {
    this.#counts[kind] += 1;
    const token: Token = {
      kind,
      number: this.#counts[kind],
      value: randomBytes(TOKEN_BYTES).toString('base64url'),
      account,
      deviceId,
      expiresAt: this.#clock.now() + lifetimeMs,
      revoked: false,
    };
    this.#tokens.set(token.value, token);
    return token;
  }

  find(value: string): Token | null {
    return this.#tokens.get(value) ?? null;
  }

  isGood(token: Token): boolean {
    return !token.revoked && token.expiresAt > this.#clock.now();
  }

  /** Lets tokens run out now. Answers how many. */
  expire(filter: TokenFilter): number {
    return this.#each(filter, (token) => {
      token.expiresAt = this.#clock.now();
    });
  }

  /** Takes tokens back although their time is not over. Answers how many. */
  revoke(filter: TokenFilter): number {
    return this.#each(filter, (token) => {
      token.revoked = true;
    });
  }

  /** The newest number of a kind, 0 if none was issued. */
  count(kind: TokenKind): number {
    return this.#counts[kind];
  }

  values(): readonly string[] {
    return [...this.#tokens.values()].map((token) => token.value);
  }

  #each(filter: TokenFilter, change: (token: Token) => void): number {
    let changed = 0;
    for (const token of this.#tokens.values()) {
      if (filter.kinds !== undefined && !filter.kinds.includes(token.kind)) continue;
      if (filter.account !== undefined && token.account.index !== filter.account) continue;
      if (!this.isGood(token)) continue;
      change(token);
      changed += 1;
    }
    return changed;
  }
}
