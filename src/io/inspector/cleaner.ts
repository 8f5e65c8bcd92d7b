import type { Secrets } from '../log/secrets.ts';

/** What is told of a text, in characters. */
const LONGEST_TEXT = 512;
const LIMIT = 5_000;
const LONGEST_KNOWN = 1_024;

/** @param length how much of it is told, at most. */
export type Clean = (text: string, length?: number) => string;

/**
 * `redact`, with a memory: addresses, ids and topics come again and again. What was looked at before a secret became known
 * is looked at again afterwards. What is too long is cut here, because it must not be cut before.
 */
export function createCleaner(secrets: Secrets): Clean {
  const known = new Map<string, string>();
  let seenVersion = secrets.version;
  const redacted = (text: string): string => secrets.redact(text, LONGEST_TEXT).slice(0, LONGEST_TEXT);
  const remembered = (text: string): string => {
    if (secrets.version !== seenVersion || known.size >= LIMIT) {
      seenVersion = secrets.version;
      known.clear();
    }
    const before = known.get(text);
    if (before !== undefined) return before;
    const clean = redacted(text);
    known.set(text, clean);
    return clean;
  };
  return (text, length = LONGEST_TEXT) => {
    const clean = text.length > LONGEST_KNOWN ? redacted(text) : remembered(text);
    return clean.length > length ? clean.slice(0, length) : clean;
  };
}
