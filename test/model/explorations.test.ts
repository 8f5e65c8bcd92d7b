import { afterAll, describe, expect, it } from 'vitest';
import type { Settings } from '../../src/machines/domain/settings.ts';
import { KINDS } from './addresses.ts';
import { Coverage } from './coverage.ts';
import { type Exploration, explore } from './explore.ts';
import { Locals } from './local.ts';
import { PRODUCTION, type Slice } from './slice.ts';
import { BREAKER_SLICES, COMMANDS, CONFIRMING, REGISTRATIONS } from './slices/commands.ts';
import { RESTARTS, VEHICLE } from './slices/vehicle.ts';
import { readable, table } from './trace.ts';

/** All interleavings of the machines that run in production, slice by slice; see slice.ts for what a slice is. */
const coverage = new Coverage();
const explorations: Exploration[] = [];

/** Slices with the same settings share what each machine does. */
const remembered = new Map<Settings, Locals>();
function localsFor({ settings }: Slice): Locals {
  const locals = remembered.get(settings) ?? new Locals(PRODUCTION, coverage);
  remembered.set(settings, locals);
  return locals;
}

const SUITES: Readonly<Record<string, readonly Slice[]>> = {
  'token, breaker and commands': COMMANDS,
  'the breaker and its line': BREAKER_SLICES,
  'a device that is registered again': REGISTRATIONS,
  'a control until it is confirmed': CONFIRMING,
  'a car and its queue': VEHICLE,
  'actors that are started anew': RESTARTS,
};

for (const [suite, slices] of Object.entries(SUITES)) {
  describe(`no interleaving breaks an invariant: ${suite}`, () => {
    it.each(slices)('$name', (slice) => {
      const exploration = explore(slice, { locals: localsFor(slice) });
      explorations.push(exploration);
      expect(exploration.found === null ? '' : readable(exploration)).toBe('');
      expect(exploration.complete).toBe(true);
      expect(exploration.rests).toBeGreaterThan(0);
    });
  });
}

describe('the explorations together', () => {
  it.each(['token', 'breaker', 'command'] as const)('take most transitions of the %s', (kind) => {
    const { total, untaken } = coverage.missing(PRODUCTION[kind]);
    expect(untaken.length / total).toBeLessThan(0.25);
  });
});

afterAll(() => {
  const taken = KINDS.map((kind) => {
    const { total, untaken } = coverage.missing(PRODUCTION[kind]);
    return `${kind} ${total - untaken.length}/${total}`;
  });
  process.stdout.write(`${table(explorations)}\ntransitions taken: ${taken.join(', ')}\n`);
});
