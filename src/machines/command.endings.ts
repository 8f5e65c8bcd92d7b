import type { CallEnded, CommandContext, In, Patch, RegistrationEnded } from './command.glossary.ts';
import { isForced, toOwner } from './command.glossary.ts';
import type { Ending, FinalStatus, Reason } from './domain/command.ts';
import type { Delivered, Drop, Envelope, PermitDenied, TokenFailed } from './domain/events.ts';
import type { CloudFailure } from './domain/failure.ts';
import { type LogEntry, log, send, update } from './story.ts';

/** The words of a command's story about its end: how, why, and the sentence that its sender reads. All pure. */

const ending = (context: CommandContext, status: FinalStatus, reason: Reason | null, message: string): Ending => ({
  status,
  reason,
  message,
  attempts: context.calls,
  actionId: context.actionId,
});
const retryable = (end: Ending, retryAfterMs: number | null): Ending =>
  retryAfterMs === null ? end : { ...end, retryAfterMs };
const ends = (status: FinalStatus, reason: Reason | null, message: string) =>
  update(({ context }: In<unknown>): Patch => ({ ending: ending(context, status, reason, message) }));

// ── In the queue, or waiting ────────────────────────────────────────────────────────────────────────────────────────
export const endedExpired = update(
  ({ context }: In<unknown>): Patch => ({
    ending: ending(
      context,
      'expired',
      'expired',
      context.calls === 0
        ? 'It waited too long before it could be sent, so it was not sent.'
        : 'It was refused, and its time was over before it could be sent again: nothing was carried out.',
    ),
  }),
);
export const endedWaiting = ends('failed', 'refreshFailed', 'The token was not renewed in time.');
export const endedUnpermitted = ends('failed', 'cloudUnavailable', 'The cloud was busy or unreachable for too long.');
export const endedDropped = update(
  ({ context, event }: In<Delivered<Drop>>): Patch => ({
    ending: ending(context, 'rejected', event.reason, event.message),
  }),
);
export const endedByToken = update(
  ({ context, event }: In<Delivered<TokenFailed>>): Patch => ({
    ending: retryable(ending(context, 'failed', event.reason, event.message), event.retryAfterMs),
  }),
);
const DENIED: Readonly<Record<PermitDenied['reason'], string>> = {
  rateLimited: 'The cloud has had enough requests for now.',
  queueFull: 'Too many calls wait for the cloud.',
  cloudUnavailable: 'The cloud is not reachable at the moment; it will be tried again by itself.',
};
export const endedByBreaker = update(
  ({ context, event }: In<Delivered<PermitDenied>>): Patch => ({
    ending: retryable(ending(context, 'failed', event.reason, DENIED[event.reason]), event.retryAfterMs),
  }),
);
export const endedLate = update(
  ({ context }: In<unknown>): Patch => ({
    ending: ending(
      context,
      'timedOut',
      context.busyRepeats > 0 ? 'carBusy' : isForced(context.command) ? 'carUnreachable' : 'cloudUnavailable',
      'It did not come to an end in time.',
    ),
  }),
);

