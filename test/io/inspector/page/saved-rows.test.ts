import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { journeyOf } from '../../../../src/io/inspector/journey.ts';
import { type Hop, hopIn } from '../../../../src/io/inspector/page/hops.ts';
import { entryOf as readByPage } from '../../../../src/io/inspector/page/read-entry.ts';
import { journeyOptions, pictureRows, savedRows } from '../../../../src/io/inspector/page/saved-rows.ts';
import { sequenceDiagram } from '../../../../src/io/inspector/page/sequence-diagram.ts';
import { World } from '../../../../src/io/inspector/page/world.ts';
import { traceText } from '../../../../src/io/inspector/trace-text.ts';
import { entryOf } from '../../../../src/io/inspector/wire-schema.ts';

const linesOf = (name: string) =>
  readFileSync(new URL(`../../../../docs/recordings/${name}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .slice(1);
const rowsOf = (name: string, command: string) =>
  journeyOf(
    linesOf(name).flatMap((line) => entryOf(line) ?? []),
    command,
  );
/** The journey as the page shows it. */
const shownOf = (name: string, command: string): readonly Hop[] =>
  rowsOf(name, command).map((row) => hopIn(row, command));

const STORIES = [
  ['expiry', 'first'],
  ['second', 'second'],
  ['refused', 'refused'],
] as const;
const times = (rows: readonly { readonly at: number }[]) => rows.map(({ at }) => at);
const sorted = (numbers: readonly number[]) => [...numbers].sort((one, other) => one - other);

interface Drawn {
  readonly style: string;
  readonly ms: number;
  readonly words: readonly string[];
  readonly arrow: string | null;
}

function drawn(svg: string): readonly Drawn[] {
  return [...svg.matchAll(/<g class="row ([^"]*)" data-row="\d+">(.*?)<\/g>/g)].map(([, style = '', inside = '']) => {
    const texts = [...inside.matchAll(/<text class="(\w+)"[^>]*>([^<]*)</g)];
    const [time = ''] = texts.filter(([, kind]) => kind === 'time').map(([, , text]) => text);
    const words = texts.filter(([, kind]) => kind !== 'time').map(([, , text = '']) => text.replaceAll('\u00a0', ' '));
    return { style, ms: msOf(time), words, arrow: /marker-end="url\(#x-(\w+)\)"/.exec(inside)?.[1] ?? null };
  });
}
function msOf(time: string): number {
  const [, sign, value, unit] = /^(−?)([\d.]+) (ms|s)$/.exec(time) ?? [];
  return Number(value) * (unit === 's' ? 1_000 : 1) * (sign === '−' ? -1 : 1);
}

describe('a journey that is saved', () => {
  it.each(STORIES)('goes on in time, says nothing twice, and has no words of XState’s (%s)', (name, command) => {
    const shown = shownOf(name, command);
    // Otherwise there is nothing to be mended.
    expect(String(times(shown)) === String(sorted(times(shown)))).toBe(name === 'refused');
    expect(shown.some(({ detail }) => detail.startsWith('xstate.'))).toBe(true);
    const saved = savedRows(shown);
    expect(times(saved)).toEqual(sorted(times(saved)));
    const text = JSON.stringify(saved);
    expect(text).not.toMatch(/xstate\.|took/);
    expect(saved.filter(({ kind }) => kind !== 'state')).toEqual(
      rowsOf(name, command)
        .filter(({ kind }) => kind !== 'state')
        .map((row) => expect.objectContaining(row)),
    );
    const { svg } = sequenceDiagram(pictureRows(saved), { ...journeyOptions(saved), id: 'x' });
    const picture = drawn(svg);
    expect(picture).toHaveLength(saved.length);
    expect(picture.map(({ ms }) => ms)).toEqual(sorted(picture.map(({ ms }) => ms)));
    expect(svg).not.toMatch(/xstate\.|took/);
    for (const { words } of picture) {
      expect(words.join(' ')).not.toMatch(/\b0 ms/);
      expect(words.join(' ').match(/\d (?:ms|s)\b/g)?.length ?? 0, words.join(' ')).toBeLessThanOrEqual(1);
    }
  });

  it('counts its times from where it came in, and what it joined is before that', () => {
    const saved = savedRows(shownOf('second', 'second'));
    const [first, arrival] = drawn(sequenceDiagram(pictureRows(saved), { ...journeyOptions(saved), id: 'x' }).svg);
    expect([first?.words[0], first?.ms]).toEqual(['sessionRefresh', -291]);
    expect([arrival?.words[0], arrival?.ms]).toEqual(['demo/kona/commands/lock', 0]);
    // The daemon's own readings came by no message.
    const own = savedRows(shownOf('second', 'second').filter(({ from, to }) => ![from, to].includes('broker')));
    expect(journeyOptions(own)).toEqual({ begunAt: own[1]?.at });
    expect(own[0]?.what).toBe('sessionRefresh');
    const [head = '', , ...lines] = traceText('second', rowsOf('second', 'second')).trimEnd().split('\n');
    expect(lines.slice(0, 2).map((line) => line.trim().replaceAll(/ {2,}/g, ' '))).toEqual([
      '−291 ms token → cloud sessionRefresh (generation 2)',
      '+0 ms broker → bridge demo/kona/commands/lock (QoS 0, 31 bytes)',
    ]);
    expect(head).toMatch(/ hops in 2\.9 s, from /);
    expect(lines.at(-1)).toMatch(/ \+2\.9 s .*\(succeeded\) {2}2\.9 s$/);
  });

  it('has the colours of the page: a refusal is red, success green, the world blue', () => {
    const saved = savedRows(shownOf('expiry', 'first'));
    const rows = drawn(sequenceDiagram(pictureRows(saved), { id: 'x' }).svg);
    const arrowOf = (what: string) =>
      rows.filter(({ words }) => words[0] === what).map(({ style, arrow }) => [style, arrow]);
    expect(arrowOf('tokenRefused')).toEqual([['call bad', 'bad']]);
    expect(arrowOf('control')).toEqual([['call', 'world']]);
    expect(arrowOf('accepted')).toEqual([['call', 'world']]);
    expect(arrowOf('REFRESH')).toEqual([['event busy', 'busy']]);
    expect(arrowOf('COMMAND')).toEqual([['event', 'event']]);
    expect(arrowOf('record success')).toEqual([['call good', 'good']]);
    expect(arrowOf('refreshing.calling.renewing')).toEqual([['state busy', null]]);
    expect(rows.at(-1)).toMatchObject({ style: 'message good', arrow: 'good' });
    const failed = savedRows(shownOf('refused', 'refused'));
    expect(drawn(sequenceDiagram(pictureRows(failed), { id: 'x' }).svg).at(-1)).toMatchObject({ style: 'message bad' });
  });
});

describe('everything that is saved', () => {
  it.each(STORIES)('goes on in time, too (%s)', (name) => {
    const world = new World();
    for (const line of linesOf(name)) {
      const entry = line === '' ? null : readByPage(JSON.parse(line));
      if (entry !== null) world.apply(entry);
    }
    const saved = savedRows(world.hops.items);
    expect(saved.length).toBeGreaterThan(50);
    expect(times(saved)).toEqual(sorted(times(saved)));
    expect(JSON.stringify(saved)).not.toMatch(/"(?:what|detail)":"[^"]*(?:xstate\.|took)/);
  });
});
