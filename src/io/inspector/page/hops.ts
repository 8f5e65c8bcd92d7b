import { type JourneyRow, kindAt, rowOf } from '../hop.ts';
import type { CallEntry, Entry } from '../wire.ts';
import type { ActorTable } from './actor-table.ts';
import { spanText } from './actor-words.ts';
import { type Tone, toneOf } from './tone.ts';

/** A row of the live diagram: a hop, whose it is, and what it sounds like. */
export interface Hop extends JourneyRow {
  /** As it is without being shown: its detail in full, and without how long it took. */
  readonly row: JourneyRow;
  readonly tone: Tone;
  readonly commandId: string | null;
  /** Addresses of those who take part: for the selection. */
  readonly addresses: readonly string[];
}

/** What one entry looks like in the diagram; null for what has no place there. */
export function hopOf(entry: Entry, actors: ActorTable): Hop | null {
  const row = rowOf(entry, actors.names);
  if (row === null) return null;
  const commandId = 'commandId' in entry ? entry.commandId : null;
  return { ...row, row, detail: detailOf(row), tone: toneOf(row), commandId, addresses: addressesIn(entry, actors) };
}

/** A row of a journey: all of it belongs to that command. */
export const hopIn = (row: JourneyRow, commandId: string): Hop => ({
  ...row,
  row,
  detail: detailOf(row),
  tone: toneOf(row),
  commandId,
  addresses: [],
});

/** There is little room: long ids are cut, spans are words. */
export const shortened = (detail: string): string =>
  detail
    .replace(/\b([0-9a-f]{8})-[0-9a-f-]{27}\b/g, '$1…')
    .replace(/,? ?acceptedAt \d+/, '')
    .replace(/\b(\w+)Ms (\d+)/g, (_, name: string, ms: string) => `${name} ${spanText(Number(ms))}`);

function detailOf({ detail, durationMs }: JourneyRow): string {
  const short = shortened(detail);
  const took = durationMs === null || durationMs < 1 ? '' : `took ${spanText(durationMs)}`;
  return [short, took].filter((word) => word !== '').join(', ');
}

function addressesIn(entry: Entry, actors: ActorTable): readonly string[] {
  switch (entry.type) {
    case '@xstate.event':
      return entry.sourceId === undefined ? [entry.sessionId] : [entry.sourceId, entry.sessionId];
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
