import { setup } from 'xstate';
import type {
  AccountChanged,
  ActionBegun,
  CarsListed,
  CommandSettled,
  CommandUnderway,
  Delivered,
  PollPlanned,
  ShutDown,
  StateChanged,
  VehicleRestarted,
} from './domain/events.ts';
import type { Settings } from './domain/settings.ts';
import { effects, type Given, type LogEntry, log, send, to } from './story.ts';

/**
 * The MQTT side: messages in, states and replies out.
 *
 * Hears   MESSAGE, BROKER_CONNECTED, BROKER_LOST from the broker; COMMAND_UNDERWAY, COMMAND_SETTLED, STATE_CHANGED,
 *         POLL_PLANNED from the vehicles; CARS_LISTED, ACCOUNT_CHANGED, VEHICLE_RESTARTED from the accounts; JOURNAL_READ
 *         if what earlier runs left could not be read at the start
 * Asks    the vehicles to carry out commands
 * Promises
 *  - answers every message on a command topic with exactly one final record
 *  - executes nothing that was retained, stale, seen before or misshapen
 *  - takes up what an earlier run left, once its car is listed
 *  - takes nothing more after SHUT_DOWN, and leaves nobody unanswered
 */
export interface BrokerMessage {
  readonly type: 'MESSAGE';
  /** Names a message that the adapter holds: its content never enters an event. */
  readonly ticket: number;
}
type Broker =
  | BrokerMessage
  | { readonly type: 'BROKER_CONNECTED'; readonly protocolVersion: 4 | 5 }
  | { readonly type: 'BROKER_LOST'; readonly reason: string }
  | { readonly type: 'JOURNAL_READ' }
  | { readonly type: 'ALL_ANSWERED' };
export type BridgeEvent =
  | Broker
  | Delivered<CommandSettled>
  | Delivered<CommandUnderway>
  | Delivered<ActionBegun>
  | Delivered<StateChanged>
  | Delivered<PollPlanned>
  | Delivered<CarsListed>
  | Delivered<AccountChanged>
  | Delivered<VehicleRestarted>
  | Delivered<ShutDown>;
export interface BridgeInput {
  readonly settings: Settings;
}

type In<E> = Given<{ readonly settings: Settings }, E>;
const itself = <E>({ event }: In<E>): E => event;
const ticket = ({ event }: In<BrokerMessage>) => event.ticket;
const drained = () => to('fleet', { type: 'DRAINED' });
// Both are said to people by the bus.
const connected = ({ event }: In<{ readonly protocolVersion: 4 | 5 }>): LogEntry => ({
  level: 'debug',
  message: 'broker connected',
  fields: { mqtt: event.protocolVersion === 5 ? '5' : '3.1.1' },
});
const lost = ({ event }: In<{ readonly reason: string }>): LogEntry => ({
  level: 'debug',
  message: 'broker away, trying again',
  fields: { reason: event.reason },
});

const notProvided = (): never => {
  throw new Error('A bare machine cannot do this: src/actors provides this action.');
};

export const bridgeMachine = setup({
  types: { context: {} as { readonly settings: Settings }, events: {} as BridgeEvent, input: {} as BridgeInput },
  actions: {
    ...effects,
    /** Parses, checks and hands over to the vehicle, or answers at once. */
    takeMessage: (_, _ticket: number): void => notProvided(),
    /** Messages that came before their car was known: looks at them again. */
    takeEarly: (): void => notProvided(),
    /** Commands of an earlier run: hands those to their cars that are listed by now, ends those that waited too long. */
    resumeOwed: (): void => notProvided(),
    /** Both for those whose car is not known: answers that the daemon is shutting down. */
    refuseEarly: (): void => notProvided(),
    /** Answers that the daemon is shutting down. */
    refuseMessage: (_, _ticket: number): void => notProvided(),
    publishConnection: (_, _event: { readonly protocolVersion: 4 | 5 }): void => notProvided(),
    publishEnd: (_, _event: CommandSettled): void => notProvided(),
    publishAction: (_, _event: ActionBegun): void => notProvided(),
    markUnderway: (_, _event: CommandUnderway): void => notProvided(),
    publishState: (_, _event: StateChanged): void => notProvided(),
    /** Remembers when a car is polled next, for the account's topic. */
    planPoll: (_, _event: PollPlanned): void => notProvided(),
    publishAccount: (_, _event: AccountChanged): void => notProvided(),
    learnCars: (_, _event: CarsListed): void => notProvided(),
    /** Answers for a vehicle that died with commands in hand. */
    answerForDead: (_, _event: VehicleRestarted): void => notProvided(),
    /** Answers whoever still waits: time is over. */
    answerEverybody: (): void => notProvided(),
    /** Raises ALL_ANSWERED when nobody waits any more. */
    checkAnswered: (): void => notProvided(),
  },
  delays: {
    /** The most until what waits for its car is looked at again. src/actors knows when the first of it has waited so long. */
    patience: ({ context }) => context.settings.freshnessMs,
    /** Leaves the fleet a moment to close. */
    lastAnswers: ({ context }) => Math.floor(context.settings.shutdownMs * 0.8),
  },
}).createMachine({
  id: 'bridge',
  context: ({ input }) => ({ settings: input.settings }),
  type: 'parallel',
  on: {
    COMMAND_UNDERWAY: { actions: { type: 'markUnderway', params: itself } },
    ACTION_BEGUN: { actions: { type: 'publishAction', params: itself } },
    STATE_CHANGED: { actions: { type: 'publishState', params: itself } },
    POLL_PLANNED: { actions: { type: 'planPoll', params: itself } },
    ACCOUNT_CHANGED: { actions: [{ type: 'publishAccount', params: itself }, 'takeEarly'] },
    CARS_LISTED: { actions: [{ type: 'learnCars', params: itself }, 'resumeOwed', 'takeEarly'] },
    VEHICLE_RESTARTED: { actions: { type: 'answerForDead', params: itself } },
  },
  states: {
    broker: {
      initial: 'away',
      states: {
        away: { on: { BROKER_LOST: { actions: log(lost) } } },
        connected: { on: { BROKER_LOST: { target: 'away', actions: log(lost) } } },
      },
      on: {
        BROKER_CONNECTED: {
          target: '.connected',
          actions: [log(connected), { type: 'publishConnection', params: itself }],
        },
      },
    },
    intake: {
      initial: 'open',
      states: {
        open: {
          initial: 'looking',
          states: {
            looking: {
              after: { patience: { target: 'looking', reenter: true, actions: ['resumeOwed', 'takeEarly'] } },
            },
          },
          on: {
            // It may have to be looked at sooner than what waits already.
            MESSAGE: { target: '.looking', actions: { type: 'takeMessage', params: ticket } },
            JOURNAL_READ: { target: '.looking', actions: ['resumeOwed', 'takeEarly'] },
            COMMAND_SETTLED: { actions: { type: 'publishEnd', params: itself } },
            SHUT_DOWN: 'draining',
          },
        },
        draining: {
          entry: ['refuseEarly', 'checkAnswered'],
          after: { lastAnswers: { actions: ['answerEverybody', 'checkAnswered'] } },
          on: {
            MESSAGE: { actions: { type: 'refuseMessage', params: ticket } },
            COMMAND_SETTLED: { actions: [{ type: 'publishEnd', params: itself }, 'checkAnswered'] },
            ALL_ANSWERED: 'drained',
          },
        },
        drained: {
          entry: send(drained),
          on: { MESSAGE: { actions: { type: 'refuseMessage', params: ticket } } },
        },
      },
    },
  },
});
