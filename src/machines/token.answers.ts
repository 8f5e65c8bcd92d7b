import type { Envelope } from './domain/events.ts';
import { reply } from './story.ts';
import type { Asks, In, TokenEvent } from './token.glossary.ts';
import { asWaiter } from './token.glossary.ts';
import * as rules from './token-rules.ts';

/** The words of the token's story about its answers to those who ask, or have waited. All pure. */

// ── To those who ask ────────────────────────────────────────────────────────────────────────────────────────────────
export const answerReady = ({ context, event }: In<Asks>) => rules.ready([asWaiter(event)], context.generation);
export const answerFailed = ({ context, event }: In<Asks>): readonly Envelope[] =>
  context.failure === null
    ? []
    : rules.failed([asWaiter(event)], rules.leftOf(context.failure, context.failedAt, event.at));
export const answerFull = ({ event }: In<Asks>) =>
  reply(event.from, {
    type: 'TOKEN_FAILED',
    request: event.request,
    reason: 'queueFull',
    message: 'Too many commands wait for the token.',
    retryAfterMs: null,
  });

// ── To those who have waited ────────────────────────────────────────────────────────────────────────────────────────
export const answerServed = ({ context }: In<unknown>) =>
  rules.ready(context.waiting.filter(rules.servedBy(context.generation)), context.generation);
export const answerAllReady = ({ context }: In<unknown>) => rules.ready(context.waiting, context.generation);
export const answerRefused = ({ context }: In<unknown>) =>
  rules.failed(context.refused, rules.freshTokenRejected(context.settings));
export const answerAllFailed = ({ context }: In<unknown>): readonly Envelope[] =>
  context.failure === null ? [] : rules.failed([...context.waiting, ...context.refused], context.failure);
/** Who names the new generation, too, as refused asks again in the new state. */
export const askAgain = ({ context }: In<unknown>): readonly TokenEvent[] =>
  context.waiting
    .filter((waiter) => !rules.servedBy(context.generation)(waiter))
    .map(({ from, request, generation, scope }) => ({
      type: 'REFRESH',
      at: 0,
      from,
      request,
      generation: generation ?? 0,
      scope: scope ?? 'access',
    }));