// ── By its call ─────────────────────────────────────────────────────────────────────────────────────────────────────
export const endedRead = ends('succeeded', null, 'The state was read.');
export const endedRejectedTwice = ends(
  'failed',
  'tokenRejectedAfterRefresh',
  'The cloud refused the renewed token, too.',
);
export const endedNotNewer = ends('failed', 'refreshFailed', 'The refused token was not replaced.');
export const endedCrashed = ends('failed', 'invalidResponse', 'The call ended with an error of our own.');
const REJECTED: Partial<Record<CloudFailure['kind'], Reason>> = {
  wrongPin: 'wrongPin',
  unsupported: 'unsupported',
  budget: 'budget',
  journalUnavailable: 'journalUnavailable',
};
/** Refused for what it asks, not for how anybody is. */
export const isRefusal = ({ kind }: CloudFailure): boolean => REJECTED[kind] !== undefined;
const FAILED: Partial<Record<CloudFailure['kind'], Reason>> = {
  carBusy: 'carBusy',
  carRefused: 'carRefused',
  carUnreachable: 'carUnreachable',
  rateLimited: 'rateLimited',
  invalidResponse: 'invalidResponse',
  misconfigured: 'invalidResponse',
  deviceIdInvalid: 'invalidResponse',
};
const endingBy = (context: CommandContext, { kind, message, retryAfterMs }: CloudFailure): Ending => {
  const rejected = REJECTED[kind];
  if (rejected !== undefined) {
    const end = retryable(ending(context, 'rejected', rejected, message), retryAfterMs);
    // Our own limits and our journal come before the call: it was not made.
    return kind === 'budget' || kind === 'journalUnavailable' ? { ...end, attempts: context.calls - 1 } : end;
  }
  if (kind === 'timeout') {
    return ending(context, 'timedOut', isForced(context.command) ? 'carUnreachable' : 'cloudUnavailable', message);
  }
  return retryable(ending(context, 'failed', FAILED[kind] ?? 'cloudUnavailable', message), retryAfterMs);
};
export const endedByFailure = update(({ context, event }: In<CallEnded>): Patch => {
  if (event.outcome.ok)
    return { ending: ending(context, 'failed', 'invalidResponse', 'The answer was of another kind.') };
  return { ending: endingBy(context, event.outcome.failure) };
});
export const endedUnregistered = update(
  ({ context, event }: In<RegistrationEnded>): Patch =>
    event.outcome.ok ? {} : { ending: endingBy(context, event.outcome.failure) },
);
/** A car that was asked and did not answer: nothing is known that was not known before. */
export const endedUnanswered = update(({ context, event }: In<CallEnded>): Patch => {
  const message = event.outcome.ok ? 'The car did not answer.' : event.outcome.failure.message;
  return { ending: ending(context, 'unknown', 'carUnreachable', message) };
});

// ── By its confirmation ─────────────────────────────────────────────────────────────────────────────────────────────
export const endedByRecord = update(
  ({ context }: In<unknown>): Patch => ({
    ending: ending(context, 'succeeded', null, 'The car confirmed it.'),
    confirmed: 'record',
  }),
);
export const endedByReading = update(
  ({ context }: In<unknown>): Patch => ({
    ending: ending(context, 'succeeded', null, "The car's state shows it."),
    confirmed: 'reading',
  }),
);
export const endedRefusedByCar = update(
  ({ context }: In<unknown>): Patch => ({
    ending: ending(context, 'failed', 'carRefused', 'The car refused it: a condition was not met.'),
    confirmed: 'record',
  }),
);
export const endedUnknown = update(
  ({ context }: In<unknown>): Patch => ({
    ending:
      context.word === 'nonResponse'
        ? ending(context, 'unknown', 'carUnreachable', 'The car did not answer; it may or may not have done it.')
        : ending(
            context,
            'unknown',
            'noConfirmation',
            'Nothing confirmed it in time; it may or may not have happened.',
          ),
  }),
);

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────
export const tellEnded = ({ context }: In<unknown>): readonly Envelope[] =>
  context.ending === null
    ? []
    : toOwner({ type: 'COMMAND_ENDED', n: context.n, ending: context.ending, confirmed: context.confirmed });
/** Nobody waits for a poll, and the next one comes; a patient read is expired when another one takes its place. */
const levelOf = ({ ending, purpose, patient }: CommandContext): LogEntry['level'] => {
  if (purpose === 'poll' || (patient && ending?.status === 'expired')) return 'debug';
  return ending?.status === 'succeeded' ? 'info' : 'warn';
};
export const over = ({ context }: In<unknown>): LogEntry => ({
  level: levelOf(context),
  message: 'command ended',
  fields: {
    command: context.command.name,
    status: context.ending?.status ?? null,
    reason: context.ending?.reason ?? null,
    calls: context.calls,
    looks: context.looks,
  },
});
export const end = [log(over), send(tellEnded)] as const;
