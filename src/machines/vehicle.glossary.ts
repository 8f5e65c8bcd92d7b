import type { CommandInput } from './command.glossary.ts';
import type { CarInfo, Command, Control, Ending, Purpose, Reason, Refresh } from './domain/command.ts';
import { argumentsOf, groupOf, supersedes } from './domain/confirmation.ts';
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
  StateRead,
  TokenRestarted,
} from './domain/events.ts';
import { completeWindows } from './domain/fit.ts';
import { mergeReadings, stateTime } from './domain/merge.ts';
import { optionsOf } from './domain/options.ts';
import type { Settings } from './domain/settings.ts';
import type { Reading } from './domain/vehicle-state.ts';
import { type Given, type LogEntry, log, send, to, update } from './story.ts';

/** The words of a vehicle's story (vehicle.machine.ts): its queue of controls, its reads, what is known. All pure. */

/** One command actor and everybody who waits for it: the first id is its own, the others joined. */
export interface Item {
  readonly n: number;
  readonly command: Command;
  /** The strongest of those who wait for it. */
  readonly purpose: Purpose;
  readonly ids: readonly string[];
  readonly expiresInMs: number | null;
  /** It has been told to end without having begun. */
  readonly dropped: boolean;
  /** Its control may have been sent. */
  readonly dispatched: boolean;
  /** An earlier run of the daemon sent it. */
  readonly resume?: Resume;
}
export type ReadKind = 'cached' | 'forced';
interface Reads {
  readonly running: Item | null;
  readonly waiting: Item | null;
}

/** A child that threw, as XState tells it. */
export interface ChildError {
  readonly type: `xstate.error.actor.${string}`;
  readonly actorId: string;
}
export type VehicleEvent =
  | Delivered<CommandReceived>
  | Delivered<CommandDispatched>
  | Delivered<CommandTaken>
  | Delivered<CommandEnded>
  | Delivered<StateRead>
  | Delivered<TokenRestarted>
  | Delivered<BreakerRestarted>
  | Delivered<ShutDown>
  | ChildError;

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
  /** When windows were last asked to move, epoch ms; 0 if they never were. */
  readonly windowsMovedAt: number;
  readonly closing: boolean;
  readonly readAtStart: boolean;
  /** Commands to spawn in the present step, and whom to answer at once. */
  readonly born: Item | null;
  readonly answers: readonly { readonly id: string; readonly ending: Ending }[];
}

type In<E> = Given<VehicleContext, E>;
type Patch = Partial<VehicleContext>;
type Received = Delivered<CommandReceived>;

// ── Queue rules ─────────────────────────────────────────────────────────────────────────────────────────────────────
const end = (status: Ending['status'], reason: Reason | null, message: string): Ending => ({
  status,
  reason,
  message,
  attempts: 0,
  actionId: null,
});
const answer = (id: string, ending: Ending): Patch => ({ answers: [{ id, ending }], born: null });
const full = (id: string) => answer(id, end('rejected', 'queueFull', 'Too many commands wait for this car already.'));
const newItem = (
  n: number,
  command: Command,
  purpose: Purpose,
  ids: readonly string[],
  expiresInMs: number | null,
): Item => ({
  n,
  command,
  purpose,
  ids,
  expiresInMs,
  dropped: false,
  dispatched: false,
});
/** What was sent before waits for its confirmation only: nothing drops it or joins it. */
const isGroup = ({ command, dispatched }: Item, group: string) =>
  !dispatched && command.name !== 'refresh' && groupOf(command) === group;
const same = (item: Item, command: Control) =>
  item.command.name !== 'refresh' && argumentsOf(item.command) === argumentsOf(command);

const isPointless = (item: Item, command: Control) =>
  !item.dispatched && item.command.name !== 'refresh' && supersedes(command, item.command) && !same(item, command);

/** What a new control makes pointless is dropped first, then it joins the last of its group if that is equal. */
export function enqueue(context: VehicleContext, command: Control, event: Received): Patch {
  const group = groupOf(command);
  const queue = context.queue.map((item) => (isPointless(item, command) ? { ...item, dropped: true } : item));
  const waiting = queue.filter(({ dropped }) => !dropped);
  const last = waiting.findLast((item) => isGroup(item, group));
  // A sender's own deadline is its own: such a command is neither joined nor joins.
  if (last !== undefined && same(last, command) && last.expiresInMs === null && event.expiresInMs === null) {
    if (last.ids.length >= context.settings.joinLimit) return { queue, ...full(event.id) };
    const joined = { ...last, ids: [...last.ids, event.id] };
    return { queue: queue.map((item) => (item === last ? joined : item)), born: null, answers: [] };
  }
  if (waiting.length >= context.settings.queueLimit) return { queue, ...full(event.id) };
  const born = newItem(context.next, command, 'needed', [event.id], event.expiresInMs);
  return { queue: [...queue, born], next: context.next + 1, born, answers: [] };
}

