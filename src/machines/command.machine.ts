import { confirming } from './command.confirming.ts';
import * as words from './command.glossary.ts';
import { commandSetup } from './command.setup.ts';
import { log, send, update } from './story.ts';

/**
 * One accepted command or read, from its place in the queue to its end.
 *
 * Hears   START, DROP from its owner; the answers of token and breaker; TOKEN_RESTARTED, BREAKER_RESTARTED
 * Asks    the token, the breaker, the cloud
 * Promises
 *  - ends exactly once, and tells its owner how
 *  - repeats its call once for a refused token, after a newer one is ready, and never again for that reason
 *  - repeats its call once for an invalid device id, after our device has been registered again
 *  - never sends a control again that may have reached the car, and never calls it failed
 *  - succeeds only when the car, or its state, confirmed it
 *  - holds no permit while it waits for a token
 */
export const commandMachine = commandSetup.createMachine({
  id: 'command',
  context: ({ input }) => ({
    ...input,
    purpose: 'needed',
    patient: false,
    asks: 0,
    used: { generation: 0, scope: 'access' },
    device: null,
    permit: null,
    calls: 0,
    retried: false,
    reregistered: false,
    busyRepeats: 0,
    acceptedAt: 0,
    actionId: null,
    looks: 0,
    look: 'record',
    word: null,
    ending: null,
    confirmed: null,
  }),
  initial: 'queued',
  states: {
    queued: {
      entry: { type: 'startTimers', params: words.expiryTimer },
      after: { queueLimit: { target: 'expired', actions: words.endedExpired } },
      on: {
        START: {
          target: 'awaitingToken',
          actions: [update(words.storePurpose), { type: 'startTimers', params: words.startedTimers }],
        },
        DROP: { target: 'rejected', actions: words.endedDropped },
        MESSAGE_EXPIRED: { target: 'expired', actions: words.endedExpired },
      },
    },

    awaitingToken: {
      entry: [update(words.countAsk), send(words.requestToken)],
      after: { tokenWait: { target: 'failed', actions: [send(words.cancelToken), words.endedWaiting] } },
      on: {
        TOKEN_READY: { guard: { type: 'isOurs', params: words.answered }, target: 'awaitingPermit' },
        TOKEN_FAILED: {
          guard: { type: 'isOurs', params: words.answered },
          target: 'failed',
          actions: words.endedByToken,
        },
        TOKEN_RESTARTED: { target: 'awaitingToken', reenter: true, actions: send(words.cancelToken) },
        MESSAGE_EXPIRED: { target: 'expired', actions: [send(words.cancelToken), words.endedExpired] },
        NOT_FRESH: { target: 'expired', actions: [send(words.cancelToken), words.endedExpired] },
        DROP: { target: 'rejected', actions: [send(words.cancelToken), words.endedDropped] },
        TIME_OVER: { target: 'timedOut', actions: [send(words.cancelToken), words.endedLate] },
      },
    },

    awaitingPermit: {
      entry: [update(words.countAsk), send(words.requestPermit)],
      after: { permitWait: { target: 'failed', actions: [send(words.cancelPermit), words.endedUnpermitted] } },
      on: {
        PERMIT_GRANTED: {
          guard: { type: 'isOurs', params: words.answered },
          target: 'calling',
          actions: update(words.storePermit),
        },
        PERMIT_DENIED: {
          guard: { type: 'isOurs', params: words.answered },
          target: 'failed',
          actions: words.endedByBreaker,
        },
        BREAKER_RESTARTED: { target: 'awaitingPermit', reenter: true, actions: send(words.cancelPermit) },
        MESSAGE_EXPIRED: { target: 'expired', actions: [send(words.cancelPermit), words.endedExpired] },
        NOT_FRESH: { target: 'expired', actions: [send(words.cancelPermit), words.endedExpired] },
        DROP: { target: 'rejected', actions: [send(words.cancelPermit), words.endedDropped] },
        TIME_OVER: { target: 'timedOut', actions: [send(words.cancelPermit), words.endedLate] },
      },
    },

    calling: {
      entry: [
        update(words.countCall),
        { type: 'stopTimers', params: words.freshnessTimers },
        send(words.tellDispatched),
      ],
      invoke: {
        src: 'callCloud',
        input: words.theCall,
        onDone: { actions: words.again },
        onError: [
          { guard: 'isControl', target: 'confirming', actions: [send(words.reportAborted), log(words.mayHaveArrived)] },
          { target: 'failed', actions: [send(words.reportAborted), words.endedCrashed] },
        ],
      },
      after: {
        callDeadline: [
          { guard: 'isControl', target: 'confirming', actions: [send(words.reportAborted), log(words.mayHaveArrived)] },
          { target: 'timedOut', actions: [send(words.reportAborted), words.endedLate] },
        ],
      },
      on: {
        CALL_ENDED: [
          {
            guard: { type: 'isAccepted', params: words.outcomeOf },
            target: 'confirming',
            actions: [...words.told, update(words.storeAcceptance), send(words.tellTaken), log(words.accepted)],
          },
          {
            guard: { type: 'isReading', params: words.outcomeOf },
            target: 'succeeded',
            actions: [...words.told, send(words.tellResult), words.endedRead],
          },
          {
            guard: { type: 'canRetry', params: words.outcomeOf },
            target: 'refreshingToken',
            actions: words.told,
          },
          {
            guard: { type: 'isTokenError', params: words.outcomeOf },
            target: 'failed',
            actions: [...words.told, send(words.rejectToken), words.endedRejectedTwice],
          },
          {
            guard: { type: 'canReregister', params: words.outcomeOf },
            target: 'reregistering',
            actions: [...words.told, update(words.spendRegistration), log(words.deviceForgotten)],
          },
          {
            guard: { type: 'mayHaveReachedCar', params: words.outcomeOf },
            target: 'confirming',
            actions: [...words.told, update(words.storeAcceptance), log(words.mayHaveArrived)],
          },
          {
            guard: { type: 'canRepeatLater', params: words.outcomeOf },
            target: 'awaitingCar',
            actions: [...words.told, update(words.countBusy), log(words.carIsBusy)],
          },
          {
            guard: { type: 'isRefusedRequest', params: words.outcomeOf },
            target: 'rejected',
            actions: [...words.told, words.endedByFailure],
          },
          {
            guard: { type: 'carDidNotAnswer', params: words.outcomeOf },
            target: 'unknown',
            actions: [...words.told, words.endedUnanswered],
          },
          {
            guard: { type: 'isTimeout', params: words.outcomeOf },
            target: 'timedOut',
            actions: [...words.told, words.endedByFailure],
          },
          { target: 'failed', actions: [...words.told, words.endedByFailure] },
        ],
        TIME_OVER: [
          { guard: 'isControl', target: 'confirming', actions: [send(words.reportAborted), log(words.mayHaveArrived)] },
          { target: 'timedOut', actions: [send(words.reportAborted), words.endedLate] },
        ],
      },
    },

    refreshingToken: {
      entry: [update(words.countAsk), send(words.refreshToken)],
      after: { tokenWait: { target: 'failed', actions: [send(words.cancelToken), words.endedWaiting] } },
      on: {
        TOKEN_READY: [
          {
            guard: { type: 'isNewerToken', params: words.readyAnswer },
            target: 'awaitingPermit',
            actions: [update(words.spendRetry), log(words.retried)],
          },
          {
            guard: { type: 'isOurs', params: words.answered },
            target: 'failed',
            actions: words.endedNotNewer,
          },
        ],
        TOKEN_FAILED: {
          guard: { type: 'isOurs', params: words.answered },
          target: 'failed',
          actions: words.endedByToken,
        },
        TOKEN_RESTARTED: { target: 'refreshingToken', reenter: true, actions: send(words.cancelToken) },
        TIME_OVER: { target: 'timedOut', actions: [send(words.cancelToken), words.endedLate] },
      },
    },

    /** The cloud knows our device no more, and took nothing: registered again, the call is repeated once. */
    reregistering: {
      initial: 'awaitingPermit',
      states: {
        awaitingPermit: {
          entry: [update(words.countAsk), send(words.requestRegistrationPermit)],
          after: {
            permitWait: { target: '#command.failed', actions: [send(words.cancelPermit), words.endedUnpermitted] },
          },
          on: {
            PERMIT_GRANTED: {
              guard: { type: 'isOurs', params: words.answered },
              target: 'registering',
              actions: update(words.storeLookPermit),
            },
            PERMIT_DENIED: {
              guard: { type: 'isOurs', params: words.answered },
              target: '#command.failed',
              actions: words.endedByBreaker,
            },
            BREAKER_RESTARTED: { target: 'awaitingPermit', reenter: true, actions: send(words.cancelPermit) },
            TIME_OVER: { target: '#command.timedOut', actions: [send(words.cancelPermit), words.endedLate] },
          },
        },
        registering: {
          invoke: {
            src: 'registerDevice',
            input: words.theDevice,
            onDone: { actions: words.registered },
            onError: { target: '#command.failed', actions: [send(words.reportAborted), words.endedCrashed] },
          },
          after: {
            registrationDeadline: {
              target: '#command.timedOut',
              actions: [send(words.reportAborted), words.endedLate],
            },
          },
          on: {
            REGISTRATION_ENDED: [
              {
                guard: { type: 'hasRegistered', params: words.hasRegistered },
                target: '#command.awaitingPermit',
                actions: send(words.reportRegistration),
              },
              { target: '#command.failed', actions: [send(words.reportRegistration), words.endedUnregistered] },
            ],
            TIME_OVER: { target: '#command.timedOut', actions: [send(words.reportAborted), words.endedLate] },
          },
        },
      },
    },

    /** The car works on another command: the cloud took nothing, so it may be sent again later. */
    awaitingCar: {
      after: { carBusyPause: 'awaitingPermit' },
      on: { TIME_OVER: { target: 'timedOut', actions: words.endedLate } },
    },

    confirming,

    succeeded: { type: 'final', entry: words.end },
    failed: { type: 'final', entry: words.end },
    timedOut: { type: 'final', entry: words.end },
    unknown: { type: 'final', entry: words.end },
    rejected: { type: 'final', entry: words.end },
    expired: { type: 'final', entry: words.end },
  },
});
