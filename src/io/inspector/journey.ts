import { type JourneyRow, kindAt, laneOfCaller, type Names, rowOf } from './hop.ts';
import { Places } from './places.ts';
import type { CallEntry, Entry, EventEntry } from './wire.ts';

/**
 * The journey of one command, hop by hop: from the message at the broker over vehicle, token, breaker and cloud to the
 * answer. Pure; nothing here needs Node or a browser.
 */
export type { JourneyRow } from './hop.ts';

const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  REQUEST_TOKEN: ['TOKEN_READY', 'TOKEN_FAILED'],
  REFRESH: ['TOKEN_READY', 'TOKEN_FAILED'],
  REQUEST_PERMIT: ['PERMIT_GRANTED', 'PERMIT_DENIED'],
};
const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed', 'timedOut', 'unknown', 'rejected', 'expired']);

interface Placed {
  /** States are told late: their place is behind the event that led to them. */
  readonly place: number;
  readonly row: JourneyRow;
}

/** @param entries in the order of their numbers. Empty if nothing is known of the command. */
export function journeyOf(entries: readonly Entry[], commandId: string): readonly JourneyRow[] {
  const ids = idsOf(entries, commandId);
  const names = namesIn(entries);
  const waits = new Waits();
  const places = new Places();
  const rows: Placed[] = [];
  const from = arrivalOf(entries, commandId);
  let begunAt: number | null = null;
  for (const entry of entries) {
    if (entry.type === '@xstate.event') places.delivered(entry);
    if (entry.type === 'bluelinkd.call') waits.called(entry);
    const place = entry.type === '@xstate.snapshot' ? places.stepped(entry) : entry.seq;
    const isOurs = entry.seq === from || isOf(entry, ids, commandId);
    const isWaitedFor = !isOurs && waits.concern(entry, place);
    if (!isOurs && !isWaitedFor) continue;
    const row = rowOf(entry, names);
    const waitedMs = isOurs && entry.type === '@xstate.event' ? waits.heard(entry) : null;
    if (row === null) continue;
    begunAt ??= row.at;
    const isEnd = entry.type === 'bluelinkd.message' && entry.status !== null && FINAL.has(entry.status);
    const durationMs = row.durationMs ?? waitedMs ?? (isEnd ? row.at - begunAt : null);
    rows.push({ place, row: { ...row, durationMs } });
    // Others may have made the token ask before.
    const underWay = isOurs && entry.type === '@xstate.event' ? waits.joins(entry) : null;
    const earlier = underWay === null ? null : rowOf(underWay, names);
    if (underWay !== null && earlier !== null) rows.push({ place: underWay.seq, row: earlier });
  }
  return rows.sort((one, other) => one.place - other.place).map(({ row }) => row);
}

/** The command's own, and that of the one whose call it shares. */
function idsOf(entries: readonly Entry[], commandId: string): ReadonlySet<string> {
  const ids = new Set([commandId]);
  for (const entry of entries) {
    if (entry.type !== '@xstate.event' || entry.event.type !== 'COMMAND_SETTLED') continue;
    const { id, joined } = entry.event;
    if (id === commandId && typeof joined === 'string') ids.add(joined);
  }
  return ids;
}

function namesIn(entries: readonly Entry[]): Names {
  const names = new Map<string, string>();
  for (const entry of entries) if (entry.type === '@xstate.actor') names.set(entry.sessionId, entry.name);
  return names;
}

/** Number of the message that it came by: the last before it on the topic that its answers go by. 0 if that is unknown. */
function arrivalOf(entries: readonly Entry[], commandId: string): number {
  const begin = entries.find(
    (entry) => entry.type === '@xstate.event' && entry.event.type === 'COMMAND' && entry.event.id === commandId,
  );
  const answer = entries.find((entry) => entry.type === 'bluelinkd.message' && entry.commandId === commandId);
  if (answer?.type !== 'bluelinkd.message') return 0;
  const topic = answer.topic.replace(/\/result$/, '');
  const before = begin?.seq ?? answer.seq;
  const arrival = entries.findLast(
    (entry) =>
      entry.seq < before && entry.type === 'bluelinkd.message' && entry.direction === 'in' && entry.topic === topic,
  );
  return arrival?.seq ?? 0;
}

function isOf(entry: Entry, ids: ReadonlySet<string>, commandId: string): boolean {
  switch (entry.type) {
    // Answers to others who share the call are their business.
    case 'bluelinkd.message':
      return entry.commandId === commandId;
    case '@xstate.event':
    case '@xstate.snapshot':
    case 'bluelinkd.call':
      return entry.commandId !== null && ids.has(entry.commandId);
    default:
      return false;
  }
}

/** What the command waits for, and what of its surroundings is a part of its story as long as it does. */
class Waits {
  /** By what it asked. `token` is whom, if it was one. */
  readonly #open = new Map<string, { readonly at: number; readonly seq: number; readonly token: string | null }>();
  readonly #over: { readonly from: number; readonly to: number; readonly token: string }[] = [];
  /** Calls of tokens that run, by the token. */
  readonly #calls = new Map<string, CallEntry>();

  called(call: CallEntry): void {
    if (laneOfCaller(call) !== 'token') return;
    const token = `account/${call.account}/token`;
    if (call.phase === 'begun') this.#calls.set(token, call);
    else this.#calls.delete(token);
  }

  /** The call that is under way already for what this event asks of a token. */
  joins({ sessionId, event }: EventEntry): CallEntry | null {
    return event.type === 'REFRESH' || event.type === 'REQUEST_TOKEN' ? (this.#calls.get(sessionId) ?? null) : null;
  }

  /** Answers how long was waited, if this ends a wait. */
  heard({ seq, at, sessionId, event }: EventEntry): number | null {
    const { type, request } = event;
    if (typeof request !== 'string') return null;
    if (ANSWERS[type] !== undefined) {
      this.#open.set(type, { at, seq, token: kindAt(sessionId) === 'token' ? sessionId : null });
      return null;
    }
    for (const [asked, { at: since, seq: from, token }] of this.#open) {
      if (ANSWERS[asked]?.includes(type) !== true) continue;
      this.#open.delete(asked);
      if (token !== null) this.#over.push({ from, to: seq, token });
      return at - since;
    }
    return null;
  }

  /** Whether it is what the token does while it is waited for. @param place where it belongs: a step may be told late. */
  concern(entry: Entry, place: number): boolean {
    for (const { token } of this.#open.values()) if (token !== null && isDoneBy(token, entry)) return true;
    return this.#over.some(({ from, to, token }) => place > from && place < to && isDoneBy(token, entry));
  }
}

function isDoneBy(token: string, entry: Entry): boolean {
  switch (entry.type) {
    case '@xstate.snapshot':
      return entry.sessionId === token;
    case '@xstate.event': {
      const { sessionId, sourceId } = entry;
      if (sourceId === undefined || sourceId === sessionId) return false;
      const breaker = token.replace(/token$/, 'breaker');
      return (sourceId === token && sessionId === breaker) || (sourceId === breaker && sessionId === token);
    }
    case 'bluelinkd.call':
      return entry.commandId === null && laneOfCaller(entry) === 'token' && token === `account/${entry.account}/token`;
    default:
      return false;
  }
}
