import { describe, expect, test } from 'vitest';
import { type SequenceRow, sequenceDiagram } from '../../../src/io/inspector/page/sequence-diagram.ts';
import { columnsOf, durationOf, placed } from '../../../src/io/inspector/page/sequence-layout.ts';

const row = (at: number, from: string, to: string, what: string, more: Partial<SequenceRow> = {}): SequenceRow => ({
  at,
  from,
  to,
  what,
  ...more,
});
const STORY: readonly SequenceRow[] = [
  row(1_000, 'broker', 'bridge', 'hyundai/ev6/commands/lock', { kind: 'message' }),
  row(1_001, 'bridge', 'vehicle ev6', 'COMMAND', { detail: 'lock 42' }),
  row(1_002, 'vehicle ev6', 'command', 'START'),
  row(1_003, 'command', 'command', 'calling', { kind: 'state' }),
  row(1_004, 'command', 'cloud', 'POST control/door', { kind: 'call', detail: 'attempt 1' }),
  row(1_156, 'cloud', 'command', 'tokenRefused', { kind: 'call', durationMs: 152 }),
  row(1_157, 'command', 'token', 'REFRESH', { detail: 'generation 7' }),
];
const lanesIn = (svg: string) => [...svg.matchAll(/data-lane="([^"]*)"/g)].map(([, lane]) => lane);
const textsIn = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
/** What strangers may have written into a topic or an id. */
const HOSTILE = `</text><script>alert("1")</script>&'; end\nNote over p0: x\u0000\u202e\ud800#`;

