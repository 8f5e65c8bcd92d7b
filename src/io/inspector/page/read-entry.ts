import { readStateValue } from '../state-value.ts';
import type {
  AccountHealth,
  CallEntry,
  DroppedEntry,
  Entry,
  Fields,
  HelloEntry,
  Scalar,
  SnapshotEntry,
  TakenTransition,
} from '../wire.ts';

/** What comes over the stream. */
export type StreamEntry = Entry | DroppedEntry | HelloEntry;

export const STREAM_TYPES: readonly StreamEntry['type'][] = [
  '@xstate.actor',
  '@xstate.event',
  '@xstate.snapshot',
  'bluelinkd.call',
  'bluelinkd.message',
  'bluelinkd.log',
  'bluelinkd.health',
  'bluelinkd.dropped',
  'bluelinkd.hello',
];

/**
 * Reads entries out of foreign JSON: of the stream, of a file from anywhere. Fields that are missing or of another type
 * become null, '', 0 or empty; what this page does not know is dropped.
 */

type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberOrNull = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const number = (value: unknown): number => numberOrNull(value) ?? 0;
const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

function fields(value: unknown): Fields {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((pair): pair is [string, Scalar] => isScalar(pair[1])));
}

type Status = SnapshotEntry['snapshot']['status'];
const STATUSES: readonly Status[] = ['active', 'done', 'error', 'stopped'];
const statusOf = (value: unknown): Status => STATUSES.find((status) => status === value) ?? 'active';

const takenOf = (value: Json): TakenTransition => ({
  source: text(value.source),
  event: text(value.event),
  targets: texts(value.targets),
});

function healthOf(value: Json): AccountHealth {
  return {
    account: text(value.account),
    tokenState: textOrNull(value.tokenState),
    generation: number(value.generation),
    expiresAt: numberOrNull(value.expiresAt),
    breakerState: textOrNull(value.breakerState),
    callsLeft: numberOrNull(value.callsLeft),
    callsInFlight: number(value.callsInFlight),
    line: number(value.line),
    // Older recordings know of the line only.
    waiting: numberOrNull(value.waiting) ?? number(value.line),
    refreshesLastHour: number(value.refreshesLastHour),
  };
}

interface Base {
  readonly seq: number;
  readonly at: number;
}

/** Null for what is no entry, or of a type that this page does not know. */
export function entryOf(value: unknown): StreamEntry | null {
  if (!isObject(value) || typeof value.type !== 'string') return null;
  const base = { seq: number(value.seq), at: number(value.at) };
  return value.type.startsWith('@') ? protocolEntryOf(value, base) : ownEntryOf(value, base);
}

function protocolEntryOf(value: Json, { seq, at }: Base): Entry | null {
  const { type } = value;
  const base = {
    seq,
    at,
    sessionId: text(value.sessionId),
    rootId: 'fleet',
    createdAt: String(at),
    id: String(seq),
    _version: text(value._version),
    commandId: textOrNull(value.commandId),
  } as const;
  const event = fields(value.event);
  switch (type) {
    case '@xstate.actor':
      return {
        ...base,
        type,
        ...(typeof value.parentId === 'string' ? { parentId: value.parentId } : {}),
        kind: text(value.kind),
        name: text(value.name),
        account: textOrNull(value.account),
        again: value.again === true,
        snapshot: { status: 'active' },
      };
    case '@xstate.event':
      return {
        ...base,
        type,
        ...(typeof value.sourceId === 'string' ? { sourceId: value.sourceId } : {}),
        event: { ...event, type: text(event.type) },
      };
    case '@xstate.snapshot': {
      const snapshot = isObject(value.snapshot) ? value.snapshot : {};
      return {
        ...base,
        type,
        event: { type: text(event.type) },
        snapshot: {
          status: statusOf(snapshot.status),
          value: readStateValue(snapshot.value),
          context: fields(snapshot.context),
        },
        taken: objects(value.taken).map(takenOf),
        deadlines: objects(value.deadlines).map(({ name, endsAt }) => ({ name: text(name), endsAt: number(endsAt) })),
      };
    }
    default:
      return null;
  }
}

function ownEntryOf(value: Json, base: Base): StreamEntry | null {
  const { type } = value;
  switch (type) {
    case 'bluelinkd.call':
      return { ...base, type, ...callOf(value) };
    case 'bluelinkd.message':
      return {
        ...base,
        type,
        direction: value.direction === 'in' ? 'in' : 'out',
        topic: text(value.topic),
        qos: value.qos === 1 ? 1 : 0,
        bytes: number(value.bytes),
        retain: value.retain === true,
        commandId: textOrNull(value.commandId),
        status: textOrNull(value.status),
        reason: textOrNull(value.reason),
      };
    case 'bluelinkd.log':
      return { ...base, type, level: text(value.level), message: text(value.message), fields: fields(value.fields) };
    case 'bluelinkd.health':
      return {
        ...base,
        type,
        accounts: objects(value.accounts).map(healthOf),
        queue: number(value.queue),
        commandsOpen: number(value.commandsOpen),
        eventLoopDelayMs: number(value.eventLoopDelayMs),
        rssBytes: number(value.rssBytes),
        heapBytes: number(value.heapBytes),
        brokerConnected: value.brokerConnected === true,
        clients: number(value.clients),
      };
    case 'bluelinkd.dropped':
      return { ...base, type, count: number(value.count), sinceSeq: number(value.sinceSeq) };
    case 'bluelinkd.hello':
      return { ...base, type, boot: text(value.boot), version: text(value.version) };
    default:
      return null;
  }
}

function callOf(value: Json): Omit<CallEntry, 'type' | 'seq' | 'at'> {
  const { scope } = value;
  return {
    phase: value.phase === 'ended' ? 'ended' : 'begun',
    call: number(value.call),
    name: text(value.name),
    account: text(value.account),
    carAddress: textOrNull(value.carAddress),
    commandId: textOrNull(value.commandId),
    attempt: numberOrNull(value.attempt),
    generation: numberOrNull(value.generation),
    scope: scope === 'access' || scope === 'control' ? scope : null,
    outcome: textOrNull(value.outcome),
    answer: textOrNull(value.answer),
    cause: textOrNull(value.cause),
    durationMs: numberOrNull(value.durationMs),
  };
}

/** Null for text that is no JSON, too. */
export function readEntry(json: string): StreamEntry | null {
  try {
    return entryOf(JSON.parse(json));
  } catch {
    return null;
  }
}
