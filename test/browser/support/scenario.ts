import { stateValueOf } from '../../../src/io/inspector/state-value.ts';
import type { Entry, Fields, SnapshotEntry } from '../../../src/io/inspector/wire.ts';

const ROOT = { rootId: 'fleet', _version: '0.7.2' } as const;
export const ACCOUNT = 'account/demo';
export const TOKEN = `${ACCOUNT}/token`;
export const BREAKER = `${ACCOUNT}/breaker`;
export const CAR = `${ACCOUNT}/vehicle/c1`;

type Unnumbered<E> = E extends Entry ? Omit<E, 'seq' | 'at'> : never;
interface Step {
  readonly states: readonly string[];
  readonly context?: Fields;
  readonly taken?: SnapshotEntry['taken'];
  readonly deadlines?: SnapshotEntry['deadlines'];
  readonly status?: SnapshotEntry['snapshot']['status'];
}

/** Writes what a daemon would tell, for a page that cannot tell the difference. */
export class Script {
  readonly entries: Entry[] = [];
  at: number;
  #seq = 0;

  /** @param at of the first entry, epoch ms. */
  constructor(at = Date.now()) {
    this.at = at;
  }

  wait(ms: number): this {
    this.at += ms;
    return this;
  }

  add(entry: Unnumbered<Entry>): this {
    this.#seq += 1;
    this.entries.push({ ...entry, seq: this.#seq, at: this.at } as Entry);
    return this;
  }

  actor(sessionId: string, kind: string, name: string, commandId: string | null = null): this {
    const levels = sessionId.split('/');
    const parentId =
      kind === 'fleet'
        ? undefined
        : levels.length <= 2
          ? 'fleet'
          : levels.slice(0, kind === 'vehicle' || kind === 'command' ? -2 : -1).join('/');
    return this.add({
      ...this.#base(),
      type: '@xstate.actor',
      sessionId,
      ...(parentId === undefined ? {} : { parentId }),
      kind,
      name,
      account: levels[1] ?? null,
      commandId,
      again: false,
      snapshot: { status: 'active' },
    });
  }

  event(
    sourceId: string | null,
    sessionId: string,
    type: string,
    fields: Fields = {},
    commandId: string | null = null,
  ): this {
    return this.add({
      ...this.#base(),
      type: '@xstate.event',
      sessionId,
      ...(sourceId === null ? {} : { sourceId }),
      event: { ...fields, type },
      commandId,
    });
  }

  step(sessionId: string, type: string, step: Step, commandId: string | null = null): this {
    const { states, context = {}, taken = [], deadlines = [], status = 'active' } = step;
    return this.add({
      ...this.#base(),
      type: '@xstate.snapshot',
      sessionId,
      event: { type },
      snapshot: { status, value: stateValueOf(states), context },
      commandId,
      taken,
      deadlines,
    });
  }

  call(
    n: number,
    name: string,
    commandId: string | null,
    outcome: string | null,
    durationMs: number | null = null,
  ): this {
    return this.add({
      type: 'bluelinkd.call',
      phase: outcome === null ? 'begun' : 'ended',
      call: n,
      name,
      account: 'demo',
      carAddress: commandId === null ? null : CAR,
      commandId,
      attempt: 1,
      generation: 1,
      scope: 'access',
      outcome,
      answer: outcome === 'ok' ? 'accepted' : null,
      cause: outcome === 'tokenRefused' ? 'HTTP 401' : null,
      durationMs,
    });
  }

  message(direction: 'in' | 'out', topic: string, commandId: string | null = null, status: string | null = null): this {
    return this.add({
      type: 'bluelinkd.message',
      direction,
      topic,
      qos: 1,
      retain: false,
      bytes: 40,
      commandId,
      status,
      reason: null,
    });
  }

  log(level: string, message: string, fields: Fields = {}): this {
    return this.add({ type: 'bluelinkd.log', level, message, fields });
  }

  health(): this {
    return this.add(healthNow());
  }

  #base() {
    return { ...ROOT, createdAt: String(this.at), id: String(this.#seq + 1) };
  }
}

export const healthNow = (): Unnumbered<Extract<Entry, { type: 'bluelinkd.health' }>> => ({
  type: 'bluelinkd.health',
  accounts: [
    {
      account: 'demo',
      tokenState: 'valid',
      generation: 1,
      expiresAt: Date.now() + 3_600_000,
      breakerState: 'closed',
      callsLeft: 188,
      callsInFlight: 1,
      line: 0,
      refreshesLastHour: 1,
    },
  ],
  queue: 2,
  commandsOpen: 1,
  eventLoopDelayMs: 1.5,
  rssBytes: 9e7,
  heapBytes: 3e7,
  brokerConnected: true,
  clients: 1,
});

/** A small daemon at rest: one account, one car, its token valid for an hour. */
export function household(): Script {
  const script = new Script(Date.now() - 5_000);
  const expiry = { name: 'renewal', endsAt: script.at + 3_600_000 };
  return script
    .actor('fleet', 'fleet', 'fleet')
    .step('fleet', 'xstate.init', { states: ['running'], context: { kind: 'fleet' } })
    .actor('bridge', 'bridge', 'bridge')
    .step('bridge', 'xstate.init', { states: ['connected.idle'], context: { kind: 'bridge' } })
    .actor(ACCOUNT, 'account', 'demo')
    .step(ACCOUNT, 'xstate.init', {
      states: ['listed'],
      context: { kind: 'account', cars: 1, restarts: 0, failures: 0 },
    })
    .actor(TOKEN, 'token', 'token')
    .step(TOKEN, 'xstate.init', { states: ['valid'], context: tokenFacts(1), deadlines: [expiry] })
    .actor(BREAKER, 'breaker', 'breaker')
    .step(BREAKER, 'xstate.init', { states: ['closed'], context: { kind: 'breaker', out: 0, line: 0 } })
    .actor(CAR, 'vehicle', 'ioniq-5')
    .step(CAR, 'xstate.init', {
      states: ['controls.idle'],
      context: { kind: 'vehicle', queue: 0, running: null, reads: 0, closing: false },
    })
    .log('info', 'the daemon is up', { account: 'demo' })
    .health();
}

export const tokenFacts = (generation: number): Fields => ({
  kind: 'token',
  generation,
  lifetimeMs: 4_500_000,
  why: 'rejection',
  waiting: 0,
  refused: 0,
  visits: 1,
  failures: 0,
  reason: null,
});

const commandFacts = (id: string, more: Fields = {}): Fields => ({
  kind: 'command',
  id,
  command: 'lock',
  purpose: 'needed',
  generation: 1,
  scope: 'access',
  calls: 1,
  retried: false,
  status: null,
  reason: null,
  ...more,
});

/** A command meets an expired token: the refusal, the refresh, the retry, the answer. */
export function expiry(script: Script, n: number, id: string): Script {
  const command = `${CAR}/command/${n}`;
  const facts = (more: Fields = {}) => commandFacts(id, more);
  return script
    .message('in', 'demo/ioniq-5/commands/lock')
    .event('bridge', CAR, 'COMMAND', { id, command: 'lock' }, id)
    .actor(command, 'command', `command ${n}`, id)
    .step(command, 'xstate.init', { states: ['queued'], context: facts() }, id)
    .event(CAR, command, 'START', {}, id)
    .event(command, TOKEN, 'REQUEST_TOKEN', { request: `${n}.1` }, id)
    .event(TOKEN, command, 'TOKEN_READY', { request: `${n}.1`, generation: 1 }, id)
    .event(command, BREAKER, 'REQUEST_PERMIT', { request: `${n}.2` }, id)
    .event(BREAKER, command, 'PERMIT_GRANTED', { request: `${n}.2` }, id)
    .step(
      command,
      'PERMIT_GRANTED',
      {
        states: ['calling'],
        context: facts(),
        taken: move('command.awaitingPermit', 'PERMIT_GRANTED', 'command.calling'),
      },
      id,
    )
    .call(n * 10, 'control', id, null)
    .wait(120)
    .call(n * 10, 'control', id, 'tokenRefused', 120)
    .event(command, TOKEN, 'REFRESH', { request: `${n}.3`, generation: 1, scope: 'access' }, id)
    .step(TOKEN, 'REFRESH', {
      states: ['refreshing.awaitingPermit'],
      context: { ...tokenFacts(1), waiting: 1 },
      taken: move('token.valid', 'REFRESH', 'token.refreshing'),
      deadlines: [{ name: 'refreshPermitWait', endsAt: script.at + 60_000 }],
    });
}

/** The rest of `expiry`: the refresh succeeds, the retry too. */
export function recovery(script: Script, n: number, id: string): Script {
  const command = `${CAR}/command/${n}`;
  const facts = (more: Fields = {}) => commandFacts(id, { calls: 2, retried: true, generation: 2, ...more });
  return script
    .step(TOKEN, 'PERMIT_GRANTED', {
      states: ['refreshing.calling.renewing'],
      context: { ...tokenFacts(1), waiting: 1 },
      taken: move('token.refreshing.awaitingPermit', 'PERMIT_GRANTED', 'token.refreshing.calling'),
      deadlines: [{ name: 'refreshTimeout', endsAt: script.at + 30_000 }],
    })
    .call(n * 10 + 1, 'sessionRefresh', null, null)
    .wait(300)
    .call(n * 10 + 1, 'sessionRefresh', null, 'ok', 300)
    .event(TOKEN, command, 'TOKEN_READY', { request: `${n}.3`, generation: 2 }, id)
    .step(TOKEN, 'REFRESH_ENDED', {
      states: ['cooldown.proving'],
      context: tokenFacts(2),
      taken: move('token.refreshing', 'REFRESH_ENDED', 'token.cooldown.proving'),
      deadlines: [{ name: 'cooldown', endsAt: script.at + 60_000 }],
    })
    .call(n * 10 + 2, 'control', id, null)
    .wait(150)
    .call(n * 10 + 2, 'control', id, 'ok', 150)
    .step(
      command,
      'xstate.stop',
      { states: ['succeeded'], context: facts({ status: 'succeeded' }), status: 'done' },
      id,
    )
    .event(CAR, 'bridge', 'COMMAND_SETTLED', { id, status: 'succeeded' }, id)
    .message('out', 'demo/ioniq-5/commands/lock/result', id, 'succeeded')
    .log('info', 'command ended', { command: id, status: 'succeeded' });
}

const move = (source: string, event: string, target: string) => [{ source, event, targets: [target] }];
