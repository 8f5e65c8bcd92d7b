/** What a command's payload may be, before anybody knows which command it is for. */
export type Payload =
  | { readonly type: 'word'; readonly word: string }
  | { readonly type: 'object'; readonly object: JsonObject };

export type JsonObject = { readonly [key: string]: unknown };

export interface Refusal {
  readonly ok: false;
  readonly reason: 'tooLarge' | 'malformed' | 'unknownCommand' | 'invalidOption' | 'unsupported';
  /** One sentence for a person. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | null;
}

/** Bytes. */
export const LARGEST_PAYLOAD = 8 * 1_024;
export const DEEPEST_NESTING = 8;

/** Text that begins with `{` is JSON, any other is a bare word. Never throws. */
export function readPayload(bytes: Uint8Array): { readonly ok: true; readonly payload: Payload } | Refusal {
  if (bytes.byteLength > LARGEST_PAYLOAD) {
    return refusal('tooLarge', 'The message is larger than 8 KiB.', 'A command is a word or a small JSON object.');
  }
  const text = decoded(bytes);
  if (text === null) return refusal('malformed', 'The message is not UTF-8 text.', null);
  const trimmed = text.trim();
  if (trimmed === '') return refusal('malformed', emptyMessage(bytes), null);
  if (!trimmed.startsWith('{')) return { ok: true, payload: { type: 'word', word: trimmed } };
  if (nesting(trimmed) > DEEPEST_NESTING) {
    return refusal('malformed', `The JSON is nested deeper than ${DEEPEST_NESTING}.`, null);
  }
  const object = parsed(trimmed);
  if (object === null)
    return refusal('malformed', 'The message is not valid JSON.', 'Check quotes, commas and braces.');
  return { ok: true, payload: { type: 'object', object } };
}

/** Who deletes a retained message sends one without a byte: it comes here as well, and cannot be told from a mistake. */
function emptyMessage({ byteLength }: Uint8Array): string {
  return byteLength === 0
    ? 'The message is empty, so nothing was done; if it was to delete a retained message, all is well.'
    : 'The message is empty.';
}

export function refusal(reason: Refusal['reason'], message: string, hint: string | null): Refusal {
  return { ok: false, reason, message, hint };
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** How deep brackets are nested, told without parsing: what is in strings does not count. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i];
    if (isInString) {
      if (char === '\\') i += 1;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === '{' || char === '[') {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (char === '}' || char === ']') depth -= 1;
  }
  return deepest;
}

function parsed(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
