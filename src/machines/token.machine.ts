import { and } from 'xstate';
import { log, send, update } from './story.ts';
import * as answers from './token.answers.ts';
import { cooldown } from './token.cooldown.ts';
import * as endings from './token.endings.ts';
import * as words from './token.glossary.ts';
import { refreshing } from './token.refreshing.ts';
import { tokenSetup } from './token.setup.ts';
import * as visits from './token.visits.ts';

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
 *  - renews a good session in time, tries again as long as it is good and its grant is, and never logs in meanwhile
 *  - leaves `failed` by itself unless only a person can help, and tells whoever asks meanwhile how long that still takes
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
    visits: visits.storedVisits(input).length,
    nextSlot: visits.storedVisits(input).length,
    storedVisitsMs: visits.storedVisits(input),
    failures: 0,
    failure: null,
    failedAt: 0,
    grantIsDead: false,
    asks: 0,
    permit: null,
  }),
  entry: { type: 'startTimers', params: visits.storedVisitTimers },
  on: {
    VISIT_FORGOTTEN: { actions: update(visits.forgetVisit) },
    CANCEL_TOKEN: { actions: update(words.removeWaiter) },
    SESSION_CHANGED: {
      guard: { type: 'isNewer', params: words.askedGeneration },
      target: '.valid',
      actions: endings.adopted,
    },
  },
  initial: 'refreshing',
  states: {
    valid: {
      entry: [update(endings.noFailure), words.tell('valid')],
      after: {
        renewal: [
          { guard: 'isLeftAlone', actions: log(words.leftAlone) },
          { guard: 'hasVisitsLeft', target: 'refreshing', actions: update(words.becauseOfAge) },
          { target: 'valid', reenter: true, actions: update(words.countFailedRenewal) },
        ],
      },
      on: {
        REQUEST_TOKEN: { actions: send(answers.answerReady) },
        REFRESH: [
          { guard: { type: 'isOlder', params: words.askedGeneration }, actions: send(answers.answerReady) },
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

    refreshing,
    cooldown,

    failed: {
      entry: words.tell('failed'),
      initial: 'retrying',
      on: {
        REQUEST_TOKEN: { actions: send(answers.answerFailed) },
        REFRESH: { actions: send(answers.answerFailed) },
      },
      states: {
        retrying: {
          after: {
            retry: [
              { guard: 'hasVisitsLeft', target: '#token.refreshing' },
              { target: 'limited', actions: [...endings.limited, words.tell('failed')] },
            ],
          },
          on: { BREAKER_CLOSED: { guard: and(['isOutage', 'hasVisitsLeft']), target: '#token.refreshing' } },
        },
        /** Too many visits: left when the oldest is forgotten. */
        limited: {
          on: { VISIT_FORGOTTEN: { target: '#token.refreshing', actions: update(visits.forgetVisit) } },
        },
        /** Only a person can help. */
        terminal: {},
      },
    },
  },
});
