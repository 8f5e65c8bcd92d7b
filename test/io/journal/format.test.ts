import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeptCommand } from '../../../src/actors/ports.ts';
import { recordKey, VERSION_KEY } from '../../../src/io/journal/format.ts';
import { openJournalOn } from '../../../src/io/journal/journal.ts';
import { recordOf, sealed, textOf } from '../../../src/io/journal/record-text.ts';
import { FakeDisk } from '../../support/fake-disk.ts';
import { keptLock } from '../../support/kept-command.ts';
import { recordingLog } from '../../support/quiet-log.ts';

const clock = { now: () => 0, elapsed: () => 0 };
const open = (disk: FakeDisk, more: Partial<Parameters<typeof openJournalOn>[1]> = {}) => {
  const { log, lines } = recordingLog();
  return openJournalOn(disk, { clock, log, ...more }).then((opened) => ({ opened, lines }));
};
const record = (key: number, text: string): readonly [string, string] => [recordKey(key), text];

describe('the format of the journal', () => {
  it('gives back what was written, bytes and all', () => {
    const bytes = fc.uint8Array({ maxLength: 64 });
    const origin = fc.record({
      resultTopic: fc.string(),
      responseTopic: fc.option(fc.string()),
      correlationData: fc.option(bytes),
    });
    const command: fc.Arbitrary<KeptCommand> = fc
      .record({
        id: fc.string({ unit: 'grapheme' }),
        isNamed: fc.boolean(),
        payload: fc.option(bytes),
        origin,
        twins: fc.array(origin, { maxLength: 3 }),
        expiresAt: fc.option(fc.integer()),
        dispatch: fc.option(
          fc.record({
            first: fc.string(),
            at: fc.integer(),
            calls: fc.integer({ min: 1, max: 6 }),
            taken: fc.option(fc.record({ actionId: fc.option(fc.string()), at: fc.integer() })),
          }),
        ),
        record: fc.option(fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value))),
        isTold: fc.boolean(),
      })
      .map((parts) => keptLock(parts.id, 7, parts));
    fc.assert(
      fc.property(command, (kept) => {
        expect(recordOf(textOf(kept))).toEqual(kept);
      }),
    );
  });

  it('takes a Buffer for the bytes that it is', () => {
    const kept = recordOf(textOf(keptLock('a', 1, { payload: Buffer.from('lock') })));
    expect(kept?.kind === 'command' && kept.payload).toEqual(new TextEncoder().encode('lock'));
  });

  it('refuses a newer version with a sentence, and does not touch it', async () => {
    const disk = new FakeDisk([[VERSION_KEY, '99'], record(1, 'x')]);
    const { opened } = await open(disk);
    expect(opened).toMatchObject({ ok: false, problem: expect.stringMatching(/format 99 is newer than this program/) });
    expect(disk.batches).toEqual([]);
  });

  it('refuses one whose version is none', async () => {
    const { opened } = await open(new FakeDisk([[VERSION_KEY, 'x'], record(1, 'x')]));
    expect(opened).toMatchObject({ ok: false });
  });

  it('takes one that lost its version in a repair for what its records are', async () => {
    const kept = keptLock('a', 1);
    const disk = new FakeDisk([record(1, textOf(kept))]);
    const { opened } = await open(disk);
    expect(opened.ok && opened.journal.left).toEqual([kept]);
    expect((await disk.entries()).at(-1)).toEqual([VERSION_KEY, '2']);
  });

  it('migrates an older version, step by step, in one batch', async () => {
    const kept = keptLock('old', 5);
    const disk = new FakeDisk([[VERSION_KEY, '1'], record(4, 'drop me'), record(5, 'old')]);
    const { opened } = await open(disk, {
      version: 3,
      migrations: {
        2: (text) => (text === 'old' ? 'middle' : null),
        3: (text) => (text === 'middle' ? textOf(kept) : text),
      },
    });
    expect(opened.ok && opened.journal.left).toEqual([kept]);
    expect(disk.batches).toHaveLength(1);
    expect(disk.batches[0]?.sync).toBe(true);
    const after = await disk.afterPowerFailure().entries();
    expect(after.map(([key]) => key)).toEqual([recordKey(5), VERSION_KEY]);
    expect(after[1]?.[1]).toBe('3');
  });

  it('refuses an older version that nobody can migrate', async () => {
    const { opened } = await open(new FakeDisk([[VERSION_KEY, '1']]), { version: 2, migrations: {} });
    expect(opened).toMatchObject({ ok: false, problem: expect.stringMatching(/too old/) });
  });

  it('goes on without a record that is damaged, and says so', async () => {
    const good = keptLock('good', 2);
    const disk = new FakeDisk([[VERSION_KEY, '2'], record(1, sealed('{"kind":"command"}')), record(2, textOf(good))]);
    const { opened, lines } = await open(disk);
    expect(opened.ok && opened.journal.left).toEqual([good]);
    expect(lines).toMatchObject([{ level: 'error', fields: { unusable: 1 } }]);
  });

  it('sees a single bit that is not as it was written', () => {
    const text = textOf(keptLock('a', 1));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(1, 2, 4, 8), (at, bit) => {
        const flipped = String.fromCharCode(text.charCodeAt(at) ^ bit);
        expect(recordOf(`${text.slice(0, at)}${flipped}${text.slice(at + 1)}`)).toBeNull();
      }),
    );
  });

  it('takes over what version 1 wrote, which had no checksums', async () => {
    const kept = keptLock('a', 1);
    const disk = new FakeDisk([[VERSION_KEY, '1'], record(1, textOf(kept).slice(8))]);
    const { opened } = await open(disk);
    expect(opened.ok && opened.journal.left).toEqual([kept]);
    expect(await disk.afterPowerFailure().entries()).toEqual([record(1, textOf(kept)), [VERSION_KEY, '2']]);
  });
});
