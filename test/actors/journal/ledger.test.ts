import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Taken } from '../../../src/actors/bridge/entry.ts';
import { Ledger } from '../../../src/actors/bridge/ledger.ts';
import { finalRecord } from '../../../src/actors/contract/records.ts';
import { openJournalOn } from '../../../src/io/journal/journal.ts';
import { FakeDisk } from '../../support/fake-disk.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { turn } from '../../support/turn.ts';

const NOW = 1_700_000_000_000;
const clock = { now: () => NOW, elapsed: () => 0 };

let elapsedMs = 0;
beforeEach(() => {
  elapsedMs = 0;
});

async function ledgerOn(disk: FakeDisk, now = NOW): Promise<Ledger> {
  const opened = await openJournalOn(disk, { clock, log: quietLog });
  if (!opened.ok) throw new Error(opened.problem);
  return new Ledger(opened.journal, { now: () => now, elapsed: () => elapsedMs });
}

const taken = (id: string, more: Partial<Taken> = {}): Taken => ({
  received: { id, command: 'lock', receivedAt: NOW, ignored: [], simulated: false, hint: null },
  isNamed: true,
  car: { account: 'main', topicName: 'c1', car: { id: 'c1' } },
  origin: { resultTopic: 'r', responseTopic: 'answers/me', correlationData: new Uint8Array([1, 2]) },
  fingerprint: `f-${id}`,
  payload: new TextEncoder().encode('lock'),
  expiresAt: null,
  ...more,
});
const ENDING = { status: 'succeeded', reason: null, message: 'Done.', attempts: 1, actionId: 'x' } as const;

/** What may happen to a command, in order; a crash may come after any of it. */
type Step = 'take' | 'dispatch' | 'refused' | 'accepted' | 'end' | 'told';
const STEPS: readonly (readonly Step[])[] = [
  ['take', 'end', 'told'],
  ['take', 'dispatch', 'accepted', 'end', 'told'],
  ['take', 'dispatch', 'refused', 'dispatch', 'accepted', 'end', 'told'],
  ['take', 'dispatch', 'end', 'told'],
];
interface Life {
  readonly steps: readonly Step[];
  done: Step[];
  /** What the world has seen of it: only what the journal has may have been seen. */
  acknowledged: boolean;
  sent: boolean;
  record: string | null;
}

