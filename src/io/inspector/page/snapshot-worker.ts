import { isObject } from './read-entry.ts';
import type { SnapshotPart } from './snapshot.ts';

/**
 * Runs in a worker: fetches everything that the daemon remembers, some megabytes, and reads it there, so that the page does
 * not stand still meanwhile. Hands it over in small parts.
 */
const ANSWER_WITHIN_MS = 20_000;
const ENTRIES_A_PART = 200;

const tell = (part: SnapshotPart): void =>
  (globalThis as unknown as { postMessage(part: SnapshotPart): void }).postMessage(part);

async function load(): Promise<void> {
  const response = await fetch('/api/snapshot', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const sentence = isObject(answer) && typeof answer.error === 'string' ? answer.error : null;
    tell({ kind: 'refused', status: response.status, sentence });
    return;
  }
  if (!isObject(answer)) throw new Error('The snapshot is no object.');
  const { boot, version, simulated, seq, actors, entries } = answer;
  tell({
    kind: 'head',
    boot: typeof boot === 'string' ? boot : '',
    version: typeof version === 'string' ? version : '',
    simulated: simulated === true,
    seq: typeof seq === 'number' ? seq : 0,
  });
  const all = [...listOf(actors), ...listOf(entries)];
  for (let from = 0; from < all.length; from += ENTRIES_A_PART) {
    tell({ kind: 'entries', entries: all.slice(from, from + ENTRIES_A_PART) });
  }
  tell({ kind: 'end' });
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

load().catch(() => tell({ kind: 'failed' }));
