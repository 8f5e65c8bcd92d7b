import type {
  CloudCall,
  Command,
  Control,
  Ending,
  FinalStatus,
  List,
  Purpose,
  Reason,
  RecordWord,
} from './domain/command.ts';
import { confirmationMs, deservesForcedRead, showsInState } from './domain/confirmation.ts';
import type {
  BreakerRestarted,
  Delivered,
  Drop,
  Envelope,
  PermitDenied,
  PermitGranted,
  ProtocolEvent,
  Start,
  TokenFailed,
  TokenReady,
  TokenRestarted,
} from './domain/events.ts';
import type { CallClass, CloudFailure, Scope } from './domain/failure.ts';
import type { CallOutcome, RegistrationOutcome } from './domain/outcome.ts';
import type { Settings } from './domain/settings.ts';
import type { ReadMethod } from './domain/vehicle-state.ts';
import { reportOf, toBreaker } from './permits.ts';
import { type Given, type LogEntry, log, raise, send, to, update } from './story.ts';

/** The words of a command's story (command.machine.ts): what it remembers, tells, asks and says. All pure. */

type CallEnded = { readonly type: 'CALL_ENDED'; readonly outcome: CallOutcome };
type RegistrationEnded = { readonly type: 'REGISTRATION_ENDED'; readonly outcome: RegistrationOutcome };
type Private =
  | CallEnded
  | RegistrationEnded
  | { readonly type: 'MESSAGE_EXPIRED' | 'NOT_FRESH' | 'TIME_OVER' | 'CONFIRM_OVER' };
export type CommandEvent =
  | Delivered<Start>
  | Delivered<Drop>
  | Delivered<TokenReady>
  | Delivered<TokenFailed>
  | Delivered<PermitGranted>
  | Delivered<PermitDenied>
  | Delivered<TokenRestarted>
  | Delivered<BreakerRestarted>
  | Private;

export interface CommandInput {
  readonly settings: Settings;
  readonly id: string;
  /** Its number at its owner. */
  readonly n: number;
  /** Null for calls of the account. */
  readonly car: string | null;
  readonly command: Command | List;
  /** ms after which the sender no longer wants it; null if the sender said nothing. */
  readonly expiresInMs: number | null;
}

export interface CommandContext extends CommandInput {
  /** What its own call is for: whether our limits may refuse it. */
  readonly purpose: Purpose;
  /** Nobody waits for it. */
  readonly patient: boolean;
  /** Numbers the requests to token and breaker. */
  readonly asks: number;
  /** What the last call was made with. */
  readonly used: { readonly generation: number; readonly scope: Scope };
  /** The number of the device id that the last call was made with; null if it told none. */
  readonly device: number | null;
  readonly permit: string | null;
  /** How often the command's own action was called. */
  readonly calls: number;
  /** Whether the single retry of the present attempt is spent. */
  readonly retried: boolean;
  /** Whether our device has been registered again: once for the command's own call, once for its confirmation. */
  readonly reregistered: boolean;
  readonly busyRepeats: number;
  /** When the cloud took the control (or, if nobody knows, when its call began); epoch ms. */
  readonly acceptedAt: number;
  readonly actionId: string | null;
  readonly looks: number;
  /** What the present look asks. */
  readonly look: 'record' | 'cached' | 'forced';
  /** The last word of the action record. */
  readonly word: RecordWord | null;
  readonly ending: Ending | null;
  readonly confirmed: 'record' | 'reading' | null;
}

type In<E> = Given<CommandContext, E>;
type Patch = Partial<CommandContext>;

// ── What it is ──────────────────────────────────────────────────────────────────────────────────────────────────────
export const isControl = (command: Command | List): command is Control =>
  command.name !== 'refresh' && command.name !== 'list';
export const isForced = (command: Command | List) => command.name === 'refresh' && command.mode === 'force';
export const callClassOf = (command: Command | List): CallClass =>
  isControl(command) ? 'control' : isForced(command) ? 'carRead' : 'read';
