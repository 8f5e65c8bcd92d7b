import type { DocumentStore } from './file-store.ts';

const MEMORY_LIMIT = 100;

/** A store for tests and the demo: keeps the last documents that were stored, in order. Whoever watches hears of each. */
export function createMemoryStore<T>(initial: T | null = null): DocumentStore<T> & { readonly saved: readonly T[] } {
  const saved: T[] = [];
  const listeners = new Set<(document: T) => void>();
  const current = () => saved.at(-1) ?? initial;
  return {
    saved,
    load: async () => current(),
    change: async (next) => {
      const document = structuredClone(next(current()));
      saved.push(document);
      if (saved.length > MEMORY_LIMIT) saved.shift();
      for (const listener of listeners) listener(document);
      return document;
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
