import * as calls from './command.calls.ts';
import * as endings from './command.endings.ts';
import * as words from './command.glossary.ts';
import * as looks from './command.looks.ts';
import { registering } from './command.registering.ts';
import { commandSetup } from './command.setup.ts';
import { log, send, update } from './story.ts';

/** The part of a command's story (command.machine.ts) after it may have reached the car: from here on only the car decides. */
export const confirming = commandSetup.createStateConfig({
  entry: [
    update(looks.allowRegistration),
    { type: 'stopTimers', params: words.timersBeforeTheCar },
    { type: 'startTimers', params: looks.confirmTimer },
  ],
  exit: { type: 'stopTimers', params: looks.confirmationTimer },
  initial: 'pausing',
  states: {
    pausing: {
      always: { guard: 'isOutOfSight', target: '#command.unknown', actions: endings.endedUnknown },
      after: { nextLook: { target: 'awaitingToken', actions: update(looks.beginLook) } },
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
      entry: [update(words.countAsk), send(looks.requestLookPermit)],
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
        input: looks.theLook,
        onDone: { actions: calls.again },
        onError: { target: 'deciding', actions: send(words.reportAborted) },
      },
      after: { lookDeadline: { target: 'deciding', actions: send(words.reportAborted) } },
      on: {
        CALL_ENDED: [
          {
            guard: { type: 'carSaysDone', params: words.outcomeOf },
            target: '#command.succeeded',
            actions: [...looks.toldLook, endings.endedByRecord],
          },
          {
            guard: { type: 'carSaysNo', params: words.outcomeOf },
            target: '#command.failed',
            actions: [...looks.toldLook, endings.endedRefusedByCar],
          },
          {
            guard: { type: 'stateShowsIt', params: words.outcomeOf },
            target: '#command.succeeded',
            actions: [...looks.toldLook, endings.endedByReading],
          },
          {
            guard: { type: 'mayHaveLostDevice', params: words.outcomeOf },
            target: 'reregistering',
            actions: [...looks.toldLook, update(calls.spendRegistration), log(calls.deviceForgotten)],
          },
          {
            guard: { type: 'wantsState', params: words.outcomeOf },
            target: 'awaitingToken',
            actions: [...looks.toldLook, update(looks.lookAtState)],
          },
          {
            guard: { type: 'canRetry', params: words.outcomeOf },
            target: 'refreshingToken',
            actions: looks.toldLook,
          },
          {
            guard: { type: 'isTokenError', params: words.outcomeOf },
            target: 'deciding',
            actions: [...looks.toldLook, send(words.rejectToken)],
          },
          { target: 'deciding', actions: looks.toldLook },
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
    reregistering: registering({
      again: '#command.confirming.awaitingPermit',
      unpermitted: { target: '#command.confirming.deciding', actions: send(words.cancelPermit) },
      denied: { target: '#command.confirming.deciding' },
      refused: { target: '#command.confirming.deciding', actions: send(calls.reportRegistration) },
      crashed: { target: '#command.confirming.deciding', actions: send(words.reportAborted) },
      hung: { target: '#command.confirming.deciding', actions: send(words.reportAborted) },
      overTime: {
        awaitingPermit: {
          CONFIRM_OVER: { target: '#command.confirming.giveUpLook', actions: send(words.cancelPermit) },
        },
        registering: {
          CONFIRM_OVER: { target: '#command.confirming.giveUpLook', actions: send(words.reportAborted) },
        },
      },
    }),
    /** A look brought no decision. */
    deciding: {
      always: [
        { guard: 'wasLastLook', target: '#command.unknown', actions: endings.endedUnknown },
        { target: 'pausing' },
      ],
    },
    /** The time for looks is over. */
    giveUpLook: {
      always: [
        {
          guard: 'canWakeCar',
          target: 'awaitingToken',
          actions: [update(looks.lookAtCar), { type: 'startTimers', params: looks.lastLookTimer }],
        },
        { target: '#command.unknown', actions: endings.endedUnknown },
      ],
    },
  },
});
