import { describe, expect, it } from 'vitest';
import { Broken, Teller } from './broken.ts';
import type { Slice } from './slice.ts';
import type { Explorer } from './suites.ts';

/** One test for each slice: no order of events breaks an invariant, and everything comes to rest in the end. */
export function describeExplorations(suites: Readonly<Record<string, readonly Slice[]>>, explorer: Explorer): void {
  const teller = new Teller();
  for (const [suite, slices] of Object.entries(suites)) {
    describe(`no interleaving breaks an invariant: ${suite}`, () => {
      it.each(slices)(
        '$name',
        async (slice) => {
          const exploration = explorer.explore(slice);
          const { found } = exploration;
          if (found !== null) throw new Broken(await teller.tell(exploration, found));
          expect(exploration.complete).toBe(true);
          expect(exploration.rests).toBeGreaterThan(0);
        },
        600_000,
      );
    });
  }
}
