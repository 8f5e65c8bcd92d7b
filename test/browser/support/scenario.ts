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

interface CallDetails {
  readonly durationMs?: number | null;
  readonly attempt?: number;
  readonly generation?: number;
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

  /** @param outcome null: it begins. */
  call(
    n: number,
    name: string,
    commandId: string | null,
    outcome: string | null,
    { durationMs = null, attempt = 1, generation = 1 }: CallDetails = {},
  ): this {
    const isEnd = outcome !== null;
    return this.add({
      type: 'bluelinkd.call',
      phase: isEnd ? 'ended' : 'begun',
      call: n,
      name,
      account: 'demo',
      carAddress: commandId === null ? null : CAR,
      commandId,
      attempt: commandId === null ? null : attempt,
      generation,
      scope: isEnd && commandId !== null ? 'access' : null,
      outcome,
      answer: outcome === 'ok' && commandId !== null ? 'accepted' : null,
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
      waiting: 0,
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

/**
 * A small daemon at rest: one account, one car, its token valid for an hour. As in the stories below, entries have the
 * shapes and the order of real ones, although there are fewer of them.
 */
export function household(): Script {
  const script = new Script(Date.now() - 5_000);
  const expiry = { name: 'renewal', endsAt: script.at + 3_600_000 };
  return script
    .actor('fleet', 'fleet', 'fleet')
    .step('fleet', 'xstate.init', { states: ['running'], context: { kind: 'fleet' } })
    .actor('bridge', 'bridge', 'bridge')
    .step('bridge', 'xstate.init', {
      states: ['broker.connected', 'intake.open.looking'],
      context: { kind: 'bridge' },
    })
    .actor(ACCOUNT, 'account', 'demo')
    .step(ACCOUNT, 'xstate.init', {
      states: ['cars.known', 'probe.idle', 'supervision'],
      context: { kind: 'account', cars: 1, restarts: 0, failures: 0 },
    })
    .actor(TOKEN, 'token', 'token')
    .step(TOKEN, 'xstate.init', { states: ['valid'], context: tokenFacts(1), deadlines: [expiry] })
    .actor(BREAKER, 'breaker', 'breaker')
    .step(BREAKER, 'xstate.init', { states: ['closed'], context: BREAKER_FACTS })
    .actor(CAR, 'vehicle', 'ioniq-5')
    .step(CAR, 'xstate.init', {
      states: ['cachedReads.idle', 'controls.idle', 'forcedReads.idle', 'news.none', 'polling.waiting'],
      context: { kind: 'vehicle', queue: 0, running: null, reads: 0, closing: false },
    })
    .log('info', 'cars listed', { actor: 'account', account: 'demo', cars: 1 })
    .health();
}

const BREAKER_FACTS: Fields = {
  kind: 'breaker',
  out: 0,
  line: 0,
  controlFailures: 0,
  readFailures: 0,
  tokenFailures: 0,
  openings: 0,
  openForMs: null,
};

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
  reregistered: false,
  busyRepeats: 0,
  looks: 0,
  word: null,
  actionId: null,
  status: null,
  reason: null,
  confirmed: null,
  ...more,
});

/** A command meets an expired token: the refusal, the refresh. A step is told behind what it led to. */
export function expiry(script: Script, n: number, id: string): Script {
  const command = `${CAR}/command/${n}`;
  const facts = (more: Fields = {}) => commandFacts(id, more);
  return script
    .message('in', 'demo/ioniq-5/commands/lock')
    .log('info', 'command received', { actor: 'bridge', id, command: 'lock', account: 'demo' })
    .event('bridge', CAR, 'COMMAND', { id, command: 'lock', expiresInMs: null }, id)
    .actor(command, 'command', `lock #${n}`, id)
    .step(command, 'xstate.init', { states: ['queued'], context: facts({ generation: 0, calls: 0 }) }, id)
    .event(CAR, command, 'START', { purpose: 'needed', patient: false }, id)
    .event(command, TOKEN, 'REQUEST_TOKEN', { request: 'r1' }, id)
    .event(TOKEN, command, 'TOKEN_READY', { request: 'r1', generation: 1 }, id)
    .event(command, BREAKER, 'REQUEST_PERMIT', { request: 'r2', callClass: 'control', patient: false }, id)
    .event(BREAKER, command, 'PERMIT_GRANTED', { request: 'r2', permit: `${command}#r2` }, id)
    .call(n * 10, 'control', id, null)
    .step(
      command,
      'PERMIT_GRANTED',
      {
        states: ['calling'],
        context: facts({ generation: 0 }),
        taken: move('command.awaitingPermit', 'PERMIT_GRANTED', 'command.calling'),
      },
      id,
    )
    .message('out', 'demo/ioniq-5/commands/lock/result', id, 'accepted')
    .wait(120)
    .call(n * 10, 'control', id, 'tokenRefused', { durationMs: 120 })
    .event(command, command, 'xstate.done.actor', { ok: false, failure: 'tokenRefused' }, id)
    .event(command, TOKEN, 'REFRESH', { request: 'r3', generation: 1, scope: 'access' }, id)
    .log('warn', 'token expiry detected', {
      actor: 'token',
      account: 'demo',
      generation: 1,
      current: 1,
      scope: 'access',
    })
    .log('info', 'refresh begun', { actor: 'token', account: 'demo', why: 'rejection', generation: 1 })
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
  const again = { attempt: 2, generation: 2 };
  return script
    .event(BREAKER, TOKEN, 'PERMIT_GRANTED', { request: 'token2', permit: `${TOKEN}#token2` })
    .call(n * 10 + 1, 'sessionRefresh', null, null)
    .step(TOKEN, 'PERMIT_GRANTED', {
      states: ['refreshing.calling.renewing'],
      context: { ...tokenFacts(1), waiting: 1 },
      taken: [
        ...move('token.refreshing.awaitingPermit', 'PERMIT_GRANTED', 'token.refreshing.calling'),
        ...move('token.refreshing.calling.choosing', '', 'token.refreshing.calling.renewing'),
      ],
      deadlines: [{ name: 'refreshTimeout', endsAt: script.at + 30_000 }],
    })
    .wait(300)
    .call(n * 10 + 1, 'sessionRefresh', null, 'ok', { durationMs: 300, generation: 2 })
    .event(TOKEN, TOKEN, 'xstate.done.actor', { ok: true, generation: 2, tookMs: 300 })
    .log('info', 'refresh done', {
      actor: 'token',
      account: 'demo',
      why: 'rejection',
      generation: 2,
      durationMs: 300,
      waited: 1,
    })
    .event(TOKEN, command, 'TOKEN_READY', { request: 'r3', generation: 2 }, id)
    .call(n * 10 + 2, 'control', id, null, again)
    .step(TOKEN, 'xstate.done.actor', {
      states: ['cooldown.proving'],
      context: tokenFacts(2),
      taken: [
        { source: 'token.refreshing.calling.renewing', event: 'xstate.done.actor', targets: [] },
        ...move('token.refreshing', 'REFRESH_ENDED', 'token.cooldown.proving'),
      ],
      deadlines: [{ name: 'cooldown', endsAt: script.at + 60_000 }],
    })
    .wait(150)
    .call(n * 10 + 2, 'control', id, 'ok', { durationMs: 150, ...again })
    .step(
      command,
      'xstate.stop',
      {
        states: ['succeeded'],
        context: facts({ status: 'succeeded', looks: 1, word: 'success', confirmed: 'record' }),
        status: 'done',
      },
      id,
    )
    .log('info', 'command ended', {
      actor: 'command',
      account: 'demo',
      id,
      command: 'lock',
      status: 'succeeded',
      reason: null,
      calls: 2,
      looks: 1,
    })
    .event(CAR, 'bridge', 'COMMAND_SETTLED', { id, status: 'succeeded', reason: null, attempts: 2, joined: null }, id)
    .message('out', 'demo/ioniq-5/commands/lock/result', id, 'succeeded');
}

const move = (source: string, event: string, target: string) => [{ source, event, targets: [target] }];
