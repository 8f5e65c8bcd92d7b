import type { Command } from '../../machines/domain/command.ts';
import { COMMANDS, isCommandName } from './commands/table.ts';
import { isMessageId, LONGEST_ID } from './message-id.ts';
import { type JsonObject, type Payload, type Refusal, readPayload, refusal } from './payload.ts';

export type ParsedCommand =
  | {
      readonly ok: true;
      readonly command: Command;
      /** The sender's, null if there is none. */
      readonly id: string | null;
      /** Epoch ms, null if the sender set no limit. */
      readonly expiresAt: number | null;
      /** True when that moment has come already. */
      readonly isExpired: boolean;
      /** Keys that were understood by nobody: that the command does not know, or that mean nothing here. */
      readonly ignored: readonly string[];
    }
  | (Refusal & {
      /** The sender's, where it could be read. */
      readonly id: string | null;
    });

const UTC_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d{1,9})?)?(?:Z|\+00:00)$/;
const IGNORED_LIMIT = 32;
const IGNORED_LENGTH = 64;

/**
 * A message on a command topic, understood or refused. Never throws, whatever arrives.
 *
 * @param name the last level of the topic, as received.
 * @param now epoch ms.
 */
export function parseCommand(name: string, bytes: Uint8Array, now: number): ParsedCommand {
  const read = readPayload(bytes);
  if (!read.ok) return { ...read, hint: read.hint ?? (isCommandName(name) ? COMMANDS[name].hint : null), id: null };
  const { payload } = read;
  const object = payload.type === 'object' ? payload.object : null;
  const id = idOf(object);
  if (typeof id === 'object' && id !== null) return { ...id, id: null };
  if (!isCommandName(name)) {
    const known = Object.keys(COMMANDS).join(', ');
    return { ...refusal('unknownCommand', 'There is no such command.', `Known commands: ${known}.`), id };
  }
  const expiresAt = expiryOf(object);
  if (typeof expiresAt === 'object' && expiresAt !== null) return { ...expiresAt, id };
  const definition = COMMANDS[name];
  const parsed = parse(definition, payload);
  if (!parsed.ok) return { ...parsed, id };
  return {
    ok: true,
    command: parsed.command,
    id,
    expiresAt,
    isExpired: expiresAt !== null && expiresAt <= now,
    ignored: [...(parsed.ignored ?? []), ...(object === null ? [] : unknownKeys(object, definition.keys))],
  };
}

function parse(definition: (typeof COMMANDS)[keyof typeof COMMANDS], payload: Payload) {
  return payload.type === 'word'
    ? definition.fromWord(payload.word.toLowerCase())
    : definition.fromObject(payload.object);
}

function idOf(object: JsonObject | null): string | null | Refusal {
  const id = object?.id ?? null;
  if (id === null) return null;
  if (typeof id === 'string' && isMessageId(id)) return id;
  const hint = `Give "id" as text of 1 to ${LONGEST_ID} printable characters, or leave it out.`;
  return typeof id === 'number'
    ? refusal('malformed', 'The "id" is a number, and must be text.', `Put it in quotes: "id": "${id}". ${hint}`)
    : refusal('malformed', 'The "id" is not usable.', hint);
}

function expiryOf(object: JsonObject | null): number | null | Refusal {
  const value = object?.expires_at ?? null;
  if (value === null) return null;
  const time = typeof value === 'string' ? utcTime(value) : null;
  return time ?? refusal('malformed', 'The "expires_at" is not a UTC time.', 'Write it like 2026-11-07T10:30:00Z.');
}

/** Epoch ms, null for what is no ISO 8601 time in UTC, or no day of the calendar. */
function utcTime(text: string): number | null {
  const match = UTC_TIME.exec(text);
  const time = Date.parse(text);
  if (match === null || Number.isNaN(time)) return null;
  // Date.parse rolls 30 February over into March.
  return new Date(time).toISOString().startsWith(`${match[1]}T${match[2]}`) ? time : null;
}

function unknownKeys(object: JsonObject, known: readonly string[]): string[] {
  return Object.keys(object)
    .filter((key) => key !== 'id' && key !== 'expires_at' && !known.includes(key))
    .slice(0, IGNORED_LIMIT)
    .map((key) => key.slice(0, IGNORED_LENGTH));
}
