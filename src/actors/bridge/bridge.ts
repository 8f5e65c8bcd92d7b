import { enqueueActions } from 'xstate';
import { bridgeMachine } from '../../machines/bridge.machine.ts';
import type { Reason } from '../../machines/domain/command.ts';
import type {
  AccountChanged,
  ActionBegun,
  CarsListed,
  CommandReceived,
  CommandSettled,
  CommandUnderway,
  Delivered,
  PollPlanned,
  ProtocolEvent,
  StateChanged,
  VehicleRestarted,
} from '../../machines/domain/events.ts';
import { accountOf, BRIDGE, vehicleAddress } from '../addresses.ts';
import { logEffect, raiseEffect, type Surroundings, sendEffect } from '../effects.ts';
import type { Desk, Handover } from './desk.ts';
import type { Directory, ListedCar } from './directory.ts';
import type { Ledger } from './ledger.ts';
import type { Arrival, MessageShelf } from './message-shelf.ts';
import type { Outcomes } from './outcomes.ts';
import type { Publisher } from './publisher.ts';
import { answerRequest, type Requests } from './requests.ts';
import type { Resumption } from './resumption.ts';

export interface BridgeParts {
  readonly desk: Desk;
  readonly outcomes: Outcomes;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly publisher: Publisher;
  readonly shelf: MessageShelf;
  readonly requests: Requests;
  readonly resumption: Resumption;
  /** How many accounts have not said yet which cars they have. */
  readonly unlisted: Set<string>;
  /** Of an account's cloud: its actors are told their times by that clock. */
  readonly clockAheadMs: (account: string) => number;
}

type Deliver = (address: string, event: ProtocolEvent) => boolean;
type Effect<TParams> = (given: unknown, params: TParams) => void;
const settledWithoutVehicle = (id: string): CommandSettled => ({
  type: 'COMMAND_SETTLED',
  id,
  ending: {
    status: 'failed',
    reason: 'restarted',
    message: 'The part of the daemon that serves this car is down.',
    attempts: 0,
    actionId: null,
  },
});