const actionOf = ({ command, car }: CommandContext): CloudCall => {
  if (car === null || command.name === 'list') return { type: 'list' };
  if (isControl(command)) return { type: 'control', car, command };
  return { type: 'read', car, source: isForced(command) ? 'forced' : 'cached' };
};
const lookOf = ({ look, car, actionId }: CommandContext): CloudCall => {
  if (car === null) return { type: 'list' };
  if (look === 'record' && actionId !== null) return { type: 'record', car, actionId };
  return { type: 'read', car, source: look === 'forced' ? 'forced' : 'cached' };
};
const lookClass = ({ look }: CommandContext): CallClass => (look === 'forced' ? 'carRead' : 'read');
export const wholeTimeMs = ({ settings, command }: CommandContext): number =>
  isForced(command) ? settings.forcedWholeMs : settings.wholeMs;
export const callDeadlineMs = (settings: Settings, callClass: CallClass): number =>
  (callClass === 'carRead' ? settings.forcedReadTimeoutMs : settings.callTimeoutMs) + 2_000;

// ── What is remembered ──────────────────────────────────────────────────────────────────────────────────────────────
export const countAsk = ({ context }: In<unknown>): Patch => ({ asks: context.asks + 1, permit: null });
export const storePurpose = ({ event }: In<Delivered<Start>>): Patch => ({
  purpose: event.purpose ?? 'needed',
  patient: event.patient ?? false,
});
export const storePermit = ({ event }: In<Delivered<PermitGranted>>): Patch => ({
  permit: event.permit,
  acceptedAt: event.at,
});
export const storeLookPermit = ({ event }: In<Delivered<PermitGranted>>): Patch => ({ permit: event.permit });
export const countCall = ({ context }: In<unknown>): Patch => ({ calls: context.calls + 1 });
export const storeUse = ({ event }: In<CallEnded>): Patch => ({
  used: event.outcome.token,
  device: event.outcome.device ?? null,
});
export const spendRetry = (): Patch => ({ retried: true });
export const spendRegistration = (): Patch => ({ reregistered: true });
export const allowRegistration = (): Patch => ({ reregistered: false });
export const countBusy = ({ context }: In<unknown>): Patch => ({ busyRepeats: context.busyRepeats + 1 });
export const storeAcceptance = ({ event }: In<CallEnded>): Patch => {
  const { outcome } = event;
  return outcome.ok && outcome.value.type === 'accepted'
    ? { acceptedAt: outcome.value.acceptedAt, actionId: outcome.value.actionId }
    : {};
};
export const beginLook = ({ context }: In<unknown>): Patch => ({
  looks: context.looks + 1,
  look: context.actionId === null ? 'cached' : 'record',
  retried: false,
});
export const lookAtState = (): Patch => ({ look: 'cached', retried: false });
export const lookAtCar = (): Patch => ({ look: 'forced', retried: false });
export const storeWord = ({ event }: In<CallEnded>): Patch =>
  event.outcome.ok && event.outcome.value.type === 'record' ? { word: event.outcome.value.word } : {};

// ── How it ends ─────────────────────────────────────────────────────────────────────────────────────────────────────
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
export const endedRead = ends('succeeded', null, 'The state was read.');
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
export const endedExpired = ends(
  'expired',
  'expired',
  'It waited too long before it could be sent, so it was not sent.',
);
export const endedWaiting = ends('failed', 'refreshFailed', 'The token was not renewed in time.');
export const endedUnpermitted = ends('failed', 'cloudUnavailable', 'The cloud was busy or unreachable for too long.');
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
    // Our own limits come before the call: it was not made.
    return kind === 'budget' ? { ...end, attempts: context.calls - 1 } : end;
  }
  if (kind === 'timeout') {
    return ending(context, 'timedOut', isForced(context.command) ? 'carUnreachable' : 'cloudUnavailable', message);
  }
  return ending(context, 'failed', FAILED[kind] ?? 'cloudUnavailable', message);
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

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────
const requestOf = (context: CommandContext) => `r${context.asks}`;
export const requestToken = ({ context }: In<unknown>) =>
  to('token', { type: 'REQUEST_TOKEN', request: requestOf(context) });
