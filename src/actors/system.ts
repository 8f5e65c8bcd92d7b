import { type AnyActorRef, createActor, type InspectionEvent } from 'xstate';
import type { BridgeEvent } from '../machines/bridge.machine.ts';
import type { Controls } from '../machines/domain/arming.ts';
import type { Delivered, SessionChanged } from '../machines/domain/events.ts';
import type { Settings } from '../machines/domain/settings.ts';
import type { FleetBirth } from '../machines/fleet.machine.ts';
import { fleetMachine } from '../machines/fleet.machine.ts';
import { accountInput, createAccount } from './account.ts';
import { BRIDGE, FLEET, tokenAddress } from './addresses.ts';
import { createBridge } from './bridge/bridge.ts';
import { Desk } from './bridge/desk.ts';
import { Directory } from './bridge/directory.ts';
import { HeldMessages } from './bridge/held-messages.ts';
import { Ledger, type LeftBehind } from './bridge/ledger.ts';
import { nameOf } from './bridge/message-facts.ts';
import { MessageShelf, type Waiting } from './bridge/message-shelf.ts';
import { Outcomes } from './bridge/outcomes.ts';
import { Publisher } from './bridge/publisher.ts';
import type { Requests } from './bridge/requests.ts';
import { Resumption } from './bridge/resumption.ts';
import type { LocationPolicy } from './contract/readings.ts';
import { createTopics } from './contract/topics.ts';
import { withDispatchJournal } from './dispatch-journal.ts';
import { buryEffect, logEffect, type Surroundings, sendEffect, spawnEffect, stopBelow } from './effects.ts';
import { NO_JOURNAL } from './no-journal.ts';
import { Deadlines } from './observe/deadlines.ts';
import type { Observer } from './observe/observation.ts';
import { inspectFor } from './observe/observe.ts';
import type { Clock, CloudPort, InboundMessage, Journal, MessageBus, RetainedTopics, SessionNews } from './ports.ts';
import { indexTimers } from './timer-index.ts';

/** One account of the system. */
export interface AccountOptions {
  readonly name: string;
  readonly cloud: CloudPort;
  /** Only these cars (by the cloud's id or VIN), or all if null. */
  readonly onlyCars: readonly string[] | null;
  /** What may be done to its cars; default `all`. */
  readonly controls?: Controls;
}

export interface SystemOptions extends Surroundings {
  readonly settings: Settings;
  readonly accounts: readonly AccountOptions[];
  readonly bus: MessageBus;
  /** What survives a crash; absent: nothing does. */
  readonly journal?: Journal;
  readonly baseTopic: string;
  readonly discoveryPrefix: string;
  readonly responsePrefixes: readonly string[];
  /** The name in topics per vehicle id or VIN. */
  readonly carNames: ReadonlyMap<string, string>;
  readonly location: LocationPolicy;
  /** Publishes at every read also what has not changed; default false. */
  readonly republishUnchanged?: boolean;
  /** Which readings the broker keeps; absent: none that this run has not published. */
  readonly retained?: RetainedTopics;
  /** Read every car once at start. */
  readonly readAtStart: boolean;
  readonly simulated: boolean;
  readonly version: string;
  readonly cloudUrl: string | null;
  /** Verbs of `bridge/request` that only the demo has. */
  readonly extraRequests?: Requests['extra'];
  /** Hear everything that happens among the actors. Without any, nothing is installed, and it costs nothing. */
  readonly observers?: readonly Observer[];
  /** The same in XState's own words, unguarded: must not throw. */
  readonly inspect?: (event: InspectionEvent) => void;
}

export interface System {
  start(): void;
  /**
   * Takes nothing new, answers everybody, says `offline`, closes. Bounded by `shutdownMs`.
   */
  stop(): Promise<void>;
  /** Resolves when no actor goes on: all of them were stopped, or they could not go on, and the log says why. */
  readonly ended: Promise<void>;
  /** The root actor, for tests and the inspector. */
  readonly root: AnyActorRef;
}

