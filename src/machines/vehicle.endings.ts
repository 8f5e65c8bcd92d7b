import type { Ending } from './domain/command.ts';
import type { CommandEnded, Delivered } from './domain/events.ts';
import { optionsOf } from './domain/options.ts';
import { type LogEntry, log, send, to, update } from './story.ts';
import type { ChildError, In, Item, Patch, VehicleContext } from './vehicle.glossary.ts';
import { allItems, end, idsOf, spawned, tellAnswers } from './vehicle.glossary.ts';
import { forgetDeadlines, handOver } from './vehicle.reads.ts';

/** The words of a vehicle's story about the ends of its commands: who is answered what, and who is forgotten. All pure. */

const without = (item: Item | null, n: number) => (item?.n === n ? null : item);
const remove = (context: VehicleContext, n: number): Patch => ({
  running: without(context.running, n),
  queue: context.queue.filter((item) => item.n !== n),
  cached: { running: without(context.cached.running, n), waiting: without(context.cached.waiting, n) },
  forced: { running: without(context.forced.running, n), waiting: without(context.forced.waiting, n) },
});
/** What was sent to the car is repeated to whoever asked for it. */
const withOptions = ({ dispatched, command }: Item, ending: Ending): Ending =>
  dispatched && command.name !== 'refresh' && ending.status !== 'rejected'
    ? { ...ending, sent: optionsOf(command) }
    : ending;
const endOf = (items: readonly Item[], n: number, how: Ending) => {
  const item = items.find((candidate) => candidate.n === n);
  const [first, ...joined] = item === undefined ? [] : idsOf(item);
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

export const ended = ({ event }: In<Delivered<CommandEnded>>) => event;
export const dead = ({ event }: In<ChildError>) => numberOf(event.actorId);
export const buried = ({ event }: In<Delivered<CommandEnded>>): readonly number[] => [event.n];
export const buriedDead = ({ event }: In<ChildError>): readonly number[] => [numberOf(event.actorId)];
export const tellHolderGone = ({ event }: In<ChildError>) =>
  to('breaker', { type: 'HOLDER_GONE', holder: event.actorId });
export const commandDied = ({ event }: In<ChildError>): LogEntry => ({
  level: 'error',
  message: 'a command actor died',
  fields: { actor: event.actorId },
});

// ── What always goes together ───────────────────────────────────────────────────────────────────────────────────────
export const settled = [
  update(handOver),
  spawned,
  update(settle),
  forgetDeadlines,
  send(tellAnswers),
  { type: 'bury' as const, params: buried },
] as const;
export const died = [
  log(commandDied),
  send(tellHolderGone),
  update(settleDead),
  forgetDeadlines,
  send(tellAnswers),
  { type: 'bury' as const, params: buriedDead },
] as const;
