import {
  type Actor,
  type Observation,
  type Observer,
  type Stepped,
  type TokenFacts,
  topOf,
} from '../../actors/observe/observation.ts';
import type { Instruments } from './instruments.ts';
import type { Readiness, TokenState } from './readiness.ts';

const TOKEN_STATES: readonly TokenState[] = ['valid', 'refreshing', 'cooldown', 'failed'];
const BREAKER_STATES = ['closed', 'open', 'halfOpen'] as const;

interface Visit {
  readonly since: number;
  readonly generation: number;
}

/** What the actors do, in numbers. */
export class ActorMetrics {
  readonly #instruments: Instruments;
  readonly #readiness: Readiness;
  /** By account: the present visit of its token to `refreshing`, and what waited for it at the last step. */
  readonly #visits = new Map<string, Visit>();
  readonly #waiting = new Map<string, number>();
  /** Controls that wait, by account and the address of the vehicle; only where there are any. */
  readonly #queues = new Map<string, Map<string, number>>();
  /** Commands that live and have repeated a call, with how they ended when they have. */
  readonly #retried = new Map<string, { succeeded: boolean }>();

  constructor(instruments: Instruments, readiness: Readiness) {
    this.#instruments = instruments;
    this.#readiness = readiness;
  }

  readonly observe: Observer = (observation: Observation): void => {
    switch (observation.type) {
      case 'started':
        this.#instruments.actors.inc({ kind: observation.actor.kind });
        if (observation.again) {
          this.#instruments.restarts.inc({ kind: observation.actor.kind });
          this.#readiness.started(observation.actor.address);
        }
        return;
      case 'stopped':
        this.#instruments.actors.dec({ kind: observation.actor.kind });
        this.#stopped(observation.actor);
        if (observation.how === 'died') this.#died(observation.actor);
        return;
      case 'stepped':
        this.#stepped(observation);
        return;
      case 'delivered':
        return;
    }
  };

  /** Sums and maxima, when somebody asks. */
  collect(): void {
    const { vehicleQueue, vehicleQueueMax } = this.#instruments;
    for (const [account, depths] of this.#queues) {
      let [sum, max] = [0, 0];
      for (const depth of depths.values()) {
        sum += depth;
        max = Math.max(max, depth);
      }
      vehicleQueue.set({ account }, sum);
      vehicleQueueMax.set({ account }, max);
    }
  }