describe('the ledger that is rebuilt from the journal', () => {
  const lives = fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 5 });
  const schedule = fc.array(fc.tuple(fc.nat(4), fc.boolean()), { maxLength: 30 });

  it('knows all that the world has seen, whenever the process or the machine dies', async () => {
    await fc.assert(
      fc.asyncProperty(lives, schedule, fc.boolean(), async (kinds, turns, isPowerFailure) => {
        const disk = new FakeDisk();
        const ledger = await ledgerOn(disk);
        const all: Life[] = kinds.map((steps) => ({ steps, done: [], acknowledged: false, sent: false, record: null }));
        for (const [which, waits] of turns) {
          const life = all[which % all.length];
          const step = life?.steps[life.done.length];
          if (life === undefined || step === undefined) continue;
          const id = `id${all.indexOf(life)}`;
          life.done.push(step);
          const entry = ledger.find(id);
          if (step === 'take') {
            void ledger.take(taken(id)).kept.then((isKept) => {
              life.acknowledged = isKept;
            });
          } else if (step === 'dispatch') {
            void ledger.dispatched(id, NOW).then((isKept) => {
              life.sent ||= isKept;
            });
          } else if (step === 'refused') {
            // The answer comes after the call, and the call after the disk.
            await turn();
            life.sent = false;
            ledger.answered(id, null);
          } else if (step === 'accepted') {
            await turn();
            ledger.answered(id, { actionId: 'x', at: NOW });
          } else if (step === 'end' && entry !== null) {
            const record = finalRecord(entry.received, ENDING, { finishedAt: NOW });
            ledger.settle(entry, record, () => {
              life.record = JSON.stringify(record);
            });
          } else if (entry !== null) {
            await ledger.settled();
            ledger.markTold(entry);
          }
          if (waits) await turn();
        }
        const seen = all.map((life) => ({ ...life }));
        const next = await ledgerOn(isPowerFailure ? disk.afterPowerFailure() : disk.afterProcessDied());
        seen.forEach((life, at) => {
          const id = `id${at}`;
          const entry = next.find(id);
          if (life.acknowledged) {
            expect(entry).not.toBeNull();
            expect(next.admit(id, `f-${id}`).type).toBe('repeated');
            expect(next.admit(id, 'other').type).toBe('reused');
          }
          // What was sent is never taken for new.
          if (life.sent) expect(entry?.dispatch !== null || entry.record !== null).toBe(true);
          if (life.record !== null) {
            expect(JSON.stringify(entry?.record)).toBe(life.record);
            expect(entry?.payload).toBeNull();
            expect(next.left.owed).not.toContain(entry);
          }
          if (life.acknowledged && life.record === null && !life.done.includes('end')) {
            expect(next.left.owed).toContain(entry);
          }
          if (life.done.includes('told') && !isPowerFailure) return;
          if (life.record !== null && !life.done.includes('told')) expect(next.left.untold).toContain(entry);
        });
        expect(next.openCount).toBe(next.left.owed.length);
      }),
      { numRuns: 150 },
    );
  });

  it('puts all members of a group on the disk together', async () => {
    const disk = new FakeDisk();
    const ledger = await ledgerOn(disk);
    for (const id of ['a', 'b']) ledger.take(taken(id));
    await turn();
    const begun = disk.batches.length;
    const kept = ledger.dispatched('a', NOW);
    ledger.markUnderway('a', 'a');
    ledger.markUnderway('b', 'a');
    expect(await kept).toBe(true);
    expect(disk.batches.slice(begun).map(({ operations }) => operations.length)).toEqual([2]);
    ledger.answered('a', { actionId: 'x', at: NOW });
    await turn();
    const next = await ledgerOn(disk.afterProcessDied());
    expect(next.left.owed.map(({ dispatch }) => [dispatch?.first, dispatch?.taken?.actionId])).toEqual([
      ['a', 'x'],
      ['a', 'x'],
    ]);
  });

  it('refuses to send what has ended, or what nobody knows', async () => {
    const ledger = await ledgerOn(new FakeDisk());
    const { entry } = ledger.take(taken('a'));
    ledger.settle(entry, finalRecord(entry.received, ENDING, { finishedAt: NOW }), () => {});
    expect([await ledger.dispatched('a', NOW), await ledger.dispatched('b', NOW)]).toEqual([false, false]);
  });

  it('knows an unnamed message again, for two minutes', async () => {
    const disk = new FakeDisk();
    const ledger = await ledgerOn(disk);
    await ledger.take(taken('own', { isNamed: false })).kept;
    const soon = await ledgerOn(disk.afterProcessDied());
    elapsedMs = 120_000;
    expect(soon.redelivered('f-own')).toBe('own');
    elapsedMs = 120_001;
    expect(soon.redelivered('f-own')).toBeNull();
  });

  it('forgets unnamed messages in the order in which they came last', async () => {
    const ledger = await ledgerOn(new FakeDisk());
    const send = (id: string, fingerprint: string) => ledger.take(taken(id, { isNamed: false, fingerprint }));
    send('a', 'often');
    send('b', 'once');
    elapsedMs = 119_000;
    send('c', 'often');
    elapsedMs = 121_000;
    ledger.admit('d', 'f-d');
    expect([ledger.redelivered('often'), ledger.redelivered('once')]).toEqual(['c', null]);
  });

  it.each([70, -70])(
    'knows for ten minutes and two more what came, also when the clock is set by %i min meanwhile',
    async (minutes) => {
      let now = NOW;
      const opened = await openJournalOn(new FakeDisk(), { clock, log: quietLog });
      if (!opened.ok) throw new Error(opened.problem);
      const ledger = new Ledger(opened.journal, { now: () => now, elapsed: () => elapsedMs });
      const { entry } = ledger.take(taken('a'));
      ledger.settle(entry, finalRecord(entry.received, ENDING, { finishedAt: NOW }), () => {});
      ledger.markTold(entry);
      now += minutes * 60_000;
      elapsedMs = 720_000;
      expect(ledger.admit('a', 'f-a').type).toBe('repeated');
      elapsedMs = 720_001;
      expect(ledger.admit('a', 'f-a').type).toBe('new');
    },
  );

  it('takes what an earlier run has of the future for new, and what came after it for no older', async () => {
    const disk = new FakeDisk();
    const ledger = await ledgerOn(disk);
    for (const [id, receivedAt] of [
      ['ahead', NOW + 4_200_000],
      ['after', NOW - 500_000],
    ] as const) {
      const { entry } = ledger.take(taken(id, { received: { ...taken(id).received, receivedAt } }));
      ledger.settle(entry, finalRecord(entry.received, ENDING, { finishedAt: NOW }), () => {});
      ledger.markTold(entry);
    }
    await ledger.settled();
    const next = await ledgerOn(disk.afterProcessDied());
    elapsedMs = 720_000;
    expect(['ahead', 'after'].map((id) => next.admit(id, `f-${id}`).type)).toEqual(['repeated', 'repeated']);
    elapsedMs = 720_001;
    expect(['ahead', 'after'].map((id) => next.admit(id, `f-${id}`).type)).toEqual(['new', 'new']);
  });

  it('forgets after twelve minutes what was told, after a day what was not, and never what is owed', async () => {
    const disk = new FakeDisk();
    const ledger = await ledgerOn(disk);
    for (const id of ['told', 'untold', 'owed']) {
      const { entry } = ledger.take(taken(id));
      if (id !== 'owed') ledger.settle(entry, finalRecord(entry.received, ENDING, { finishedAt: NOW }), () => {});
      if (id === 'told') ledger.markTold(entry);
    }
    await ledger.settled();
    await turn();
    const known = async (afterMs: number) => {
      const left = disk.afterProcessDied();
      const next = await ledgerOn(left, NOW + afterMs);
      await turn();
      const names = ['told', 'untold', 'owed'].filter((id) => next.find(id) !== null);
      const records = (await left.entries()).filter(([key]) => key.startsWith('record/'));
      expect(records).toHaveLength(names.length);
      return names;
    };
    expect(await known(720_000)).toEqual(['told', 'untold', 'owed']);
    expect(await known(720_001)).toEqual(['untold', 'owed']);
    expect(await known(86_400_001)).toEqual(['owed']);
  });
});
