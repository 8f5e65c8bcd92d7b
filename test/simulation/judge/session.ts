import type { LoggedCall } from '../../../src/io/simulator/call-log.ts';
import { demand } from './verdict.ts';

const LIFETIME_MS = 86_400_000;
/** A session this old may be renewed without anybody's complaint. */
const RENEWAL_SHARE = 0.6;
const SESSION_CALL = /^(cci\.refresh|cci\.exchange|token\.refresh|idp\.signin|cci\.token)$/;

/** `singleFlight` and `oneRefreshPerExpiry`, as the cloud sees them. */
export class SessionJudge {
  readonly #now: () => number;
  /** Session calls that the daemon waits for. */
  readonly #inFlight = new Set<number>();
  /** The access token that each control token was bought with. */
  readonly #boughtWith = new Map<number, number>();
  #current = 0;
  #issuedAt = 0;
  /** Why a newer token may be asked for, since the present one was issued. */
  #cause: string | null = 'start';
  #refreshes = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How old the session in use is, ms. */
  get age(): number {
    return this.#now() - this.#issuedAt;
  }

  get refreshes(): number {
    return this.#refreshes;
  }

  /** A new daemon may have lost what the old one was told. */
  reborn(): void {
    this.#inFlight.clear();
    this.#cause = 'restart';
  }

  /** @param isAbandoned its sender had given it up before it arrived. */
  call(call: LoggedCall, isAbandoned: boolean): void {
    const { n, kind, outcome, status, token, tokenKind, effect } = call;
    if (SESSION_CALL.test(kind)) {
      if (outcome === 'pending') {
        if (isAbandoned) return;
        demand('singleFlight', this.#inFlight.size === 0, () => `Call ${n} (${kind}) met another one of the session.`);
        this.#inFlight.add(n);
        return;
      }
      this.#issued(effect);
      if (status !== 200 && effect !== null) this.#cause = `call ${n} said nothing of the token that it made`;
    }
    if (outcome === 'pending') return;
    const bought = /^control#(\d+)$/.exec(effect ?? '');
    if (bought !== null && token !== null) this.#boughtWith.set(Number(bought[1]), token);
    if (status !== 401 && status !== 403) return;
    const refused = tokenKind === 'control' ? (this.#boughtWith.get(token ?? 0) ?? null) : token;
    if (refused === null || refused >= this.#current) this.#cause = `call ${n} was refused`;
  }

  /** The daemon has the answer to a call, or waits for it no longer. */
  over(n: number, isHeard: boolean): void {
    const wasSession = this.#inFlight.delete(n);
    if (wasSession && !isHeard) this.#cause = `the answer to call ${n} was lost`;
  }

  /** Something that makes the daemon ask for a session again. */
  excuse(cause: string): void {
    this.#cause = cause;
  }

  #issued(effect: string | null): void {
    const made = /^access#(\d+)$/.exec(effect ?? '');
    if (made === null) return;
    const age = this.#now() - this.#issuedAt;
    const isDue = age >= RENEWAL_SHARE * LIFETIME_MS;
    demand('oneRefreshPerExpiry', this.#cause !== null || isDue, () => {
      return `Token ${made[1]} was fetched, and nobody had refused token ${this.#current}.`;
    });
    this.#current = Number(made[1]);
    this.#issuedAt = this.#now();
    this.#cause = null;
    this.#refreshes += 1;
  }
}
