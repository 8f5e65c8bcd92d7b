import { writeFileSync } from 'node:fs';
import { MACHINES } from './machines.ts';
import { chartOf } from './chart.ts';
import { layOut } from './layout.ts';
import { svgOf } from './svg.ts';
for (const m of MACHINES) { const l = await layOut(chartOf(m)); console.log(m.id, l.width, l.height); writeFileSync(`/tmp/d-${m.id}.svg`, svgOf(l, m.id)); }
