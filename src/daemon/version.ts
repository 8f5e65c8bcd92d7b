import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as unknown;

/** Of the package, as `--version` and `bridge/info` say it. */
export const VERSION: string = z.object({ version: z.string() }).parse(manifest).version;
