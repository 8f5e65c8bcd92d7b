import { log, raise, send, update } from './story.ts';
import * as answers from './token.answers.ts';
import * as calls from './token.calls.ts';
import * as endings from './token.endings.ts';
import * as words from './token.glossary.ts';
import { tokenSetup } from './token.setup.ts';

/**
 * The part of the token's story (token.machine.ts) in which a new session has to prove itself. If it is refused at once, one
 * read of the vehicle list tells whether it is the session that is bad, or only that car is refused.
 */
export const cooldown = tokenSetup.createStateConfig({
  initial: 'proving',
  entry: words.tell('cooldown'),
  states: {
    proving: {
      after: { cooldown: '#token.valid' },
      on: {
        REQUEST_TOKEN: { actions: send(answers.answerReady) },
        REFRESH: [
          { guard: { type: 'isOlder', params: words.askedGeneration }, actions: send(answers.answerReady) },
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
      entry: [update(calls.countAsk), send(calls.askVerificationPermit)],
      after: { verification: { actions: raise(calls.verifyTimedOut) } },
      initial: 'awaitingPermit',
      states: {
        awaitingPermit: {
          on: {
            PERMIT_GRANTED: {
              guard: { type: 'isAnswerToOurAsk', params: calls.answered },
              target: 'reading',
              actions: update(calls.storePermit),
            },
            PERMIT_DENIED: {
              guard: { type: 'isAnswerToOurAsk', params: calls.answered },
              actions: raise(calls.verifyTimedOut),
            },
            BREAKER_RESTARTED: {
              target: '#token.cooldown.verifying',
              reenter: true,
              actions: send(calls.cancelPermit),
            },
          },
        },
        reading: {
          invoke: {
            src: 'readList',
            onDone: { actions: raise(calls.verifyEnded) },
            onError: { actions: raise(calls.verifyTimedOut) },
          },
        },
      },
      on: {
        REQUEST_TOKEN: [{ guard: 'hasRoom', actions: update(words.addWaiter) }, { actions: send(answers.answerFull) }],
        REFRESH: [
          {
            guard: { type: 'isOlderWithRoom', params: words.askedGeneration },
            actions: update(words.addWaiter),
          },
          { guard: 'hasRoom', actions: update(words.addRefused) },
          { actions: send(answers.answerFull) },
        ],
        TOKEN_WORKED: {
          guard: { type: 'provesTheToken', params: words.used },
          target: '#token.valid',
          actions: [send(calls.cancelPermit), ...endings.cleared],
        },
        SESSION_CHANGED: {
          guard: { type: 'isNewer', params: words.askedGeneration },
          target: '#token.valid',
          actions: [send(calls.cancelPermit), ...endings.adopted],
        },
        VERIFY_ENDED: [
          {
            guard: { type: 'isAccepted', params: calls.verification },
            target: '#token.valid',
            actions: [send(calls.reportVerification), ...endings.cleared],
          },
          {
            guard: { type: 'isRefusedAtTheLimit', params: calls.verification },
            target: '#token.failed.limited',
            actions: [send(calls.reportVerification), ...endings.limited, ...endings.failedAll],
          },
          {
            guard: { type: 'isRefused', params: calls.verification },
            target: 'suspect',
            actions: [send(calls.reportVerification), ...endings.foundSuspect, ...endings.failedAll],
          },
          {
            target: 'proving',
            actions: [send(calls.reportVerification), ...endings.cleared],
          },
        ],
      },
    },
    suspect: {
      entry: [log(endings.suspected), words.tell('cooldown')],
      // Visits are left: without any, the verification led to `failed.limited`.
      after: { cooldown: { target: '#token.refreshing', actions: update(words.becauseSuspect) } },
      on: {
        REQUEST_TOKEN: { actions: send(answers.answerFailed) },
        REFRESH: { actions: send(answers.answerFailed) },
        TOKEN_WORKED: { guard: { type: 'provesTheToken', params: words.used }, target: '#token.valid' },
      },
    },
  },
});
