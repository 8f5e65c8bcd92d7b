import type { CommandInput } from './command.glossary.ts';
import type { CarInfo, Command, Control, Ending, Purpose, Reason } from './domain/command.ts';
import type {
  BreakerRestarted,
  CommandDispatched,
  CommandEnded,
  CommandReceived,
  CommandTaken,
  Delivered,
  Envelope,
  Resume,
  ShutDown,
  Start,
  StateRead,
  TokenRestarted,
} from './domain/events.ts';
import type { Settings } from './domain/settings.ts';
import type { Reading } from './domain/vehicle-state.ts';
import { type Given, to } from './story.ts';

/**
 * The words of a vehicle's story (vehicle.machine.ts) that stand everywhere in it: what it remembers, how commands are
 * born and answered. Those of what comes in, of its controls, of its reads and of the ends of commands have files of their
 * own. All pure.
 */

/** Somebody who waits for a command. */
export interface Wish {
  /** Null: the daemon itself wants it. */
  readonly id: string | null;
  readonly purpose: Purpose;
  /** For how long it had waited for the car to be listed. */
  readonly waitedMs: number;
  /** Its sender no longer wants it. */
  readonly isOver: boolean;
}
/** One command actor and everybody who waits for it: the first id is its own, the others joined. */
export interface Item {
  readonly n: number;
  readonly command: Command;
  readonly wishes: readonly Wish[];
  /** Of a control. What becomes of a read whose senders no longer want it, the vehicle decides. */
  readonly expiresInMs: number | null;
  /** It has been told to end without having begun. */
  readonly dropped: boolean;
  /** Its control may have been sent. */
  readonly dispatched: boolean;
  /** When the cloud took its control, epoch ms, of the cloud's clock; null if it did not, or gave no action id. */
  readonly acceptedAt: number | null;
  /** An earlier run of the daemon sent it. */
  readonly resume?: Resume;
}
export type ReadKind = 'cached' | 'forced';
export interface Reads {
  readonly running: Item | null;
  readonly waiting: Item | null;
}

/** A child that threw, as XState tells it. */
export interface ChildError {
  readonly type: `xstate.error.actor.${string}`;
  readonly actorId: string;
}
/** The time is over after which the sender of a read no longer wants it. */
export type WishOver = { readonly type: 'WISH_OVER'; readonly id: string };
export type VehicleEvent =
  | Delivered<CommandReceived>
  | Delivered<CommandDispatched>
  | Delivered<CommandTaken>
  | Delivered<CommandEnded>
  | Delivered<StateRead>
  | Delivered<TokenRestarted>
  | Delivered<BreakerRestarted>
  | Delivered<ShutDown>
  | WishOver
  | ChildError;

export interface Awaited {
  readonly command: Control;
  /** When the cloud took it; epoch ms, of the cloud's clock. */
  readonly acceptedAt: number;
  /** How often the state was read again for it. */
  readonly repeats: number;
}

export interface VehicleInput {
  readonly settings: Settings;
  readonly car: CarInfo;
  /** Read the cached state at once. */
  readonly readAtStart: boolean;
}

export interface VehicleContext {
  readonly settings: Settings;
  readonly car: CarInfo;
  /** Numbers the command actors. */
  readonly next: number;
  readonly running: Item | null;
  readonly queue: readonly Item[];
  readonly cached: Reads;
  readonly forced: Reads;
  readonly known: Reading | null;
  /** A control that the car confirmed and the known state may not show yet. */
  readonly awaited: Awaited | null;
  /** When windows were last asked to move, epoch ms; 0 if they never were. */
  readonly windowsMovedAt: number;
  readonly closing: boolean;
  readonly readAtStart: boolean;
  /** How many polls were due since the start, if nothing is known of the car. */
  readonly vainPolls: number;
  /** Commands to spawn in the present step, and whom to answer at once. */
  readonly born: Item | null;
  readonly answers: readonly { readonly id: string; readonly ending: Ending }[];
}

export type In<E> = Given<VehicleContext, E>;
export type Patch = Partial<VehicleContext>;

// ── Items ───────────────────────────────────────────────────────────────────────────────────────────────────────────
export const newItem = (
  n: number,
  command: Command,
  wishes: readonly Wish[],
  expiresInMs: number | null = null,
): Item => ({
  n,
  command,
  wishes,
  expiresInMs,
  dropped: false,
  dispatched: false,
  acceptedAt: null,
});
export const wishOf = (id: string | null, purpose: Purpose, waitedMs = 0): Wish => ({
  id,
  purpose,
  waitedMs,
  isOver: false,
});
export const idsOf = ({ wishes }: Item): readonly string[] => wishes.flatMap(({ id }) => (id === null ? [] : [id]));
export const allItems = ({ running, queue, cached, forced }: VehicleContext): readonly Item[] =>
  [running, ...queue, cached.running, cached.waiting, forced.running, forced.waiting].filter((item) => item !== null);
export const child = (n: number) => ({ child: `command/${n}` });
/** What a command is told when its turn comes: how long the freshest of those who wait for it had waited already. */
export const waited = ({ wishes }: Item): Pick<Start, 'waitedMs'> => {
  const waits = wishes.flatMap(({ id, waitedMs }) => (id === null ? [] : [waitedMs]));
  const waitedMs = waits.length === 0 ? 0 : Math.min(...waits);
  return waitedMs === 0 ? {} : { waitedMs };
};

// ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export const end = (status: Ending['status'], reason: Reason | null, message: string): Ending => ({
  status,
  reason,
  message,
  attempts: 0,
  actionId: null,
});
export const answer = (id: string, ending: Ending): Patch => ({ answers: [{ id, ending }], born: null });
export const full = (id: string) =>
  answer(id, end('rejected', 'queueFull', 'Too many commands wait for this car already.'));
export const tellAnswers = ({ context }: In<unknown>): readonly Envelope[] =>
  context.answers.flatMap(({ id, ending }) => to('bridge', { type: 'COMMAND_SETTLED', id, ending }));

// ── Births ──────────────────────────────────────────────────────────────────────────────────────────────────────────
export interface Birth {
  readonly n: number;
  readonly input: CommandInput;
}
export const births = ({ context }: In<unknown>): readonly Birth[] => {
  if (context.born === null) return [];
  const { n, command, expiresInMs, resume } = context.born;
  const { settings, car } = context;
  const [first] = idsOf(context.born);
  // Told apart from those of other cars wherever an id is all that is said of a command.
  const id = first ?? `own-${car.id}-${n}`;
  const input = { settings, id, n, car: car.id, command, expiresInMs };
  return [{ n, input: resume === undefined ? input : { ...input, resume } }];
};
export const spawned = { type: 'spawn' as const, params: births };

// ── What concerns all of them ───────────────────────────────────────────────────────────────────────────────────────
export const close = (): Patch => ({ closing: true });
export const dropWaiting = ({ context }: In<unknown>): readonly Envelope[] =>
  allItems(context).flatMap(({ n }) =>
    to(child(n), { type: 'DROP', reason: 'shuttingDown', message: 'The daemon is shutting down; it was not sent.' }),
  );
export const passOn = ({ context, event }: In<Delivered<TokenRestarted> | Delivered<BreakerRestarted>>) =>
  allItems(context).flatMap(({ n }) => to(child(n), { type: event.type }));