/** The whole actor system, ready to start. Whoever composes it owns the ports and closes them afterwards. */
export function createSystem(options: SystemOptions): System {
  const { settings, clock, log, randomness, bus, version, simulated } = options;
  const surroundings: Surroundings = { clock, log, randomness };
  const topics = createTopics(options.baseTopic);
  const accountNamed = (name: string): AccountOptions => {
    const account = options.accounts.find((candidate) => candidate.name === name);
    if (account === undefined) throw new Error(`There is no account ${name}.`);
    return account;
  };
  // The journal may still know an account that is not configured any more.
  const clockAheadMs = (name: string) =>
    options.accounts.find((account) => account.name === name)?.cloud.clockAheadMs() ?? 0;
  const directory = new Directory(options.carNames);
  const ledger = new Ledger(options.journal ?? NO_JOURNAL, clock);
  const resumption = new Resumption({ clock, directory, clockAheadMs }, settings);
  const held = new HeldMessages();
  const shelf = new MessageShelf(clock, {
    patienceMs: settings.freshnessMs,
    nameOf: (message) => nameOf(message, topics.base),
  });
  const publisher = new Publisher(bus, clock, {
    topics,
    location: options.location,
    republishUnchanged: options.republishUnchanged ?? false,
    retained: options.retained ?? new Set(),
    simulated,
    version,
    cloudUrl: options.cloudUrl,
    budgetOf: (name) => accountNamed(name).cloud.budget(),
    clockAheadMs,
  });
  const desk = new Desk(
    { clock, randomness, directory, ledger, publisher, held },
    {
      topics,
      discoveryPrefix: options.discoveryPrefix,
      responsePrefixes: options.responsePrefixes,
      simulated,
      controlsOf: (name) => accountNamed(name).controls ?? 'all',
    },
  );
  const outcomes = new Outcomes({ clock, ledger, publisher });
  const requests: Requests = {
    publisher,
    directory,
    ledger,
    accounts: new Map(),
    clock,
    randomness,
    startedAt: clock.elapsed(),
    version,
    extra: options.extraRequests ?? {},
  };
  const unlisted = new Set(options.accounts.map(({ name }) => name));
  const bridge = createBridge(
    { desk, outcomes, directory, ledger, publisher, shelf, requests, resumption, unlisted, clockAheadMs },
    surroundings,
  );
  const accounts = new Map(
    options.accounts.map(({ name, cloud }) => {
      // An account lives in the time of its cloud, which is also that of its cars' reports; the bridge lives in ours.
      const cloudClock: Clock = {
        now: () => clock.now() + cloud.clockAheadMs(),
        elapsed: () => clock.elapsed(),
      };
      const journaled = withDispatchJournal(cloud, ledger, cloudClock);
      return [name, createAccount(journaled, { ...surroundings, clock: cloudClock })];
    }),
  );

  const fleet = fleetMachine.provide({
    actions: {
      send: sendEffect(surroundings),
      log: logEffect(surroundings),
      spawn: spawnEffect<FleetBirth>((birth) => {
        if (birth.kind === 'bridge') return { id: birth.id, logic: bridge, input: { settings } };
        const logic = accounts.get(birth.input.account);
        if (logic === undefined) throw new Error(`There is no account ${birth.input.account}.`);
        return {
          id: birth.id,
          logic,
          input: accountInput(birth.input, accountNamed(birth.input.account).cloud, clock),
        };
      }),
      bury: buryEffect((id: string) => id),
    },
  });

  const observers = options.observers ?? [];
  const deadlines = observers.length === 0 ? undefined : new Deadlines(clock);
  const seen = deadlines === undefined ? surroundings : { ...surroundings, deadlines };
  const inspect = inspectFor(observers, options.inspect, seen);
  const root = createActor(fleet, {
    systemId: FLEET,
    input: {
      settings,
      accounts: options.accounts.map(({ name, onlyCars }) => ({
        settings,
        account: name,
        readAtStart: options.readAtStart,
        onlyCars,
      })),
    },
    ...(inspect === undefined ? {} : { inspect }),
  });
  indexTimers(root, deadlines);
  const ended = new Promise<void>((resolve) => {
    root.subscribe({
      complete: resolve,
      error: (error) => {
        log.write('error', 'the actor system broke, so everything ends', { error });
        stopBelow(root);
        resolve();
      },
    });
  });

  const tellToken = (account: string, news: SessionNews): void => {
    const event: Delivered<SessionChanged> = { type: 'SESSION_CHANGED', ...news, from: FLEET, at: clock.now() };
    root.system.get(tokenAddress(account))?.send(event);
  };
  const stopHearing: (() => void)[] = [];
  const tellBridge = (event: BridgeEvent): void => root.system.get(BRIDGE)?.send(event);

  const take = (message: InboundMessage, waiting?: Waiting): Promise<unknown> | undefined => {
    const put = shelf.put(message, waiting);
    if (put === null) {
      desk.refuse(message, 'queueFull');
      return undefined;
    }
    tellBridge({ type: 'MESSAGE', ticket: put.ticket });
    return put.kept;
  };
  const takeUp = ({ owed, early }: LeftBehind): void => {
    resumption.begin(owed);
    for (const { key, message, isDoubted } of early) {
      if (!isDoubted || !desk.refuseDoubted(message)) {
        if (shelf.keepAgain(message, key)) continue;
        desk.refuse(message, 'expired');
      }
      ledger.dropEarly(key);
    }
  };
  ledger.onRead((left) => {
    takeUp(left);
    for (const entry of left.untold) outcomes.tell(entry);
    tellBridge({ type: 'JOURNAL_READ' });
    held.release(take);
  });

  return {
    root,
    ended,
    start() {
      takeUp(ledger.left);
      root.start();
      for (const { name, cloud } of options.accounts) {
        stopHearing.push(cloud.onSessionChange((news) => tellToken(name, news)));
        stopHearing.push(cloud.onBudgetChange(() => publisher.budgetChanged(name)));
      }
      for (const entry of ledger.left.untold) outcomes.tell(entry);
      bus.start(
        {
          connected: ({ protocolVersion }) => tellBridge({ type: 'BROKER_CONNECTED', protocolVersion }),
          lost: (reason) => tellBridge({ type: 'BROKER_LOST', reason }),
          message: (message) => take(message),
        },
        topics.subscriptions,
      );
    },
    async stop() {
      for (const stop of stopHearing.splice(0)) stop();
      held.clear();
      if (root.getSnapshot().status === 'active') {
        root.send({ type: 'SHUT_DOWN' });
        await ended;
      }
      // The last answers go out when the journal has them.
      await ledger.settled();
      await bus.close(Publisher.offline(topics));
    },
  };
}
