import { assign, fromPromise, setup } from 'xstate';
import type { TokenWorked } from './domain/events.ts';
import { type CloudFailure, isTokenError } from './domain/failure.ts';
import type { CallOutcome, SessionOutcome } from './domain/outcome.ts';
import { bare, effects, raiseEvents, startTimers } from './story.ts';
import * as calls from './token.calls.ts';
import * as endings from './token.endings.ts';
import type { Renewal, TokenContext, TokenEvent, TokenInput } from './token.glossary.ts';
import * as words from './token.glossary.ts';

/** What the token can ask, do and wait for: the terms in which its story (token.machine.ts) is told. */
export const tokenSetup = setup({
  types: {
    context: {} as TokenContext,
    events: {} as TokenEvent,
    input: {} as TokenInput,
  },
  actors: {
    /** Renews by the grant; `start` adopts the stored session if it is still good. Never rejects. */
    renewSession: fromPromise<Renewal, { readonly start: boolean }>(bare),
    /** Logs in, within the login budget. Never rejects. */
    logIn: fromPromise<Renewal>(bare),
    /** Reads the vehicle list: is it the token that is refused, or only that car? Never rejects. */
    readList: fromPromise<CallOutcome>(bare),
  },
  actions: {
    ...effects,
    update: assign((_, patch: Partial<TokenContext>) => patch),
    raise: raiseEvents,
    startTimers,
    /** Remembers when it failed (`failedAt`): a machine has no clock, src/actors provides it. */
    dateFailure: assign({}),
  },
  guards: {
    isOlder: ({ context }, generation: number) => generation < context.generation,
    isNewer: ({ context }, generation: number) => generation > context.generation,
    isCurrent: ({ context }, generation: number) => generation >= context.generation,
    isOlderWhileRenewing: ({ context }, generation: number) =>
      context.why === 'renewal' && generation < context.generation,
    isRenewingGoodSession: ({ context }) => context.why === 'renewal',
    hasRoom: ({ context }) => context.waiting.length + context.refused.length < context.settings.waiterLimit,
    isOlderWithRoom: ({ context }, generation: number) =>
      generation < context.generation && context.waiting.length + context.refused.length < context.settings.waiterLimit,
    isLeftAlone: ({ context }) => words.isLeftAlone(context),
    hasVisitsLeft: ({ context }) => context.visits < context.settings.visitLimit,
    isAnswerToOurAsk: ({ context }, request: string) => request === calls.requestOf(context),
    provesTheToken: ({ context }, { generation, scope }: TokenWorked) =>
      generation >= context.generation && (context.scope === null || context.scope === scope),
    isSuspect: ({ context }) => context.why === 'suspect',
    isObtained: (_, outcome: SessionOutcome) => outcome.ok,
    isObtainedUnasked: ({ context }, outcome: SessionOutcome) =>
      outcome.ok && (context.why === 'start' || context.why === 'renewal'),
    canLogIn: ({ context }, outcome: SessionOutcome) =>
      !outcome.ok && outcome.failure.kind === 'grantRefused' && context.why !== 'renewal' && context.why !== 'suspect',
    /** A suspect session is renewed by login; without login budget its grant is tried instead. */
    canFallBackToGrant: ({ context }, outcome: SessionOutcome) =>
      !outcome.ok && outcome.failure.kind === 'loginBudget' && context.why === 'suspect',
    needsAPerson: ({ context }, outcome: SessionOutcome) =>
      !outcome.ok && endings.wouldFail(context, outcome.failure).retry === 'never',
    isAccepted: (_, failure: CloudFailure | null) => failure === null,
    isRefused: (_, failure: CloudFailure | null) => failure !== null && isTokenError(failure),
    isRefusedAtTheLimit: ({ context }, failure: CloudFailure | null) =>
      failure !== null && isTokenError(failure) && context.visits >= context.settings.visitLimit,
    isOutage: ({ context }) => context.failure?.retry === 'outage',
  },
  delays: {
    renewal: ({ context }) => words.renewalMs(context),
    refreshPermitWait: ({ context }) => context.settings.refreshPermitWaitMs,
    refreshTimeout: ({ context }) => context.settings.refreshTimeoutMs,
    cooldown: ({ context }) => context.settings.cooldownMs,
    verification: ({ context }) => context.settings.refreshPermitWaitMs + context.settings.callTimeoutMs,
    retry: ({ context }) => words.retryMs(context),
  },
});
