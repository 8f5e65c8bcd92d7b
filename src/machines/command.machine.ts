import * as calls from './command.calls.ts';
import { confirming } from './command.confirming.ts';
import * as endings from './command.endings.ts';
import * as words from './command.glossary.ts';
import { registering } from './command.registering.ts';
import * as resuming from './command.resuming.ts';
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
 *  - never sends a control again that may have reached the car, whatever its failure is called, and never calls it failed
 *  - begins no call that its sender no longer wants
 *  - succeeds only when the car, or its state, confirmed it; a forced read only when the car answered
 *  - holds no permit while it waits for a token
 *  - that was sent by an earlier run of the daemon: only asks what became of it
 */
export const commandMachine = commandSetup.createMachine({
  id: 'command',
  context: ({ input }) => ({
    ...input,
    purpose: 'needed',
    patient: false,
    knownAt: null,
    asks: 0,
    used: { generation: 0, scope: 'access' },
    device: null,
    permit: null,
    ...resuming.resumption(input),
    resumedAt: null,
    retried: false,
    reregistered: false,
    busyRepeats: 0,
    isTooLate: false,
    looks: 0,
    look: 'record',
    word: null,
    ending: null,
    confirmed: null,
  }),
  initial: 'queued',
  states: {
    queued: {
      always: { guard: 'isResumed', target: 'resuming' },
      entry: { type: 'startTimers', params: words.expiryTimer },
      after: { queueLimit: { target: 'expired', actions: endings.endedExpired } },
      on: {
        START: {
          target: 'awaitingToken',
          actions: [update(words.storePurpose), { type: 'startTimers', params: words.startedTimers }],
        },
        DROP: { target: 'rejected', actions: endings.endedDropped },
        MESSAGE_EXPIRED: { target: 'expired', actions: endings.endedExpired },
      },
    },

    /** Sent by an earlier run: its car may have something else to confirm first. */
    resuming: {
      after: { queueLimit: { target: 'unknown', actions: resuming.endedUnasked } },
      on: {
        START: { target: 'confirming', actions: update(resuming.storeTurn) },
        DROP: { target: 'unknown', actions: resuming.endedDroppedAfterSending },
      },
    },

    awaitingToken: {
      entry: [update(words.countAsk), send(words.requestToken)],
      after: { tokenWait: { target: 'failed', actions: [send(words.cancelToken), endings.endedWaiting] } },
      on: {
        TOKEN_READY: { guard: { type: 'isOurs', params: words.answered }, target: 'awaitingPermit' },
        TOKEN_FAILED: {
          guard: { type: 'isOurs', params: words.answered },
          target: 'failed',
          actions: endings.endedByToken,
        },
        TOKEN_RESTARTED: { target: 'awaitingToken', reenter: true, actions: send(words.cancelToken) },
        MESSAGE_EXPIRED: { target: 'expired', actions: [send(words.cancelToken), endings.endedExpired] },
        NOT_FRESH: { target: 'expired', actions: [send(words.cancelToken), endings.endedExpired] },
        DROP: { target: 'rejected', actions: [send(words.cancelToken), endings.endedDropped] },
        TIME_OVER: { target: 'timedOut', actions: [send(words.cancelToken), endings.endedLate] },
      },
    },

    awaitingPermit: {
      entry: [update(words.countAsk), send(calls.requestPermit)],
      after: { permitWait: { target: 'failed', actions: [send(words.cancelPermit), endings.endedUnpermitted] } },
      on: {
        PERMIT_GRANTED: {
          guard: { type: 'isOurs', params: words.answered },
          target: 'calling',
          actions: update(calls.storePermit),
        },
        PERMIT_DENIED: {
          guard: { type: 'isOurs', params: words.answered },
          target: 'failed',
          actions: endings.endedByBreaker,
        },
        BREAKER_RESTARTED: { target: 'awaitingPermit', reenter: true, actions: send(words.cancelPermit) },
        MESSAGE_EXPIRED: { target: 'expired', actions: [send(words.cancelPermit), endings.endedExpired] },
        NOT_FRESH: { target: 'expired', actions: [send(words.cancelPermit), endings.endedExpired] },
        DROP: { target: 'rejected', actions: [send(words.cancelPermit), endings.endedDropped] },
        TIME_OVER: { target: 'timedOut', actions: [send(words.cancelPermit), endings.endedLate] },
      },
    },

    calling: {
      entry: [
        update(calls.countCall),
        { type: 'stopTimers', params: words.freshnessTimer },
        send(calls.tellDispatched),
      ],
      invoke: {
        src: 'callCloud',
        input: calls.theCall,
        onDone: { actions: calls.again },
        onError: [
          { guard: 'isControl', target: 'confirming', actions: [send(words.reportAborted), log(calls.mayHaveArrived)] },
          { target: 'failed', actions: [send(words.reportAborted), endings.endedCrashed] },
        ],
      },
      after: {
        callDeadline: [
          { guard: 'isControl', target: 'confirming', actions: [send(words.reportAborted), log(calls.mayHaveArrived)] },
          { target: 'timedOut', actions: [send(words.reportAborted), endings.endedLate] },
        ],
      },
      on: {
        CALL_ENDED: [
          {
            guard: { type: 'isAccepted', params: words.outcomeOf },
            target: 'confirming',
            actions: [...calls.told, update(calls.storeAcceptance), send(calls.tellTaken), log(calls.accepted)],
          },
          {
            guard: { type: 'bringsNothingNew', params: words.outcomeOf },
            target: 'unknown',
            actions: [...calls.told, endings.endedUnanswered],
          },
          {
            guard: { type: 'isReading', params: words.outcomeOf },
            target: 'succeeded',
            actions: [...calls.told, send(calls.tellResult), endings.endedRead],
          },
          // Before all that would have it repeated.
          {
            guard: { type: 'mayHaveReachedCar', params: words.outcomeOf },
            target: 'confirming',
            actions: [...calls.told, send(calls.tellRefusal), log(calls.mayHaveArrived)],
          },
          {
            guard: { type: 'isTooLateToRepeat', params: words.outcomeOf },
            target: 'expired',
            actions: [...calls.told, send(calls.tellRefusal), endings.endedExpired],
          },
          {
            guard: { type: 'canRetry', params: words.outcomeOf },
            target: 'refreshingToken',
            actions: calls.told,
          },
          {
            guard: { type: 'isTokenError', params: words.outcomeOf },
            target: 'failed',
            actions: [...calls.told, send(words.rejectToken), endings.endedRejectedTwice],
          },
          {
            guard: { type: 'canReregister', params: words.outcomeOf },
            target: 'reregistering',
            actions: [...calls.told, update(calls.spendRegistration), log(calls.deviceForgotten)],
          },
          {
            guard: { type: 'canRepeatLater', params: words.outcomeOf },
            target: 'awaitingCar',
            actions: [...calls.told, update(calls.countBusy), log(calls.carIsBusy)],
          },
          {
            guard: { type: 'isRefusedRequest', params: words.outcomeOf },
            target: 'rejected',
            actions: [...calls.told, endings.endedByFailure],
          },
          {
            guard: { type: 'carDidNotAnswer', params: words.outcomeOf },
            target: 'unknown',
            actions: [...calls.told, endings.endedUnanswered],
          },
          {
            guard: { type: 'isTimeout', params: words.outcomeOf },
            target: 'timedOut',
            actions: [...calls.told, endings.endedByFailure],
          },
          { target: 'failed', actions: [...calls.told, endings.endedByFailure] },
        ],
        MESSAGE_EXPIRED: { actions: update(words.noteLateness) },
        TIME_OVER: [
          { guard: 'isControl', target: 'confirming', actions: [send(words.reportAborted), log(calls.mayHaveArrived)] },
          { target: 'timedOut', actions: [send(words.reportAborted), endings.endedLate] },
        ],
      },
    },

    refreshingToken: {
      entry: [update(words.countAsk), send(words.refreshToken)],
      after: { tokenWait: { target: 'failed', actions: [send(words.cancelToken), endings.endedWaiting] } },
      on: {
        TOKEN_READY: [
          {
            guard: { type: 'isNewerToken', params: words.readyAnswer },
            target: 'awaitingPermit',
            actions: [update(words.spendRetry), log(calls.retried)],
          },
          {
            guard: { type: 'isOurs', params: words.answered },
            target: 'failed',
            actions: endings.endedNotNewer,
          },
        ],
        TOKEN_FAILED: {
          guard: { type: 'isOurs', params: words.answered },
          target: 'failed',
          actions: endings.endedByToken,
        },
        TOKEN_RESTARTED: { target: 'refreshingToken', reenter: true, actions: send(words.cancelToken) },
        MESSAGE_EXPIRED: { target: 'expired', actions: [send(words.cancelToken), endings.endedExpired] },
        TIME_OVER: { target: 'timedOut', actions: [send(words.cancelToken), endings.endedLate] },
      },
    },

    /** The cloud knows our device no more, and took nothing: registered again, the call is repeated once. */
    reregistering: registering({
      again: '#command.awaitingPermit',
      unpermitted: { target: '#command.failed', actions: [send(words.cancelPermit), endings.endedUnpermitted] },
      denied: { target: '#command.failed', actions: endings.endedByBreaker },
      refused: { target: '#command.failed', actions: [send(calls.reportRegistration), endings.endedUnregistered] },
      crashed: { target: '#command.failed', actions: [send(words.reportAborted), endings.endedCrashed] },
      hung: { target: '#command.timedOut', actions: [send(words.reportAborted), endings.endedLate] },
      overTime: {
        awaitingPermit: {
          MESSAGE_EXPIRED: { target: '#command.expired', actions: [send(words.cancelPermit), endings.endedExpired] },
          TIME_OVER: { target: '#command.timedOut', actions: [send(words.cancelPermit), endings.endedLate] },
        },
        registering: {
          MESSAGE_EXPIRED: { target: '#command.expired', actions: [send(words.reportAborted), endings.endedExpired] },
          TIME_OVER: { target: '#command.timedOut', actions: [send(words.reportAborted), endings.endedLate] },
        },
      },
    }),

    /** The car works on another command: the cloud took nothing, so it may be sent again later. */
    awaitingCar: {
      after: { carBusyPause: 'awaitingPermit' },
      on: {
        MESSAGE_EXPIRED: { target: 'expired', actions: endings.endedExpired },
        TIME_OVER: { target: 'timedOut', actions: endings.endedLate },
      },
    },

    confirming,

    succeeded: { type: 'final', entry: endings.end },
    failed: { type: 'final', entry: endings.end },
    timedOut: { type: 'final', entry: endings.end },
    unknown: { type: 'final', entry: endings.end },
    rejected: { type: 'final', entry: endings.end },
    expired: { type: 'final', entry: endings.end },
  },
});
