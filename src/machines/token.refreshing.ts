import { stateIn } from 'xstate';
import { log, raise, send, update } from './story.ts';
import * as answers from './token.answers.ts';
import * as calls from './token.calls.ts';
import * as endings from './token.endings.ts';
import * as words from './token.glossary.ts';
import { tokenSetup } from './token.setup.ts';

/**
 * The part of the token's story (token.machine.ts) in which it gets a new session: at most one refresh, and if its grant is
 * refused one login, under one permit.
 */
export const refreshing = tokenSetup.createStateConfig({
  entry: [log(words.refreshBegun), words.tell('refreshing')],
  initial: 'awaitingPermit',
  states: {
    awaitingPermit: {
      entry: [update(calls.countAsk), send(calls.askPermit)],
      after: {
        refreshPermitWait: { actions: raise(calls.permitWaitOver) },
      },
      on: {
        PERMIT_GRANTED: {
          guard: { type: 'isAnswerToOurAsk', params: calls.answered },
          target: 'calling',
          actions: update(calls.storePermit),
        },
        PERMIT_DENIED: {
          guard: { type: 'isAnswerToOurAsk', params: calls.answered },
          actions: raise(calls.refreshNotPermitted),
        },
        BREAKER_RESTARTED: { target: 'awaitingPermit', reenter: true, actions: send(calls.cancelPermit) },
      },
    },
    calling: {
      after: {
        refreshTimeout: [
          { guard: stateIn({ refreshing: { calling: 'loggingIn' } }), actions: raise(calls.loginTimedOut) },
          { actions: raise(calls.refreshTimedOut) },
        ],
      },
      initial: 'choosing',
      states: {
        choosing: { always: [{ guard: 'isSuspect', target: 'loggingIn' }, { target: 'renewing' }] },
        renewing: {
          invoke: {
            src: 'renewSession',
            input: words.renewalHow,
            onDone: [
              { guard: { type: 'canLogIn', params: calls.sessionOutcome }, target: 'loggingIn' },
              { actions: raise(calls.refreshEnded) },
            ],
            onError: { actions: raise(calls.refreshCrashed) },
          },
        },
        loggingIn: {
          invoke: {
            src: 'logIn',
            onDone: [
              { guard: { type: 'canFallBackToGrant', params: calls.sessionOutcome }, target: 'renewing' },
              { actions: raise(calls.loginEnded) },
            ],
            onError: { actions: raise(calls.refreshCrashed) },
          },
        },
      },
    },
  },
  on: {
    REQUEST_TOKEN: [
      { guard: 'isRenewingGoodSession', actions: send(answers.answerReady) },
      { guard: 'hasRoom', actions: update(words.addWaiter) },
      { actions: send(answers.answerFull) },
    ],
    REFRESH: [
      {
        guard: { type: 'isOlderWhileRenewing', params: words.askedGeneration },
        actions: send(answers.answerReady),
      },
      { guard: 'hasRoom', actions: [update(words.knownBad), update(words.addWaiter)] },
      { actions: [update(words.knownBad), send(answers.answerFull)] },
    ],
    TOKEN_REJECTED: {
      guard: { type: 'isCurrent', params: words.askedGeneration },
      actions: update(words.knownBad),
    },
    /** What comes of the call under way is dropped by the gateway: it is of the older session. */
    SESSION_CHANGED: {
      guard: { type: 'isNewer', params: words.askedGeneration },
      target: '#token.valid',
      actions: [send(calls.cancelPermit), ...endings.adopted],
    },
    REFRESH_ENDED: [
      {
        guard: { type: 'isObtainedUnasked', params: calls.ended },
        target: '#token.valid',
        actions: endings.obtained,
      },
      {
        guard: { type: 'isObtained', params: calls.ended },
        target: '#token.cooldown.proving',
        actions: endings.obtained,
      },
      {
        guard: 'isRenewingGoodSession',
        target: '#token.valid',
        actions: endings.kept,
      },
      {
        guard: { type: 'needsAPerson', params: calls.ended },
        target: '#token.failed.terminal',
        actions: endings.lost,
      },
      { target: '#token.failed.retrying', actions: endings.lost },
    ],
  },
});
