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
import type { InboundMessage } from '../ports.ts';
import type { Desk, Handover } from './desk.ts';
import type { Directory } from './directory.ts';
import type { Ledger } from './ledger.ts';
import type { MessageShelf } from './message-shelf.ts';
import type { Publisher } from './publisher.ts';
import { answerRequest, type Requests } from './requests.ts';

export interface BridgeParts {
  readonly desk: Desk;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly publisher: Publisher;
  readonly shelf: MessageShelf;
  readonly requests: Requests;
  /** How many accounts have not said yet which cars they have. */
  readonly unlisted: Set<string>;
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
  const { desk, directory, ledger, publisher, shelf, requests, unlisted } = parts;
  const { clock, log } = surroundings;

  /** Why no car will turn up until a person acts; null while one may. */
  const lastingTrouble = (): { readonly reason: Reason; readonly message: string | null } | null => {
    const troubles = [...unlisted].map((account) => {
      const status = requests.accounts.get(account);
      if (status === undefined || status.reason === null || status.token.state !== 'failed') return null;
      return status.retryAfterMs === null ? { reason: status.reason, message: status.message } : null;
    });
    return troubles.includes(null) ? null : (troubles[0] ?? null);
  };
  const handOver = (message: InboundMessage, deliver: Deliver): void => {
    const handover: Handover = desk.receive(message, unlisted.size > 0 && !shelf.isOverdue(message));
    switch (handover.type) {
      case 'answered':
        return;
      case 'early': {
        const trouble = lastingTrouble();
        if (trouble !== null) desk.refuse(message, trouble.reason, trouble.message);
        else if (!shelf.keep(message)) desk.refuse(message, 'queueFull');
        return;
      }
      case 'request':
        answerRequest(handover.verb, requests, deliver);
        return;
      case 'command': {
        const { id, listed, command, receivedAt, expiresInMs } = handover;
        log.write('info', 'command received', { actor: BRIDGE, id, command: command.name, account: listed.account });
        const event: CommandReceived = { type: 'COMMAND', id, command, receivedAt, expiresInMs };
        const address = vehicleAddress(listed.account, listed.car.id);
        if (!deliver(address, event)) desk.settle(settledWithoutVehicle(id));
      }
    }
  };
  /** Looks at the messages that `choose` finds, and delivers what comes of them. */
  const handOverEffect = <TParams>(choose: (params: TParams) => readonly InboundMessage[]): Effect<TParams> => {
    const action = enqueueActions(({ enqueue, system }, params: TParams) => {
      const deliver: Deliver = (address, event) => {
        const target = system.get(address);
        if (target === undefined) return false;
        const delivered: Delivered<ProtocolEvent> = { ...event, from: BRIDGE, at: clock.now() };
        enqueue.sendTo(target, delivered);
        return true;
      };
      for (const message of choose(params)) {
        try {
          handOver(message, deliver);
        } catch (error) {
          log.write('error', 'a message could not be looked at', { actor: BRIDGE, error });
          desk.refuse(message, 'restarted');
        }
      }
    });
    return action as unknown as Effect<TParams>;
  };

  return bridgeMachine.provide({
    actions: {
      send: sendEffect(surroundings),
      log: logEffect(surroundings),
      takeMessage: handOverEffect((ticket: number) => {
        const message = shelf.take(ticket);
        return message === null ? [] : [message];
      }),
      takeEarly: handOverEffect(() => shelf.takeKept()) as () => void,
      refuseEarly: () => {
        for (const message of shelf.takeKept()) desk.refuse(message, 'shuttingDown');
      },
      refuseMessage: (_, ticket) => {
        const message = shelf.take(ticket);
        if (message !== null) desk.refuse(message, 'shuttingDown');
      },
      publishConnection: (_, { protocolVersion }) => publisher.online(protocolVersion),
      publishEnd: (_, settled) => desk.settle(settled),
      markUnderway: (_, { id }: CommandUnderway) => {
        const entry = ledger.find(id);
        if (entry !== null) entry.underway = true;
      },
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
        const { from, at } = event as Delivered<PollPlanned>;
        const account = accountOf(from);
        if (account !== null) publisher.pollPlanned(account, event.car, at + event.inMs);
      },
      publishAccount: (_, { account, status }: AccountChanged) => {
        requests.accounts.set(account, status);
        publisher.account(account, status, directory.ofAccount(account));
      },
      learnCars: (_, { account, cars }: CarsListed) => {
        const { clashes } = directory.learn(account, cars);
        if (clashes > 0) log.write('warn', 'two cars want the same name in topics', { account, clashes });
        unlisted.delete(account);
      },
      answerForDead: (_, { account, car }: VehicleRestarted) => {
        const isOwed = ({
          car: listed,
        }: {
          readonly car: { readonly account: string; readonly car: { readonly id: string } };
        }) => listed.account === account && (car === null || listed.car.id === car);
        desk.settleAll(ledger.unsettled().filter(isOwed), 'restarted');
      },
      answerEverybody: () => desk.settleAll(ledger.unsettled(), 'shuttingDown'),
      checkAnswered: raiseEffect(() => (ledger.openCount === 0 ? { type: 'ALL_ANSWERED' } : null)) as () => void,
    },
  });
}
