import type { CarInfo, Command, Ending, Purpose, Reason } from './command.ts';
import type { CallClass, Scope } from './failure.ts';
import type { Reading, ReadMethod } from './vehicle-state.ts';

/**
 * Every event that crosses an actor boundary, defined once. A request is imperative, a fact is past or a noun of outcome.
 * A request carries `request`, its answer names it; an answer to something no longer asked is dropped.
 * The `send` action stamps the sender (`from`), so machines need not know their own name.
 */

/** A systemId, built in src/actors/addresses.ts only. Machines treat it as opaque. */
export type Address = string;

// ── To the token ────────────────────────────────────────────────────────────────────────────────────────────────────
/** Is there a session to call with? Answered by TOKEN_READY or TOKEN_FAILED. */
export type RequestToken = { readonly type: 'REQUEST_TOKEN'; readonly request: string };
/** The token of this generation and scope was refused: get a newer one. Answered like REQUEST_TOKEN. */
export type Refresh = {
  readonly type: 'REFRESH';
  readonly request: string;
  readonly generation: number;
  readonly scope: Scope;
};
/** A REFRESH that wants no answer: the fresh token was refused too, on the second attempt. */
export type TokenRejected = { readonly type: 'TOKEN_REJECTED'; readonly generation: number; readonly scope: Scope };
/** The cloud accepted this token. */
export type TokenWorked = { readonly type: 'TOKEN_WORKED'; readonly generation: number; readonly scope: Scope };
/** Whoever stops waiting says so; idempotent. */
export type CancelToken = { readonly type: 'CANCEL_TOKEN'; readonly request: string };
/** The way to the cloud is open again. */
export type BreakerClosed = { readonly type: 'BREAKER_CLOSED' };
/** From the world: somebody logged in beside us, and calls are made with that session from now on. */
export type SessionChanged = {
  readonly type: 'SESSION_CHANGED';
  readonly generation: number;
  readonly lifetimeMs: number;
};

// ── From the token ──────────────────────────────────────────────────────────────────────────────────────────────────
export type TokenReady = { readonly type: 'TOKEN_READY'; readonly request: string; readonly generation: number };
export type TokenFailed = {
  readonly type: 'TOKEN_FAILED';
  readonly request: string;
  readonly reason: Reason;
  readonly message: string;
  /** When trying again makes sense, counted from this answer; null when only a person can help. */
  readonly retryAfterMs: number | null;
};
/** To the account, at every change: what `bridge/account/{name}` shows. */
export type TokenChanged = {
  readonly type: 'TOKEN_CHANGED';
  readonly state: 'valid' | 'refreshing' | 'cooldown' | 'failed';
  readonly generation: number;
  /** Visits to `refreshing` that still count: what a successor must not forget. */
  readonly visits: number;
  readonly reason: Reason | null;
  readonly message: string | null;
  /** When it tries again, epoch ms, of the cloud's clock: the same moment however often it is told. */
  readonly retryAt: number | null;
};

// ── To the breaker ──────────────────────────────────────────────────────────────────────────────────────────────────
/** May I call? `car` is null for calls of the account. Answered by PERMIT_GRANTED or PERMIT_DENIED. */
export type RequestPermit = {
  readonly type: 'REQUEST_PERMIT';
  readonly request: string;
  readonly callClass: CallClass;
  readonly car: string | null;
  /** Nobody waits for this call: everybody else goes first. */
  readonly patient?: boolean;
};
/** Idempotent: leaves the line, or gives back a permit that was granted meanwhile. */
export type CancelPermit = { readonly type: 'CANCEL_PERMIT'; readonly request: string };
/**
 * From a supervisor: this holder, and whoever lives under it, died. Everything it has in line or in hand comes back.
 * A supervisor names it relative to itself; `send` makes the name absolute.
 */
export type HolderGone = { readonly type: 'HOLDER_GONE'; readonly holder: Address };
export type ReportSuccess = { readonly type: 'REPORT_SUCCESS'; readonly permit: string };
/** `openForMs` opens the breaker at once for that long; null counts one failure. */
export type ReportFailure = {
  readonly type: 'REPORT_FAILURE';
  readonly permit: string;
  readonly openForMs: number | null;
};
/** Counts for nothing; `alive` when the answer proves that the cloud works. */
export type ReportIgnored = { readonly type: 'REPORT_IGNORED'; readonly permit: string; readonly alive: boolean };