/** What an earlier run sent takes its place in the line: the car is at it, or has been. */
function takeUp(context: VehicleContext, command: Control, id: string, resume: Resume): Patch {
  const { next, queue } = context;
  const born = { ...newItem(next, command, 'needed', [id, ...resume.joined], null), dispatched: true, resume };
  const movedAt = resume.kind === 'confirm' ? resume.acceptedAt : resume.sentAt;
  const windowsMovedAt = command.name === 'windows' ? movedAt : context.windowsMovedAt;
  return { queue: [...queue, born], next: next + 1, windowsMovedAt, born, answers: [] };
}

const kindOf = (command: Refresh): ReadKind => (command.mode === 'force' ? 'forced' : 'cached');
const isYoungEnough = ({ known }: VehicleContext, { mode, maxAgeS }: Refresh, now: number) =>
  mode === 'smart' && maxAgeS !== null && known !== null && Math.abs(now - timeOf(known)) <= maxAgeS * 1000;
const timeOf = ({ state, fetchedAt }: Reading) =>
  state.last_updated_utc === null ? fetchedAt : Date.parse(state.last_updated_utc);

/** Any number of waiting reads of one kind is one call. `id` is null for a read of our own. */
function addRead(
  context: VehicleContext,
  command: Refresh,
  purpose: Purpose,
  id: string | null,
  expiresInMs: number | null,
): Patch {
  const kind = kindOf(command);
  const reads = context[kind];
  const ids = id === null ? [] : [id];
  if (reads.waiting !== null) {
    if (reads.waiting.ids.length >= context.settings.joinLimit && id !== null) return full(id);
    const { waiting } = reads;
    const joined = { ...waiting, purpose: stronger(waiting.purpose, purpose), ids: [...waiting.ids, ...ids] };
    return { [kind]: { ...reads, waiting: joined }, born: null, answers: [] };
  }
  const born = newItem(context.next, command, purpose, ids, expiresInMs);
  return { [kind]: { ...reads, waiting: born }, next: context.next + 1, born, answers: [] };
}

const PURPOSES: readonly Purpose[] = ['needed', 'asked', 'own', 'poll'];
const stronger = (one: Purpose, other: Purpose): Purpose =>
  PURPOSES.indexOf(one) < PURPOSES.indexOf(other) ? one : other;

const isFitForWaking = ({ known, settings }: VehicleContext, { mode, override }: Refresh): boolean => {
  const battery = known?.state.battery_12v_pct ?? null;
  return mode !== 'force' || override === true || battery === null || battery >= settings.minBattery12vPct;
};
const batteryLow = ({ known, settings }: VehicleContext): Ending =>
  end(
    'rejected',
    'budget',
    `The 12 V battery is at ${known?.state.battery_12v_pct} %; below ${settings.minBattery12vPct} % the car is not woken (force! does it all the same).`,
  );

const CHARGING_POLL_MS = 600_000;
export const pollMs = ({ settings, known }: VehicleContext): number =>
  known?.state.charging === true ? Math.min(CHARGING_POLL_MS, settings.pollIntervalMs) : settings.pollIntervalMs;

const WINDOWS_UNKNOWN =
  'Where the windows that are not named are now is not known: name all four, or read the car first.';
/** Only the car's state tells where the windows are that the sender did not name. */
function completed({ known, running, windowsMovedAt }: VehicleContext, command: Control, now: number): Control | null {
  if (command.name !== 'windows') return command;
  return completeWindows(command, running?.command.name === 'windows' ? null : known, windowsMovedAt, now);
}

// ── What is remembered ──────────────────────────────────────────────────────────────────────────────────────────────
export const take = ({ context, event }: In<Received>): Patch => {
  const { command, id, receivedAt, expiresInMs, resume } = event;
  if (resume !== undefined && command.name !== 'refresh') return takeUp(context, command, id, resume);
  if (context.closing) return answer(id, end('rejected', 'shuttingDown', 'The daemon is shutting down.'));
  if (command.name !== 'refresh') {
    const complete = completed(context, command, receivedAt);
    return complete === null
      ? answer(id, end('rejected', 'invalidOption', WINDOWS_UNKNOWN))
      : enqueue(context, complete, event);
  }
  if (isYoungEnough(context, command, receivedAt)) {
    return answer(id, end('succeeded', null, 'The known state is young enough.'));
  }
  if (!isFitForWaking(context, command)) return answer(id, batteryLow(context));
  return addRead(context, command, command.override === true ? 'needed' : 'asked', id, expiresInMs);
};
const OWN_READ: Refresh = { name: 'refresh', mode: 'cached', maxAgeS: null };
export const addFirstRead = ({ context }: In<unknown>): Patch =>
  context.readAtStart ? addRead(context, OWN_READ, 'own', null, null) : {};
