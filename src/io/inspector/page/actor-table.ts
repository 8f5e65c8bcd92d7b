import { kindAt, type Names } from '../hop.ts';
import { statesIn } from '../state-value.ts';
import type { ActorEntry, DeadlineEntry, EventEntry, Fields, SnapshotEntry, TakenTransition } from '../wire.ts';
import { accountIn, parentAt } from './address.ts';

/** How long an actor that ended is still shown, and how many of them at most. */
const SHOWN_AFTER_END_MS = 60_000;
const SHOWN_ENDED = 300;
const LAST_EVENTS = 12;
/** Of the busiest actor, a token under ten commands: what it does while the page stands still for some seconds. */
const TRAIL = 64;
/** Ids of commands that are remembered: the log is longer than a minute. */
const REMEMBERED_IDS = 5_000;

export interface RunningDeadline extends DeadlineEntry {
  /** When this page first heard of it, epoch ms. */
  readonly since: number;
}

export interface SeenEvent {
  readonly at: number;
  readonly type: string;
  readonly from: string | null;
}

export interface Footstep {
  /** 1 for the first. */
  readonly n: number;
  readonly states: readonly string[];
  readonly taken: readonly TakenTransition[];
}

export interface Actor {
  readonly address: string;
  readonly parent: string | null;
  readonly kind: string;
  readonly account: string | null;
  readonly name: string;
  /** The sender's id, or one of the daemon's own. Null for everybody else. */
  commandId: string | null;
  status: SnapshotEntry['snapshot']['status'];
  states: readonly string[];
  /** When it entered them, epoch ms. */
  since: number;
  facts: Fields;
  /** Newest last. */
  events: readonly SeenEvent[];
  /** Where it was lately, newest last: what was over in a moment can still be shown. */
  trail: readonly Footstep[];
  /** How many steps it has taken. */
  steps: number;
  deadlines: readonly RunningDeadline[];
  /** Null as long as it lives. */
  endedAt: number | null;
}

type ActorNews = ActorEntry | EventEntry | SnapshotEntry;

export class ActorTable {
  readonly #actors = new Map<string, Actor>();
  readonly #byCommand = new Map<string, string>();
  readonly #vehicles = new Map<string, string>();
  /** Those that ended, by the time of their end. */
  readonly #ended = new Set<Actor>();
  /** Rises when somebody comes or goes. */
  membership = 0;

  get(address: string): Actor | undefined {
    return this.#actors.get(address);
  }

  /** Where the command with that id lives, or lived: also after it is no longer shown. */
  addressOfCommand(id: string): string | undefined {
    return this.#byCommand.get(id);
  }

  /** Names of vehicles, also of those that are gone. */
  get names(): Names {
    return this.#vehicles;
  }

  all(): Iterable<Actor> {
    return this.#actors.values();
  }

  get size(): number {
    return this.#actors.size;
  }

  apply(entry: ActorNews): void {
    switch (entry.type) {
      case '@xstate.actor':
        this.#born(entry);
        return;
      case '@xstate.event': {
        const actor = this.#of(entry.sessionId, entry.at);
        const seen = { at: entry.at, type: entry.event.type, from: entry.sourceId ?? null };
        actor.events = [...actor.events.slice(1 - LAST_EVENTS), seen];
        return;
      }
      case '@xstate.snapshot':
        this.#stepped(entry);
    }
  }

  /** Forgets those that ended a while before `now`. */
  prune(now: number): void {
    for (const actor of this.#ended) {
      const isOld = actor.endedAt !== null && now - actor.endedAt > SHOWN_AFTER_END_MS;
      if (!isOld && this.#ended.size <= SHOWN_ENDED) return;
      this.#ended.delete(actor);
      if (this.#actors.get(actor.address) === actor) this.#actors.delete(actor.address);
      this.membership += 1;
    }
  }

  clear(): void {
    this.#actors.clear();
    this.#ended.clear();
    this.#byCommand.clear();
    this.membership += 1;
  }

  #born(entry: ActorEntry): void {
    const { sessionId: address, at } = entry;
    if (entry.kind === 'vehicle') this.#vehicles.set(address, entry.name);
    this.#add({
      ...blank(address, at),
      parent: entry.parentId ?? null,
      ...(entry.kind === '' ? {} : { kind: entry.kind }),
      ...(entry.name === '' ? {} : { name: entry.name }),
      account: entry.account ?? accountIn(address),
      commandId: entry.commandId,
    });
  }

  #stepped({ sessionId, at, snapshot, taken, deadlines, commandId }: SnapshotEntry): void {
    const actor = this.#of(sessionId, at);
    const { status, context } = snapshot;
    const states = statesIn(snapshot.value);
    const hasMoved = !isEqual(actor.states, states);
    if (hasMoved) {
      actor.states = states;
      actor.since = at;
    }
    if (hasMoved || taken.length > 0) {
      actor.steps += 1;
      actor.trail = [...actor.trail.slice(1 - TRAIL), { n: actor.steps, states, taken }];
    }
    actor.facts = context;
    // Its first step tells which one it is; when it began, nobody knew.
    if (actor.commandId === null && commandId !== null) {
      actor.commandId = commandId;
      this.#remember(commandId, actor.address);
    }
    actor.deadlines = deadlines.map(({ name, endsAt }) => {
      const known = actor.deadlines.find((deadline) => deadline.name === name && deadline.endsAt === endsAt);
      return known ?? { name, endsAt, since: at };
    });
    actor.status = status;
    if (status === 'active') return;
    actor.deadlines = [];
    actor.endedAt ??= at;
    this.#ended.add(actor);
  }

  /** A recording may begin when an actor already lives: then its address says what it is. */
  #of(address: string, at: number): Actor {
    return this.#actors.get(address) ?? this.#add(blank(address, at));
  }

  #add(actor: Actor): Actor {
    const former = this.#actors.get(actor.address);
    if (former !== undefined) this.#ended.delete(former);
    this.#actors.set(actor.address, actor);
    if (actor.commandId !== null) this.#remember(actor.commandId, actor.address);
    this.membership += 1;
    return actor;
  }

  #remember(commandId: string, address: string): void {
    this.#byCommand.delete(commandId);
    this.#byCommand.set(commandId, address);
    const [oldest] = this.#byCommand.keys();
    if (this.#byCommand.size > REMEMBERED_IDS && oldest !== undefined) this.#byCommand.delete(oldest);
  }
}

function blank(address: string, at: number): Actor {
  return {
    address,
    parent: parentAt(address),
    kind: kindAt(address),
    account: accountIn(address),
    name: address.split('/').at(-1) ?? address,
    commandId: null,
    status: 'active',
    states: [],
    since: at,
    facts: {},
    events: [],
    trail: [],
    steps: 0,
    deadlines: [],
    endedAt: null,
  };
}

function isEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name, n) => name === others[n]);
}
