import { afterAll, describe, expect, it, vi } from 'vitest';
import { Broken, Teller } from './broken.ts';
import { explore } from './explore.ts';
import { INVARIANTS } from './invariants.ts';
import { MUTATIONS } from './mutations.ts';
import { readable } from './trace.ts';

// Work, not waiting: on a busy machine it takes many times as long.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** The checker is checked: each seeded bug is found by the invariant that forbids it, alone; without a bug nothing is. */
const caught: string[] = [];
const teller = new Teller();

describe('the exploration', () => {
  it.each(MUTATIONS)('catches a machine that $bug', ({ bug, slice, breaks, ...mutation }) => {
    const alone = INVARIANTS.filter(({ name }) => name === breaks);
    const { found, states } = explore(slice, { mutation, invariants: alone });
    expect(found?.invariant).toBe(breaks);
    caught.push(`${breaks.padEnd(20)} after ${found?.trace.length} steps, in ${states} states: ${bug}`);
  });

  it.each([...new Set(MUTATIONS.map(({ slice }) => slice))])('finds nothing without a bug in: $name', async (slice) => {
    const exploration = explore(slice);
    const { found, complete } = exploration;
    if (found !== null) throw new Broken(await teller.tell(exploration, found));
    expect(complete).toBe(true);
  });
});

describe('every invariant', () => {
  it.each(INVARIANTS)('has a bug that it catches alone: $name', ({ name }) => {
    expect(MUTATIONS.some(({ breaks }) => breaks === name)).toBe(true);
  });
});

describe('a trace', () => {
  it('tells a second retry as a sequence diagram that a person can follow', () => {
    const bug = MUTATIONS.find(({ breaks }) => breaks === 'singleRetry');
    if (bug === undefined) throw new Error('There is no such mutation.');
    const lines = readable(explore(bug.slice, { mutation: bug })).split('\n');
    expect(lines[0]).toContain('singleRetry is broken');
    expect(lines).toContain('sequenceDiagram');
    const steps = lines.filter((line) => /note over .*: \d+\. /.test(line)).map((line) => line.replace(/.*?: /, ''));
    expect(steps[0]).toBe('1. kona-1 is ordered: refresh cached for kona');
    expect(steps.filter((step) => step.includes('token refused')).length).toBeGreaterThanOrEqual(2);
    expect(lines).toContain('    kona_1->>token: REFRESH request r3 generation 1 scope access');
  });
});

afterAll(() => {
  process.stdout.write(`mutations caught: ${caught.length} of ${MUTATIONS.length}\n  ${caught.join('\n  ')}\n`);
});
