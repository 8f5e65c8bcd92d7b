import { type AnyStateMachine, createMachine } from 'xstate';
import type { Settings } from '../../src/machines/domain/settings.ts';
import { update } from '../../src/machines/story.ts';
import * as tokenWords from '../../src/machines/token.glossary.ts';
import * as vehicleWords from '../../src/machines/vehicle.glossary.ts';
import { BREAKER, kindOf } from './addresses.ts';
import type { Outgoing } from './mail.ts';
import {
  HORN,
  LOCK,
  type Machines,
  type Mutation,
  NOTHING,
  PRODUCTION,
  READ,
  type Slice,
  SMALL,
  UNLOCK,
  VALET,
} from './slice.ts';

/**
 * Seeded bugs: a checker that never fails proves nothing. They are made here, from the outside, by a guard or a
 * state that is replaced or a message that is tampered with; the sources know nothing of them.
 */
export interface Seeded extends Mutation {
  /** What it does, in the words of somebody who reads `catches a machine that …`. */
  readonly bug: string;
  /** The smallest slice in which it shows, and the invariant that it breaks. */
  readonly slice: Slice;
  readonly breaks: string;
}

const read = (car: string) => ({ car, command: READ });
const expiries: Slice = {
  ...NOTHING,
  name: 'two reads, two expiries',
  orders: [read('kona'), read('niro')],
  budgets: { expiry: 2 },
};
const hanging: Slice = { ...NOTHING, name: 'one read that hangs', orders: [read('kona')], budgets: { hang: 1 } };
const narrow: Slice = {
  ...NOTHING,
  name: 'four reads at a breaker that opens at the first failure',
  settings: { ...SMALL, failureThreshold: 1 },
  orders: [read('kona'), read('niro'), read('soul'), read('ioniq')],
  budgets: { callFault: 2 },
};
const late: Slice = { ...narrow, name: 'a report from before the breaker opened', budgets: { callFault: 1, race: 1 } };
const lost: Slice = {
  ...NOTHING,
  name: 'one lock whose answer is lost',
  orders: [{ car: 'kona', command: LOCK }],
  budgets: { lost: 1 },
};
const queue: Slice = {
  ...NOTHING,
  name: 'lock, unlock, lock, unlock for one car',
  through: 'vehicle',
  orders: [LOCK, UNLOCK, LOCK, UNLOCK].map((command) => ({ car: 'kona', command })),
  budgets: { death: 1 },
};

const refusals: Slice = {
  ...NOTHING,
  name: 'two reads, and a car that is refused',
  orders: [read('kona'), read('niro')],
  budgets: { expiry: 1, spuriousRefusal: 1 },
};
const restarts: Slice = {
  ...NOTHING,
  name: 'one read, asynchronous, and an actor that is started anew',
  mode: 'pair',
  through: 'vehicle',
  withAccount: true,
  orders: [read('kona')],
  budgets: { restart: 1 },
};