// ── From the breaker ────────────────────────────────────────────────────────────────────────────────────────────────
export type PermitGranted = { readonly type: 'PERMIT_GRANTED'; readonly request: string; readonly permit: string };
export type PermitDenied = {
  readonly type: 'PERMIT_DENIED';
  readonly request: string;
  readonly reason: 'cloudUnavailable' | 'rateLimited' | 'queueFull';
  /** Counted from this answer. */
  readonly retryAfterMs: number;
};
/** To the account: half-open and nobody asks; please try. */
export type ProbeWanted = { readonly type: 'PROBE_WANTED' };
/** To the account, at every change. `openForMs` is counted from this moment. */
export type BreakerChanged = {
  readonly type: 'BREAKER_CHANGED';
  readonly state: 'closed' | 'open' | 'halfOpen';
  readonly openForMs: number | null;
};

// ── Between bridge, vehicle and command ─────────────────────────────────────────────────────────────────────────────
/**
 * Where a control goes on that an earlier run sent: the cloud took it and named its action, or nobody knows more than when
 * it was sent. Times in epoch ms, of the cloud's clock; `calls` were begun; `joined` are the commands that share it.
 */
export type Resume = { readonly calls: number; readonly joined: readonly string[] } & (
  | { readonly kind: 'confirm'; readonly actionId: string; readonly acceptedAt: number }
  | { readonly kind: 'decide'; readonly sentAt: number }
);
/** A parsed command of a sender. `id` names it towards the sender and in the log. */
export type CommandReceived = {
  readonly type: 'COMMAND';
  readonly id: string;
  readonly command: Command;
  /** Epoch ms, of the cloud's clock. */
  readonly receivedAt: number;
  /** ms after which the sender no longer wants it, null if the sender said nothing. */
  readonly expiresInMs: number | null;
  /** For how long it has waited already (for its car, or since an earlier run took it): so much less it may still; absent: not at all. */
  readonly waitedMs?: number;
  /** It has been sent already; absent for a new one. */
  readonly resume?: Resume;
};
/** To a command from its owner: your turn. `purpose` is what its own call is for; absent: `needed`. */
export type Start = {
  readonly type: 'START';
  readonly purpose?: Purpose;
  /** Nobody waits for it: it goes behind everybody who is waited for. */
  readonly patient?: boolean;
  /** As in COMMAND: of the freshest of those who wait for it. */
  readonly waitedMs?: number;
  /** Of forced reads: the time of the state that is known, epoch ms; absent if none is. */
  readonly knownAt?: number;
};
/** From the vehicle to a waiting command: do not begin. */
export type Drop = { readonly type: 'DROP'; readonly reason: Reason; readonly message: string };
/** From the vehicle to a read, and from a command to itself: nobody wants it any more, so begin no call. */
export type MessageExpired = { readonly type: 'MESSAGE_EXPIRED' };
/** From a command to its vehicle: the first call of a control is about to be made. */
export type CommandDispatched = { readonly type: 'COMMAND_DISPATCHED'; readonly n: number };
/** From a command to its vehicle: what the cloud says of the car. */
export type StateRead = { readonly type: 'STATE_READ'; readonly reading: Reading; readonly method: ReadMethod };
/** From the command that reads the vehicle list to its account. */
export type CarsRead = { readonly type: 'CARS_READ'; readonly cars: readonly CarInfo[] };
/** From a command to its vehicle: the cloud took the control. `acceptedAt` in epoch ms, of the cloud's clock. */
export type CommandTaken = {
  readonly type: 'COMMAND_TAKEN';
  readonly n: number;
  readonly actionId: string;
  readonly acceptedAt: number;
};
/** From a command to its owner: over. `confirmed` tells who said so. */
export type CommandEnded = {
  readonly type: 'COMMAND_ENDED';
  readonly n: number;
  readonly ending: Ending;
  readonly confirmed: 'record' | 'reading' | null;
};
/** From the vehicle to the bridge, once for every id it took. */
export type CommandSettled = { readonly type: 'COMMAND_SETTLED'; readonly id: string; readonly ending: Ending };
/** From the vehicle to the bridge: from now on this command may have reached the car, by the call made for `first`. */
export type CommandUnderway = { readonly type: 'COMMAND_UNDERWAY'; readonly id: string; readonly first: string };
/** From the vehicle to the bridge: the cloud works on it under this action id. */
export type ActionBegun = {
  readonly type: 'ACTION_BEGUN';
  readonly id: string;
  readonly actionId: string;
  readonly acceptedAt: number;
};
/** From the vehicle to the bridge: publish. `method` is how it was asked for. */
export type StateChanged = {
  readonly type: 'STATE_CHANGED';
  readonly car: string;
  readonly reading: Reading;
  readonly method: ReadMethod;
};

