import { randomBytes, randomUUID } from 'node:crypto';
import type { Account } from '../account.ts';
import { BoundedMap } from '../bounded-map.ts';

/** One browser's way through a login page, known by its cookie. */
export interface LoginSession {
  readonly id: string;
  /** The client id and redirect address of the authorize call that began it. */
  clientId: string;
  redirectUri: string;
  state: string;
  /** Who it is, once the password was right. */
  account: Account | null;
}

/** Which token endpoint redeems a code. */
export type CodeUse = 'ccapi' | 'oneApp';

const SESSIONS_KEPT = 2_000;
const CODES_KEPT = 2_000;

/** Logins under way and the one-time codes that they end with. */
export class Logins {
  readonly #sessions = new BoundedMap<string, LoginSession>(SESSIONS_KEPT);
  readonly #codes = new BoundedMap<string, { readonly account: Account; readonly use: CodeUse }>(CODES_KEPT);

  begin(clientId: string, redirectUri: string, state: string): LoginSession {
    const session: LoginSession = { id: randomUUID(), clientId, redirectUri, state, account: null };
    this.#sessions.set(session.id, session);
    return session;
  }

  find(cookie: string | undefined): LoginSession | null {
    return cookie === undefined ? null : (this.#sessions.get(cookie) ?? null);
  }

  issueCode(account: Account, use: CodeUse): string {
    const code = randomBytes(24).toString('base64url').replace(/[-_]/g, 'x');
    this.#codes.set(code, { account, use });
    return code;
  }

  /** The account behind a code, once. */
  redeem(code: string | null, use: CodeUse): Account | null {
    if (code === null) return null;
    const found = this.#codes.get(code);
    if (found === undefined || found.use !== use) return null;
    this.#codes.delete(code);
    return found.account;
  }
}
