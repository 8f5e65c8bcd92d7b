import type { Clock, Log, SessionOutcome } from '../../actors/ports.ts';
import type { CloudFailure } from '../../machines/domain/failure.ts';
import type { Patience } from './cloud-client.ts';
import { failureOf, ownFailure } from './cloud-error.ts';
import { Deadline } from './deadline.ts';
import type { CallName } from './failure-rows.ts';
import { endsLogin } from './login/login-flow.ts';
import { LoginBudget } from './login-budget.ts';
import type { SessionFlows } from './session-flows.ts';
import type { SessionKeeper } from './session-keeper.ts';
import { SingleFlight, waitFor } from './single-flight.ts';
import type { FreshSession } from './tokens.ts';

export interface SessionWorkOptions {
  readonly flows: SessionFlows;
  readonly loginBudgetPerDay: number;
  readonly refreshTimeoutMs: number;
  readonly keeper: SessionKeeper;
  readonly clock: Clock;
  readonly log: Log;
}

/** A stored session with less left than this is renewed before it is used. */
const MIN_LEFT_MS = 60_000;
const REMEMBERED_VISITS = 32;

/**
 * Obtains and renews the session: one refresh or login at a time. The work belongs to nobody: when its caller stops
 * waiting it goes on to its own deadline, because a token that was rotated and not stored would be lost.
 */
export class SessionWork {
  readonly #options: SessionWorkOptions;
  readonly #budget: LoginBudget;
  readonly #refresh = new SingleFlight<SessionOutcome>();
  readonly #login = new SingleFlight<SessionOutcome>();
  readonly #closing = new AbortController();

  constructor(options: SessionWorkOptions) {
    this.#options = options;
    this.#budget = new LoginBudget(options.keeper, options.loginBudgetPerDay, options.clock);
  }

  async start(signal: AbortSignal): Promise<SessionOutcome> {
    const { generation } = this.#options.keeper.record;
    const lifetimeMs = this.lifetimeMs();
    if (lifetimeMs >= MIN_LEFT_MS) return { ok: true, generation, lifetimeMs, asked: false };
    return this.refresh(signal);
  }

