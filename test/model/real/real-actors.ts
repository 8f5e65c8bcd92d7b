import { vi } from 'vitest';
import type { AnyActorRef, AnyEventObject } from 'xstate';
import { createSystem, type System } from '../../../src/actors/system.ts';
import { FakeBus } from '../../support/fake-bus.ts';
import { randomness } from '../../support/quiet.ts';
import { recordingLog } from '../../support/quiet-log.ts';
import type { Act } from '../acts.ts';
import { DISTURBANCES, type Disturbance, type Ending, type Flight } from '../cloud.ts';
import { orderId, type Slice } from '../slice.ts';
import type { Budgets } from '../world.ts';
import { Judge } from './judge.ts';
import { type Held, ScriptedCloud } from './scripted-cloud.ts';

/** Before a timer is fired by hand. */
const TIMERS_TO_WAIT_FOR = 4;
/** Both by the faked `Date`: what the machine really takes is nobody's business here. */
const clock = { now: () => Date.now(), elapsed: () => Date.now() };
const NONE = Object.fromEntries(DISTURBANCES.map((name) => [name, 0])) as Budgets;

/**
 * The whole actor system as it runs in production, with a broker and a cloud in memory, doing step by step what a script
 * says, and judged by the invariants of the exploration. Time stands still unless it is advanced: run it under fake timers.
 */
export class RealActors {
  readonly bus = new FakeBus();
  readonly cloud: ScriptedCloud;
  readonly judge: Judge;
  readonly system: System;
  readonly slice: Slice;
  private issued = 0;
  private readonly spent: Record<Disturbance, number>;

  private constructor(slice: Slice) {
    this.spent = { ...NONE };
    // What has been spent was there to be spent.
    this.slice = { ...slice, through: 'vehicle', withAccount: true, budgets: this.spent, fromStart: false };
    this.judge = new Judge(this.slice);
    this.cloud = new ScriptedCloud([...new Set(slice.orders.map(({ car }) => car))], this.judge.caller);
    this.system = createSystem({
      settings: slice.settings,
      accounts: [{ name: 'main', cloud: this.cloud, onlyCars: null }],
      bus: this.bus,
      baseTopic: 'hyundai',
      discoveryPrefix: 'homeassistant',
      responsePrefixes: [],
      carNames: new Map(),
      location: 'live',
      readAtStart: false,
      simulated: false,
      version: '0.0.0',
      cloudUrl: null,
      clock,
      log: recordingLog().log,
      randomness,
      inspect: this.judge.inspect,
    });
  }

  /** Started, with the stored session, and the cars known. */
  static async start(slice: Slice): Promise<RealActors> {
    const actors = new RealActors(slice);
    actors.system.start();
    await quiet();
    while (actors.cloud.held.length > 0) {
      const [held] = actors.cloud.held;
      if (held !== undefined) held.settle(usual(held, actors.cloud));
      await quiet();
    }
    actors.look(false);
    return actors;
  }

  /** Something of this kind has gone wrong. */
  spend(cost: Disturbance): void {
    this.spent[cost] += 1;
  }

  /** @returns why it cannot be done, or null when it has been done. */
  async take(act: Act, cost: Disturbance | 'order' | null): Promise<string | null> {
    if (cost !== null && cost !== 'order') this.spend(cost);
    const isStill = this.cloud.held.every(({ flight }) => flight.hangs);
    if (act.type === 'fire' && cost === null && !isStill) return 'other things can still happen here';
    const isOver = act.type === 'fire' && cost === null && (await this.wait(act.address, act.timer.event.body.type));
    const why = isOver ? null : this.perform(act);
    await quiet();
    this.look(false);
    return why;
  }

  held(flight: Flight): Held | undefined {
    return this.cloud.held.find(
      (held) => held.flight.address === flight.address && held.flight.call.src === flight.call.src,
    );
  }

  /** Looks whether an invariant is broken; at rest, also whether somebody was left behind. */
  look(rest: boolean): void {
    const { state, held } = this.cloud;
    this.judge.look(
      {
        flights: held.map(({ flight }) => flight),
        cloud: state,
        issued: this.issued,
        budgets: NONE,
      },
      (address) => this.system.root.system.get(address) !== undefined,
      rest,
    );
  }

