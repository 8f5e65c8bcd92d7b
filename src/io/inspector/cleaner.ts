import type { Secrets } from '../log/secrets.ts';

const LIMIT = 5_000;

/**
 * `redact`, with a memory: addresses, ids and topics come again and again. What was looked at before a secret became known
 * is looked at again afterwards.
 */
export function createCleaner(secrets: Secrets): (text: string) => string {
  const known = new Map<string, string>();
  let seenVersion = secrets.version;
  return (text) => {
    if (secrets.version !== seenVersion || known.size >= LIMIT) {
      seenVersion = secrets.version;
      known.clear();
    }
    const before = known.get(text);
    if (before !== undefined) return before;
    const clean = secrets.redact(text);
    known.set(text, clean);
    return clean;
  };
}