export const refreshToken = ({ context }: In<unknown>) =>
  to('token', { type: 'REFRESH', request: requestOf(context), ...context.used });
export const cancelToken = ({ context }: In<unknown>) =>
  to('token', { type: 'CANCEL_TOKEN', request: requestOf(context) });
const askPermit = (context: CommandContext, callClass: CallClass) =>
  toBreaker({
    type: 'REQUEST_PERMIT',
    request: requestOf(context),
    callClass,
    car: context.car,
    ...(context.patient ? { patient: true } : {}),
  });
export const requestPermit = ({ context }: In<unknown>) => askPermit(context, callClassOf(context.command));
export const requestLookPermit = ({ context }: In<unknown>) => askPermit(context, lookClass(context));
/** The cloud registers a device by itself, so this is a call like a read, and of no car. */
export const requestRegistrationPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'REQUEST_PERMIT', request: requestOf(context), callClass: 'read', car: null });
export const cancelPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'CANCEL_PERMIT', request: requestOf(context) });
const reportUnder = (context: CommandContext, event: CallEnded, callClass: CallClass): readonly Envelope[] => {
  if (context.permit === null) return [];
  const { outcome } = event;
  const report = toBreaker(reportOf(context.permit, outcome.ok ? null : outcome.failure, callClass));
  return outcome.ok ? [...report, { to: 'token', event: { type: 'TOKEN_WORKED', ...outcome.token } }] : report;
};
export const reportCall = ({ context, event }: In<CallEnded>) =>
  reportUnder(context, event, callClassOf(context.command));
export const reportLook = ({ context, event }: In<CallEnded>) => reportUnder(context, event, lookClass(context));
/** Who shared the call of another has nothing to report: it counts once. */
export const reportRegistration = ({ context, event }: In<RegistrationEnded>): readonly Envelope[] => {
  if (context.permit === null) return [];
  const { outcome } = event;
  if (!outcome.asked) return toBreaker({ type: 'REPORT_IGNORED', permit: context.permit, alive: false });
  return toBreaker(reportOf(context.permit, outcome.ok ? null : outcome.failure, 'read'));
};
export const reportAborted = ({ context }: In<unknown>): readonly Envelope[] =>
  context.permit === null ? [] : toBreaker({ type: 'REPORT_IGNORED', permit: context.permit, alive: false });
export const rejectToken = ({ event }: In<CallEnded>) =>
  to('token', { type: 'TOKEN_REJECTED', ...event.outcome.token });
const toOwner = (event: ProtocolEvent) => to('owner', event);
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
export const tellEnded = ({ context }: In<unknown>): readonly Envelope[] =>
  context.ending === null
    ? []
    : toOwner({ type: 'COMMAND_ENDED', n: context.n, ending: context.ending, confirmed: context.confirmed });

// ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
export const answered = ({ event }: In<{ readonly request: string }>) => event.request;
export const isOwn = (context: CommandContext, request: string) => request === requestOf(context);
export const outcomeOf = ({ event }: In<CallEnded>) => event.outcome;
export const readyAnswer = ({ event }: In<Delivered<TokenReady>>) => event;
export const theCall = ({ context }: In<unknown>) => ({
  call: actionOf(context),
  commandId: context.id,
  attempt: context.retried ? 2 : 1,
  purpose: context.purpose,
});
export const theLook = ({ context }: In<unknown>) => ({
  call: lookOf(context),
  commandId: context.id,
  attempt: context.retried ? 2 : 1,
  purpose: 'needed' as const,
});
export const theDevice = ({ context }: In<unknown>) => ({ device: context.device });
/** A record that is missing may still come, at first. Later on it may be that the cloud has forgotten our device. */
export const mayHaveLostDevice = (context: CommandContext, outcome: CallOutcome) =>
  !context.reregistered &&
  (outcome.ok
    ? outcome.value.type === 'record' && outcome.value.word === 'missing' && context.looks >= 3
    : outcome.failure.kind === 'deviceIdInvalid');