/** The read after a control: it belongs to it. */
export const addOwnRead = ({ context }: In<unknown>): Patch => addRead(context, OWN_READ, 'needed', null, null);
/** Whoever reads anyway makes a poll superfluous. */
export const addPoll = ({ context }: In<unknown>): Patch => {
  const { cached, closing } = context;
  const isReading = cached.running !== null || cached.waiting !== null;
  return closing || isReading ? { born: null, answers: [] } : addRead(context, OWN_READ, 'poll', null, null);
};
export const startNext = ({ context }: In<unknown>): Patch => {
  const next = context.queue.find(({ dropped }) => !dropped) ?? null;
  return { running: next, queue: context.queue.filter((item) => item !== next) };
};
export const startRead =
  (kind: ReadKind) =>
  ({ context }: In<unknown>): Patch => ({ [kind]: { running: context[kind].waiting, waiting: null } });
export const markDispatched = ({ context, event }: In<Delivered<CommandDispatched>>): Patch => {
  if (context.running?.n !== event.n) return {};
  const running = { ...context.running, dispatched: true };
  return running.command.name === 'windows' ? { running, windowsMovedAt: event.at } : { running };
};
export const learn = ({ context, event }: In<Delivered<StateRead>>): Patch => ({
  known: mergeReadings(context.known, event.reading),
});
export const close = (): Patch => ({ closing: true });
const without = (item: Item | null, n: number) => (item?.n === n ? null : item);
const remove = (context: VehicleContext, n: number): Patch => ({
  running: without(context.running, n),
  queue: context.queue.filter((item) => item.n !== n),
  cached: { running: without(context.cached.running, n), waiting: without(context.cached.waiting, n) },
  forced: { running: without(context.forced.running, n), waiting: without(context.forced.waiting, n) },
});
const allItems = ({ running, queue, cached, forced }: VehicleContext): readonly Item[] =>
  [running, ...queue, cached.running, cached.waiting, forced.running, forced.waiting].filter((item) => item !== null);
/** What was sent to the car is repeated to whoever asked for it. */
const withOptions = ({ dispatched, command }: Item, ending: Ending): Ending =>
  dispatched && command.name !== 'refresh' && ending.status !== 'rejected'
    ? { ...ending, sent: optionsOf(command) }
    : ending;
const endOf = (items: readonly Item[], n: number, how: Ending) => {
  const item = items.find((candidate) => candidate.n === n);
  const [first, ...joined] = item?.ids ?? [];
  if (item === undefined || first === undefined) return [];
  const ending = withOptions(item, how);
  return [{ id: first, ending }, ...joined.map((id) => ({ id, ending: { ...ending, joined: first } }))];
};
export const settle = ({ context, event }: In<Delivered<CommandEnded>>): Patch => ({
  ...remove(context, event.n),
  born: null,
  answers: endOf(allItems(context), event.n, event.ending),
});
const numberOf = (actorId: string) => Number(actorId.split('/').at(-1));
export const settleDead = ({ context, event }: In<ChildError>): Patch => {
  const n = numberOf(event.actorId);
  const item = allItems(context).find((candidate) => candidate.n === n);
  const ending = item?.dispatched
    ? end('unknown', 'restarted', 'It broke off inside the daemon after it was sent; it may or may not have happened.')
    : end('failed', 'restarted', 'It broke off inside the daemon before it was sent.');
  return { ...remove(context, n), born: null, answers: endOf(allItems(context), n, ending) };
};

// ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────
export const ended = ({ event }: In<Delivered<CommandEnded>>) => event;
export const dead = ({ event }: In<ChildError>) => numberOf(event.actorId);
export const isUnderway = ({ running }: VehicleContext, n: number) => running?.n === n && running.dispatched;
/** What may have been delivered keeps the cloud busy until the record says otherwise; what was refused does not. */
export const needsRest = ({ running }: VehicleContext, { n, confirmed, ending }: CommandEnded) =>
  running?.n === n && running.dispatched && confirmed !== 'record' && isPerhapsBusy(ending);
const isPerhapsBusy = ({ status, reason }: Ending) =>
  status === 'succeeded' || status === 'unknown' || reason === 'carBusy';
