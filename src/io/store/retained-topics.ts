import { z } from 'zod';
import type { Log, RetainedTopics } from '../../actors/ports.ts';
import type { DocumentStore } from './file-store.ts';

const MOST_TOPICS = 20_000;

const retainedRecordSchema = z.object({ topics: z.array(z.string().max(1_024)).max(MOST_TOPICS) });
export type RetainedRecord = z.infer<typeof retainedRecordSchema>;

export const RETAINED_RECORD_VERSION = 1;

export function parseRetainedRecord(document: unknown): RetainedRecord | null {
  const parsed = retainedRecordSchema.safeParse(document);
  return parsed.success ? parsed.data : null;
}

/** The topics in memory, and some time after each change in the store, too: the last moments before a crash may be missing. */
export class StoredTopics implements RetainedTopics {
  readonly #store: DocumentStore<RetainedRecord>;
  readonly #log: Log;
  readonly #topics: Set<string>;
  #isDirty = false;
  #hasFailed = false;
  #saving: Promise<void> | null = null;

  private constructor(store: DocumentStore<RetainedRecord>, log: Log, topics: readonly string[]) {
    this.#store = store;
    this.#log = log;
    this.#topics = new Set(topics);
  }

  /** Never rejects: without a document that can be used nothing is known. */
  static async open(store: DocumentStore<RetainedRecord>, log: Log): Promise<StoredTopics> {
    const stored = await store.load();
    return new StoredTopics(store, log, stored?.topics ?? []);
  }

  has(topic: string): boolean {
    return this.#topics.has(topic);
  }

  add(topic: string): void {
    if (this.#topics.has(topic) || this.#topics.size >= MOST_TOPICS) return;
    this.#topics.add(topic);
    this.#save();
  }

  delete(topic: string): void {
    if (this.#topics.delete(topic)) this.#save();
  }

  /** Resolves when the last change is stored, or could not be. */
  async close(): Promise<void> {
    await this.#saving;
  }

  #save(): void {
    this.#isDirty = true;
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = null;
    });
  }

  /** What is not stored now is stored with the next change. */
  async #saveAll(): Promise<void> {
    while (this.#isDirty) {
      // One reading changes many topics in one go.
      await Promise.resolve();
      this.#isDirty = false;
      try {
        await this.#store.change(() => ({ topics: [...this.#topics] }));
        this.#hasFailed = false;
      } catch (error) {
        const message =
          'It could not be stored which readings the broker keeps; after a restart those that are not known any more may stay there.';
        if (!this.#hasFailed) this.#log.write('warn', message, { error });
        this.#hasFailed = true;
        return;
      }
    }
  }
}
