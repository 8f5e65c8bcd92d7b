import type { Ending, Purpose, Refresh } from './domain/command.ts';
import type { CommandEnded, CommandReceived, Delivered, Envelope, StateRead } from './domain/events.ts';
import { mergeReadings, stateTime } from './domain/merge.ts';
import type { Reading } from './domain/vehicle-state.ts';
import { send, type Timer, to, update } from './story.ts';
import type { In, Item, Patch, ReadKind, Reads, VehicleContext, Wish, WishOver } from './vehicle.glossary.ts';
import { child, end, full, idsOf, newItem, spawned, tellAnswers, waited, wishOf } from './vehicle.glossary.ts';

/** The words of a vehicle's story about its reads: who wants one, when it polls, what is known. All pure. */

// ── Who wants one ───────────────────────────────────────────────────────────────────────────────────────────────────
const kindOf = (command: Refresh): ReadKind => (command.mode === 'force' ? 'forced' : 'cached');
export const isYoungEnough = ({ known }: VehicleContext, { mode, maxAgeS }: Refresh, now: number) =>
  mode === 'smart' && maxAgeS !== null && known !== null && Math.abs(now - timeOf(known)) <= maxAgeS * 1000;
const timeOf = ({ state, fetchedAt }: Reading) =>
  state.last_updated_utc === null ? fetchedAt : Date.parse(state.last_updated_utc);

/** Any number of waiting reads of one kind is one call. */
export function addRead(context: VehicleContext, command: Refresh, wish: Wish): Patch {
  const kind = kindOf(command);
  const reads = context[kind];
  const { waiting } = reads;
  if (waiting === null) {
    const born = newItem(context.next, command, [wish]);
    return { [kind]: { ...reads, waiting: born }, next: context.next + 1, born, answers: [] };
  }
  if (wish.id !== null && idsOf(waiting).length >= context.settings.joinLimit) return full(wish.id);
  return { [kind]: { ...reads, waiting: withWish(waiting, wish) }, born: null, answers: [] };
}

/** Who wants it twice wants it once, for the stronger reason: that is the daemon only. */
function withWish(item: Item, wish: Wish): Item {
  const same = item.wishes.find(({ id }) => id === wish.id);
  const added = same === undefined ? wish : { ...wish, purpose: strongest([same, wish]) };
  return { ...item, wishes: [...item.wishes.filter((other) => other !== same), added] };
}

const PURPOSES: readonly Purpose[] = ['needed', 'asked', 'own', 'poll'];
const strongest = (wishes: readonly Wish[]): Purpose =>
  PURPOSES.find((candidate) => wishes.some(({ purpose }) => purpose === candidate)) ?? 'poll';
const isPatient = (item: Item): boolean => idsOf(item).length === 0;

export const isFitForWaking = ({ known, settings }: VehicleContext, { mode, override }: Refresh): boolean => {
  const battery = known?.state.battery_12v_pct ?? null;
  return mode !== 'force' || override === true || battery === null || battery >= settings.minBattery12vPct;
};
export const batteryLow = ({ known, settings }: VehicleContext): Ending =>
  end(
    'rejected',
    'budget',
    `The 12 V battery is at ${known?.state.battery_12v_pct} %; below ${settings.minBattery12vPct} % the car is not woken (force! does it all the same).`,
  );

const OWN_READ: Refresh = { name: 'refresh', mode: 'cached', maxAgeS: null };
export const addFirstRead = ({ context }: In<unknown>): Patch =>
  context.readAtStart ? addRead(context, OWN_READ, wishOf(null, 'own')) : {};
/** The read after a control: it belongs to it. */
export const addOwnRead = ({ context }: In<unknown>): Patch => addRead(context, OWN_READ, wishOf(null, 'needed'));
/** Whoever reads anyway makes a poll superfluous. */
export const addPoll = ({ context }: In<unknown>): Patch => {
  const { cached, closing } = context;
  const vainPolls = isStillUnread(context) ? context.vainPolls + 1 : 0;
  const isReading = cached.running !== null || cached.waiting !== null;
  const added = closing || isReading ? { born: null, answers: [] } : addRead(context, OWN_READ, wishOf(null, 'poll'));
  return { ...added, vainPolls };
};

// ── Who wants it no longer, or cannot wait ──────────────────────────────────────────────────────────────────────────
const wishTimer = (id: string) => `wish/${id}`;
/** A read that several wait for has no deadline of its own: it is wanted until the last of them has had enough. */
export const wishTimers = ({ context, event }: In<Delivered<CommandReceived>>): readonly Timer[] => {
  const { id, expiresInMs } = event;
  if (expiresInMs === null || !isWaiting(context, id)) return [];
  return [{ id: wishTimer(id), delayMs: expiresInMs, event: { type: 'WISH_OVER', id } }];
};
const answeredTimers = ({ context }: In<unknown>) => context.answers.map(({ id }) => wishTimer(id));
const hasWish = (item: Item | null, id: string) => item?.wishes.some((wish) => wish.id === id) === true;
const isWaiting = ({ cached, forced }: VehicleContext, id: string) =>
  hasWish(cached.waiting, id) || hasWish(forced.waiting, id);
