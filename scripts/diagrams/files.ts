import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartOf } from './chart.ts';
import { layOut } from './layout.ts';
import { MACHINES } from './machines.ts';
import { mermaidOf } from './mermaid.ts';
import { storyDiagrams } from './stories.ts';
import { svgOf } from './svg.ts';
import { systemGraphOf } from './system-graph.ts';
import { systemMermaid, systemSvg } from './system-picture.ts';
import { recordedTraffic } from './traffic.ts';

/** Every diagram as it must be: the name of its file and its text. The same machines give the same bytes. */
export async function diagrams(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const machine of MACHINES) {
    const chart = chartOf(machine);
    files.set(`${machine.id}.svg`, svgOf(await layOut(chart), machine.id));
    files.set(`${machine.id}.mmd`, mermaidOf(chart));
  }
  const system = systemGraphOf(recordedTraffic());
  files.set('system.svg', systemSvg(system));
  files.set('system.mmd', systemMermaid(system));
  for (const [name, { svg, mermaid }] of storyDiagrams()) {
    files.set(`${name}.svg`, svg);
    files.set(`${name}.mmd`, mermaid);
  }
  return files;
}

/** @returns the names of the files that are missing, differ, or belong to no machine (any more), in order. */
export function staleFiles(directory: string, files: ReadonlyMap<string, string>): readonly string[] {
  const differing = [...files].filter(([name, text]) => textOf(join(directory, name)) !== text).map(([name]) => name);
  const orphaned = present(directory).filter((name) => /\.(svg|mmd)$/.test(name) && !files.has(name));
  return [...differing, ...orphaned].sort();
}

/** Makes the directory fresh. @returns what was stale. */
export function writeFiles(directory: string, files: ReadonlyMap<string, string>): readonly string[] {
  mkdirSync(directory, { recursive: true });
  const stale = staleFiles(directory, files);
  for (const name of stale) {
    const text = files.get(name);
    if (text === undefined) rmSync(join(directory, name));
    else writeFileSync(join(directory, name), text);
  }
  return stale;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function present(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
