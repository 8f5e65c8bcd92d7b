import { randomBytes } from 'node:crypto';
import type { Account } from '../account.ts';
import { BoundedMap } from '../bounded-map.ts';
import type { SimClock } from '../timings.ts';

/** The tokens of a OneApp login. All of them change together, on every refresh. */
export interface CciTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly nonCcsToken: string;
  readonly nonCcsRefreshToken: string;
  readonly exchangeableAccessToken: string;
  readonly exchangeableRefreshToken: string;
  readonly idToken: string;
}

export interface CciSet {
  readonly account: Account;
  readonly tokens: CciTokens;
  expiresAt: number;
  /** False once it was refreshed or revoked: then nothing of it works any more. */
  current: boolean;
}

/** What a client gives back for a refresh. */
export type CciTokensGiven = Omit<CciTokens, 'idToken'> & { readonly idToken?: string | undefined };

const SETS_KEPT = 2_000;

export class CciSets {
  readonly #byAccess = new BoundedMap<string, CciSet>(SETS_KEPT);
  readonly #clock: SimClock;
  readonly #lifetimeMs: number;

  constructor(clock: SimClock, lifetimeMs: number) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
  }

  issue(account: Account): CciSet {
    const set: CciSet = {
      account,
      tokens: {
        accessToken: secret(120),
        refreshToken: secret(65),
        nonCcsToken: secret(48),
        nonCcsRefreshToken: secret(48),
        exchangeableAccessToken: secret(64),
        exchangeableRefreshToken: secret(64),
        idToken: secret(120),
      },
      expiresAt: this.#clock.now() + this.#lifetimeMs,
      current: true,
    };
    this.#byAccess.set(set.tokens.accessToken, set);
    return set;
  }

  /** The set whose access token this is, if it is neither used up nor expired. */
  open(accessToken: string | null): CciSet | null {
    const set = this.#current(accessToken);
    return set !== null && set.expiresAt > this.#clock.now() ? set : null;
  }

  /**
   * A new set for a complete old one, which is dead from then on. An expired access token may be refreshed; the id token
   * may be missing, as some clients leave it out.
   */
  rotate(given: CciTokensGiven): CciSet | null {
    const set = this.#current(given.accessToken);
    if (set === null) return null;
    const differs = (name: keyof CciTokens) => given[name] !== set.tokens[name];
    const names = Object.keys(set.tokens) as (keyof CciTokens)[];
    if (names.some((name) => (name !== 'idToken' || given.idToken !== undefined) && differs(name))) return null;
    set.current = false;
    return this.issue(set.account);
  }

  /** Ends sets; without `grants` only their access tokens run out. */
  expire(account: number | undefined, grants: boolean): number {
    let changed = 0;
    for (const set of this.#byAccess.values()) {
      if (!set.current || (account !== undefined && set.account.index !== account)) continue;
      set.expiresAt = this.#clock.now();
      if (grants) set.current = false;
      changed += 1;
    }
    return changed;
  }

  values(): readonly string[] {
    return [...this.#byAccess.values()].flatMap((set) => Object.values(set.tokens) as string[]);
  }

  #current(accessToken: string | null): CciSet | null {
    const set = accessToken === null ? undefined : this.#byAccess.get(accessToken);
    return set?.current ? set : null;
  }
}

/** 65 bytes make the 87 characters of a real refresh token. */
function secret(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
