import type { CallEnded, CommandContext, In, Patch, RegistrationEnded } from './command.glossary.ts';
import {
  askPermit,
  callClassOf,
  isControl,
  isForced,
  rejectToken,
  requestOf,
  says,
  toOwner,
} from './command.glossary.ts';
import type { CloudCall } from './domain/command.ts';
import type { Delivered, Envelope, PermitGranted } from './domain/events.ts';
import { type CallClass, isTokenError } from './domain/failure.ts';
import { isNews } from './domain/merge.ts';
import type { CallOutcome, RegistrationOutcome } from './domain/outcome.ts';
import type { ReadMethod } from './domain/vehicle-state.ts';
import { reportOf, toBreaker } from './permits.ts';
import { raise, send, update } from './story.ts';

/** The words of a command's story about its own call, and about registering our device again. All pure. */

// ── Its call ────────────────────────────────────────────────────────────────────────────────────────────────────────
const actionOf = ({ command, car }: CommandContext): CloudCall => {
  if (car === null || command.name === 'list') return { type: 'list' };
  if (isControl(command)) return { type: 'control', car, command };
  return { type: 'read', car, source: isForced(command) ? 'forced' : 'cached' };
};
export const theCall = ({ context }: In<unknown>) => ({
  call: actionOf(context),
  commandId: context.id,
  attempt: context.retried ? 2 : 1,
  purpose: context.purpose,
});
export const storePermit = ({ event }: In<Delivered<PermitGranted>>): Patch => ({
  permit: event.permit,
  acceptedAt: event.at,
});
export const countCall = ({ context }: In<unknown>): Patch => ({ calls: context.calls + 1 });
export const storeUse = ({ event }: In<CallEnded>): Patch => ({
  used: event.outcome.token,
  device: event.outcome.device ?? null,
});
export const countBusy = ({ context }: In<unknown>): Patch => ({ busyRepeats: context.busyRepeats + 1 });
export const storeAcceptance = ({ event }: In<CallEnded>): Patch => {
  const { outcome } = event;
  return outcome.ok && outcome.value.type === 'accepted'
    ? { acceptedAt: outcome.value.acceptedAt, actionId: outcome.value.actionId }
    : {};
};
/** A car that does not answer leaves the cloud's memory as it was, and some clouds answer a forced read with that. */
export const isOldNews = ({ command, knownAt, acceptedAt }: CommandContext, outcome: CallOutcome) =>
  isForced(command) &&
  outcome.ok &&
  outcome.value.type === 'reading' &&
  !isNews(outcome.value.reading, knownAt, acceptedAt);

// ── Once more ───────────────────────────────────────────────────────────────────────────────────────────────────────
export const canRetry = ({ retried }: CommandContext, outcome: CallOutcome) =>
  !outcome.ok && isTokenError(outcome.failure) && !retried;
export const canReregister = ({ reregistered }: CommandContext, outcome: CallOutcome) =>
  !outcome.ok && outcome.failure.kind === 'deviceIdInvalid' && !reregistered;
export const canRepeatLater = ({ command, busyRepeats, settings }: CommandContext, outcome: CallOutcome) =>
  isControl(command) && !outcome.ok && outcome.failure.kind === 'carBusy' && busyRepeats < settings.carBusyRepeats;
/** Nothing but its sender's time forbids that it is repeated. */
export const isTooLateToRepeat = (context: CommandContext, outcome: CallOutcome) =>
  context.isTooLate && [canRetry, canReregister, canRepeatLater].some((can) => can(context, outcome));

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────
/** A token that was refused, whatever becomes of who was refused with it. */
export const tellRefusal = (given: In<CallEnded>): readonly Envelope[] => {
  const { outcome } = given.event;
  return !outcome.ok && isTokenError(outcome.failure) ? rejectToken(given) : [];
};
export const requestPermit = ({ context }: In<unknown>) => askPermit(context, callClassOf(context.command));
export const reportUnder = (context: CommandContext, event: CallEnded, callClass: CallClass): readonly Envelope[] => {
  if (context.permit === null) return [];
  const { outcome } = event;
  const report = toBreaker(reportOf(context.permit, outcome.ok ? null : outcome.failure, callClass));
  return outcome.ok ? [...report, { to: 'token', event: { type: 'TOKEN_WORKED', ...outcome.token } }] : report;
};
export const reportCall = ({ context, event }: In<CallEnded>) =>
  reportUnder(context, event, callClassOf(context.command));
export const tellDispatched = ({ context }: In<unknown>): readonly Envelope[] =>
  isControl(context.command) && context.calls === 1 ? toOwner({ type: 'COMMAND_DISPATCHED', n: context.n }) : [];
export const tellTaken = ({ context, event }: In<CallEnded>): readonly Envelope[] =>
  event.outcome.ok && event.outcome.value.type === 'accepted' && event.outcome.value.actionId !== null
    ? toOwner({
        type: 'COMMAND_TAKEN',
        n: context.n,
        actionId: event.outcome.value.actionId,
        acceptedAt: event.outcome.value.acceptedAt,
      })
    : [];
const methodOf = ({ command, look }: CommandContext): ReadMethod =>
  command.name === 'refresh' ? command.mode : look === 'forced' ? 'force' : 'cached';
export const tellResult = ({ context, event }: In<CallEnded>): readonly Envelope[] => {
  if (!event.outcome.ok) return [];
  const { value } = event.outcome;
  if (value.type === 'reading') {
    return toOwner({ type: 'STATE_READ', reading: value.reading, method: methodOf(context) });
  }
  return value.type === 'list' ? toOwner({ type: 'CARS_READ', cars: value.cars }) : [];
};

// ── Our device ──────────────────────────────────────────────────────────────────────────────────────────────────────
export const theDevice = ({ context }: In<unknown>) => ({ device: context.device });
/** The cloud registers a device by itself, so this is a call like a read, and of no car. */
export const requestRegistrationPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'REQUEST_PERMIT', request: requestOf(context), callClass: 'read', car: null });
/** Who shared the call of another has nothing to report: it counts once. */
export const reportRegistration = ({ context, event }: In<RegistrationEnded>): readonly Envelope[] => {
  if (context.permit === null) return [];
  const { outcome } = event;
  if (!outcome.asked) return toBreaker({ type: 'REPORT_IGNORED', permit: context.permit, alive: false });
  return toBreaker(reportOf(context.permit, outcome.ok ? null : outcome.failure, 'read'));
};
export const hasRegistered = ({ event }: In<RegistrationEnded>) => event.outcome.ok;
export const spendRegistration = (): Patch => ({ reregistered: true });

// ── Raised events and log ───────────────────────────────────────────────────────────────────────────────────────────
export const callEnded = ({ event }: In<{ readonly output: CallOutcome }>): readonly CallEnded[] => [
  { type: 'CALL_ENDED', outcome: event.output },
];
export const registrationEnded = ({
  event,
}: In<{ readonly output: RegistrationOutcome }>): readonly RegistrationEnded[] => [
  { type: 'REGISTRATION_ENDED', outcome: event.output },
];
export const retried = says('info', 'retried after a refresh');
export const deviceForgotten = says('info', 'the cloud has forgotten our device, registering again');
export const carIsBusy = says('info', 'the car is busy, will repeat');
export const accepted = says('debug', 'the cloud took the command, waiting for the car');
export const mayHaveArrived = says(
  'warn',
  'the answer is lost: the command may have reached the car, looking at the car',
);

// ── What always goes together ───────────────────────────────────────────────────────────────────────────────────────
export const told = [send(reportCall), update(storeUse)] as const;
export const again = raise(callEnded);
export const registered = raise(registrationEnded);
