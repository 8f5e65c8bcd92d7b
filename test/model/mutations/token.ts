import { update } from '../../../src/machines/story.ts';
import * as tokenWords from '../../../src/machines/token.glossary.ts';
import { NOTHING, SMALL } from '../slice.ts';
import { isTokenError, type Seeded, withGuard, withState } from './seeding.ts';
import { expiries, hanging, read, refusals, restarts } from './slices.ts';

/** Bugs of the token, and of those who ask it. */
export const TOKEN_BUGS: readonly Seeded[] = [
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
    bug: 'waits for its refresh without a deadline',
    slice: { ...hanging, name: 'one read, and a refresh that hangs', budgets: { expiry: 1, hang: 1 } },
    breaks: 'noDeadlock',
    machines: withState('token', ['refreshing', 'calling'], ({ after: _, ...state }) => state),
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
];