const readOf = ({ cached, forced }: VehicleContext, id: string): Item | undefined =>
  [cached.waiting, cached.running, forced.waiting, forced.running]
    .filter((item) => item !== null)
    .find((item) => hasWish(item, id));

/** Before its end is remembered: was it the last who wanted this read? */
export const tellUnwanted = ({ context, event: { id } }: In<WishOver>): readonly Envelope[] => {
  const item = readOf(context, id);
  const isWanted = item?.wishes.some((wish) => wish.id !== id && !wish.isOver);
  return item === undefined || isWanted ? [] : giveUp(item);
};
const BEHIND_ANOTHER = 'It waited too long behind another read of this car, so it was not sent.';
/** Whose read waits for its turn is answered at once; whose runs hears what becomes of it. */
export const endWish = ({ context, event: { id } }: In<WishOver>): Patch => ({
  cached: withoutWish(context.cached, id),
  forced: withoutWish(context.forced, id),
  born: null,
  answers: isWaiting(context, id) ? [{ id, ending: end('expired', 'expired', BEHIND_ANOTHER) }] : [],
});
const withoutWish = ({ running, waiting }: Reads, id: string): Reads => {
  const left = waiting?.wishes.filter((wish) => wish.id !== id) ?? [];
  const marked = running?.wishes.map((wish) => (wish.id === id ? { ...wish, isOver: true } : wish)) ?? [];
  return {
    running: running === null ? null : { ...running, wishes: marked },
    waiting: waiting === null || left.length === 0 ? null : { ...waiting, wishes: left },
  };
};
const giveUp = ({ n }: Item) => to(child(n), { type: 'MESSAGE_EXPIRED' });

/** What somebody asked for does not wait behind a read of the daemon's own, unless the call of that is under way. */
export const hurry = ({ context, event }: In<Delivered<CommandReceived>>): readonly Envelope[] => {
  const { running, waiting } = context.cached;
  const isBehind = running !== null && isPatient(running) && hasWish(waiting, event.id);
  return isBehind ? giveUp(running) : [];
};
/**
 * What comes next is read for the daemon, too; if nobody waits any more, for the daemon alone. Such a read has no time
 * limit of a sender: it gives way to the next one that somebody asks for, and to nothing else.
 */
export const handOver = ({ context, event }: In<Delivered<CommandEnded>>): Patch => {
  const { running } = context.cached;
  const own = running?.n === event.n ? running.wishes.find(({ id }) => id === null) : undefined;
  const isLeft = own !== undefined && event.ending.status === 'expired' && !context.closing;
  return isLeft ? addRead(context, OWN_READ, own) : { born: null };
};

// ── The one that runs ───────────────────────────────────────────────────────────────────────────────────────────────
export const startRead =
  (kind: ReadKind) =>
  ({ context }: In<unknown>): Patch => ({ [kind]: { running: context[kind].waiting, waiting: null } });
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
          purpose: strongest(running.wishes),
          ...(isPatient(running) ? { patient: true } : {}),
          ...waited(running),
          ...knownAt(kind, context),
        });
  };

// ── What is known ───────────────────────────────────────────────────────────────────────────────────────────────────
export const learn = ({ context, event }: In<Delivered<StateRead>>): Patch => ({
  known: mergeReadings(context.known, event.reading),
});
export const tellState = ({ context, event }: In<Delivered<StateRead>>): readonly Envelope[] =>
  context.known === null
    ? []
    : to('bridge', { type: 'STATE_CHANGED', car: context.car.id, reading: context.known, method: event.method });

// ── Polling ─────────────────────────────────────────────────────────────────────────────────────────────────────────
const CHARGING_POLL_MS = 600_000;
const FIRST_POLL_MS = 60_000;
/** The read at the start has come to nothing so far. */
const isStillUnread = ({ known, readAtStart }: VehicleContext): boolean => known === null && readAtStart;
/** ms. Of a car that could not be read at the start nobody knows anything: it is polled sooner, and then ever more seldom. */
export const pollMs = (context: VehicleContext): number => {
  const { settings, known, vainPolls } = context;
  if (isStillUnread(context)) return Math.min(FIRST_POLL_MS * 2 ** vainPolls, settings.pollIntervalMs);
  return known?.state.charging === true ? Math.min(CHARGING_POLL_MS, settings.pollIntervalMs) : settings.pollIntervalMs;
};
export const tellNextPoll = ({ context }: In<unknown>) =>
  to('bridge', { type: 'POLL_PLANNED', car: context.car.id, inMs: pollMs(context) });

// ── What always goes together ───────────────────────────────────────────────────────────────────────────────────────
export const learned = [update(learn), send(tellState)] as const;
export const pollTaken = [update(addPoll), spawned] as const;
export const firstRead = [update(addFirstRead), spawned] as const;
/** Also of what has ended, or rung: so that no name of it is kept. */
export const forgetDeadlines = { type: 'stopTimers' as const, params: answeredTimers };
export const wishEnded = [send(tellUnwanted), update(endWish), forgetDeadlines, send(tellAnswers)] as const;
