import { assign, fromPromise, setup } from 'xstate';
import type { CommandContext, CommandEvent, CommandInput } from './command.glossary.ts';
import * as words from './command.glossary.ts';
import type { CloudCall, Purpose } from './domain/command.ts';
import { confirms } from './domain/confirmation.ts';
import type { TokenReady } from './domain/events.ts';
import { isTokenError } from './domain/failure.ts';
import type { CallOutcome, RegistrationOutcome } from './domain/outcome.ts';
import { bare, effects, log, raiseEvents, send, startTimers, stopTimers, update } from './story.ts';

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
export interface CallRequest {
  readonly call: CloudCall;
  readonly commandId: string;
  readonly attempt: number;
  readonly purpose: Purpose;
}

export interface RegistrationRequest {
  /** The number of the device id that the cloud no longer knows; null if the call did not tell. */
  readonly device: number | null;
}

export const commandMachine = setup({
  types: {
    context: {} as CommandContext,
    events: {} as CommandEvent,
    input: {} as CommandInput,
  },
  actors: {
    /** One call to the cloud. Never rejects; aborted when the state is left. */
    callCloud: fromPromise<CallOutcome, CallRequest>(bare),
    /** Registers our device again, once for all who ask. Never rejects; who is aborted only stops waiting. */
    registerDevice: fromPromise<RegistrationOutcome, RegistrationRequest>(bare),
  },
  actions: {
    ...effects,
    update: assign((_, patch: Partial<CommandContext>) => patch),
    raise: raiseEvents,
    startTimers,
    stopTimers,
  },
  guards: {
    isOurs: ({ context }, request: string) => words.isOwn(context, request),
    isNewerToken: ({ context }, { request, generation }: TokenReady) =>
      words.isOwn(context, request) && generation > context.used.generation,
    isControl: ({ context }) => words.isControl(context.command),
    isAccepted: (_, outcome: CallOutcome) => outcome.ok && outcome.value.type === 'accepted',
    isReading: (_, outcome: CallOutcome) =>
      outcome.ok && (outcome.value.type === 'reading' || outcome.value.type === 'list'),
    isTokenError: (_, outcome: CallOutcome) => !outcome.ok && isTokenError(outcome.failure),
    canRetry: ({ context }, outcome: CallOutcome) => !outcome.ok && isTokenError(outcome.failure) && !context.retried,
    canReregister: ({ context }, outcome: CallOutcome) =>
      !outcome.ok && outcome.failure.kind === 'deviceIdInvalid' && !context.reregistered,
    mayHaveLostDevice: ({ context }, outcome: CallOutcome) => words.mayHaveLostDevice(context, outcome),
    hasRegistered: (_, isDone: boolean) => isDone,
    mayHaveReachedCar: ({ context }, outcome: CallOutcome) =>
      words.isControl(context.command) && !outcome.ok && outcome.failure.reached === 'maybe',
    canRepeatLater: ({ context }, outcome: CallOutcome) =>
      words.isControl(context.command) &&
      !outcome.ok &&
      outcome.failure.kind === 'carBusy' &&
      context.busyRepeats < context.settings.carBusyRepeats,
    isRefusedRequest: (_, outcome: CallOutcome) => !outcome.ok && words.isRefusal(outcome.failure),
    carDidNotAnswer: ({ context }, outcome: CallOutcome) =>
      words.isForced(context.command) && !outcome.ok && outcome.failure.kind === 'carUnreachable',
    isTimeout: (_, outcome: CallOutcome) => !outcome.ok && outcome.failure.kind === 'timeout',
    carSaysDone: (_, outcome: CallOutcome) =>
      outcome.ok && outcome.value.type === 'record' && outcome.value.word === 'success',
    carSaysNo: (_, outcome: CallOutcome) =>
      outcome.ok && outcome.value.type === 'record' && outcome.value.word === 'fail',
    stateShowsIt: ({ context }, outcome: CallOutcome) =>
      outcome.ok &&
      outcome.value.type === 'reading' &&
      words.isControl(context.command) &&
      confirms(outcome.value.reading, context.command, context.acceptedAt),
    wantsState: ({ context }, outcome: CallOutcome) =>
      outcome.ok && outcome.value.type === 'record' && words.wantsState(context, outcome.value.word),
    wasLastLook: ({ context }) => context.look === 'forced' || context.word === 'nonResponse',
    isOutOfSight: ({ context }) => words.isOutOfSight(context),
    canWakeCar: ({ context }) => words.mayWakeCar(context),
  },
  delays: {
    queueLimit: ({ context }) => context.settings.queueWaitMs,
    tokenWait: ({ context }) => context.settings.tokenWaitMs,
    permitWait: ({ context }) => words.permitWaitMs(context),
    callDeadline: ({ context }) => words.callDeadlineMs(context.settings, words.callClassOf(context.command)),
    lookDeadline: ({ context }) =>
      words.callDeadlineMs(context.settings, context.look === 'forced' ? 'carRead' : 'read'),
    registrationDeadline: ({ context }) => words.callDeadlineMs(context.settings, 'read'),
    carBusyPause: ({ context }) => context.settings.carBusyPauseMs,
    nextLook: ({ context }) => words.lookPauseMs(context),
  },
}).createMachine({
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

    /** It may have reached the car: from here on only the car decides. */
    confirming: {
      entry: [
        update(words.allowRegistration),
        { type: 'stopTimers', params: words.wholeTimer },
        { type: 'startTimers', params: words.confirmTimer },
      ],
      exit: { type: 'stopTimers', params: words.confirmationTimer },
      initial: 'pausing',
      states: {
        pausing: {
          always: { guard: 'isOutOfSight', target: '#command.unknown', actions: words.endedUnknown },
          after: { nextLook: { target: 'awaitingToken', actions: update(words.beginLook) } },
          on: { CONFIRM_OVER: 'giveUpLook' },
        },
        awaitingToken: {
          entry: [update(words.countAsk), send(words.requestToken)],
          after: { tokenWait: { target: 'deciding', actions: send(words.cancelToken) } },
          on: {
            TOKEN_READY: { guard: { type: 'isOurs', params: words.answered }, target: 'awaitingPermit' },
            TOKEN_FAILED: { guard: { type: 'isOurs', params: words.answered }, target: 'deciding' },
            TOKEN_RESTARTED: { target: 'awaitingToken', reenter: true, actions: send(words.cancelToken) },
            CONFIRM_OVER: { target: 'giveUpLook', actions: send(words.cancelToken) },
          },
        },
        awaitingPermit: {
          entry: [update(words.countAsk), send(words.requestLookPermit)],
          after: { permitWait: { target: 'deciding', actions: send(words.cancelPermit) } },
          on: {
            PERMIT_GRANTED: {
              guard: { type: 'isOurs', params: words.answered },
              target: 'looking',
              actions: update(words.storeLookPermit),
            },
            PERMIT_DENIED: { guard: { type: 'isOurs', params: words.answered }, target: 'deciding' },
            BREAKER_RESTARTED: { target: 'awaitingPermit', reenter: true, actions: send(words.cancelPermit) },
            CONFIRM_OVER: { target: 'giveUpLook', actions: send(words.cancelPermit) },
          },
        },
        looking: {
          invoke: {
            src: 'callCloud',
            input: words.theLook,
            onDone: { actions: words.again },
            onError: { target: 'deciding', actions: send(words.reportAborted) },
          },
          after: { lookDeadline: { target: 'deciding', actions: send(words.reportAborted) } },
          on: {
            CALL_ENDED: [
              {
                guard: { type: 'carSaysDone', params: words.outcomeOf },
                target: '#command.succeeded',
                actions: [...words.toldLook, words.endedByRecord],
              },
              {
                guard: { type: 'carSaysNo', params: words.outcomeOf },
                target: '#command.failed',
                actions: [...words.toldLook, words.endedRefusedByCar],
              },
              {
                guard: { type: 'stateShowsIt', params: words.outcomeOf },
                target: '#command.succeeded',
                actions: [...words.toldLook, words.endedByReading],
              },
              {
                guard: { type: 'mayHaveLostDevice', params: words.outcomeOf },
                target: 'reregistering',
                actions: [...words.toldLook, update(words.spendRegistration), log(words.deviceForgotten)],
              },
              {
                guard: { type: 'wantsState', params: words.outcomeOf },
                target: 'awaitingToken',
                actions: [...words.toldLook, update(words.lookAtState)],
              },
              {
                guard: { type: 'canRetry', params: words.outcomeOf },
                target: 'refreshingToken',
                actions: words.toldLook,
              },
              {
                guard: { type: 'isTokenError', params: words.outcomeOf },
                target: 'deciding',
                actions: [...words.toldLook, send(words.rejectToken)],
              },
              { target: 'deciding', actions: words.toldLook },
            ],
            CONFIRM_OVER: { target: 'giveUpLook', actions: send(words.reportAborted) },
          },
        },
        refreshingToken: {
          entry: [update(words.countAsk), send(words.refreshToken)],
          after: { tokenWait: { target: 'deciding', actions: send(words.cancelToken) } },
          on: {
            TOKEN_READY: [
              {
                guard: { type: 'isNewerToken', params: words.readyAnswer },
                target: 'awaitingPermit',
                actions: update(words.spendRetry),
              },
              { guard: { type: 'isOurs', params: words.answered }, target: 'deciding' },
            ],
            TOKEN_FAILED: { guard: { type: 'isOurs', params: words.answered }, target: 'deciding' },
            TOKEN_RESTARTED: { target: 'refreshingToken', reenter: true, actions: send(words.cancelToken) },
            CONFIRM_OVER: { target: 'giveUpLook', actions: send(words.cancelToken) },
          },
        },
        /** Registered again, the same look is made once more. */
        reregistering: {
          initial: 'awaitingPermit',
          states: {
            awaitingPermit: {
              entry: [update(words.countAsk), send(words.requestRegistrationPermit)],
              after: { permitWait: { target: '#command.confirming.deciding', actions: send(words.cancelPermit) } },
              on: {
                PERMIT_GRANTED: {
                  guard: { type: 'isOurs', params: words.answered },
                  target: 'registering',
                  actions: update(words.storeLookPermit),
                },
                PERMIT_DENIED: {
                  guard: { type: 'isOurs', params: words.answered },
                  target: '#command.confirming.deciding',
                },
                BREAKER_RESTARTED: { target: 'awaitingPermit', reenter: true, actions: send(words.cancelPermit) },
                CONFIRM_OVER: { target: '#command.confirming.giveUpLook', actions: send(words.cancelPermit) },
              },
            },
            registering: {
              invoke: {
                src: 'registerDevice',
                input: words.theDevice,
                onDone: { actions: words.registered },
                onError: { target: '#command.confirming.deciding', actions: send(words.reportAborted) },
              },
              after: {
                registrationDeadline: {
                  target: '#command.confirming.deciding',
                  actions: send(words.reportAborted),
                },
              },
              on: {
                REGISTRATION_ENDED: [
                  {
                    guard: { type: 'hasRegistered', params: words.hasRegistered },
                    target: '#command.confirming.awaitingPermit',
                    actions: send(words.reportRegistration),
                  },
                  { target: '#command.confirming.deciding', actions: send(words.reportRegistration) },
                ],
                CONFIRM_OVER: { target: '#command.confirming.giveUpLook', actions: send(words.reportAborted) },
              },
            },
          },
        },
        /** A look brought no decision. */
        deciding: {
          always: [
            { guard: 'wasLastLook', target: '#command.unknown', actions: words.endedUnknown },
            { target: 'pausing' },
          ],
        },
        /** The time for looks is over. */
        giveUpLook: {
          always: [
            {
              guard: 'canWakeCar',
              target: 'awaitingToken',
              actions: [update(words.lookAtCar), { type: 'startTimers', params: words.lastLookTimer }],
            },
            { target: '#command.unknown', actions: words.endedUnknown },
          ],
        },
      },
    },

    succeeded: { type: 'final', entry: words.end },
    failed: { type: 'final', entry: words.end },
    timedOut: { type: 'final', entry: words.end },
    unknown: { type: 'final', entry: words.end },
    rejected: { type: 'final', entry: words.end },
    expired: { type: 'final', entry: words.end },
  },
});
