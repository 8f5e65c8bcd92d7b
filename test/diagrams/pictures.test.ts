import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { chartOf } from '../../scripts/diagrams/chart.ts';
import { diagrams, writeFiles } from '../../scripts/diagrams/files.ts';
import { type Box, type Layout, layOut } from '../../scripts/diagrams/layout.ts';
import { MACHINES } from '../../scripts/diagrams/machines.ts';
import { mermaidOf } from '../../scripts/diagrams/mermaid.ts';
import { svgOf } from '../../scripts/diagrams/svg.ts';
import { eventName } from '../../scripts/diagrams/words.ts';

// Work, not waiting: on a busy machine it takes many times as long.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** Asked of the machines themselves, not of what the drawing makes of them. */
const statesOf = (node: AnyStateNode): readonly AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap(statesOf),
];
const transitionsOf = (machine: AnyStateMachine) =>
  statesOf(machine.root).flatMap((state) => [
    ...[...state.transitions].flatMap(([type, transitions]) =>
      transitions.map((_, place) => ({ state, type, id: `${state.id}:${type}:${place}` })),
    ),
    ...(state.always ?? []).map((_, place) => ({ state, type: '', id: `${state.id}::${place}` })),
  ]);
const named = MACHINES.map((machine) => ({ name: machine.id, machine }));

const layouts = new Map<AnyStateMachine, Promise<Layout>>();
const laidOut = (machine: AnyStateMachine): Promise<Layout> => {
  const layout = layouts.get(machine) ?? layOut(chartOf(machine));
  layouts.set(machine, layout);
  return layout;
};
let files: ReadonlyMap<string, string> = new Map();
beforeAll(async () => {
  files = await diagrams();
});
const svg = (name: string) => files.get(`${name}.svg`) ?? '';
const mermaid = (name: string) => files.get(`${name}.mmd`) ?? '';

describe.each(named)('the pictures of $name', ({ name, machine }) => {
  test('show every state once, and by its name', () => {
    for (const { id, key } of statesOf(machine.root)) {
      expect(svg(name).split(`data-state="${id}">\n<rect class="box"`)).toHaveLength(2);
      expect(svg(name)).toContain(`>${key}</text>`);
      expect(mermaid(name)).toContain(key);
    }
  });

  test('show every transition, under a name that a page can find', () => {
    const ids = new Set(
      [...svg(name).matchAll(/data-edge="([^"]*)"/g)].flatMap(([, edge = '']) => edge.split(' ').map(unescaped)),
    );
    expect(ids).toEqual(new Set(transitionsOf(machine).map(({ id }) => id)));
  });

  test('show every event by the word of the protocol, delays as "after …"', () => {
    for (const { state, type } of transitionsOf(machine)) {
      const word = eventName(state, type);
      expect(svg(name)).toContain(`>${word}<`);
      expect(mermaid(name)).toContain(word);
      expect(word).not.toMatch(/xstate|undefined/);
      if (type.startsWith('xstate.after.')) expect(word).toMatch(/^after [a-z][A-Za-z]+$/);
    }
  });

  test('are well-formed', () => {
    const open: string[] = [];
    for (const [tag, end, word, alone] of svg(name).matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (alone === '/') continue;
      if (end === '') open.push(word ?? '');
      else expect(open.pop(), tag).toBe(word);
    }
    expect(open).toEqual([]);
    expect(svg(name)).not.toMatch(/NaN|undefined|Infinity/);
    expect(mermaid(name)).toMatch(/^---\ntitle: \w+\n---\nstateDiagram-v2\n/);
  });

  test('have a background, and colours for light and for dark surroundings', () => {
    expect(svg(name)).toContain('<rect class="paper"');
    expect(svg(name)).toContain('@media (prefers-color-scheme:dark)');
    for (const [, colour] of svg(name).matchAll(/var\(--(\w+)\)/g)) {
      expect(svg(name).split(`--${colour}:#`)).toHaveLength(3);
    }
  });

  test('tell a title and a description to who does not see them', () => {
    const [opening = '', title, description] = svg(name).split('\n');
    expect(opening).toContain(`role="img" aria-labelledby="${name}-title" aria-describedby="${name}-desc"`);
    expect(title).toBe(`<title id="${name}-title">Statechart of the ${name}</title>`);
    for (const { key } of statesOf(machine.root).slice(1)) expect(description).toContain(key);
  });

  test('have lines that cross no state, no words and no other line', async () => {
    const layout = await laidOut(machine);
    const lines = layout.edges.map(({ edge, points }) => ({
      name: `${edge.source} → ${edge.target}`,
      parts: partsOf(points),
    }));
    const crossings = lines.flatMap((one, i) =>
      lines
        .slice(i + 1)
        .filter((other) => one.parts.some((part) => other.parts.some((its) => overlap(part, its))))
        .map((other) => [one.name, other.name]),
    );
    expect(crossings).toEqual([]);
    const solid = [...labels(layout), ...leaves(layout), ...containersWords(layout)];
    for (const line of lines) {
      const touched = solid.filter((box) => box.name !== line.name && line.parts.some((part) => overlap(part, box)));
      expect(touched.map((box) => [line.name, box.name])).toEqual([]);
    }
    expect(layout.width).toBeLessThanOrEqual(WIDTHS[name] ?? 1_000);
  });

  test('have no overlapping words', async () => {
    const layout = await laidOut(machine);
    const solid = [...labels(layout), ...leaves(layout), ...containersWords(layout)];
    const overlapping = solid.flatMap((one, i) =>
      solid
        .slice(i + 1)
        .filter((other) => overlap(one, other))
        .map((other) => [one, other]),
    );
    expect(overlapping).toEqual([]);
    for (const { width, height, x, y } of solid) {
      expect([x >= 0, y >= 0, x + width <= layout.width, y + height <= layout.height]).toEqual([
        true,
        true,
        true,
        true,
      ]);
    }
  });
});

