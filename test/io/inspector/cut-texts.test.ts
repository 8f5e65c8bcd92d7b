import { describe, expect, it } from 'vitest';
import { Inspection } from '../../../src/io/inspector/inspection.ts';
import { createSecrets } from '../../../src/io/log/secrets.ts';

import { FakeBus } from '../../support/fake-bus.ts';
import { FakeCloud, outage } from '../../support/fake-cloud.ts';
import { hiddenForms } from '../../support/hidden-forms.ts';
import { clock } from '../../support/quiet.ts';
import { quietLog } from '../../support/quiet-log.ts';

const PLANTED = [
  ['KMHPLANT0XX771234', 'person'],
  ['Pl4nted/Pass+wörd=91c3', 'secret'],
  ['eyJhbGciOi.planted-access.1-0123456789abcdefghijklmnopqrs', 'token'],
] as const;
/** As they may come: as they are, for URLs, in hex, and in base64 of something longer at each of its three offsets. */
const FORMS = PLANTED.flatMap(([value]) => [
  value,
  encodeURIComponent(value),
  Buffer.from(value).toString('hex'),
  ...['', 'x', 'xy'].map((before) => Buffer.from(`${before}${value}:z`).toString('base64')),
]);
/** Where texts are cut. */
const CUTS = [256, 512, 1_000, 4_096, 8_192];
/** So much of a secret helps whoever reads it. A character of base64 may be left beside a hole. */
const PIECE = 6;
const PIECES = PLANTED.flatMap(([value]) => hiddenForms(value)).map((form) => form.slice(1, 1 + PIECE));
const piecesIn = (text: string) => PIECES.filter((piece) => text.includes(piece));

const secrets = createSecrets({ showPrivate: false });
for (const [value, kind] of PLANTED) secrets.register(value, kind);

/** Everything that is kept when the same text comes everywhere where a text can come from. */
async function told(filled: string): Promise<readonly string[]> {
  const options = { accounts: ['main'], baseTopic: 'hyundai', logLevel: 'debug', secrets, clock } as const;
  const inspection = new Inspection({ ...options, carNames: new Map([['c1', filled]]) });
  const fakes = { bus: new FakeBus(), cloud: new FakeCloud(['c1']) };
  const bus = inspection.bus(fakes.bus);
  bus.start({ connected: () => undefined, lost: () => undefined, message: () => undefined }, []);
  fakes.bus.send(filled, '');
  bus.publish({ topic: filled, payload: '', qos: 0, retain: false });
  fakes.cloud.instead = () => ({ ...outage, message: filled, cause: filled });
  const { signal } = new AbortController();
  await inspection
    .cloud('main', fakes.cloud)
    .call({ type: 'read', car: filled, source: 'cached' }, { signal, commandId: filled, attempt: 1 });
  inspection
    .log(quietLog)
    .child({ [filled]: filled })
    .write('warn', filled, { filled, list: [filled], error: new Error(filled) });
  const actor = {
    address: `account/main/vehicle/${filled}`,
    kind: 'vehicle',
    account: 'main',
    parent: filled,
  } as const;
  inspection.observer({ type: 'started', at: 0, actor, again: false });
  inspection.observer({ type: 'delivered', at: 0, actor, from: filled, event: { type: 'COMMAND', id: filled } });
  return inspection.feed.newest(100).map((kept) => inspection.feed.textOf(kept));
}

describe('a text that is too long', () => {
  it('is never cut through a secret, wherever that stands in it', async () => {
    for (const form of FORMS) {
      for (const cut of CUTS) {
        for (const there of [1, Math.floor(form.length / 2), form.length - 1]) {
          const all = await told(`${'z'.repeat(cut - there)}${form}/commands/lock`);
          expect(all).toHaveLength(7);
          for (const text of all)
            expect([form, cut, text.length, piecesIn(text)]).toEqual([form, cut, text.length, []]);
        }
      }
    }
  });

  it('is not either where holes have made it shorter', async () => {
    for (const [value] of PLANTED) {
      for (const cut of [...CUTS, 65_536]) {
        const all = await told(value.repeat(Math.ceil(cut / value.length) + 1));
        for (const text of all) expect([value, cut, piecesIn(text)]).toEqual([value, cut, []]);
      }
    }
  });

  it('is told as far as it is shown', async () => {
    const all = (await told('z'.repeat(100_000))).map((text) => JSON.parse(text) as Record<string, unknown>);
    const topics = all.filter(({ type }) => type === 'bluelinkd.message').map(({ topic }) => String(topic).length);
    expect(topics).toEqual([256, 256]);
    const ended = all.find(({ phase }) => phase === 'ended');
    expect([ended?.cause, ended?.commandId]).toEqual(['z'.repeat(512), 'z'.repeat(512)]);
    expect(all.find(({ type }) => type === '@xstate.actor')).toMatchObject({ name: 'z'.repeat(512) });
  });
});
