import { FONT } from './text.ts';

/** Each colour: its name, for light and for dark surroundings. */
const COLOURS = {
  paper: ['#ffffff', '#0f141b'],
  ink: ['#1b2430', '#e3e9f1'],
  faint: ['#66717f', '#93a0b0'],
  line: ['#7b8794', '#7c8a9b'],
  box: ['#f3f6fa', '#1a222d'],
  border: ['#a9b4c0', '#3d4a5a'],
  final: ['#eaf5ee', '#16281f'],
  guard: ['#8a5a00', '#e0b15c'],
  event: ['#0b4f8a', '#8cc3f5'],
  active: ['#ffe9b8', '#5a4300'],
  activeLine: ['#c77700', '#ffb84d'],
} as const satisfies Record<string, readonly [string, string]>;
type Colour = keyof typeof COLOURS;

const declare = (which: 0 | 1) =>
  Object.entries(COLOURS)
    .map(([name, pair]) => `--${name}:${pair[which]}`)
    .join(';');
/** The plain colour first, for renderers that know no custom properties. */
const paint = (property: 'fill' | 'stroke', colour: Colour) =>
  `${property}:${COLOURS[colour][0]};${property}:var(--${colour})`;

export const STYLE = `
svg{${declare(0)}}
@media (prefers-color-scheme:dark){svg{${declare(1)}}}
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;font-size:${FONT.label}px;${paint('fill', 'ink')}}
.name{font-size:${FONT.name}px;font-weight:600;text-anchor:middle}
.inner{font-size:${FONT.inner}px}
.event{${paint('fill', 'event')}}
.guard{${paint('fill', 'guard')}}
.action,.call{${paint('fill', 'faint')}}
.target{${paint('fill', 'ink')};font-weight:600}
.paper{${paint('fill', 'paper')}}
.box{${paint('fill', 'box')};${paint('stroke', 'border')};stroke-width:1}
.container>.box{fill:none}
.final>.box{${paint('fill', 'final')}}
.rim{fill:none;${paint('stroke', 'border')}}
.rule{fill:none;${paint('stroke', 'border')};stroke-width:.6}
.parallel>.box{stroke-dasharray:5 3}
.edge path,.beginning path{fill:none;${paint('stroke', 'line')};stroke-width:1.2}
.delay path{stroke-dasharray:5 3}
.always path{stroke-dasharray:1.5 2.5}
.beginning circle,.head{${paint('fill', 'line')}}
.plate{${paint('fill', 'paper')}}
.state.active>.box{${paint('fill', 'active')};${paint('stroke', 'activeLine')};stroke-width:2}
.edge.active path{${paint('stroke', 'activeLine')};stroke-width:2.4}
.active>tspan,text.active tspan{${paint('fill', 'activeLine')}}
`;