  /** How long our clock trusts the session in hand; 0 if there is none. */
  lifetimeMs(): number {
    const { session } = this.#options.keeper.record;
    return session === null ? 0 : Math.max(0, session.expiresAt - this.#options.clock.now());
  }

  /** Asks the server, unless a refresh or login is under way: then that one's outcome is the answer. */
  refresh(signal: AbortSignal): Promise<SessionOutcome> {
    const work =
      this.#login.running ?? this.#refresh.run(() => this.#timed('refresh', (patience) => this.#renew(patience)));
    return this.#wait(work, signal);
  }

  login(signal: AbortSignal): Promise<SessionOutcome> {
    const work = this.#login.run(async () => {
      await this.#refresh.running;
      return this.#timed('login', (patience) => this.#logIn(patience));
    });
    return this.#wait(work, signal);
  }

  /** Waits for work under way, at most for `graceMs`, then ends it. */
  async close(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#closing.abort(), graceMs);
    await Promise.allSettled([this.#refresh.running, this.#login.running]);
    clearTimeout(timer);
    this.#closing.abort();
  }

  async #wait(work: Promise<SessionOutcome>, signal: AbortSignal): Promise<SessionOutcome> {
    try {
      return await waitFor(work, signal);
    } catch (error) {
      return { ok: false, failure: this.#failure(error, 'refresh') };
    }
  }

  /** Runs one piece of session work within the deadline, logs it, and turns what it throws into a failure. */
  async #timed(name: CallName, work: (patience: Patience) => Promise<SessionOutcome>): Promise<SessionOutcome> {
    const { clock, log, refreshTimeoutMs } = this.#options;
    const begun = clock.elapsed();
    const deadline = new Deadline(refreshTimeoutMs, [this.#closing.signal]);
    log.write('debug', 'Cloud call begun.', { call: name });
    let outcome: SessionOutcome;
    try {
      outcome = await work({ signal: deadline.signal, timeoutMs: refreshTimeoutMs });
    } catch (error) {
      outcome = { ok: false, failure: this.#failure(error, name) };
    }
    deadline.end();
    if (!outcome.ok && deadline.isOver) outcome = { ok: false, failure: late(outcome.failure) };
    if (isVisit(name, outcome)) await this.#rememberVisit();
    log.write('debug', 'Cloud call done.', {
      call: name,
      durationMs: Math.round(clock.elapsed() - begun),
      result: outcome.ok ? 'ok' : outcome.failure.kind,
      ...(outcome.ok ? { generation: outcome.generation } : { cause: outcome.failure.cause }),
    });
    return outcome;
  }

  /** Kept across restarts, so that a crash loop does not refresh without end. */
  async #rememberVisit(): Promise<void> {
    const { keeper, clock } = this.#options;
    await keeper.update(({ visits }) => ({ visits: [...visits, clock.now()].slice(-REMEMBERED_VISITS) }));
  }

  async #renew(patience: Patience): Promise<SessionOutcome> {
    const { session, generation } = this.#options.keeper.record;
    if (session === null || session.grant === null) {
      const failure = ownFailure('grantRefused', 'There is no stored session that could be renewed.', 'no session');
      return { ok: false, failure };
    }
    const fresh = await this.#options.flows.renew(session, session.grant, generation, patience);
    return this.#keep(fresh, session.flow, generation);
  }

  /** A login that cannot be counted is not made: a crash loop must lock nobody's account. */
  async #logIn(patience: Patience): Promise<SessionOutcome> {
    const { generation } = this.#options.keeper.record;
    const denied = await this.#budget.take();
    if (denied !== null) return { ok: false, failure: denied };
    let first: CloudFailure | null = null;
    let wasAnswered = false;
    for (const flow of this.#options.flows.logins) {
      try {
        const fresh = await flow.login(patience);
        const changes = flow.registersDevice === true ? {} : { deviceId: null };
        return await this.#keep(fresh, flow.name, generation, changes);
      } catch (error) {
        const failure = this.#failure(error, 'login');
        wasAnswered ||= failure.answered || (endsLogin(failure) && failure.kind !== 'aborted');
        first ??= failure;
        this.#options.log.write('debug', 'Login flow failed.', {
          flow: flow.name,
          kind: failure.kind,
          cause: failure.cause,
        });
        if (!endsLogin(failure)) continue;
        first = failure;
        break;
      }
    }
    if (!wasAnswered) await this.#budget.giveBack();
    const nothing = ownFailure(
      'misconfigured',
      'No way of logging in is configured for this account.',
      'no login flow',
    );
    return { ok: false, failure: first ?? nothing };
  }

  /** Stored before it is answered. A session that another process has stored since goes before ours. */
  async #keep(
    fresh: FreshSession,
    flow: string,
    basis: number,
    changes: { deviceId?: null } = {},
  ): Promise<SessionOutcome> {
    const { keeper, clock } = this.#options;
    const expiresAt = clock.now() + Math.round(fresh.lifetimeMs);
    const { accessToken, grant } = fresh;
    const isOurs = await keeper.renew({ flow, accessToken, expiresAt, grant }, basis, changes);
    const lifetimeMs = isOurs ? fresh.lifetimeMs : this.lifetimeMs();
    return { ok: true, generation: keeper.record.generation, lifetimeMs, asked: true };
  }

  #failure(error: unknown, call: CallName): CloudFailure {
    return failureOf(error, { call, now: this.#options.clock.now() });
  }
}

/** A refused grant is only the first half of a visit: the login follows. */
function isVisit(name: CallName, outcome: SessionOutcome): boolean {
  if (outcome.ok) return true;
  return outcome.failure.answered && !(name === 'refresh' && outcome.failure.kind === 'grantRefused');
}

function late(failure: CloudFailure): CloudFailure {
  if (failure.kind !== 'aborted') return failure;
  return { ...failure, kind: 'timeout', message: 'The cloud did not renew the session in time.', cause: 'deadline' };
}