  /** What each order was told at the end, by its id: one entry for each final record. */
  answers(): readonly { readonly id: string; readonly status: string }[] {
    return this.bus.published
      .filter(({ topic }) => /\/commands\/[^/]+\/result$/.test(topic))
      .map(({ payload }) => JSON.parse(payload) as { readonly id: string; readonly status: string })
      .filter(({ status }) => status !== 'accepted');
  }

  /** Lets time pass until this timer fires by itself; false when other timers put an end to that. */
  private async wait(address: string, type: string): Promise<boolean> {
    this.judge.awaited = { address, type };
    for (let timers = 0; timers < TIMERS_TO_WAIT_FOR && this.judge.awaited !== null; timers += 1) {
      vi.advanceTimersToNextTimer();
      await quiet();
      this.look(false);
      if (this.system.root.system.get(address) === undefined) break;
    }
    const isOver = this.judge.awaited === null;
    this.judge.awaited = null;
    return isOver;
  }

  private perform(act: Act): string | null {
    switch (act.type) {
      case 'deliver':
        return 'within one process messages are not delivered one by one';
      case 'order':
        return this.order(act.at);
      case 'end':
        return act.losesReport ? 'no report gets lost within a process' : this.end(act.flight, act.ending);
      case 'hang': {
        const held = this.held(act.flight);
        if (held === undefined) return 'there is no such call';
        this.cloud.hang(held);
        return null;
      }
      case 'expire':
        this.cloud.expire();
        return null;
      case 'login':
        this.cloud.logInBeside(act.generation);
        return null;
      case 'fire':
        return this.send(act.address, act.timer.event.body);
      case 'tell':
        return this.send(act.to, { ...act.event, from: act.from, at: clock.now() });
      case 'die':
        return this.kill(act.address);
    }
  }

  private order(at: number): string | null {
    const order = this.slice.orders[at];
    if (order === undefined) return 'there is no such order';
    this.issued |= 1 << at;
    const { car, command, expiresInMs } = order;
    const action = command.name === 'refresh' ? command.mode : 'action' in command ? command.action : 'on';
    this.bus.send(
      `hyundai/${car}/commands/${command.name}`,
      { action, id: orderId(this.slice, at) },
      expiresInMs === undefined ? {} : { messageExpiryS: expiresInMs / 1_000 },
    );
    return null;
  }

  private end(flight: Flight, ending: Ending): string | null {
    const held = this.held(flight);
    if (held === undefined) return 'there is no such call';
    this.judge.flies(held.flight, ending.delivers);
    held.settle(ending);
    return null;
  }

  /** As XState does when an actor throws. */
  private kill(address: string): string | null {
    const actor = this.system.root.system.get(address) as (AnyActorRef & { _error(error: Error): void }) | undefined;
    if (actor === undefined) return `nobody lives at ${address}`;
    actor._error(new Error('killed on purpose'));
    // Its call goes on in the gateway (which lets one refresh run at a time), and is heard by nobody.
    this.cloud.forget((other) => other === address || other.startsWith(`${address}/`));
    return null;
  }

  private send(address: string, event: AnyEventObject): string | null {
    const actor = this.system.root.system.get(address);
    if (actor === undefined) return `nobody lives at ${address}`;
    actor.send(event);
    return null;
  }
}

/** Everything that is on its way within the process has arrived. */
export const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** How a call ends when nothing goes wrong. */
function usual({ flight }: Held, cloud: ScriptedCloud): Ending {
  const output = flight.call.src === 'renewSession' ? SESSION : list(cloud, flight);
  return { label: '', cost: null, output, cloud: cloud.state, delivers: false };
}
const SESSION = { ok: true, generation: 1, lifetimeMs: 86_400_000, asked: false, tookMs: 0 } as const;
const list = ({ state }: ScriptedCloud, { generation }: Flight) => ({
  ok: true as const,
  value: { type: 'list' as const, cars: state.cars },
  token: { generation, scope: 'access' as const },
});
