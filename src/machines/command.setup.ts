import { assign, fromPromise, setup } from 'xstate';
import * as calls from './command.calls.ts';
import * as endings from './command.endings.ts';
import type { CommandContext, CommandEvent, CommandInput } from './command.glossary.ts';
import * as words from './command.glossary.ts';
import * as looks from './command.looks.ts';
import type { CloudCall, Purpose } from './domain/command.ts';
import { confirms } from './domain/confirmation.ts';
import type { TokenReady } from './domain/events.ts';
import { isTokenError } from './domain/failure.ts';
import type { CallOutcome, RegistrationOutcome } from './domain/outcome.ts';
import { bare, effects, raiseEvents, startTimers, stopTimers } from './story.ts';

/** What a command can ask, do and wait for: the terms in which its story (command.machine.ts) is told. */
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

export const commandSetup = setup({
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
    isResumed: ({ context }) => context.resume !== undefined,
    isOurs: ({ context }, request: string) => words.isOwn(context, request),
    isNewerToken: ({ context }, { request, generation }: TokenReady) =>
      words.isOwn(context, request) && generation > context.used.generation,
    isControl: ({ context }) => words.isControl(context.command),
    isAccepted: (_, outcome: CallOutcome) => outcome.ok && outcome.value.type === 'accepted',
    bringsNothingNew: ({ context }, outcome: CallOutcome) => calls.isOldNews(context, outcome),
    isReading: (_, outcome: CallOutcome) =>
      outcome.ok && (outcome.value.type === 'reading' || outcome.value.type === 'list'),
    isTokenError: (_, outcome: CallOutcome) => !outcome.ok && isTokenError(outcome.failure),
    canRetry: ({ context }, outcome: CallOutcome) => calls.canRetry(context, outcome),
    canReregister: ({ context }, outcome: CallOutcome) => calls.canReregister(context, outcome),
    mayHaveLostDevice: ({ context }, outcome: CallOutcome) => looks.mayHaveLostDevice(context, outcome),
    hasRegistered: (_, isDone: boolean) => isDone,
    mayHaveReachedCar: ({ context }, outcome: CallOutcome) =>
      words.isControl(context.command) && !outcome.ok && outcome.failure.reached === 'maybe',
    canRepeatLater: ({ context }, outcome: CallOutcome) => calls.canRepeatLater(context, outcome),
    isTooLateToRepeat: ({ context }, outcome: CallOutcome) => calls.isTooLateToRepeat(context, outcome),
    isRefusedRequest: (_, outcome: CallOutcome) => !outcome.ok && endings.isRefusal(outcome.failure),
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
      outcome.ok && outcome.value.type === 'record' && looks.wantsState(context, outcome.value.word),
    wasLastLook: ({ context }) => context.look === 'forced' || context.word === 'nonResponse',
    isOutOfSight: ({ context }) => looks.isOutOfSight(context),
    canWakeCar: ({ context }) => looks.mayWakeCar(context),
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
    nextLook: ({ context }) => looks.lookPauseMs(context),
  },
});
