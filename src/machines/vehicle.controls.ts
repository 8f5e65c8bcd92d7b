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
import { child, full, idsOf, newItem, waited, wishOf } from './vehicle.glossary.ts';

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
  const wish = wishOf(event.id, 'needed', event.waitedMs);
  // A sender's own deadline is its own: such a command is neither joined nor joins.
  if (last !== undefined && same(last, command) && last.expiresInMs === null && event.expiresInMs === null) {
    if (last.wishes.length >= context.settings.joinLimit) return { queue, ...full(event.id) };
    const joined = { ...last, wishes: [...last.wishes, wish] };
    return { queue: queue.map((item) => (item === last ? joined : item)), born: null, answers: [] };
  }
  if (waiting.length >= context.settings.queueLimit) return { queue, ...full(event.id) };
  const born = newItem(context.next, command, [wish], event.expiresInMs);
  return { queue: [...queue, born], next: context.next + 1, born, answers: [] };
}

/** What an earlier run sent takes its place in the line: the car is at it, or has been. */
export function takeUp(context: VehicleContext, command: Control, id: string, resume: Resume): Patch {
  const { next, queue } = context;
  const wishes = [id, ...resume.joined].map((one) => wishOf(one, 'needed'));
  const acceptedAt = resume.kind === 'confirm' ? resume.acceptedAt : null;
  const born = { ...newItem(next, command, wishes), dispatched: true, acceptedAt, resume };
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
  context.running === null ? [] : to(child(context.running.n), { type: 'START', ...waited(context.running) });
export const markDispatched = ({ context, event }: In<Delivered<CommandDispatched>>): Patch => {
  if (context.running?.n !== event.n) return {};
  const running = { ...context.running, dispatched: true };
  return running.command.name === 'windows' ? { running, windowsMovedAt: event.at } : { running };
};
export const tellUnderway = ({ context, event }: In<Delivered<CommandDispatched>>): readonly Envelope[] => {
  const ids = context.running?.n === event.n ? idsOf(context.running) : [];
  const [first] = ids;
  return first === undefined ? [] : ids.flatMap((id) => to('bridge', { type: 'COMMAND_UNDERWAY', id, first }));
};
export const storeAcceptance = ({ context: { running }, event }: In<Delivered<CommandTaken>>): Patch =>
  running?.n === event.n ? { running: { ...running, acceptedAt: event.acceptedAt } } : {};
export const tellAction = ({ context, event }: In<Delivered<CommandTaken>>): readonly Envelope[] => {
  const [id] = context.running?.n === event.n ? idsOf(context.running) : [];
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