/** From the vehicle to the bridge: it polls again in so many ms, or a little sooner. */
export type PollPlanned = { readonly type: 'POLL_PLANNED'; readonly car: string; readonly inMs: number };

// ── Supervision ─────────────────────────────────────────────────────────────────────────────────────────────────────
/** Down the tree: the token or the breaker was restarted, so whoever waits for it asks again. */
export type TokenRestarted = { readonly type: 'TOKEN_RESTARTED' };
export type BreakerRestarted = { readonly type: 'BREAKER_RESTARTED' };
/** To the bridge: these cars are served by this account from now on. */
export type CarsListed = { readonly type: 'CARS_LISTED'; readonly account: string; readonly cars: readonly CarInfo[] };
/** To the bridge: this vehicle (or all of the account, `car` null) died with what it had in hand. */
export type VehicleRestarted = {
  readonly type: 'VEHICLE_RESTARTED';
  readonly account: string;
  readonly car: string | null;
};
/** To the bridge: what `bridge/account/{name}` shows. */
export type AccountChanged = {
  readonly type: 'ACCOUNT_CHANGED';
  readonly account: string;
  readonly status: AccountStatus;
};
/** Down the tree: take nothing new, finish what is under way. */
export type ShutDown = { readonly type: 'SHUT_DOWN' };
/** From the bridge to the fleet: every sender has been answered. */
export type Drained = { readonly type: 'DRAINED' };

export interface AccountStatus {
  readonly token: { readonly state: TokenChanged['state']; readonly generation: number };
  readonly breaker: { readonly state: BreakerChanged['state'] };
  readonly cars: number | null;
  /** Why it does not work, when it does not. */
  readonly reason: Reason | null;
  readonly message: string | null;
  /** When it is tried again, epoch ms, of the cloud's clock; null if that does not help, or nobody knows. */
  readonly retryAt: number | null;
}

export type ToToken =
  | RequestToken
  | Refresh
  | TokenRejected
  | TokenWorked
  | CancelToken
  | BreakerClosed
  | BreakerRestarted
  | SessionChanged;
export type FromToken = TokenReady | TokenFailed;
export type ToBreaker = RequestPermit | CancelPermit | HolderGone | ReportSuccess | ReportFailure | ReportIgnored;
export type FromBreaker = PermitGranted | PermitDenied;
export type ProtocolEvent =
  | ToToken
  | FromToken
  | TokenChanged
  | ToBreaker
  | FromBreaker
  | ProbeWanted
  | BreakerChanged
  | CommandReceived
  | Start
  | Drop
  | MessageExpired
  | CommandDispatched
  | StateRead
  | CarsRead
  | CommandTaken
  | CommandEnded
  | CommandSettled
  | CommandUnderway
  | ActionBegun
  | StateChanged
  | PollPlanned
  | TokenRestarted
  | BreakerRestarted
  | CarsListed
  | VehicleRestarted
  | AccountChanged
  | ShutDown
  | Drained;

/**
 * An event as it arrives: with its sender, and when it was sent, in epoch ms: by the clock of the cloud if the sender lives
 * in an account, else by ours.
 */
export type Delivered<E extends ProtocolEvent> = E & { readonly from: Address; readonly at: number };

/** To whom an actor may speak without knowing names: its relatives, its own children, or whoever asked. */
export type Role = 'token' | 'breaker' | 'owner' | 'account' | 'bridge' | 'fleet';
export type Target = Role | { readonly address: Address } | { readonly child: string };
export interface Envelope {
  readonly to: Target;
  readonly event: ProtocolEvent;
}