export const hasRegistered = ({ event }: In<RegistrationEnded>) => event.outcome.ok;
const isVisible = ({ command }: CommandContext) => isControl(command) && showsInState(command);
/** From the third look on, or where no record has our id, the state is read besides, if it can show anything. */
export const wantsState = (context: CommandContext, word: RecordWord) =>
  isVisible(context) && (word === 'missing' || word === 'nonResponse' || context.looks >= 3);
/** No record will ever tell, and no reading can. */
export const isOutOfSight = (context: CommandContext) => context.actionId === null && !isVisible(context);
export const mayWakeCar = (context: CommandContext) =>
  isControl(context.command) && context.look !== 'forced' && deservesForcedRead(context.command);
export const lookPauseMs = ({ settings, looks }: CommandContext): number => {
  const at = (look: number) => settings.lookAfterMs[look];
  const next = at(looks);
  return next === undefined ? settings.lookEveryMs : next - (looks === 0 ? 0 : (at(looks - 1) ?? 0));
};

// ── Timers, raised events and log ───────────────────────────────────────────────────────────────────────────────────
const timer = (id: string, delayMs: number, type: Private['type']) => ({ id, delayMs, event: { type } });
export const expiryTimer = ({ context }: In<unknown>) =>
  context.expiresInMs === null ? [] : [timer('messageExpiry', context.expiresInMs, 'MESSAGE_EXPIRED')];
/** What nobody waits for cannot come too late. */
export const permitWaitMs = (context: CommandContext): number =>
  context.patient ? wholeTimeMs(context) : context.settings.permitWaitMs;
export const startedTimers = ({ context }: In<unknown>) => [
  ...(context.patient ? [] : [timer('freshness', context.settings.freshnessMs, 'NOT_FRESH')]),
  timer('whole', wholeTimeMs(context), 'TIME_OVER'),
];
export const freshnessTimers = () => ['freshness', 'messageExpiry'];
export const wholeTimer = () => ['whole'];
export const confirmationTimer = () => ['confirmation'];
export const confirmTimer = ({ context }: In<unknown>) => [
  timer(
    'confirmation',
    isControl(context.command) ? confirmationMs(context.command, context.settings) : context.settings.otherConfirmMs,
    'CONFIRM_OVER',
  ),
];
export const lastLookTimer = ({ context: { settings } }: In<unknown>) => [
  timer('confirmation', settings.tokenWaitMs + settings.permitWaitMs + settings.forcedReadTimeoutMs, 'CONFIRM_OVER'),
];
export const callEnded = ({ event }: In<{ readonly output: CallOutcome }>): readonly CallEnded[] => [
  { type: 'CALL_ENDED', outcome: event.output },
];
export const registrationEnded = ({
  event,
}: In<{ readonly output: RegistrationOutcome }>): readonly RegistrationEnded[] => [
  { type: 'REGISTRATION_ENDED', outcome: event.output },
];
const says =
  (level: LogEntry['level'], message: string) =>
  ({ context }: In<unknown>): LogEntry => ({
    level,
    message,
    fields: { command: context.command.name, calls: context.calls },
  });
export const retried = says('info', 'retried after a refresh');
export const deviceForgotten = says('info', 'the cloud has forgotten our device, registering again');
export const carIsBusy = says('info', 'the car is busy, will repeat');
export const accepted = says('debug', 'the cloud took the command, waiting for the car');
export const mayHaveArrived = says(
  'warn',
  'the answer is lost: the command may have reached the car, looking at the car',
);
/** Nobody waits for a poll, and the next one comes. */
const levelOf = ({ ending, purpose }: CommandContext): LogEntry['level'] => {
  if (purpose === 'poll') return 'debug';
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

// ── What always goes together ───────────────────────────────────────────────────────────────────────────────────────
export const told = [send(reportCall), update(storeUse)] as const;
export const toldLook = [send(reportLook), update(storeUse), update(storeWord), send(tellResult)] as const;
export const end = [log(over), send(tellEnded)] as const;
export const again = raise(callEnded);
export const registered = raise(registrationEnded);