describe('a sequence diagram', () => {
  test('shows every row once, in order, with the time since the first', () => {
    const { svg, mermaid } = sequenceDiagram(STORY);
    const told = textsIn(svg).filter((text) => STORY.some(({ what }) => what === text));
    expect(told).toEqual(STORY.map(({ what }) => what));
    expect(textsIn(svg)).toEqual(expect.arrayContaining(['0 ms', '1 ms', '156 ms', '152 ms', 'lock 42', 'attempt 1']));
    const steps = mermaid.split('\n').filter((line) => /->>|Note over/.test(line));
    expect(steps).toEqual([
      '    p0-->>p1: hyundai/ev6/commands/lock',
      '    p1->>p2: COMMAND<br/>lock 42',
      '    p2->>p3: START',
      '    Note over p3: calling',
      '    p3-->>p5: POST control/door<br/>attempt 1',
      '    p5-->>p3: tokenRefused',
      '    p3->>p4: REFRESH<br/>generation 7',
    ]);
  });

  test('has its lanes in the usual order whatever happens first, or in the order that is asked for', () => {
    expect(lanesIn(sequenceDiagram(STORY.toReversed()).svg)).toEqual([
      'broker',
      'bridge',
      'vehicle ev6',
      'command',
      'token',
      'cloud',
    ]);
    expect(lanesIn(sequenceDiagram(STORY, { lanes: ['cloud', 'breaker'] }).svg).slice(0, 3)).toEqual([
      'cloud',
      'breaker',
      'broker',
    ]);
  });

  test('counts from where it is told to, and has the colour of what a row sounds like', () => {
    const rows = [row(960, 'token', 'cloud', 'sessionRefresh', { kind: 'call' }), ...STORY];
    const { svg } = sequenceDiagram(rows, { begunAt: 1_000 });
    expect(textsIn(svg)).toEqual(expect.arrayContaining(['−40 ms', '0 ms', '157 ms']));
    const toned = STORY.map((one, i) => (i === 5 ? { ...one, tone: 'bad' as const } : one));
    const [plain, bad] = [STORY, toned].map((story) => sequenceDiagram(story).svg);
    expect(plain).not.toContain('url(#sequence-bad)');
    expect(bad).toMatch(/<g class="row call bad" data-row="5">.*url\(#sequence-bad\)/);
    expect(bad).toContain('<marker id="sequence-bad"');
  });

  test('is the same text for the same rows', () => {
    expect(sequenceDiagram(STORY)).toEqual(sequenceDiagram(structuredClone(STORY)));
  });

  test('takes nothing for markup, and nothing for an end of line', () => {
    const rows = [row(0, HOSTILE, 'bridge', HOSTILE, { detail: HOSTILE }), row(0, 'bridge', 'bridge', HOSTILE)];
    const { svg, mermaid } = sequenceDiagram(rows, { title: HOSTILE });
    expect(svg).not.toMatch(/<script|alert\("|\p{Cs}|\p{Bidi_Control}/u);
    expect(svg).not.toContain('\u0000');
    const open: string[] = [];
    for (const [, end, word, alone] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (alone === '/') continue;
      if (end === '') open.push(word ?? '');
      else expect(open.pop()).toBe(word);
    }
    expect(open).toEqual([]);
    expect(mermaid.split('\n').filter((line) => line.trimStart().startsWith('Note over'))).toHaveLength(1);
    expect(mermaid).not.toMatch(/<script|;(?<!#(?:\d+|lt|gt|amp);)/);
  });

  test('leaves no words of different rows or lanes on each other', () => {
    const long = 'a-word-that-is-much-longer-than-any-line-can-be and some more of them that are broken between words';
    const rows = [...STORY, row(9, 'broker', 'bridge', long, { detail: long }), row(10, 'token', 'token', long)];
    const lanes = ['broker', 'bridge', 'vehicle ev6', 'command', 'token', 'cloud'];
    const columns = columnsOf(rows, lanes);
    const layout = placed(rows, columns);
    for (const [i, one] of layout.rows.entries()) {
      const next = layout.rows[i + 1];
      if (next !== undefined) expect(one.y + one.height).toBeLessThanOrEqual(next.y);
      expect(one.middle - one.wide / 2).toBeGreaterThanOrEqual(0);
      expect(one.middle + one.wide / 2).toBeLessThanOrEqual(layout.width);
      if (one.from !== one.to) expect(one.wide).toBeLessThan(Math.abs(one.to - one.from));
      expect(one.y + one.height).toBeLessThanOrEqual(layout.height);
    }
    for (const [i, { x, width }] of columns.entries()) {
      const next = columns[i + 1];
      if (next !== undefined) expect(x + width / 2).toBeLessThan(next.x - next.width / 2);
    }
  });

  test('has a title, a description, and no id of another picture in the same page', () => {
    const [one, two] = ['one', 'two'].map((id) => sequenceDiagram(STORY, { id, title: `Story ${id}` }).svg);
    expect(one).toContain('role="img" aria-labelledby="one-title" aria-describedby="one-desc"');
    expect(one).toContain('<title id="one-title">Story one</title>');
    expect(one).toContain('7 steps between broker, bridge, vehicle ev6, command, token, cloud');
    const idsIn = (svg = '') => [...svg.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    const ids = [...idsIn(one), ...idsIn(two)];
    expect(ids.length).toBeGreaterThan(5);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of (one ?? '').matchAll(/url\(#([^)]*)\)/g)) expect(idsIn(one)).toContain(id);
  });

  test('has colours for light and for dark surroundings', () => {
    const { svg } = sequenceDiagram(STORY);
    expect(svg).toContain('@media (prefers-color-scheme:dark)');
    for (const [, colour] of svg.matchAll(/var\(--(\w+)\)/g)) expect(svg.split(`--${colour}:#`)).toHaveLength(3);
    // Rules that are not scoped would paint the page around it.
    const style = /<style>([^<]*)<\/style>/.exec(svg)?.[1] ?? '';
    for (const rule of style.trim().split('\n')) expect(rule).toMatch(/^(@media \([^)]*\)\{)?\.sequence[ {]/);
  });

  test('of nothing is empty, and a picture all the same', () => {
    const { svg, mermaid } = sequenceDiagram([]);
    expect(svg).toMatch(/^<svg [^>]*width="\d+" height="\d+"/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(mermaid).toMatch(/^sequenceDiagram\n/);
  });
});

test.each([
  [0, '0 ms'],
  [152, '152 ms'],
  [1_240, '1.24 s'],
  [71_000, '1 min 11 s'],
  [-5, '−5 ms'],
])('%i ms are told as %s', (ms, told) => {
  expect(durationOf(ms)).toBe(told);
});
