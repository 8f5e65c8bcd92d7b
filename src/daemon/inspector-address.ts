import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { systemProcesses } from '../io/config/processes.ts';

/** Where the inspector of the daemon that owns a state folder can be found: for `record` and `trace` beside it. */

const NAME = 'inspector.json';
const schema = z.object({ url: z.url(), pid: z.number().int() });

/** Says it; answers how to take it back. That it cannot be written harms nobody but those who look for it. */
export function tellAddress(stateDir: string, url: string): () => void {
  const file = join(stateDir, NAME);
  try {
    writeFileSync(file, `${JSON.stringify({ url, pid: process.pid })}\n`, { mode: 0o600 });
  } catch {
    return () => undefined;
  }
  return () => rmSync(file, { force: true });
}

/** Null if no inspector runs there, as far as one can see. */
export function addressIn(stateDir: string): string | null {
  try {
    const { url, pid } = schema.parse(JSON.parse(readFileSync(join(stateDir, NAME), 'utf8')));
    return systemProcesses().startToken(pid) === null ? null : url;
  } catch {
    return null;
  }
}
