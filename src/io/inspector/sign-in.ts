import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const SESSION_MS = 12 * 3_600_000;
const SESSIONS = 64;
const TRIES = 5;
const TRIES_OF_ALL = 50;
const WINDOW_MS = 60_000;
const ADDRESSES = 1_000;
const LONGEST_TOKEN = 1_024;

export type SignInResult =
  /** The session's secret: for a cookie, and nothing else. */
  | { readonly ok: true; readonly session: string }
  /** Too many wrong ones: not even looked at. */
  | { readonly ok: false; readonly tooOften: boolean };

/** The one token that opens the inspector, and the sessions that came of it. All of them end with the process. */
export class SignIn {
  readonly #token: Buffer;
  readonly #elapsed: () => number;
  /** Hashes of the sessions' secrets, with their ends. */
  readonly #sessions = new Map<string, number>();
  readonly #wrong = new Map<string, { since: number; count: number }>();
  #wrongOfAll = { since: 0, count: 0 };

  /** @param elapsed as in `Clock`: a clock that is set keeps nobody out, and nobody in. */
  constructor(token: string, elapsed: () => number) {
    this.#token = digest(token);
    this.#elapsed = elapsed;
  }

  /** @param address of who tries. */
  try(token: string, address: string): SignInResult {
    if (this.#isTooOften(address)) return { ok: false, tooOften: true };
    if (token.length > LONGEST_TOKEN || !timingSafeEqual(digest(token), this.#token)) {
      this.#countWrong(address);
      return { ok: false, tooOften: false };
    }
    const session = randomBytes(32).toString('base64url');
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    this.#sessions.set(digest(session).toString('hex'), this.#elapsed() + SESSION_MS);
    return { ok: true, session };
  }

  /** `tooOften`: it was not looked at. */
  check(request: IncomingMessage, cookie: string): 'in' | 'out' | 'tooOften' {
    const session = cookieOf(request, cookie);
    if (session !== null && this.#isOpen(session)) return 'in';
    const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined) return 'out';
    const address = request.socket.remoteAddress ?? '';
    if (this.#isTooOften(address)) return 'tooOften';
    if (bearer.length <= LONGEST_TOKEN && timingSafeEqual(digest(bearer), this.#token)) return 'in';
    this.#countWrong(address);
    return 'out';
  }

  #isOpen(session: string): boolean {
    const key = digest(session).toString('hex');
    const endsAt = this.#sessions.get(key);
    if (endsAt === undefined) return false;
    if (endsAt > this.#elapsed()) return true;
    this.#sessions.delete(key);
    return false;
  }

  #isTooOften(address: string): boolean {
    const now = this.#elapsed();
    if (now - this.#wrongOfAll.since < WINDOW_MS && this.#wrongOfAll.count >= TRIES_OF_ALL) return true;
    const wrong = this.#wrong.get(address);
    return wrong !== undefined && now - wrong.since < WINDOW_MS && wrong.count >= TRIES;
  }

  #countWrong(address: string): void {
    const now = this.#elapsed();
    if (now - this.#wrongOfAll.since >= WINDOW_MS) this.#wrongOfAll = { since: now, count: 0 };
    this.#wrongOfAll.count += 1;
    const wrong = this.#wrong.get(address);
    if (wrong !== undefined && now - wrong.since < WINDOW_MS) {
      wrong.count += 1;
      return;
    }
    if (this.#wrong.size >= ADDRESSES) this.#wrong.clear();
    this.#wrong.set(address, { since: now, count: 1 });
  }
}

/** Of equal length, so that the comparison tells nothing. */
const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

function cookieOf({ headers }: IncomingMessage, name: string): string | null {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [key, value] = part.split('=', 2);
    if (key?.trim() === name && value !== undefined) return value.trim();
  }
  return null;
}

/** @param isSecure whether the browser came by TLS. */
export function cookieFor(name: string, session: string, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${name}=${session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1_000}${secure}`;
}