/** The bridge, with the desk that looks at messages and the publisher that writes the answers. */
export function createBridge(parts: BridgeParts, surroundings: Surroundings) {
  const { desk, outcomes, directory, ledger, publisher, shelf, requests, resumption, unlisted, clockAheadMs } = parts;
  const { clock, log } = surroundings;

  /** Why no car will turn up until a person acts; null while one may. */
  const lastingTrouble = (): { readonly reason: Reason; readonly message: string | null } | null => {
    const troubles = [...unlisted].map((account) => {
      const status = requests.accounts.get(account);
      if (status === undefined || status.reason === null || status.token.state !== 'failed') return null;
      return status.retryAt === null ? { reason: status.reason, message: status.message } : null;
    });
    return troubles.includes(null) ? null : (troubles[0] ?? null);
  };
  const keepEarly = (arrival: Arrival): void => {
    const { message, key, acknowledge } = arrival;
    const trouble = lastingTrouble();
    if (trouble !== null) refuse(arrival, trouble.reason, trouble.message);
    else if (!shelf.hasRoom) refuse(arrival, 'queueFull');
    else if (key !== null) shelf.keep(arrival);
    else {
      const early = ledger.keepEarly(message);
      shelf.keep({ ...arrival, key: early.key });
      // What cannot be kept is acknowledged when it has been looked at.
      void early.kept.then((isKept) => {
        if (isKept) acknowledge(null);
      });
    }
  };
  /** A message that waited for its car waits no more. */
  const over = (key: number | null): void => {
    if (key !== null) ledger.dropEarly(key);
  };
  const toVehicle = (listed: ListedCar, event: CommandReceived, deliver: Deliver): void => {
    const { id, command } = event;
    const address = vehicleAddress(listed.account, listed.car.id);
    const how = event.resume === undefined ? 'command received' : 'command of an earlier run taken up again';
    const { account, topicName: car } = listed;
    log.write('info', how, { actor: BRIDGE, id, command: command.name, account, car });
    const receivedAt = event.receivedAt + clockAheadMs(listed.account);
    if (deliver(address, { ...event, receivedAt })) return;
    if (event.resume === undefined) outcomes.settle(settledWithoutVehicle(id));
    else
      outcomes.settleAll(
        [id, ...event.resume.joined].flatMap((owed) => ledger.find(owed) ?? []),
        'restarted',
      );
  };
  const handOver = (arrival: Arrival, deliver: Deliver): void => {
    const { message, key, acknowledge } = arrival;
    const handover: Handover = desk.receive(message, {
      mayBeListed: unlisted.size > 0,
      since: arrival.since,
      waitedMs: shelf.waitedMs(arrival),
      isOverdue: shelf.isOverdue(arrival),
    });
    if (handover.type === 'early') {
      keepEarly({ ...arrival, lifeMs: handover.lifeMs });
      return;
    }
    over(key);
    switch (handover.type) {
      case 'answered':
        acknowledge(handover.kept);
        return;
      case 'request':
        answerRequest(handover.verb, requests, deliver);
        acknowledge(null);
        return;
      case 'command': {
        const { id, listed, command, receivedAt, expiresInMs, waitedMs, kept } = handover;
        acknowledge(kept);
        toVehicle(listed, { type: 'COMMAND', id, command, receivedAt, expiresInMs, waitedMs }, deliver);
      }
    }
  };
  /** An action that delivers what comes of its work. */
  const deliveringEffect = <TParams>(work: (params: TParams, deliver: Deliver) => void): Effect<TParams> => {
    const action = enqueueActions(({ enqueue, system }, params: TParams) => {
      work(params, (address, event) => {
        const target = system.get(address);
        if (target === undefined) return false;
        const delivered: Delivered<ProtocolEvent> = { ...event, from: BRIDGE, at: clock.now() };
        enqueue.sendTo(target, delivered);
        return true;
      });
    });
    return action as unknown as Effect<TParams>;
  };
  /** Looks at the messages that `choose` finds, and delivers what comes of them. */
  const handOverEffect = <TParams>(choose: (params: TParams) => readonly Arrival[]): Effect<TParams> =>
    deliveringEffect((params: TParams, deliver) => {
      for (const arrival of choose(params)) {
        try {
          handOver(arrival, deliver);
        } catch (error) {
          log.write('error', 'a message could not be looked at', { actor: BRIDGE, error });
          refuse(arrival, 'restarted');
        }
      }
    });
  const refuse = ({ message, key, acknowledge }: Arrival, reason: Reason, why: string | null = null): void => {
    desk.refuse(message, reason, why);
    over(key);
    acknowledge(null);
  };

  return bridgeMachine.provide({
    delays: {
      patience: ({ context }) => {
        const due = [shelf.dueInMs, resumption.dueInMs].filter((inMs) => inMs !== null);
        return Math.max(1, Math.ceil(Math.min(context.settings.freshnessMs, ...due)));
      },
    },
    actions: {
      send: sendEffect(surroundings),
      log: logEffect(surroundings),
      takeMessage: handOverEffect((ticket: number) => {
        const arrival = shelf.take(ticket);
        return arrival === null ? [] : [arrival];
      }),
      takeEarly: handOverEffect(() => shelf.takeKept()) as () => void,
      resumeOwed: deliveringEffect((_, deliver) => {
        for (const resumed of resumption.due(unlisted)) {
          if (resumed.type === 'end') outcomes.settle({ id: resumed.entry.received.id, ending: resumed.ending });
          else toVehicle(resumed.listed, resumed.event, deliver);
        }
      }) as () => void,
      refuseEarly: () => {
        for (const arrival of shelf.takeKept()) refuse(arrival, 'shuttingDown');
        outcomes.settleAll(resumption.rest(), 'shuttingDown');
      },
      refuseMessage: (_, ticket) => {
        const arrival = shelf.take(ticket);
        arrival?.acknowledge(desk.receiveLast(arrival.message));
      },
      publishConnection: (_, { protocolVersion }) => publisher.online(protocolVersion),
      publishEnd: (_, settled) => outcomes.settle(settled),
      markUnderway: (_, { id, first }: CommandUnderway) => ledger.markUnderway(id, first),
      publishAction: (_, { id, actionId, acceptedAt }: ActionBegun) => {
        const entry = ledger.find(id);
        if (entry === null) return;
        entry.action = { id: actionId, startedAt: acceptedAt };
        publisher.actionBegun(entry.car, entry.action);
      },
      publishState: (_, event: StateChanged) => {
        const account = accountOf((event as Delivered<StateChanged>).from);
        const listed = account === null ? null : directory.of(account, event.car);
        if (listed !== null) publisher.reading(listed, event.reading, event.method);
      },
      planPoll: (_, event: PollPlanned) => {
        const account = accountOf((event as Delivered<PollPlanned>).from);
        if (account !== null) publisher.pollPlanned(account, event.car, clock.now() + event.inMs);
      },
      publishAccount: (_, { account, status }: AccountChanged) => {
        requests.accounts.set(account, status);
        publisher.account(account, status, directory.ofAccount(account));
      },
      learnCars: (_, { account, cars }: CarsListed) => {
        const { clashes } = directory.learn(account, cars);
        if (clashes > 0) log.write('warn', 'two cars want the same name in topics', { account, clashes });
        unlisted.delete(account);
        // A name is for whichever account has its car.
        const names = unlisted.size > 0 ? [] : directory.takeUnmatched();
        if (names.length > 0) log.write('warn', 'no car has the id that these names are configured for', { names });
      },
      answerForDead: (_, { account, car }: VehicleRestarted) => {
        publisher.pollsForgotten(account, car);
        const isOwed = ({
          car: listed,
        }: {
          readonly car: { readonly account: string; readonly car: { readonly id: string } };
        }) => listed.account === account && (car === null || listed.car.id === car);
        outcomes.settleAll(ledger.unsettled().filter(isOwed), 'restarted');
      },
      answerEverybody: () => outcomes.settleAll(ledger.unsettled(), 'shuttingDown'),
      checkAnswered: raiseEffect(() => (ledger.openCount === 0 ? { type: 'ALL_ANSWERED' } : null)) as () => void,
    },
  });
}
