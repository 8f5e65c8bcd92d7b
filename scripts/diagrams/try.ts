import { MACHINES } from './machines.ts';
import { chartOf } from './chart.ts';
for (const m of MACHINES.slice(0,1)) console.dir(chartOf(m), { depth: 8 });
