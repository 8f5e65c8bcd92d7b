import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Acts, type Step } from './acts.ts';
import { begin, nothing } from './begin.ts';
import { Coverage } from './coverage.ts';
import { Draft } from './draft.ts';
import { Locals } from './local.ts';
import { Mail } from './mail.ts';
import { Parts } from './parts.ts';
import { leastOf } from './renamings.ts';
import { LOCK, NOTHING, PRODUCTION, READ, type Slice } from './slice.ts';
import { Steps } from './steps.ts';
import type { World } from './world.ts';

// Work, not waiting: on a busy machine it takes many times as long.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** What the whole exploration rests on: which states it takes for one. */
const cars = ['kona', 'niro', 'soul'];
const slice: Slice = {
  ...NOTHING,
  name: 'three cars with a read and a lock each',
  mode: 'pair',
  through: 'vehicle',
  orders: cars.flatMap((car) => [
    { car, command: READ },
    { car, command: LOCK },
  ]),
  budgets: { expiry: 1, callFault: 1, hang: 1, race: 1, death: 1 },
};

class Walk {
  world: World;
  readonly draft: Draft;
  private readonly steps = new Steps(slice);
  private readonly acts: Acts;
  private sums: Int32Array;

  constructor() {
    const locals = new Locals(PRODUCTION, new Coverage());
    const parts = new Parts(slice);
    const mail = new Mail(locals, undefined);
    this.acts = new Acts(slice, locals, mail, parts);
    const empty = nothing(slice, locals, parts, 0);
    this.draft = new Draft(empty, locals, mail, parts, slice.mode === 'cascade');
    this.world = begin(slice, empty, this.steps, this.acts, this.draft, (_, memory) => memory);
    this.sums = this.fromScratch();
  }

  fromScratch(): Int32Array {
    this.draft.begin(this.world, (_, memory) => memory);
    return this.draft.sums.slice();
  }

  /** @returns the hash that was carried along. */
  take(step: Step): Int32Array {
    this.draft.begin(this.world, (_, memory) => memory, this.sums);
    this.acts.do(step, this.world, this.draft);
    this.sums = this.draft.sums.slice();
    this.world = this.draft.done();
    return this.sums;
  }

  possible(): readonly Step[] {
    return this.steps.of(this.world);
  }

  /** The three lanes that stand for this state. */
  hash(): readonly number[] {
    const sums = this.fromScratch();
    const at = leastOf(sums, sums.length);
    return [...sums.slice(at, at + 3)];
  }
}

describe('the hash of a state', () => {
  it('that is carried along from step to step is the one that is made from scratch', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 20, maxLength: 60, size: 'max' }), (choices) => {
        const walk = new Walk();
        for (const choice of choices) {
          const possible = walk.possible();
          const step = possible[choice % Math.max(1, possible.length)];
          if (step === undefined) break;
          const carried = walk.take(step);
          expect([...carried]).toEqual([...walk.fromScratch()]);
        }
      }),
      { numRuns: 20, seed: 7 },
    );
  });

  it('is the same whichever of the cars that want the same it happens to', () => {
    const orderOf = (at: number): Step => ({ act: { type: 'order', at }, cost: 'order' });
    const hashes = [0, 2, 4].map((at) => {
      const walk = new Walk();
      walk.take(orderOf(at));
      const [delivery] = walk.possible();
      if (delivery !== undefined) walk.take(delivery);
      return walk.hash();
    });
    expect(new Set(hashes.map((hash) => hash.join())).size).toBe(1);
  });

  it('is another one when another car, or as many cars again, have begun', () => {
    const orderOf = (at: number): Step => ({ act: { type: 'order', at }, cost: 'order' });
    const hashes = [[], [0], [0, 1], [0, 2], [0, 2, 4], [0, 1, 2]].map((orders) => {
      const walk = new Walk();
      for (const at of orders) walk.take(orderOf(at));
      return walk.hash().join();
    });
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