export const MUTATIONS: readonly Seeded[] = [
  {
    bug: 'logs in and renews at once',
    slice: {
      ...NOTHING,
      name: 'a grant that is dead',
      orders: [read('kona')],
      budgets: { expiry: 1, grantRefused: 1 },
    },
    breaks: 'singleFlight',
    machines: withState('token', ['refreshing', 'calling', 'loggingIn'], ({ invoke, ...state }) => ({
      ...state,
      invoke: [invoke, { src: 'renewSession', id: 'another', input: { start: false } }],
    })),
  },
  {
    bug: 'forgets to compare generations, so that each waiter gets a refresh of its own',
    slice: expiries,
    breaks: 'oneRefreshPerExpiry',
    machines: withGuard('token', 'isOlder', () => false),
  },
  {
    bug: 'repeats its call a second time when the renewed token is refused, too',
    slice: expiries,
    breaks: 'singleRetry',
    machines: withGuard('command', 'canRetry', isTokenError),
  },
  {
    bug: 'asks for a refresh whatever it knows, so that each who waited gets one of its own',
    slice: expiries,
    breaks: 'oneRefreshPerExpiry',
    tamper: (sent) =>
      sent.event.type === 'REFRESH' ? [{ ...sent, event: { ...sent.event, generation: 99 } }] : [sent],
  },
  {
    bug: 'renews a fresh token for the first car that is refused, without a look whether it is bad',
    slice: refusals,
    breaks: 'oneRefreshPerExpiry',
    machines: withState('token', ['cooldown', 'proving'], ({ on, ...state }) => ({
      ...state,
      on: {
        ...(on as object),
        REFRESH: {
          target: '#token.refreshing',
          actions: [update(tokenWords.becauseOfRejection), update(tokenWords.addWaiter)],
        },
      },
    })),
  },
  {
    bug: 'takes every answer for its own',
    slice: restarts,
    breaks: 'noDeadlock',
    machines: withGuard('command', 'isOurs', () => true),
  },
  {
    bug: 'lets more commands wait for one car than its queue has room for',
    slice: {
      ...queue,
      name: 'lock, horn, valet, unlock in a queue of one',
      settings: { ...SMALL, queueLimit: 1 },
      orders: [LOCK, HORN, VALET, UNLOCK].map((command) => ({ car: 'kona', command })),
      budgets: {},
    },
    breaks: 'boundedMemory',
    machines: withSettings('vehicle', { queueLimit: 99 }),
  },
  {
    bug: 'joins a control that runs already before it looks at the opposite one that waits',
    slice: { ...queue, budgets: {} },
    breaks: 'inOrder',
    machines: withState('vehicle', [], ({ on, ...state }) => ({
      ...state,
      on: { ...(on as object), COMMAND: { actions: [update(joiningFirst), ...vehicleWords.taken.slice(1)] } },
    })),
  },
  {
    bug: 'waits for its refresh without a deadline',
    slice: { ...hanging, name: 'one read, and a refresh that hangs', budgets: { expiry: 1, hang: 1 } },
    breaks: 'noDeadlock',
    machines: withState('token', ['refreshing', 'calling'], ({ after: _, ...state }) => state),
  },
  {
    bug: 'counts a car that hangs as a failure of the cloud',
    slice: hanging,
    breaks: 'honestBreaker',
    tamper: (sent) =>
      isReport(sent, 'REPORT_IGNORED') && kindOf(sent.from) === 'command' && sent.event.alive === false
        ? [{ ...sent, event: { type: 'REPORT_FAILURE', permit: sent.event.permit, openForMs: null } }]
        : [sent],
  },
  {
    bug: 'calls a delivered command failed when a look at its record fails',
    slice: { ...lost, name: 'one lock, and a look that fails', budgets: { callFault: 1 } },
    breaks: 'noDoubleAction',
    machines: withState('command', ['confirming', 'looking'], ({ on, ...state }) => {
      const ended = endings({ on });
      const failed = { ...endings(PRODUCTION.command.config.states?.calling).at(-1), target: '#command.failed' };
      return { ...state, on: { ...(on as object), CALL_ENDED: [...ended.slice(0, -1), failed] } };
    }),
  },
  {
    bug: 'lets a car that hangs keep all others waiting',
    slice: { ...hanging, name: 'two reads, one of which hangs', orders: [read('kona'), read('niro')] },
    breaks: 'isolation',
    machines: withSettings('breaker', { callsInFlight: 1 }),
  },
  {
    bug: 'gives up when its token is refused',
    slice: expiries,
    breaks: 'expiryIsHarmless',
    machines: withGuard('command', 'canRetry', () => false),
  },
  {
    bug: 'takes the refused token for a newer one',
    slice: expiries,
    breaks: 'singleRetry',
    machines: { ...withGuard('token', 'isOlder', () => true), ...withGuard('command', 'isNewerToken', () => true) },
  },
  {
    bug: 'keeps the permit of a call whose token was refused',
    slice: expiries,
    breaks: 'noDeadlock',
    tamper: (sent) => (isReport(sent, 'REPORT_IGNORED') && sent.event.alive === true ? [] : [sent]),
  },
  {
    bug: 'keeps the permit of a call that it ends itself',
    slice: hanging,
    breaks: 'noDeadlock',
    tamper: (sent) => (isReport(sent, 'REPORT_IGNORED') && kindOf(sent.from) === 'command' ? [] : [sent]),
  },
  {
    bug: 'counts an expired token as a failure of the cloud',
    slice: expiries,
    breaks: 'honestBreaker',
    tamper: (sent) =>
      isReport(sent, 'REPORT_IGNORED') && sent.event.alive === true
        ? [{ ...sent, event: { type: 'REPORT_FAILURE', permit: sent.event.permit, openForMs: null } }]
        : [sent],
  },
  {
    bug: 'lets more commands wait than it has room for',
    slice: { ...expiries, name: 'two reads, room for one', settings: { ...SMALL, waiterLimit: 1 } },
    breaks: 'boundedMemory',
    machines: withGuard('token', 'hasRoom', () => true),
  },
  {
    bug: 'leaves those who wait for a refresh without an answer when it fails',
    slice: { ...expiries, budgets: { expiry: 1, refreshFault: 1 } },
    breaks: 'everyAskAnswered',
    tamper: (sent) => (sent.event.type === 'TOKEN_FAILED' ? [] : [sent]),
  },
  {
    bug: "takes a late report for the probe's",
    slice: late,
    breaks: 'openMeansSilent',
    machines: withGuard('breaker', 'isProbe', () => true),
  },
  {
    bug: 'grants a second permit while the probe is out',
    slice: narrow,
    breaks: 'openMeansSilent',
    machines: withGuard('breaker', 'canProbe', () => true),
  },
  {
    bug: 'calls a control failed that may have reached its car',
    slice: lost,
    breaks: 'noDoubleAction',
    machines: withGuard('command', 'mayHaveReachedCar', () => false),
  },
  {
    bug: 'repeats its call for every invalid device id',
    slice: { ...lost, budgets: { device: 2 } },
    breaks: 'singleRetry',
    machines: withGuard('command', 'canReregister', isInvalidDevice),
  },
  {
    bug: 'sends a control again whose answer was lost',
    slice: lost,
    breaks: 'singleRetry',
    machines: withGuard('command', 'canRepeatLater', isTimeout, { mayHaveReachedCar: () => false }),
  },
  {
    bug: 'forgets to tell the breaker who died',
    slice: queue,
    breaks: 'noDeadlock',
    tamper: (sent) => (sent.event.type === 'HOLDER_GONE' ? [] : [sent]),
  },
  {
    bug: 'starts a control while another one runs',
    slice: queue,
    breaks: 'endsOnce',
    machines: withGuard('vehicle', 'isControlOver', () => true),
  },
  {
    bug: 'says of a control that failed that it has succeeded',
    slice: { ...queue, budgets: { callFault: 1 } },
    breaks: 'inOrder',
    tamper: (sent) =>
      sent.event.type === 'COMMAND_SETTLED' && sent.event.ending.status === 'failed'
        ? [{ ...sent, event: { ...sent.event, ending: { ...sent.event.ending, status: 'succeeded' } } }]
        : [sent],
  },
  {
    bug: 'tells an end twice',
    slice: queue,
    breaks: 'endsOnce',
    tamper: (sent) => (sent.event.type === 'COMMAND_SETTLED' ? [sent, sent] : [sent]),
  },
];

