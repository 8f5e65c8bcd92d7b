import type { Control, Ending } from './domain/command.ts';
import { argumentsOf, groupOf, supersedes } from './domain/confirmation.ts';
import type {
  CommandDispatched,
  CommandEnded,
  CommandReceived,
  CommandTaken,
  Delivered,
  Envelope,
  Resume,
} from './domain/events.ts';
import { to } from './story.ts';
import type { In, Item, Patch, VehicleContext } from './vehicle.glossary.ts';
import { child, full, newItem } from './vehicle.glossary.ts';

/** The words of a vehicle's story about its controls: their queue, and the one that runs. All pure. */

// ── The queue ───────────────────────────────────────────────────────────────────────────────────────────────────────
/** What was sent before waits for its confirmation only: nothing drops it or joins it. */
const isGroup = ({ command, dispatched }: Item, group: string) =>
  !dispatched && command.name !== 'refresh' && groupOf(command) === group;
const same = (item: Item, command: Control) =>
  item.command.name !== 'refresh' && argumentsOf(item.command) === argumentsOf(command);

const isPointless = (item: Item, command: Control) =>
  !item.dispatched && item.command.name !== 'refresh' && supersedes(command, item.command) && !same(item, command);

/** What a new control makes pointless is dropped first, then it joins the last of its group if that is equal. */
export function enqueue(context: VehicleContext, command: Control, event: Delivered<CommandReceived>): Patch {
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
export function takeUp(context: VehicleContext, command: Control, id: string, resume: Resume): Patch {
  const { next, queue } = context;
  const born = { ...newItem(next, command, 'needed', [id, ...resume.joined], null), dispatched: true, resume };
  const movedAt = resume.kind === 'confirm' ? resume.acceptedAt : resume.sentAt;
  const windowsMovedAt = command.name === 'windows' ? movedAt : context.windowsMovedAt;
  return { queue: [...queue, born], next: next + 1, windowsMovedAt, born, answers: [] };
}

export const dropPointless = ({ context }: In<unknown>): readonly Envelope[] =>
  context.queue
    .filter(({ dropped }) => dropped)
    .flatMap(({ n }) =>
      to(child(n), { type: 'DROP', reason: 'superseded', message: 'A later command made it pointless.' }),
    );

// ── The one that runs ───────────────────────────────────────────────────────────────────────────────────────────────
export const startNext = ({ context }: In<unknown>): Patch => {
  const next = context.queue.find(({ dropped }) => !dropped) ?? null;
  return { running: next, queue: context.queue.filter((item) => item !== next) };
};
export const startRunning = ({ context }: In<unknown>): readonly Envelope[] =>
  context.running === null ? [] : to(child(context.running.n), { type: 'START' });
export const markDispatched = ({ context, event }: In<Delivered<CommandDispatched>>): Patch => {
  if (context.running?.n !== event.n) return {};
  const running = { ...context.running, dispatched: true };
  return running.command.name === 'windows' ? { running, windowsMovedAt: event.at } : { running };
};
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

// ── Its rest ────────────────────────────────────────────────────────────────────────────────────────────────────────
export const isUnderway = ({ running }: VehicleContext, n: number) => running?.n === n && running.dispatched;
/** What may have been delivered keeps the cloud busy until the record says otherwise; what was refused does not. */
export const needsRest = ({ running }: VehicleContext, { n, confirmed, ending }: CommandEnded) =>
  running?.n === n && running.dispatched && confirmed !== 'record' && isPerhapsBusy(ending);
const isPerhapsBusy = ({ status, reason }: Ending) =>
  status === 'succeeded' || status === 'unknown' || reason === 'carBusy';
