import { afterAll, describe, expect, it, vi } from 'vitest';
import { linesOf, receiverOf, recordedTraffic, senderOf } from '../../scripts/diagrams/traffic.ts';
import { describeExplorations } from './exploring.ts';
import { table, transitionsTable } from './report.ts';
import { Explorer, SUITES } from './suites.ts';

// Work, not waiting: on a busy machine it takes many times as long.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const isExplored = (kind: string) => ['token', 'breaker', 'account', 'vehicle', 'command', 'fleet'].includes(kind);

/** All interleavings of the machines that run in production, slice by slice; see slice.ts for what a slice is. */
const explorer = new Explorer();

describeExplorations(SUITES, explorer);

describe('no order of events breaks a promise', () => {
  it('of the bridge and of the fleet', () => {
    expect(explorer.exploreClosing().map(({ wrong }) => wrong)).toEqual([null, null]);
  });
});

describe('the explorations together', () => {
  it.each(['token', 'breaker', 'account', 'vehicle', 'command', 'bridge', 'fleet'])(
    'take every transition of the %s that is not listed with a reason',
    (machine) => {
      const taken = explorer.transitions().find((one) => one.machine === machine);
      expect(taken?.missing).toEqual([]);
      // Of those that everything rests on, all are.
      const most = ['token', 'breaker', 'command'].includes(machine) ? 0 : 0.1;
      expect((taken?.excused.length ?? 0) / (taken?.total ?? 1)).toBeLessThanOrEqual(most);
    },
  );

  it('hear what the diagram of the system shows that actors say to each other and ask of the cloud', () => {
    const recorded = linesOf(recordedTraffic());
    const heard = linesOf(explorer.ear.traffic());
    // The journal is no business of the machines, and of the bridge's messages they know only its last.
    const isTheirs = (line: string) => isExplored(senderOf(line)) && receiverOf(line) !== 'journal';
    const due = 'npm run diagrams -- --observe draws the system anew';
    expect(
      heard.filter((line) => !recorded.includes(line)),
      due,
    ).toEqual([]);
    expect(
      recorded.filter((line) => isTheirs(line) && !heard.includes(line)),
      due,
    ).toEqual([]);
  });
});

afterAll(() => {
  process.stdout.write(`${table(explorer.done, explorer.alone)}\n${transitionsTable(explorer.transitions())}\n`);
});
