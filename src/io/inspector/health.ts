import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Actor, type Observation, topOf } from '../../actors/observe/observation.ts';
import type { CloudPort } from '../../actors/ports.ts';
import { Highest } from './highest.ts';
import type { AccountHealth, HealthEntry } from './wire.ts';

const HOUR_MS = 3_600_000;
const RESOLUTION_MS = 20;
/** More refreshes than that within an hour are not told apart. */
const REMEMBERED = 1_000;

interface AccountState {
  cloud: CloudPort | null;
  tokenState: string | null;
  generation: number;
  expiresAt: number | null;
  breakerState: string | null;
  readonly line: Highest;
  tokenWaiting: number;
  readonly waiting: Highest;
  readonly callsInFlight: Highest;
  /** When the token went to `refreshing`, epoch ms. */
  refreshes: number[];
}

/**
 * How everything is, in a few numbers: gathered from what passes, told when somebody asks. What comes and goes within
 * milliseconds (calls, queues) is told as the most that there was since it was told last.
 */
export class Health {
  brokerConnected = false;
  readonly #accounts = new Map<string, AccountState>();
  /** Controls that wait, by vehicle; only where there are any. */
  readonly #queues = new Map<string, number>();
  /** Of all vehicles. */
  readonly #queue = new Highest();
  /** Addresses of commands that live. */
  readonly #commands = new Set<string>();
  readonly #commandsOpen = new Highest();
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor(accounts: readonly string[]) {
    for (const account of accounts) this.#of(account);
  }

  /** Only while this is on, the delay of the event loop is measured. */
  watchLoop(on: boolean): void {
    if (on) this.#delay.enable();
    else this.#delay.disable();
    this.#delay.reset();
  }

  hasCloud(account: string, cloud: CloudPort): void {
    this.#of(account).cloud = cloud;
  }

  callsChanged(account: string, by: 1 | -1): void {
    const { callsInFlight } = this.#of(account);
    callsInFlight.set(callsInFlight.now + by);
  }

  observe(observation: Observation): void {
    const { actor, at } = observation;
    if (observation.type === 'started' && actor.kind === 'command') {
      this.#commands.add(actor.address);
      this.#commandsOpen.set(this.#commands.size);
    }
    if (observation.type === 'stopped') {
      this.#stopped(actor);
      return;
    }
    if (observation.type !== 'stepped' || actor.account === null) return;
    const { facts, from, to } = observation;
    switch (facts.kind) {
      case 'token': {
        const state = this.#of(actor.account);
        const [before, now] = [topOf(from), topOf(to)];
        state.tokenState = to[0] ?? null;
        state.generation = facts.generation;
        waits(state, { token: facts.waiting });
        if (now === before) return;
        if (now === 'refreshing') state.refreshes = [...recent(state.refreshes, at), at].slice(-REMEMBERED);
        const isFresh = (now === 'valid' || now === 'cooldown') && before !== 'cooldown';
        if (isFresh && facts.lifetimeMs > 0) state.expiresAt = at + facts.lifetimeMs;
        if (now === 'failed') state.expiresAt = null;
        return;
      }
      case 'breaker': {
        const state = this.#of(actor.account);
        state.breakerState = to[0] ?? null;
        waits(state, { line: facts.line });
        return;
      }
      case 'vehicle':
        this.#queued(actor.address, facts.queue);
        return;
      default:
        return;
    }
  }

  /** @param now epoch ms. */
  told(now: number, clients: number): Omit<HealthEntry, 'type' | 'seq' | 'at'> {
    const { rss, heapUsed } = process.memoryUsage();
    const delayMs = this.#delay.count === 0 ? 0 : this.#delay.max / 1e6 - RESOLUTION_MS;
    this.#delay.reset();
    return {
      accounts: [...this.#accounts].map(([account, state]) => healthOf(account, state, now)),
      queue: this.#queue.take(),
      commandsOpen: this.#commandsOpen.take(),
      eventLoopDelayMs: Number.isFinite(delayMs) ? Math.max(0, Math.round(delayMs * 10) / 10) : 0,
      rssBytes: rss,
      heapBytes: heapUsed,
      brokerConnected: this.brokerConnected,
      clients,
    };
  }

  /** Nobody waits for who is gone. */
  #stopped({ kind, address, account }: Actor): void {
    if (kind === 'vehicle') this.#queued(address, 0);
    if (this.#commands.delete(address)) this.#commandsOpen.set(this.#commands.size);
    if (account === null) return;
    if (kind === 'token') waits(this.#of(account), { token: 0 });
    if (kind === 'breaker') waits(this.#of(account), { line: 0 });
  }

  #queued(vehicle: string, depth: number): void {
    const before = this.#queues.get(vehicle) ?? 0;
    if (depth === before) return;
    if (depth === 0) this.#queues.delete(vehicle);
    else this.#queues.set(vehicle, depth);
    this.#queue.set(this.#queue.now + depth - before);
  }

  #of(account: string): AccountState {
    let state = this.#accounts.get(account);
    if (state === undefined) {
      state = {
        cloud: null,
        tokenState: null,
        generation: 0,
        expiresAt: null,
        breakerState: null,
        line: new Highest(),
        tokenWaiting: 0,
        waiting: new Highest(),
        callsInFlight: new Highest(),
        refreshes: [],
      };
      this.#accounts.set(account, state);
    }
    return state;
  }
}

function waits(state: AccountState, { token = state.tokenWaiting, line = state.line.now }): void {
  state.tokenWaiting = token;
  state.line.set(line);
  state.waiting.set(token + line);
}

function healthOf(account: string, state: AccountState, now: number): AccountHealth {
  const budget = state.cloud?.budget();
  const perDay = budget?.callsPerDay ?? null;
  return {
    account,
    tokenState: state.tokenState,
    generation: state.generation,
    expiresAt: state.expiresAt,
    breakerState: state.breakerState,
    callsLeft: budget === undefined || perDay === null ? null : Math.max(0, perDay - budget.calls),
    callsInFlight: state.callsInFlight.take(),
    line: state.line.take(),
    waiting: state.waiting.take(),
    refreshesLastHour: recent(state.refreshes, now).length,
  };
}

const recent = (times: readonly number[], now: number) => times.filter((at) => at > now - HOUR_MS);
