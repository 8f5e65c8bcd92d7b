import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Observation } from '../../actors/observe/observation.ts';
import type { CloudPort } from '../../actors/ports.ts';
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
  line: number;
  callsInFlight: number;
  /** When the token went to `refreshing`, epoch ms. */
  refreshes: number[];
}

/** How everything is, in a few numbers: gathered from what passes, told when somebody asks. */
export class Health {
  brokerConnected = false;
  readonly #accounts = new Map<string, AccountState>();
  /** Controls that wait, by vehicle; only where there are any. */
  readonly #queues = new Map<string, number>();
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
    this.#of(account).callsInFlight += by;
  }

  observe(observation: Observation): void {
    const { actor, at } = observation;
    if (observation.type === 'stopped') {
      this.#queues.delete(actor.address);
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
        state.line = facts.line;
        return;
      }
      case 'vehicle':
        if (facts.queue === 0) this.#queues.delete(actor.address);
        else this.#queues.set(actor.address, facts.queue);
        return;
      default:
        return;
    }
  }

  /** @param now epoch ms. */
  told(now: number, commandsOpen: number, clients: number): Omit<HealthEntry, 'type' | 'seq' | 'at'> {
    const { rss, heapUsed } = process.memoryUsage();
    const delayMs = this.#delay.count === 0 ? 0 : this.#delay.max / 1e6 - RESOLUTION_MS;
    this.#delay.reset();
    let queue = 0;
    for (const depth of this.#queues.values()) queue += depth;
    return {
      accounts: [...this.#accounts].map(([account, state]) => healthOf(account, state, now)),
      queue,
      commandsOpen,
      eventLoopDelayMs: Number.isFinite(delayMs) ? Math.max(0, Math.round(delayMs * 10) / 10) : 0,
      rssBytes: rss,
      heapBytes: heapUsed,
      brokerConnected: this.brokerConnected,
      clients,
    };
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
        line: 0,
        callsInFlight: 0,
        refreshes: [],
      };
      this.#accounts.set(account, state);
    }
    return state;
  }
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
    callsInFlight: state.callsInFlight,
    line: state.line,
    refreshesLastHour: recent(state.refreshes, now).length,
  };
}

const recent = (times: readonly number[], now: number) => times.filter((at) => at > now - HOUR_MS);

/** `refreshing.awaitingPermit` → `refreshing`. */
function topOf(states: readonly string[]): string {
  return (states[0] ?? '').split('.', 1)[0] ?? '';
}
