import { paint, styleOf } from '../../src/io/inspector/page/svg-kit.ts';
import { FONT } from './text.ts';

export const STYLE = styleOf(
  'statechart',
  `
text{font-size:${FONT.label}px;${paint('fill', 'ink')}}
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
`,
);
