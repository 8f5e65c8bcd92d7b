import { createHash } from 'node:crypto';

/** Longest `id` of a sender, in characters. */
export const LONGEST_ID = 128;

const PRINTABLE = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/** Whether a sender may call a command so: 1 to 128 printable characters. */
export function isMessageId(id: string): boolean {
  return [...id.slice(0, 2 * LONGEST_ID + 1)].length <= LONGEST_ID && PRINTABLE.test(id);
}

/** The correlation data as an id: itself if printable ASCII, else its hex; a hash where that would be too long. */
export function idOfCorrelationData(data: Uint8Array): string | null {
  if (data.byteLength === 0) return null;
  const bytes = Buffer.from(data);
  if (bytes.byteLength <= LONGEST_ID) {
    const ascii = bytes.toString('latin1');
    if (PRINTABLE_ASCII.test(ascii)) return ascii;
  }
  return bytes.byteLength * 2 <= LONGEST_ID ? bytes.toString('hex') : createHash('sha256').update(bytes).digest('hex');
}
