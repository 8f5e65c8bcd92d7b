import { type JourneyRow, kindAt, rowOf } from '../hop.ts';
import type { CallEntry, Entry } from '../wire.ts';
import type { ActorTable } from './actor-table.ts';
import { spanText } from './actor-words.ts';

/** A row of the live diagram: a hop, whose it is, and what it sounds like. */
export interface Hop extends JourneyRow {
  readonly tone: Tone;
  readonly commandId: string | null;
  /** Addresses of those who take part: for the selection. */
  readonly addresses: readonly string[];
}

type Tone = 'plain' | 'good' | 'busy' | 'bad';

/** What one entry looks like in the diagram; null for what has no place there. */
export function hopOf(entry: Entry, actors: ActorTable): Hop | null {
  const row = rowOf(entry, actors.names);
  if (row === null) return null;
  const commandId = 'commandId' in entry ? entry.commandId : null;
  return { ...row, detail: detailOf(row), tone: toneOf(row), commandId, addresses: addressesIn(entry, actors) };
}

/** A row of a journey: all of it belongs to that command. */
export const hopIn = (row: JourneyRow, commandId: string): Hop => ({
  ...row,
  detail: detailOf(row),
  tone: toneOf(row),
  commandId,
  addresses: [],
});

/** There is little room: long ids are cut, spans are words. */
function detailOf({ detail, durationMs }: JourneyRow): string {
  const short = detail
    .replace(/\b([0-9a-f]{8})-[0-9a-f-]{27}\b/g, '$1…')
    .replace(/,? ?acceptedAt \d+/, '')
    .replace(/\b(\w+)Ms (\d+)/g, (_, name: string, ms: string) => `${name} ${spanText(Number(ms))}`);
  const took = durationMs === null || durationMs < 1 ? '' : `took ${spanText(durationMs)}`;
  return [short, took].filter((word) => word !== '').join(', ');
}

const GOOD = /^(succeeded|valid|closed|TOKEN_READY|accepted|record success)/;
const BUSY = /^(REFRESH$|refreshing|cooldown|halfOpen)/;
const BAD = /^(failed|TOKEN_FAILED|PERMIT_DENIED|open|timedOut)/;

function toneOf({ kind, from, what, detail }: JourneyRow): Tone {
  const isAnswer = kind === 'call' && from === 'cloud';
  const words = kind === 'message' ? detail : what;
  if (BAD.test(words) && !isAnswer) return 'bad';
  if (isAnswer) return /^[a-z]+[A-Z]|^(broke|network|timeout)/.test(what) ? 'bad' : 'good';
  return GOOD.test(words) ? 'good' : BUSY.test(words) ? 'busy' : 'plain';
}

function addressesIn(entry: Entry, actors: ActorTable): readonly string[] {
  switch (entry.type) {
    case '@xstate.event':
      return entry.sourceId === null ? [entry.sessionId] : [entry.sourceId, entry.sessionId];
    case '@xstate.snapshot':
      return [entry.sessionId];
    case 'bluelinkd.call':
      return [callerOf(entry, actors)];
    case 'bluelinkd.message':
      return ['bridge', ...(entry.commandId === null ? [] : [actors.addressOfCommand(entry.commandId) ?? ''])];
    default:
      return [];
  }
}

function callerOf({ account, name, commandId, carAddress }: CallEntry, actors: ActorTable): string {
  const command = commandId === null ? undefined : actors.addressOfCommand(commandId);
  if (command !== undefined) return command;
  return /^(session|login)/.test(name) ? `account/${account}/token` : (carAddress ?? `account/${account}`);
}

/** States of these are a story; those of others are many and small. */
export const isStoryOf = (address: string | undefined): boolean =>
  address === undefined || ['token', 'breaker', 'command', 'list'].includes(kindAt(address));
