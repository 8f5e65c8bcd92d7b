import { update } from '../../../src/machines/story.ts';
import { wishOf } from '../../../src/machines/vehicle.glossary.ts';
import * as vehicleWords from '../../../src/machines/vehicle.taking.ts';
import { HORN, LOCK, PRODUCTION, SMALL, UNLOCK, VALET } from '../slice.ts';
import {
  type Ended,
  isInvalidDevice,
  isTimeout,
  isTokenError,
  mayHaveReached,
  type Seeded,
  withGuard,
  withSettings,
  withState,
} from './seeding.ts';
import { doubted, lost, polled, queue, shortLived } from './slices.ts';

/** Bugs of what becomes of a command, and of a car and its queue. */
export const COMMAND_BUGS: readonly Seeded[] = [
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
    bug: 'calls a control failed that may have reached its car',
    slice: lost,
    breaks: 'noDoubleAction',
    machines: withGuard('command', 'mayHaveReachedCar', () => false),
  },
  {
    bug: 'takes a control for not delivered because its token was refused',
    slice: doubted,
    breaks: 'noDoubleAction',
    machines: withGuard(
      'command',
      'mayHaveReachedCar',
      (given, ended: Ended) => !isTokenError(given, ended) && mayHaveReached(ended),
    ),
  },
  {
    bug: 'takes a control for not delivered because its device was forgotten',
    slice: doubted,
    breaks: 'noDoubleAction',
    machines: withGuard(
      'command',
      'mayHaveReachedCar',
      (given, ended: Ended) => !isInvalidDevice(given, ended) && mayHaveReached(ended),
    ),
  },
  {
    bug: 'repeats a call although its sender no longer wants it',
    slice: shortLived,
    breaks: 'notTooLate',
    machines: withGuard('command', 'isTooLateToRepeat', () => false),
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
    bug: 'starts a control while another one runs',
    slice: queue,
    breaks: 'endsOnce',
    machines: withGuard('vehicle', 'isControlOver', () => true),
  },
  {
    bug: "does not hurry a read of its own that a sender's read waits for",
    slice: polled,
    breaks: 'askedFirst',
    tamper: (sent) => (sent.event.type === 'MESSAGE_EXPIRED' ? [] : [sent]),
  },
  {
    bug: "forgets during a call that a sender's read waits for it",
    slice: polled,
    breaks: 'askedFirst',
    machines: withGuard('command', 'isTooLateToRepeat', () => false),
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
  return { running: { ...running, wishes: [...running.wishes, wishOf(id, 'needed')] }, born: null, answers: [] };
}