/** What a state makes of the end of its call. */
function endings(state: unknown): readonly object[] {
  return (state as { readonly on: { readonly CALL_ENDED: readonly object[] } }).on.CALL_ENDED;
}

/** The vehicle's rule for a new control, with the running one joined first. */
function joiningFirst(given: Parameters<typeof vehicleWords.take>[0]) {
  const { running } = given.context;
  const { command, id } = given.event;
  const isSame = running !== null && JSON.stringify(running.command) === JSON.stringify(command);
  if (!isSame) return vehicleWords.take(given);
  return { running: { ...running, ids: [...running.ids, id] }, born: null, answers: [] };
}

type Guard = (given: unknown, params: never) => boolean;

/** The production machines, one of them with guards replaced. */
function withGuard(
  kind: keyof Machines,
  name: string,
  guard: Guard,
  others: Readonly<Record<string, Guard>> = {},
): Partial<Machines> {
  const machine: AnyStateMachine = PRODUCTION[kind];
  const guards = { [name]: guard, ...others };
  for (const replaced of Object.keys(guards)) {
    if (!(replaced in machine.implementations.guards)) throw new Error(`The ${kind} has no guard ${replaced}.`);
  }
  return { [kind]: machine.provide({ guards } as Parameters<typeof machine.provide>[0]) };
}

/** The production machines, one of them with other bounds than everybody thinks. */
function withSettings(kind: keyof Machines, settings: Partial<Settings>): Partial<Machines> {
  return withState(kind, [], (state) => {
    const context = state.context as (given: { readonly input: unknown }) => { readonly settings: Settings };
    return {
      ...state,
      context: (given: { readonly input: unknown }) => {
        const before = context(given);
        return { ...before, settings: { ...before.settings, ...settings } };
      },
    };
  });
}

type State = Readonly<Record<string, unknown>>;

/** The production machines, one of them with a state of its story replaced. */
function withState(kind: keyof Machines, path: readonly string[], change: (state: State) => State): Partial<Machines> {
  const machine: AnyStateMachine = PRODUCTION[kind];
  const within = (state: State, [name, ...rest]: readonly string[]): State => {
    if (name === undefined) return change(state);
    const states = state.states as Readonly<Record<string, State>>;
    const inner = states[name];
    if (inner === undefined) throw new Error(`The ${kind} has no state ${path.join('.')}.`);
    return { ...state, states: { ...states, [name]: within(inner, rest) } };
  };
  const config = within(machine.config as State, path);
  const changed: AnyStateMachine = createMachine(config as Parameters<typeof createMachine>[0]);
  return { [kind]: changed.provide(machine.implementations as Parameters<typeof changed.provide>[0]) };
}

interface Ended {
  readonly ok: boolean;
  readonly failure?: { readonly kind: string };
}
function isTokenError(_: unknown, { ok, failure }: Ended): boolean {
  return !ok && failure?.kind === 'tokenRefused';
}
function isInvalidDevice(_: unknown, { ok, failure }: Ended): boolean {
  return !ok && failure?.kind === 'deviceIdInvalid';
}
function isTimeout(_: unknown, { ok, failure }: Ended): boolean {
  return !ok && failure?.kind === 'timeout';
}
const isReport = ({ to, event }: Outgoing, type: string): boolean => to === BREAKER && event.type === type;
