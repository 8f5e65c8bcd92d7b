import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/io/store/memory-store.ts';
import { parseRetainedRecord, type RetainedRecord, StoredTopics } from '../../../src/io/store/retained-topics.ts';
import { createMemoryLog } from '../bluelink/support/account.ts';

describe('the topics that the broker keeps', () => {
  it('are there again after a restart, without those that were deleted', async () => {
    const store = createMemoryStore<RetainedRecord>();
    const log = createMemoryLog();
    const first = await StoredTopics.open(store, log);
    for (const topic of ['a', 'b', 'c']) first.add(topic);
    await first.close();
    first.delete('b');
    await first.close();
    const next = await StoredTopics.open(store, log);
    expect(['a', 'b', 'c'].filter((topic) => next.has(topic))).toEqual(['a', 'c']);
  });

  it('are stored once for all that one reading changes, and not when nothing changes', async () => {
    const store = createMemoryStore<RetainedRecord>();
    const topics = await StoredTopics.open(store, createMemoryLog());
    for (let n = 0; n < 50; n += 1) topics.add(`topic/${n}`);
    await topics.close();
    for (let n = 0; n < 50; n += 1) topics.add(`topic/${n}`);
    topics.delete('unheard of');
    await topics.close();
    expect(store.saved.map((record) => record.topics.length)).toEqual([50]);
  });

  it('are known in this run also where they cannot be stored, which is said once, and stored when they can', async () => {
    const store = createMemoryStore<RetainedRecord>();
    const log = createMemoryLog();
    let isFull = true;
    const full = {
      ...store,
      change: (next: (stored: RetainedRecord | null) => RetainedRecord) =>
        isFull ? Promise.reject(new Error('No space is left.')) : store.change(next),
    };
    const topics = await StoredTopics.open(full, log);
    for (const topic of ['a', 'b']) {
      topics.add(topic);
      await topics.close();
    }
    expect(topics.has('b')).toBe(true);
    expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', expect.stringContaining('could not be stored which readings the broker keeps')],
    ]);
    isFull = false;
    topics.add('c');
    await topics.close();
    expect(store.saved.at(-1)).toEqual({ topics: ['a', 'b', 'c'] });
  });

  it.each([{}, { topics: 'a' }, { topics: [1] }, null, 'topics'])('are not read from %j', (document) => {
    expect(parseRetainedRecord(document)).toBeNull();
  });
});
