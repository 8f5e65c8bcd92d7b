import type { Ending, Purpose, Refresh } from './domain/command.ts';
import type { CommandEnded, Delivered, Envelope, StateRead } from './domain/events.ts';
import { mergeReadings, stateTime } from './domain/merge.ts';
import type { Reading } from './domain/vehicle-state.ts';
import { send, to, update } from './story.ts';
import type { In, Patch, ReadKind, VehicleContext } from './vehicle.glossary.ts';
import { child, end, full, newItem, spawned } from './vehicle.glossary.ts';

/** The words of a vehicle's story about its reads: who wants one, when it polls, what is known. All pure. */

// ── Who wants one ───────────────────────────────────────────────────────────────────────────────────────────────────
const kindOf = (command: Refresh): ReadKind => (command.mode === 'force' ? 'forced' : 'cached');
export const isYoungEnough = ({ known }: VehicleContext, { mode, maxAgeS }: Refresh, now: number) =>
  mode === 'smart' && maxAgeS !== null && known !== null && Math.abs(now - timeOf(known)) <= maxAgeS * 1000;
const timeOf = ({ state, fetchedAt }: Reading) =>
  state.last_updated_utc === null ? fetchedAt : Date.parse(state.last_updated_utc);

/** Any number of waiting reads of one kind is one call. `id` is null for a read of our own. */
export function addRead(
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
  context.readAtStart ? addRead(context, OWN_READ, 'own', null, null) : {};
/** The read after a control: it belongs to it. */
export const addOwnRead = ({ context }: In<unknown>): Patch => addRead(context, OWN_READ, 'needed', null, null);
/** Whoever reads anyway makes a poll superfluous. */
export const addPoll = ({ context }: In<unknown>): Patch => {
  const { cached, closing } = context;
  const vainPolls = isStillUnread(context) ? context.vainPolls + 1 : 0;
  const isReading = cached.running !== null || cached.waiting !== null;
  const added = closing || isReading ? { born: null, answers: [] } : addRead(context, OWN_READ, 'poll', null, null);
  return { ...added, vainPolls };
};
export const wantsNews = ({ running }: VehicleContext, { n, confirmed }: CommandEnded) =>
  running?.n === n && confirmed === 'record';

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
          purpose: running.purpose,
          ...(running.ids.length === 0 ? { patient: true } : {}),
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
export const ownReadTaken = [update(addOwnRead), spawned] as const;
