import type { Scope } from './scope.ts';

/** Something that will happen. */
export interface Entry {
  /** Virtual ms. */
  at: number;
  /** Ties are served in the order they were made; set by the agenda. */
  order: number;
  run: () => void;
  readonly scope: Scope;
  /** Null: once. */
  readonly everyMs: number | null;
  cancelled: boolean;
}

/** What is to happen, the next first: a binary heap. */
export class Agenda {
  readonly #heap: Entry[] = [];
  #order = 0;

  get entries(): readonly Entry[] {
    return this.#heap;
  }

  add(entry: Entry): void {
    this.#order += 1;
    entry.order = this.#order;
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, entry)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the next one of somebody who is still alive; null if there is none. */
  next(): Entry | null {
    for (;;) {
      const first = this.#shift();
      if (first === null) return null;
      if (!first.cancelled && first.scope.alive) return first;
    }
  }

  #shift(): Entry | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (first === last) return first;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}