  #stepped(step: Stepped): void {
    const { actor, facts } = step;
    const { account } = actor;
    if (account === null) return;
    switch (facts.kind) {
      case 'token':
        this.#token(step, facts, account);
        return;
      case 'breaker':
        this.#breaker(step, facts.out, facts.line, account);
        return;
      case 'vehicle':
        this.#queue(account, actor.address, facts.queue);
        return;
      case 'command':
        if (step.event === 'TOKEN_READY' && facts.retried && hasRefreshed(step)) {
          this.#instruments.retries.inc({ account });
          this.#retried.set(actor.address, { succeeded: false });
        }
        if (facts.status === 'succeeded') {
          const retried = this.#retried.get(actor.address);
          if (retried !== undefined) retried.succeeded = true;
        }
        return;
      case 'account':
        if (facts.cars !== null) this.#instruments.cars.set({ account }, facts.cars);
        return;
      case 'bridge':
      case 'fleet':
        return;
    }
  }

  #token(step: Stepped, facts: TokenFacts, account: string): void {
    const { tokenWaiting, tokenGeneration, tokenExpiry, tokenState } = this.#instruments;
    const [before, now] = [topOf(step.from), topOf(step.to)];
    if (before !== now) {
      for (const state of TOKEN_STATES) tokenState.set({ account, state }, state === now ? 1 : 0);
      if (before === 'refreshing') this.#refreshed(step, facts, account, now);
      if (now === 'refreshing') this.#visits.set(account, { since: step.at, generation: facts.generation });
      if (facts.lifetimeMs > 0 && (now === 'valid' || now === 'cooldown') && before !== 'cooldown') {
        tokenExpiry.set({ account }, Math.round((step.at + facts.lifetimeMs) / 1000));
      }
    }
    tokenGeneration.set({ account }, facts.generation);
    tokenWaiting.set({ account }, facts.waiting);
    this.#waiting.set(account, facts.waiting);
    this.#readiness.tokenIs(account, obstacleOf(step.to[0] ?? '', facts));
  }

  #refreshed({ at, event }: Stepped, facts: TokenFacts, account: string, now: string): void {
    const visit = this.#visits.get(account);
    this.#visits.delete(account);
    if (visit === undefined) return;
    const { refreshes, refreshSeconds, refreshWaiters } = this.#instruments;
    const { why } = facts;
    const outcome = (): string => {
      if (now === 'failed') return facts.reason ?? 'refreshFailed';
      if (event === 'SESSION_CHANGED') return 'adopted';
      if (facts.generation > visit.generation) return 'succeeded';
      return why === 'start' ? 'stored' : 'kept';
    };
    refreshes.inc({ account, why, outcome: outcome() });
    refreshSeconds.observe({ why }, Math.max(0, at - visit.since) / 1000);
    refreshWaiters.observe(this.#waiting.get(account) ?? 0);
  }

  #breaker({ from, to }: Stepped, out: number, line: number, account: string): void {
    const { breakerState, breakerChanges, breakerLine, permits } = this.#instruments;
    if (from !== to) {
      const now = to[0] ?? '';
      for (const state of BREAKER_STATES) breakerState.set({ account, state }, state === now ? 1 : 0);
      if (from.length > 0) breakerChanges.inc({ account, to: now });
    }
    permits.set({ account }, out);
    breakerLine.set({ account }, line);
  }

  #queue(account: string, vehicle: string, depth: number): void {
    let depths = this.#queues.get(account);
    if (depths === undefined) {
      if (depth === 0) return;
      depths = new Map();
      this.#queues.set(account, depths);
    }
    if (depth === 0) depths.delete(vehicle);
    else depths.set(vehicle, depth);
  }

  /** A command has no successor, and nobody waits for one. */
  #died({ address, kind, account }: Actor): void {
    if (account !== null && kind !== 'command' && kind !== 'list') this.#readiness.died(address, account);
  }

  #stopped({ address, kind, account }: Actor): void {
    if (account === null) return;
    if (kind === 'vehicle') this.#queues.get(account)?.delete(address);
    if (kind === 'account') this.#queues.get(account)?.clear();
    if (kind === 'token') this.#visits.delete(account);
    if (kind !== 'command' && kind !== 'list') {
      // Whoever lived there has no end of its own any more.
      for (const command of this.#retried.keys()) if (command.startsWith(`${address}/`)) this.#retried.delete(command);
      return;
    }
    const retried = this.#retried.get(address);
    if (retried === undefined) return;
    this.#retried.delete(address);
    this.#instruments.retriedCommands.inc({ account });
    if (retried.succeeded) this.#instruments.retriedSucceeded.inc({ account });
  }
}

/** It waited for a newer token, and goes on with it. */
function hasRefreshed({ from, to }: Stepped): boolean {
  return (from[0] ?? '').endsWith('refreshingToken') && (to[0] ?? '').endsWith('awaitingPermit');
}

/** Why the token cannot be used; null if it can. While a good session is renewed it still is good. */
function obstacleOf(state: string, { why, reason }: TokenFacts): string | null {
  const [top, inner] = state.split('.');
  if (top === 'valid' || (top === 'refreshing' && why === 'renewal')) return null;
  if (top === 'cooldown') return inner === 'suspect' ? (reason ?? 'freshTokenRejected') : null;
  return top === 'failed' ? (reason ?? 'failed') : 'refreshing';
}
