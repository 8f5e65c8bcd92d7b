import * as words from './command.glossary.ts';
import { commandSetup } from './command.setup.ts';
import { log, send, update } from './story.ts';

/** The part of a command's story (command.machine.ts) after it may have reached the car: from here on only the car decides. */
export const confirming = commandSetup.createStateConfig({
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
});
