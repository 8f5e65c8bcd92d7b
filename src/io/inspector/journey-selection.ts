import { REDACTED } from '../log/secrets.ts';
import { laneOfCaller } from './hop.ts';
import type { Kept } from './ring.ts';
import { type CallSeen, commandOf, type Seen } from './seen.ts';

/**
 * What of the ring one command's journey is made of (journey.ts), looked up before anything is converted: a full ring has
 * ten thousand things, of which a journey needs some dozens.
 *
 * @param all in the order of their numbers.
 * @param commandId as the wire has it: without what must not be read.
 */
export function journeySelection(
  all: readonly Kept<Seen>[],
  commandId: string,
  clean: (text: string) => string,
): readonly Kept<Seen>[] {
  const isNamed = (raw: string | null, name: string) =>
    raw === name || (raw !== null && name.includes(REDACTED) && clean(raw) === name);
  const ids = [commandId];
  for (const { seen } of all) {
    if (seen.type !== 'delivered' || seen.observation.event.type !== 'COMMAND_SETTLED') continue;
    const { id, joined } = seen.observation.event;
    if (typeof joined === 'string' && isNamed(String(id), commandId)) ids.push(clean(joined));
  }
  const isOurs = (seen: Seen): boolean => {
    const raw = commandOf(seen);
    return raw !== null && ids.some((id) => isNamed(raw, id));
  };
  const ours = all.filter(({ seen }) => isOurs(seen));
  const [first, last] = [ours[0], ours.at(-1)];
  if (first === undefined || last === undefined) return [];
  const wanted = new Set(ours);
  const own = ours.filter(({ seen }) => isNamed(commandOf(seen), commandId));
  for (const kept of arrivals(all, own)) wanted.add(kept);
  for (const kept of surroundings(all, ours, first.seq, last.seq)) wanted.add(kept);
  return [...wanted].sort((one, other) => one.seq - other.seq);
}

/** The message that it came by: the last on the topic of its answers before it was heard of. @param own without what it joined. */
function arrivals(all: readonly Kept<Seen>[], own: readonly Kept<Seen>[]): readonly Kept<Seen>[] {
  const [first] = own;
  const answer = own.find(({ seen }) => seen.type === 'message')?.seen;
  if (first === undefined || answer?.type !== 'message') return [];
  const topic = answer.topic.replace(/\/result$/, '');
  const arrival = all.findLast(
    ({ seq, seen }) => seq < first.seq && seen.type === 'message' && seen.direction === 'in' && seen.topic === topic,
  );
  return arrival === undefined ? [] : [arrival];
}

/**
 * What the tokens that it asked did from its first to its last, and before that what was still under way then; and what
 * its own actors were told.
 */
function surroundings(
  all: readonly Kept<Seen>[],
  ours: readonly Kept<Seen>[],
  first: number,
  last: number,
): readonly Kept<Seen>[] {
  const followed = new Set<string>();
  for (const { seen } of ours) {
    if (seen.type === 'stepped') followed.add(seen.observation.actor.address);
    if (seen.type === 'delivered' && seen.observation.actor.kind === 'token') {
      followed.add(seen.observation.actor.address);
    }
  }
  const found: Kept<Seen>[] = [];
  const underWay = new UnderWay();
  for (const kept of all) {
    if (kept.seq > last) break;
    if (!isAround(kept.seen, followed)) continue;
    if (kept.seq < first) underWay.note(kept);
    else found.push(kept);
  }
  return [...underWay.left(), ...found];
}

function isAround(seen: Seen, followed: ReadonlySet<string>): boolean {
  switch (seen.type) {
    case 'delivered': {
      const { actor, from } = seen.observation;
      return followed.has(actor.address) || (actor.kind === 'breaker' && from !== null && followed.has(from));
    }
    case 'stepped':
    case 'stopped':
      return followed.has(seen.observation.actor.address);
    case 'call':
      return (
        followed.has(tokenOf(seen)) &&
        laneOfCaller({ name: seen.call.kind, commandId: seen.call.commandId }) === 'token'
      );
    default:
      return false;
  }
}

const tokenOf = ({ account }: CallSeen): string => `account/${account}/token`;

/** Events whose step has not been told yet, and calls that have not ended. */
class UnderWay {
  readonly #told = new Map<string, Kept<Seen>[]>();
  readonly #calls = new Map<number, Kept<Seen>>();

  note(kept: Kept<Seen>): void {
    const { seen } = kept;
    if (seen.type === 'delivered') {
      const { address } = seen.observation.actor;
      const line = this.#told.get(address);
      if (line === undefined) this.#told.set(address, [kept]);
      else line.push(kept);
    } else if (seen.type === 'stepped') {
      const { actor, event } = seen.observation;
      const line = this.#told.get(actor.address) ?? [];
      line.splice(
        0,
        line.findIndex((one) => one.seen.type === 'delivered' && one.seen.observation.event.type === event) + 1,
      );
    } else if (seen.type === 'call') {
      if (seen.over === null) this.#calls.set(seen.n, kept);
      else this.#calls.delete(seen.n);
    }
  }

  left(): readonly Kept<Seen>[] {
    return [...this.#told.values(), [...this.#calls.values()]].flat();
  }
}
