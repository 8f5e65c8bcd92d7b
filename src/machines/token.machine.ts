import { and, stateIn } from 'xstate';
import { log, raise, send, update } from './story.ts';
import * as words from './token.glossary.ts';
import { tokenSetup } from './token.setup.ts';

/**
 * The token owns the session of one account: it knows its generation and lifetime, never a secret.
 *
 * Hears   REQUEST_TOKEN, REFRESH, TOKEN_REJECTED, TOKEN_WORKED, CANCEL_TOKEN, BREAKER_CLOSED, BREAKER_RESTARTED,
 *         SESSION_CHANGED
 * Asks    the breaker for a permit, the cloud for a refresh, a login, or one read of the vehicle list
 * Promises
 *  - answers everybody who asked, once
 *  - makes one refresh, however many commands meet the expiry
 *  - does not refresh again for a generation that somebody has already replaced
 *  - verifies a refused fresh token before it blames the session
 *  - renews a good session in time, and never logs in while it is good
 *  - leaves `failed` by itself unless only a person can help
 *  - goes on with a session that a person brings by a login beside us, whatever it is doing
 */
export const tokenMachine = tokenSetup.createMachine({
  id: 'token',
  context: ({ input }) => ({
    settings: input.settings,
    generation: input.generation,
    lifetimeMs: 0,
    why: 'start',
    scope: null,
    waiting: [],
    refused: [],
    visits: words.storedVisits(input).length,
    nextSlot: words.storedVisits(input).length,
    storedVisitsMs: words.storedVisits(input),
    failures: 0,
    failure: null,
    asks: 0,
    permit: null,
  }),
  entry: { type: 'startTimers', params: words.storedVisitTimers },
  on: {
    VISIT_FORGOTTEN: { actions: update(words.forgetVisit) },
    CANCEL_TOKEN: { actions: update(words.removeWaiter) },
    SESSION_CHANGED: {
      guard: { type: 'isNewer', params: words.askedGeneration },
      target: '.valid',
      actions: words.adopted,
    },
  },
  initial: 'refreshing',
  states: {
    valid: {
      entry: [update(words.noFailure), words.tell('valid')],
      after: {
        renewal: [
          { guard: 'hasVisitsLeft', target: 'refreshing', actions: update(words.becauseOfAge) },
          { target: 'valid', reenter: true, actions: update(words.countFailure) },
        ],
      },
      on: {
        REQUEST_TOKEN: { actions: send(words.answerReady) },
        REFRESH: [
          { guard: { type: 'isOlder', params: words.askedGeneration }, actions: send(words.answerReady) },
          {
            guard: 'hasVisitsLeft',
            target: 'refreshing',
            actions: [update(words.becauseOfRejection), update(words.addWaiter), log(words.expiryDetected)],
          },
          {
            target: 'cooldown.verifying',
            actions: [update(words.rememberRefusal), update(words.addRefused), log(words.expiryDetected)],
          },
        ],
        TOKEN_REJECTED: [
          { guard: { type: 'isOlder', params: words.askedGeneration } },
          {
            guard: 'hasVisitsLeft',
            target: 'refreshing',
            actions: [update(words.becauseOfRejection), log(words.expiryDetected)],
          },
          { target: 'cooldown.verifying', actions: [update(words.rememberRefusal), log(words.expiryDetected)] },
        ],
      },
    },

    refreshing: {
      entry: [log(words.refreshBegun), words.tell('refreshing')],
      initial: 'awaitingPermit',
      states: {
        awaitingPermit: {
          entry: [update(words.countAsk), send(words.askPermit)],
          after: {
            refreshPermitWait: { actions: raise(words.permitWaitOver) },
          },
          on: {
            PERMIT_GRANTED: {
              guard: { type: 'isAnswerToOurAsk', params: words.answered },
              target: 'calling',
              actions: update(words.storePermit),
            },
            PERMIT_DENIED: {
              guard: { type: 'isAnswerToOurAsk', params: words.answered },
              actions: raise(words.refreshNotPermitted),
            },
            BREAKER_RESTARTED: { target: 'awaitingPermit', reenter: true, actions: send(words.cancelPermit) },
          },
        },
        calling: {
          after: {
            refreshTimeout: [
              { guard: stateIn({ refreshing: { calling: 'loggingIn' } }), actions: raise(words.loginTimedOut) },
              { actions: raise(words.refreshTimedOut) },
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
                  { guard: { type: 'canLogIn', params: words.sessionOutcome }, target: 'loggingIn' },
                  { actions: raise(words.refreshEnded) },
                ],
                onError: { actions: raise(words.refreshCrashed) },
              },
            },
            loggingIn: {
              invoke: {
                src: 'logIn',
                onDone: [
                  { guard: { type: 'canFallBackToGrant', params: words.sessionOutcome }, target: 'renewing' },
                  { actions: raise(words.loginEnded) },
                ],
                onError: { actions: raise(words.refreshCrashed) },
              },
            },
          },
        },
      },
      on: {
        REQUEST_TOKEN: [
          { guard: 'isRenewingGoodSession', actions: send(words.answerReady) },
          { guard: 'hasRoom', actions: update(words.addWaiter) },
          { actions: send(words.answerFull) },
        ],
        REFRESH: [
          {
            guard: { type: 'isOlderWhileRenewing', params: words.askedGeneration },
            actions: send(words.answerReady),
          },
          { guard: 'hasRoom', actions: [update(words.knownBad), update(words.addWaiter)] },
          { actions: [update(words.knownBad), send(words.answerFull)] },
        ],
        TOKEN_REJECTED: {
          guard: { type: 'isCurrent', params: words.askedGeneration },
          actions: update(words.knownBad),
        },
        /** What comes of the call under way is dropped by the gateway: it is of the older session. */
        SESSION_CHANGED: {
          guard: { type: 'isNewer', params: words.askedGeneration },
          target: 'valid',
          actions: [send(words.cancelPermit), ...words.adopted],
        },
        REFRESH_ENDED: [
          {
            guard: { type: 'isObtainedUnasked', params: words.ended },
            target: 'valid',
            actions: words.obtained,
          },
          {
            guard: { type: 'isObtained', params: words.ended },
            target: 'cooldown.proving',
            actions: words.obtained,
          },
          {
            guard: 'isRenewingGoodSession',
            target: 'valid',
            actions: words.kept,
          },
          {
            guard: { type: 'needsAPerson', params: words.ended },
            target: 'failed.terminal',
            actions: words.lost,
          },
          { target: 'failed.retrying', actions: words.lost },
        ],
      },
    },

    cooldown: {
      initial: 'proving',
      entry: words.tell('cooldown'),
      states: {
        proving: {
          after: { cooldown: '#token.valid' },
          on: {
            REQUEST_TOKEN: { actions: send(words.answerReady) },
            REFRESH: [
              { guard: { type: 'isOlder', params: words.askedGeneration }, actions: send(words.answerReady) },
              { target: 'verifying', actions: [update(words.addRefused), log(words.expiryDetected)] },
            ],
            TOKEN_REJECTED: {
              guard: { type: 'isCurrent', params: words.askedGeneration },
              target: 'verifying',
              actions: log(words.expiryDetected),
            },
            TOKEN_WORKED: { guard: { type: 'provesTheToken', params: words.used }, target: '#token.valid' },
          },
        },
        verifying: {
          entry: [update(words.countAsk), send(words.askVerificationPermit)],
          after: { verification: { actions: raise(words.verifyTimedOut) } },
          initial: 'awaitingPermit',
          states: {
            awaitingPermit: {
              on: {
                PERMIT_GRANTED: {
                  guard: { type: 'isAnswerToOurAsk', params: words.answered },
                  target: 'reading',
                  actions: update(words.storePermit),
                },
                PERMIT_DENIED: {
                  guard: { type: 'isAnswerToOurAsk', params: words.answered },
                  actions: raise(words.verifyTimedOut),
                },
                BREAKER_RESTARTED: {
                  target: '#token.cooldown.verifying',
                  reenter: true,
                  actions: send(words.cancelPermit),
                },
              },
            },
            reading: {
              invoke: {
                src: 'readList',
                onDone: { actions: raise(words.verifyEnded) },
                onError: { actions: raise(words.verifyTimedOut) },
              },
            },
          },
          on: {
            REQUEST_TOKEN: [
              { guard: 'hasRoom', actions: update(words.addWaiter) },
              { actions: send(words.answerFull) },
            ],
            REFRESH: [
              {
                guard: { type: 'isOlderWithRoom', params: words.askedGeneration },
                actions: update(words.addWaiter),
              },
              { guard: 'hasRoom', actions: update(words.addRefused) },
              { actions: send(words.answerFull) },
            ],
            TOKEN_WORKED: {
              guard: { type: 'provesTheToken', params: words.used },
              target: '#token.valid',
              actions: [send(words.cancelPermit), ...words.cleared],
            },
            SESSION_CHANGED: {
              guard: { type: 'isNewer', params: words.askedGeneration },
              target: '#token.valid',
              actions: [send(words.cancelPermit), ...words.adopted],
            },
            VERIFY_ENDED: [
              {
                guard: { type: 'isAccepted', params: words.verification },
                target: '#token.valid',
                actions: [send(words.reportVerification), ...words.cleared],
              },
              {
                guard: { type: 'isRefusedAtTheLimit', params: words.verification },
                target: '#token.failed.limited',
                actions: [send(words.reportVerification), update(words.storeLimit), ...words.failedAll],
              },
              {
                guard: { type: 'isRefused', params: words.verification },
                target: 'suspect',
                actions: [send(words.reportVerification), update(words.storeSuspicion), ...words.failedAll],
              },
              {
                target: 'proving',
                actions: [send(words.reportVerification), ...words.cleared],
              },
            ],
          },
        },
        suspect: {
          entry: [log(words.suspected), words.tell('cooldown')],
          // Visits are left: without any, the verification led to `failed.limited`.
          after: { cooldown: { target: '#token.refreshing', actions: update(words.becauseSuspect) } },
          on: {
            REQUEST_TOKEN: { actions: send(words.answerFailed) },
            REFRESH: { actions: send(words.answerFailed) },
            TOKEN_WORKED: { guard: { type: 'provesTheToken', params: words.used }, target: '#token.valid' },
          },
        },
      },
    },

    failed: {
      entry: words.tell('failed'),
      initial: 'retrying',
      on: {
        REQUEST_TOKEN: { actions: send(words.answerFailed) },
        REFRESH: { actions: send(words.answerFailed) },
      },
      states: {
        retrying: {
          after: {
            retry: [
              { guard: 'hasVisitsLeft', target: '#token.refreshing' },
              { target: 'limited', actions: [update(words.storeLimit), words.tell('failed')] },
            ],
          },
          on: { BREAKER_CLOSED: { guard: and(['isOutage', 'hasVisitsLeft']), target: '#token.refreshing' } },
        },
        /** Too many visits: left when the oldest is forgotten. */
        limited: {
          on: { VISIT_FORGOTTEN: { target: '#token.refreshing', actions: update(words.forgetVisit) } },
        },
        /** Only a person can help. */
        terminal: {},
      },
    },
  },
});
