import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { explore, type Found } from './explore.ts';
import type { Seeded } from './mutations/seeding.ts';
import { MUTATIONS } from './mutations.ts';
import { replay, verdict } from './real/replay.ts';
import type { Machines } from './slice.ts';

// Work, not waiting: on a busy machine it takes many times as long.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/**
 * What an exploration finds is done again to the whole actor system: it says whether the real actors show it, too. Here
 * the machines that the actors are made of are replaced by those with a seeded bug, and then they must.
 */
const { replaced, orReplaced } = vi.hoisted(() => {
  const replaced: { machines: Readonly<Record<string, unknown>> } = { machines: {} };
  const orReplaced = async (kind: string, original: () => Promise<unknown>) => {
    const module = (await original()) as Readonly<Record<string, unknown>>;
    const name = `${kind}Machine`;
    return Object.defineProperty({ ...module }, name, { get: () => replaced.machines[kind] ?? module[name] });
  };
  return { replaced, orReplaced };
});
vi.mock('../../src/machines/token.machine.ts', (original) => orReplaced('token', original));
vi.mock('../../src/machines/breaker.machine.ts', (original) => orReplaced('breaker', original));
vi.mock('../../src/machines/vehicle.machine.ts', (original) => orReplaced('vehicle', original));
vi.mock('../../src/machines/command.machine.ts', (original) => orReplaced('command', original));

const verdicts: string[] = [];
afterEach(() => {
  replaced.machines = {};
});
afterAll(() => {
  process.stdout.write(`replayed on the real actors\n  ${verdicts.join('\n  ')}\n`);
});

function find({ slice, machines, tamper }: Seeded): Found {
  const { found } = explore(slice, {
    mutation: { ...(machines === undefined ? {} : { machines }), ...(tamper === undefined ? {} : { tamper }) },
  });
  if (found === null) throw new Error('The exploration found nothing.');
  return found;
}

const inMachines = MUTATIONS.filter(
  // Within a process messages do not overtake each other, so what needs that cannot be done again.
  (seeded): seeded is Seeded & { readonly machines: Partial<Machines> } =>
    seeded.machines !== undefined && seeded.slice.mode === 'cascade',
);

describe('a trace that is done again to the real actors', () => {
  it.each(inMachines)('shows a bug that is in their machines: $bug', async (seeded) => {
    const found = find(seeded);
    replaced.machines = { ...seeded.machines };
    const result = await replay(seeded.slice, found);
    verdicts.push(`${seeded.bug}: ${verdict(result)}`);
    expect(result.shows?.invariant).toBe(found.invariant);
  });

  it.each(MUTATIONS)('shows nothing when it is not: $bug', async (seeded) => {
    expect((await replay(seeded.slice, find(seeded))).shows).toBeNull();
  });
});
