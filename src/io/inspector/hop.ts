import { statesIn } from './state-value.ts';
import type { CallEntry, Entry, EventEntry, Fields, MessageEntry, SnapshotEntry } from './wire.ts';

/** One hop of a journey: who told whom what. Nothing here needs Node or a browser. */
export interface JourneyRow {
  /** Epoch ms. */
  readonly at: number;
  /** Lanes: `broker`, `bridge`, `vehicle <name>`, `command`, `token`, `breaker`, `cloud`, `account`, `fleet`. */
  readonly from: string;
  /** The same as `from` for what somebody does by itself. */
  readonly to: string;
  readonly what: string;
  /** Empty if there is nothing to add. */
  readonly detail: string;
  /** Of calls, and of waits at their end. */
  readonly durationMs: number | null;
  readonly kind: 'message' | 'event' | 'call' | 'state';
}

/** Names of actors by their addresses, where they have one that a person reads. */
export type Names = ReadonlyMap<string, string>;

/** Calls that a token makes for itself, and not for a command. */
const OF_THE_TOKEN: ReadonlySet<string> = new Set(['sessionStart', 'sessionRefresh', 'login']);
/** What only tells machines which answer belongs to which request. */
const FOR_MACHINES: ReadonlySet<string> = new Set([
  'type',
  'request',
  'permit',
  'n',
  'ticket',
  'id',
  'holder',
  'acceptedAt',
]);
/** An actor's own calls: they have rows of their own. */
const ENDS_OF_CALLS = /^xstate\.done\.|^CALL_ENDED$|^RENEWAL_ENDED$/;
const AFTER = /^xstate\.after\.([^.]+)/;

/**
 * As they are read one after the other: a step is told when it is over, and what was told then says nothing to people, so
 * it has the time of what led to it, and no words of its own besides. No row goes back in time.
 *
 * @param rows in the order in which they belong.
 */
export function inTime<R extends Pick<JourneyRow, 'at' | 'kind' | 'detail'>>(rows: readonly R[]): readonly R[] {
  let at = rows.find(({ kind }) => kind !== 'state')?.at ?? rows[0]?.at ?? 0;
  return rows.map((row) => {
    if (row.kind === 'state') return { ...row, at, detail: '' };
    at = row.at;
    return row;
  });
}

/** When the journey began, epoch ms: when its message came, or else with what was said first. A token's call it may have joined. */
export const beginOf = (rows: readonly Pick<JourneyRow, 'at' | 'from' | 'kind'>[]): number =>
  (
    rows.find(({ from }) => from === 'broker') ??
    rows.find(({ kind, from }) => kind !== 'call' || from !== 'token') ??
    rows[0]
  )?.at ?? 0;

/** What an actor is: `token`, `breaker`, `vehicle`, `command`, `list`, `account`, `bridge`, `fleet`. */
export function kindAt(address: string): string {
  const levels = address.split('/');
  return (levels.length % 2 === 0 ? levels.at(-2) : levels.at(-1)) ?? address;
}

export function laneOf(address: string, names: Names): string {
  const kind = kindAt(address);
  if (kind === 'list') return 'command';
  return kind === 'vehicle' ? `vehicle ${names.get(address) ?? address.split('/').at(-1)}` : kind;
}

/** One entry as a hop; null for what is none. */
export function rowOf(entry: Entry, names: Names): JourneyRow | null {
  switch (entry.type) {
    case '@xstate.event':
      return eventRow(entry, names);
    case '@xstate.snapshot':
      return stateRow(entry, names);
    case 'bluelinkd.call':
      return callRow(entry);
    case 'bluelinkd.message':
      return messageRow(entry);
    default:
      return null;
  }
}

function eventRow({ at, sessionId, sourceId, event }: EventEntry, names: Names): JourneyRow | null {
  if (sourceId === undefined || ENDS_OF_CALLS.test(event.type)) return null;
  const [from, to] = [laneOf(sourceId, names), laneOf(sessionId, names)];
  const after = AFTER.exec(event.type);
  return {
    at,
    from,
    to,
    what: after === null ? event.type : `time over: ${after[1]}`,
    detail: fieldsText(event),
    durationMs: null,
    kind: 'event',
  };
}

/** Only what changed where somebody is. */
function stateRow({ at, sessionId, event, snapshot, taken }: SnapshotEntry, names: Names): JourneyRow | null {
  if (snapshot.status !== 'active' || taken.every(({ targets }) => targets.length === 0)) return null;
  const lane = laneOf(sessionId, names);
  return {
    at,
    from: lane,
    to: lane,
    what: statesIn(snapshot.value).join(', '),
    detail: event.type,
    durationMs: null,
    kind: 'state',
  };
}

function callRow(entry: CallEntry): JourneyRow {
  const { at, name, phase, attempt, generation, scope, outcome, answer, cause, durationMs } = entry;
  const who = laneOfCaller(entry);
  if (phase === 'begun') {
    const again = attempt !== null && attempt > 1 ? 'retry: ' : '';
    const detail = fieldsText({ attempt: OF_THE_TOKEN.has(name) ? null : attempt, generation });
    return { at, from: who, to: 'cloud', what: `${again}${name}`, detail, durationMs: null, kind: 'call' };
  }
  const isFine = outcome === 'ok';
  const what = isFine ? (answer ?? 'ok') : (outcome ?? 'ended');
  const told = isFine ? fieldsText({ generation: OF_THE_TOKEN.has(name) ? generation : null }) : (cause ?? '');
  const refused = outcome === 'tokenRefused' ? `, ${fieldsText({ generation, scope })}` : '';
  return { at, from: 'cloud', to: who, what, detail: `${told}${refused}`, durationMs, kind: 'call' };
}

export function laneOfCaller({ name, commandId }: Pick<CallEntry, 'name' | 'commandId'>): string {
  if (OF_THE_TOKEN.has(name)) return 'token';
  return commandId === null && name === 'list' ? 'token' : 'command';
}

function messageRow({ at, direction, topic, qos, bytes, status, reason, retain }: MessageEntry): JourneyRow {
  const isIn = direction === 'in';
  const about = status === null ? [`QoS ${qos}`, `${bytes} bytes`] : [status, ...(reason === null ? [] : [reason])];
  return {
    at,
    from: isIn ? 'broker' : 'bridge',
    to: isIn ? 'bridge' : 'broker',
    what: topic,
    detail: [...about, ...(retain ? ['retained'] : [])].join(', '),
    durationMs: null,
    kind: 'message',
  };
}

/** `generation 1, scope access`; what says nothing is left out. */
export function fieldsText(fields: Fields): string {
  return Object.entries(fields)
    .filter(([key, value]) => value !== null && value !== false && !FOR_MACHINES.has(key))
    .map(([key, value]) => (value === true ? key : `${key} ${value}`))
    .join(', ');
}
