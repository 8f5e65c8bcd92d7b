import type { Command, Control, Ending, List, Purpose, RecordWord } from './domain/command.ts';
import type {
  BreakerRestarted,
  Delivered,
  Drop,
  Envelope,
  PermitDenied,
  PermitGranted,
  ProtocolEvent,
  Resume,
  Start,
  TokenFailed,
  TokenReady,
  TokenRestarted,
} from './domain/events.ts';
import type { CallClass, Scope } from './domain/failure.ts';
import type { CallOutcome, RegistrationOutcome } from './domain/outcome.ts';
import type { Settings } from './domain/settings.ts';
import { toBreaker } from './permits.ts';
import { type Given, type LogEntry, to } from './story.ts';

/**
 * The words of a command's story (command.machine.ts) that stand everywhere in it: what it is and remembers, and how it
 * asks for token and permit. Those of its call, of its looks for a confirmation and of its end have files of their own.
 * All pure.
 */

export type CallEnded = { readonly type: 'CALL_ENDED'; readonly outcome: CallOutcome };
export type RegistrationEnded = { readonly type: 'REGISTRATION_ENDED'; readonly outcome: RegistrationOutcome };
export type Private =
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
  /** ms after which the sender no longer wants it, unless it may have reached the car; null if the sender said nothing. */
  readonly expiresInMs: number | null;
  /** It was sent by an earlier run of the daemon; absent for a new one. */
  readonly resume?: Resume;
}

export interface CommandContext extends CommandInput {
  /** What its own call is for: whether our limits may refuse it. */
  readonly purpose: Purpose;
  /** Nobody waits for it. */
  readonly patient: boolean;
  /** Of a forced read: the time of the state that was known when its turn came, epoch ms; null if none was. */
  readonly knownAt: number | null;
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
  /** Its sender's time was over while a call was under way. */
  readonly isTooLate: boolean;
  /** When the cloud took the control (or, if nobody knows, when its call began); epoch ms. */
  readonly acceptedAt: number;
  readonly actionId: string | null;
  /** When its turn came in this run, if an earlier one sent it; epoch ms. */
  readonly resumedAt: number | null;
  readonly looks: number;
  /** What the present look asks. */
  readonly look: 'record' | 'cached' | 'forced';
  /** The last word of the action record. */
  readonly word: RecordWord | null;
  readonly ending: Ending | null;
  readonly confirmed: 'record' | 'reading' | null;
}

export type In<E> = Given<CommandContext, E>;
export type Patch = Partial<CommandContext>;

// ── What it is ──────────────────────────────────────────────────────────────────────────────────────────────────────
export const isControl = (command: Command | List): command is Control =>
  command.name !== 'refresh' && command.name !== 'list';
export const isForced = (command: Command | List) => command.name === 'refresh' && command.mode === 'force';
export const callClassOf = (command: Command | List): CallClass =>
  isControl(command) ? 'control' : isForced(command) ? 'carRead' : 'read';
export const wholeTimeMs = ({ settings, command }: CommandContext): number =>
  isForced(command) ? settings.forcedWholeMs : settings.wholeMs;
export const callDeadlineMs = (settings: Settings, callClass: CallClass): number =>
  (callClass === 'carRead' ? settings.forcedReadTimeoutMs : settings.callTimeoutMs) + 2_000;

// ── What is remembered ──────────────────────────────────────────────────────────────────────────────────────────────
export const countAsk = ({ context }: In<unknown>): Patch => ({ asks: context.asks + 1, permit: null });
export const storePurpose = ({ event }: In<Delivered<Start>>): Patch => ({
  purpose: event.purpose ?? 'needed',
  patient: event.patient ?? false,
  knownAt: event.knownAt ?? null,
});
export const storeLookPermit = ({ event }: In<Delivered<PermitGranted>>): Patch => ({ permit: event.permit });
export const spendRetry = (): Patch => ({ retried: true });
export const noteLateness = (): Patch => ({ isTooLate: true });

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────
export const requestOf = (context: CommandContext) => `r${context.asks}`;
export const requestToken = ({ context }: In<unknown>) =>
  to('token', { type: 'REQUEST_TOKEN', request: requestOf(context) });
export const refreshToken = ({ context }: In<unknown>) =>
  to('token', { type: 'REFRESH', request: requestOf(context), ...context.used });
export const cancelToken = ({ context }: In<unknown>) =>
  to('token', { type: 'CANCEL_TOKEN', request: requestOf(context) });
export const askPermit = (context: CommandContext, callClass: CallClass) =>
  toBreaker({
    type: 'REQUEST_PERMIT',
    request: requestOf(context),
    callClass,
    car: context.car,
    ...(context.patient ? { patient: true } : {}),
  });
export const cancelPermit = ({ context }: In<unknown>) =>
  toBreaker({ type: 'CANCEL_PERMIT', request: requestOf(context) });
export const reportAborted = ({ context }: In<unknown>): readonly Envelope[] =>
  context.permit === null ? [] : toBreaker({ type: 'REPORT_IGNORED', permit: context.permit, alive: false });
export const rejectToken = ({ event }: In<CallEnded>) =>
  to('token', { type: 'TOKEN_REJECTED', ...event.outcome.token });
export const toOwner = (event: ProtocolEvent) => to('owner', event);

// ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
export const answered = ({ event }: In<{ readonly request: string }>) => event.request;
export const isOwn = (context: CommandContext, request: string) => request === requestOf(context);
export const outcomeOf = ({ event }: In<CallEnded>) => event.outcome;
export const readyAnswer = ({ event }: In<Delivered<TokenReady>>) => event;

// ── Timers and log ──────────────────────────────────────────────────────────────────────────────────────────────────
export const timer = (id: string, delayMs: number, type: Private['type']) => ({ id, delayMs, event: { type } });
export const expiryTimer = ({ context }: In<unknown>) =>
  context.expiresInMs === null ? [] : [timer('messageExpiry', context.expiresInMs, 'MESSAGE_EXPIRED')];
/** What nobody waits for cannot come too late. */
export const permitWaitMs = (context: CommandContext): number =>
  context.patient ? wholeTimeMs(context) : context.settings.permitWaitMs;
export const startedTimers = ({ context, event }: In<Delivered<Start>>) => [
  ...(context.patient
    ? []
    : [timer('freshness', Math.max(0, context.settings.freshnessMs - (event.waitedMs ?? 0)), 'NOT_FRESH')]),
  timer('whole', wholeTimeMs(context), 'TIME_OVER'),
];
/** Ours ends with the first call, the sender's when the call may have reached the car. */
export const freshnessTimer = () => ['freshness'];
export const timersBeforeTheCar = () => ['messageExpiry', 'whole'];
export const says =
  (level: LogEntry['level'], message: string) =>
  ({ context }: In<unknown>): LogEntry => ({
    level,
    message,
    fields: { command: context.command.name, calls: context.calls },
  });
