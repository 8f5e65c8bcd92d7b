import { arrowHead, n, opening, paint, plain, styleOf } from '../../src/io/inspector/page/svg-kit.ts';
import type { SystemGraph, SystemLine } from './system-graph.ts';
import { layOutSystem, type PlacedBox, type PlacedLine } from './system-layout.ts';
import { FONT, LINE_HEIGHT } from './text.ts';

/** The picture of the system: every actor has `data-actor`, every line `data-route="account → token"`. */
const STYLE = styleOf(
  'system',
  `
text{font-size:${FONT.label}px;${paint('fill', 'ink')}}
.paper,.plate{${paint('fill', 'paper')}}
.box{${paint('fill', 'box')};${paint('stroke', 'border')}}
.world .box{${paint('fill', 'world')};stroke-dasharray:5 3}
.name{font-size:${FONT.name}px;font-weight:600;text-anchor:middle}
.what{font-size:${FONT.inner}px;text-anchor:middle;${paint('fill', 'faint')}}
.way{fill:none;${paint('stroke', 'line')};stroke-width:1.2}
.starts .way{stroke-width:3}
.head{${paint('fill', 'line')}}
.route{font-weight:600;${paint('fill', 'faint')}}
.start{font-weight:600}
.outer .event{${paint('fill', 'outside')}}
.actor.active .box{${paint('fill', 'active')};${paint('stroke', 'activeLine')};stroke-width:2}
.talk.active .way{${paint('stroke', 'activeLine')}}
`,
);

export function systemSvg(graph: SystemGraph): string {
  const layout = layOutSystem(graph);
  const world = new Set(graph.boxes.filter(({ isWorld }) => isWorld).map(({ name }) => name));
  const [width, height] = [Math.ceil(layout.width), Math.ceil(layout.height)];
  const description = [
    ...graph.lines.filter(({ spawns }) => spawns).map(({ one, other }) => `${one} starts ${other}`),
    ...graph.lines.flatMap(talk),
  ].join('; ');
  return [
    opening(
      'system',
      { id: 'system', title: 'Who starts whom, who says what to whom', description: `${description}.` },
      layout,
    ),
    `<style>${STYLE}</style>`,
    `<defs>${arrowHead('system-head')}</defs>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...layout.lines.map((line) => lineGroup(line, world)),
    ...layout.boxes.map(boxGroup),
    '</svg>',
    '',
  ].join('\n');
}

const talk = ({ one, other, there, back }: SystemLine): readonly string[] => [
  ...(there.length === 0 ? [] : [`${one} to ${other}: ${there.join(', ')}`]),
  ...(back.length === 0 ? [] : [`${other} to ${one}: ${back.join(', ')}`]),
];

function boxGroup({ box, x, y, width, height }: PlacedBox): string {
  const middle = x + width / 2;
  const centre = y + height / 2;
  return [
    `<g class="actor${box.isWorld ? ' world' : ''}" data-actor="${plain(box.name)}">`,
    `<rect class="box" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="7"/>`,
    `<text class="name" x="${n(middle)}" y="${n(centre - 3)}">${plain(box.name)}</text>`,
    `<text class="what" x="${n(middle)}" y="${n(centre + 13)}">${plain(box.what)}</text>`,
    '</g>',
  ].join('\n');
}

function lineGroup({ line, points, label, words }: PlacedLine, world: ReadonlySet<string>): string {
  const { one, other, spawns, there, back } = line;
  const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${n(x)} ${n(y)}`).join('');
  const ends = `${there.length > 0 ? ' marker-end="url(#system-head)"' : ''}${back.length > 0 ? ' marker-start="url(#system-head)"' : ''}`;
  const outer = world.has(one) || world.has(other) ? ' outer' : '';
  return [
    `<g class="talk${spawns ? ' starts' : ''}${outer}" data-route="${plain(`${one} → ${other}`)}">`,
    `<path class="way" d="${path}"${ends}/>`,
    `<rect class="plate" x="${n(label.x)}" y="${n(label.y)}" width="${n(label.width)}" height="${n(label.height)}" rx="3"/>`,
    ...words.map(
      ({ text, style }, i) =>
        `<text class="${style}" x="${n(label.x + 4)}" y="${n(label.y + (i + 1) * LINE_HEIGHT - 2)}">${plain(text)}</text>`,
    ),
    '</g>',
  ].join('\n');
}

/** The same as Mermaid text (`flowchart`). Thick lines start somebody. */
export function systemMermaid({ boxes, lines }: SystemGraph): string {
  const arrow = (from: string, to: string, events: readonly string[], starts: boolean): readonly string[] => {
    if (events.length === 0 && !starts) return [];
    const words = [...(starts ? ['starts'] : []), ...events].join('<br/>');
    return [`    ${from} ${starts ? '==>' : '-->'}|"${words}"| ${to}`];
  };
  return [
    '---',
    'title: system',
    '---',
    'flowchart TD',
    ...boxes.map(
      ({ name, isWorld, what }) => `    ${name}${isWorld ? `(["${name}<br/>${what}"])` : `["${name}<br/>${what}"]`}`,
    ),
    ...lines.flatMap(({ one, other, spawns, there, back }) => [
      ...arrow(one, other, there, spawns),
      ...arrow(other, one, back, false),
    ]),
    '',
  ].join('\n');
}
