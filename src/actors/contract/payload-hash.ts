import { createHash } from 'node:crypto';
import { isObject, type JsonObject, readPayload } from './payload.ts';

/** What makes one payload the same as another: all but its `id`, the order of keys and the white space of JSON. Hex. */
export function payloadHash(bytes: Uint8Array): string {
  const read = readPayload(bytes);
  if (!read.ok) return sha256(bytes);
  if (read.payload.type === 'word') return sha256(read.payload.word);
  const { id: _, ...rest } = read.payload.object;
  return sha256(canonical(rest));
}

/** Its depth is bounded by `readPayload`. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const object: JsonObject = value;
  const entries = Object.keys(object)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`);
  return `{${entries.join(',')}}`;
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