/** Of those that need more than others. */
const WIDTHS: Readonly<Record<string, number>> = { command: 1_120, token: 1_010 };
/** As thin areas, without the px at which a line touches its states. */
const partsOf = (points: readonly { readonly x: number; readonly y: number }[]) =>
  points.slice(1).map((end, i) => {
    const start = points[i] ?? end;
    const [width, height] = [Math.abs(end.x - start.x), Math.abs(end.y - start.y)];
    return {
      x: Math.min(start.x, end.x) + (width > 0 ? 0.5 : 0),
      y: Math.min(start.y, end.y) + (height > 0 ? 0.5 : 0),
      width: Math.max(0, width - 1),
      height: Math.max(0, height - 1),
    };
  });
const unescaped = (text: string) => text.replaceAll('&gt;', '>').replaceAll('&amp;', '&');
const boxOf = (name: string, { x, y, width, height }: Box) => ({ name, x, y, width, height });
const labels = ({ edges }: Layout) => edges.map(({ edge, label }) => boxOf(`${edge.source} → ${edge.target}`, label));
const leaves = ({ states }: Layout) =>
  states.filter(({ state }) => state.states.length === 0).map((placed) => boxOf(placed.state.id, placed));
const containersWords = ({ states }: Layout) =>
  states
    .filter(({ state, words }) => state.states.length > 0 && words.width > 0)
    .map(({ state, words }) => boxOf(`the words of ${state.id}`, words));
const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test('the pictures are the same bytes every time', async () => {
  for (const machine of MACHINES) {
    expect(svgOf(await laidOut(machine), machine.id)).toBe(svg(machine.id));
    expect(mermaidOf(chartOf(machine))).toBe(mermaid(machine.id));
  }
});

/** Another process: whatever it does not name is byte for byte what was drawn here, the system and the stories too. */
test('the check fails and names the one planted stale file among those that are drawn now', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'diagrams-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFiles(directory, files);
  writeFileSync(join(directory, 'token.svg'), 'planted');
  const { code, said } = await runScript('--check', directory);
  expect(said).toBe(`${join(directory, 'token.svg')} is stale: run npm run diagrams\n`);
  expect(code).toBe(1);
  expect(readFileSync(join(directory, 'token.svg'), 'utf8')).toBe('planted');
});

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'diagrams.ts');
const runScript = (...words: readonly string[]) =>
  new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', SCRIPT, ...words], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, said: stdout + stderr }),
    );
  });

test('all pictures may stand in one page: no id is in two of them, and no rule reaches beyond its picture', () => {
  const pictures = [...files].filter(([name]) => name.endsWith('.svg')).map(([, text]) => text);
  // The machines, the system, and the three stories.
  expect(pictures).toHaveLength(MACHINES.length + 4);
  const idsIn = (text: string) => [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  const ids = pictures.flatMap(idsIn);
  expect(new Set(ids).size).toBe(ids.length);
  for (const text of pictures) {
    for (const [, id] of text.matchAll(/url\(#([^)]*)\)/g)) expect(idsIn(text)).toContain(id);
    const style = /<style>([^<]*)<\/style>/.exec(text)?.[1] ?? '';
    for (const rule of style.trim().split('\n')) {
      expect(rule).toMatch(/^(@media \([^)]*\)\{)?\.(statechart|system|sequence)[ {]/);
    }
  }
});
