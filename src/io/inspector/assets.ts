import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Asset {
  readonly contentType: string;
  readonly body: Buffer;
}

/** By path: `/`, `/assets/…`, `/diagrams/…`. Nothing else can be asked for. */
export type Assets = ReadonlyMap<string, Asset>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};

/** Where the page lies once it is built, and the pictures of the machines. */
const PAGE = fileURLToPath(new URL('./page/', import.meta.url));
const DIAGRAMS = fileURLToPath(new URL('../../../diagrams/', import.meta.url));
const INDEX = 'index.html';

/** Reads everything that the page consists of, once. What cannot be read is not there. */
export function readAssets(page = PAGE, diagrams = DIAGRAMS): Assets {
  const assets = new Map<string, Asset>();
  for (const name of filesIn(page)) add(assets, `/assets/${name}`, join(page, name));
  for (const name of filesIn(diagrams))
    if (name.endsWith('.svg')) add(assets, `/diagrams/${name}`, join(diagrams, name));
  const index = assets.get(`/assets/${INDEX}`) ?? assets.get(`/assets/page/${INDEX}`);
  assets.set('/', index ?? { contentType: TYPES['.html'] ?? '', body: Buffer.from(NO_PAGE) });
  return assets;
}

const NO_PAGE =
  '<!doctype html><title>bluelinkd</title><p>The page is not built. The stream is at <code>/events</code>.';

function add(assets: Map<string, Asset>, path: string, file: string): void {
  const contentType = TYPES[extname(file)];
  if (contentType !== undefined) assets.set(path, { contentType, body: readFileSync(file) });
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/'));
  } catch {
    return [];
  }
}