export const wantsNews = ({ running }: VehicleContext, { n, confirmed }: CommandEnded) =>
  running?.n === n && confirmed === 'record';

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────────
const child = (n: number) => ({ child: `command/${n}` });
export const tellAnswers = ({ context }: In<unknown>): readonly Envelope[] =>
  context.answers.flatMap(({ id, ending }) => to('bridge', { type: 'COMMAND_SETTLED', id, ending }));
export const startRunning = ({ context }: In<unknown>): readonly Envelope[] =>
  context.running === null ? [] : to(child(context.running.n), { type: 'START' });
const knownAt = (kind: ReadKind, { known }: VehicleContext): { readonly knownAt?: number } => {
  const at = kind === 'forced' && known !== null ? stateTime(known) : null;
  return at === null ? {} : { knownAt: at };
};
export const startReading =
  (kind: ReadKind) =>
  ({ context }: In<unknown>): readonly Envelope[] => {
    const { running } = context[kind];
    return running === null
      ? []
      : to(child(running.n), {
          type: 'START',
          purpose: running.purpose,
          ...(running.ids.length === 0 ? { patient: true } : {}),
          ...knownAt(kind, context),
        });
  };
export const tellNextPoll = ({ context }: In<unknown>) =>
  to('bridge', { type: 'POLL_PLANNED', car: context.car.id, inMs: pollMs(context) });
export const dropPointless = ({ context }: In<unknown>): readonly Envelope[] =>
  context.queue
    .filter(({ dropped }) => dropped)
    .flatMap(({ n }) =>
      to(child(n), { type: 'DROP', reason: 'superseded', message: 'A later command made it pointless.' }),
    );
export const dropWaiting = ({ context }: In<unknown>): readonly Envelope[] =>
  allItems(context).flatMap(({ n }) =>
    to(child(n), { type: 'DROP', reason: 'shuttingDown', message: 'The daemon is shutting down; it was not sent.' }),
  );
export const passOn = ({ context, event }: In<Delivered<TokenRestarted> | Delivered<BreakerRestarted>>) =>
  allItems(context).flatMap(({ n }) => to(child(n), { type: event.type }));
export const tellUnderway = ({ context, event }: In<Delivered<CommandDispatched>>): readonly Envelope[] => {
  const ids = context.running?.n === event.n ? context.running.ids : [];
  const [first] = ids;
  return first === undefined ? [] : ids.flatMap((id) => to('bridge', { type: 'COMMAND_UNDERWAY', id, first }));
};
export const tellAction = ({ context, event }: In<Delivered<CommandTaken>>): readonly Envelope[] => {
  const [id] = context.running?.n === event.n ? context.running.ids : [];
  const { actionId, acceptedAt } = event;
  return id === undefined ? [] : to('bridge', { type: 'ACTION_BEGUN', id, actionId, acceptedAt });
};
export const tellState = ({ context, event }: In<Delivered<StateRead>>): readonly Envelope[] =>
  context.known === null
    ? []
    : to('bridge', { type: 'STATE_CHANGED', car: context.car.id, reading: context.known, method: event.method });
export const tellHolderGone = ({ event }: In<ChildError>) =>
  to('breaker', { type: 'HOLDER_GONE', holder: event.actorId });

export interface Birth {
  readonly n: number;
  readonly input: CommandInput;
}
export const births = ({ context }: In<unknown>): readonly Birth[] => {
  if (context.born === null) return [];
  const { n, command, ids, expiresInMs, resume } = context.born;
  const id = ids[0] ?? `own-${n}`;
  const input = { settings: context.settings, id, n, car: context.car.id, command, expiresInMs };
  return [{ n, input: resume === undefined ? input : { ...input, resume } }];
};
export const buried = ({ event }: In<Delivered<CommandEnded>>): readonly number[] => [event.n];
export const buriedDead = ({ event }: In<ChildError>): readonly number[] => [numberOf(event.actorId)];
export const commandDied = ({ event }: In<ChildError>): LogEntry => ({
  level: 'error',
  message: 'a command actor died',
  fields: { actor: event.actorId },
});

// ── What always goes together ───────────────────────────────────────────────────────────────────────────────────────
const spawned = { type: 'spawn' as const, params: births };
export const taken = [update(take), spawned, send(tellAnswers), send(dropPointless)] as const;
export const pollTaken = [update(addPoll), spawned] as const;
export const learned = [update(learn), send(tellState)] as const;
export const firstRead = [update(addFirstRead), spawned] as const;
export const ownReadTaken = [update(addOwnRead), spawned] as const;
export const settled = [update(settle), send(tellAnswers), { type: 'bury' as const, params: buried }] as const;
export const died = [
  log(commandDied),
  send(tellHolderGone),
  update(settleDead),
  send(tellAnswers),
  { type: 'bury' as const, params: buriedDead },
] as const;
