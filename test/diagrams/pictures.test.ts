import { beforeAll, describe, expect, test } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { chartOf } from '../../scripts/diagrams/chart.ts';
import { diagrams } from '../../scripts/diagrams/files.ts';
import { type Box, type Layout, layOut } from '../../scripts/diagrams/layout.ts';
import { MACHINES } from '../../scripts/diagrams/machines.ts';
import { eventName } from '../../scripts/diagrams/words.ts';

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

  test('have no overlapping words', async () => {
    const layout = await layOut(chartOf(machine));
    const solid = [...labels(layout), ...leaves(layout)];
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

const unescaped = (text: string) => text.replaceAll('&gt;', '>').replaceAll('&amp;', '&');
const boxOf = (name: string, { x, y, width, height }: Box) => ({ name, x, y, width, height });
const labels = ({ edges }: Layout) => edges.map(({ edge, label }) => boxOf(`${edge.source} → ${edge.target}`, label));
const leaves = ({ states }: Layout) =>
  states.filter(({ state }) => state.states.length === 0).map((placed) => boxOf(placed.state.id, placed));
const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test('the pictures are the same bytes every time', async () => {
  expect(await diagrams()).toEqual(files);
});
