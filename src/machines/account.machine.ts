import { assign, fromPromise, setup } from 'xstate';
import type { AccountContext, AccountEvent, AccountInput, Birth } from './account.glossary.ts';
import * as words from './account.glossary.ts';
import * as supervision from './account.supervision.ts';
import type { CommandEnded } from './domain/events.ts';
import type { CallOutcome } from './domain/outcome.ts';
import { forgetRestart } from './restarts.ts';
import { bare, effects, log, raise, raiseEvents, send, startTimers, update } from './story.ts';

/**
 * One cloud account: raises its token, its breaker and its cars, and starts anew whichever of them dies.
 *
 * Hears   TOKEN_CHANGED, BREAKER_CHANGED, PROBE_WANTED, CARS_READ, COMMAND_ENDED (of its own reading of the list)
 * Asks    the breaker for the probe's permit, the cloud for the vehicle list
 * Promises
 *  - finds its cars by itself, however long the cloud is away
 *  - opens the way again before somebody needs it: reads the list as the probe when nobody else asks
 *  - starts a dead child anew, alone, up to a limit of its own, and tells everybody who waited for it
 *  - says so in its status when a child stays down, and ends what cannot work without it
 */
export const accountMachine = setup({
  types: {
    context: {} as AccountContext,
    events: {} as AccountEvent,
    input: {} as AccountInput,
  },
  actors: {
    /** One read of the vehicle list, as the probe. Never rejects. */
    readList: fromPromise<CallOutcome>(bare),
  },
  actions: {
    ...effects,
    update: assign((_, patch: Partial<AccountContext>) => patch),
    raise: raiseEvents,
    startTimers,
    /** Starts children. */
    spawn: (_, births: readonly Birth[]): void => {
      if (births.length > 0) throw new Error('A bare machine cannot spawn: src/actors provides this action.');
    },
    /** Forgets children that have ended or died. */
    bury: (_, _ids: readonly string[]): void => {},
  },
  guards: {
    isOurs: ({ context }, request: string) => words.isOwn(context, request),
    hasWorked: (_, { ending }: CommandEnded) => ending.status === 'succeeded',
    isUsable: ({ context }, state: string) => words.isServing(context) && (state === 'valid' || state === 'cooldown'),
    isServing: ({ context }) => words.isServing(context),
    isClosed: ({ context }, state: string) => words.isServing(context) && state === 'closed',
    canRestart: ({ context }, actorId: string) => supervision.canRestart(context, actorId),
    isOwnCall: (_, actorId: string) => !supervision.isChild(actorId),
    isList: (_, actorId: string) => supervision.isList(actorId),
  },
  delays: {
    listRetry: ({ context }) => words.listRetryMs(context),
    permitWait: ({ context }) => context.settings.permitWaitMs,
    callDeadline: ({ context }) => context.settings.callTimeoutMs + 2_000,
  },
}).createMachine({
  id: 'account',
  type: 'parallel',
  context: ({ input }) => ({
    ...input,
    status: {
      token: { state: 'refreshing', generation: input.generation },
      breaker: { state: 'closed' },
      cars: null,
      reason: null,
      message: null,
      retryAt: null,
    },
    openUntil: null,
    cars: [],
    lists: 0,
    failures: 0,
    asks: 0,
    permit: null,
    restarts: [],
    down: [],
    visits: input.visitsForgottenInMs.length,
  }),
  entry: { type: 'spawn', params: words.foundation },
  states: {
    /** A region of its own: the root would not hear what another region answers, too. */
    supervision: {
      on: {
        TOKEN_CHANGED: { actions: [update(words.storeToken), send(words.tellStatus)] },
        BREAKER_CHANGED: { actions: [update(words.storeBreaker), send(words.tellStatus)] },
        SHUT_DOWN: { actions: send(words.passShutDown) },
        RESTART_FORGOTTEN: { actions: update(forgetRestart) },
        'xstate.error.actor.*': [
          { guard: { type: 'isOwnCall', params: supervision.deadActor } },
          { guard: { type: 'canRestart', params: supervision.deadActor }, actions: supervision.replaced },
          { actions: supervision.leftDead },
        ],
      },
    },

    cars: {
      initial: 'listing',
      states: {
        listing: {
          entry: words.listBegun,
          on: {
            CARS_READ: { actions: update(words.storeCars) },
            COMMAND_ENDED: [
              {
                guard: { type: 'hasWorked', params: words.endedList },
                target: 'known',
                actions: [words.listOver, update(words.listWorked)],
              },
              {
                target: 'waiting',
                actions: [words.listOver, update(words.listFailed), log(words.listLost)],
              },
            ],
            'xstate.error.actor.*': {
              guard: { type: 'isList', params: supervision.deadActor },
              target: 'waiting',
              actions: update(words.listFailed),
            },
          },
        },
        waiting: {
          after: { listRetry: { guard: 'isServing', target: 'listing' } },
          on: {
            TOKEN_CHANGED: { guard: { type: 'isUsable', params: words.tokenState }, target: 'listing' },
            BREAKER_CHANGED: { guard: { type: 'isClosed', params: words.breakerState }, target: 'listing' },
          },
        },
        known: {
          entry: [
            { type: 'spawn', params: words.vehicles },
            send(words.tellCars),
            send(words.tellStatus),
            log(words.carsListed),
          ],
        },
      },
    },

    probe: {
      initial: 'idle',
      states: {
        idle: { on: { PROBE_WANTED: 'awaitingPermit' } },
        awaitingPermit: {
          entry: [update(words.countAsk), send(words.askPermit)],
          after: { permitWait: { target: 'idle', actions: send(words.cancelPermit) } },
          on: {
            PERMIT_GRANTED: {
              guard: { type: 'isOurs', params: words.answered },
              target: 'probing',
              actions: update(words.storePermit),
            },
            PERMIT_DENIED: { guard: { type: 'isOurs', params: words.answered }, target: 'idle' },
            BREAKER_CHANGED: {
              guard: { type: 'isClosed', params: words.breakerState },
              target: 'idle',
              actions: send(words.cancelPermit),
            },
          },
        },
        probing: {
          invoke: {
            src: 'readList',
            onDone: { actions: raise(words.probeDone) },
            onError: { actions: raise(words.probeLost) },
          },
          after: { callDeadline: { actions: raise(words.probeLost) } },
          on: { PROBE_ENDED: { target: 'idle', actions: send(words.reportProbe) } },
        },
      },
    },
  },
});
