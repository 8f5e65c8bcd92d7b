import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Pages that people read: those of the root, and all below these folders. */
const FOLDERS = ['docs', 'diagrams', 'bench'] as const;

/**
 * Links and pictures of the documentation that lead nowhere: to a file that is not there, or to a heading that its page does
 * not have. Addresses of the web are not asked. Also tests that a page names, by file or folder and perhaps title, and that
 * are not there.
 *
 * @returns a sentence for each, `docs/topics.md: links to nowhere.md, which is not there`.
 */
export function brokenLinks(root: string): readonly string[] {
  const pages = [...readdirSync(root).filter(isPage), ...FOLDERS.flatMap((folder) => pagesBelow(root, folder))];
  return pages.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const links = linksIn(text).map((link) => problemOf(root, page, link));
    const tests = testsIn(text).map((test) => problemOfTest(root, page, test));
    return [...links, ...tests].filter((problem) => problem !== null);
  });
}

const isPage = (name: string) => name.endsWith('.md');
const pagesBelow = (root: string, folder: string): readonly string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter(isPage)
        .map((name) => join(folder, name))
    : [];

/** Without what stands in code: it is no link there. */
const proseOf = (text: string): string => text.replaceAll(/^(`{3,}).*?^\1$/gms, '').replaceAll(/`[^`\n]*`/g, '…');

/** Where the links of a page lead, in order, `[words](here)` and `src="here"`. */
export function linksIn(text: string): readonly string[] {
  const found = proseOf(text).matchAll(/\]\(([^)\s]+)\)|\b(?:src|href)="([^"]+)"/g);
  return [...found].map(([, inWords, inTag]) => inWords ?? inTag ?? '').filter((link) => !/^[a-z]+:/.test(link));
}

function problemOf(root: string, page: string, link: string): string | null {
  const [path = '', heading = null] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (target.startsWith('..')) return `${page}: links to ${link}, which is outside`;
  if (!existsSync(join(root, target))) return `${page}: links to ${link}, which is not there`;
  if (heading === null || !isPage(target)) return null;
  const has = headingsIn(readFileSync(join(root, target), 'utf8')).includes(heading);
  return has ? null : `${page}: links to ${link}, and that page has no such heading`;
}

interface NamedTest {
  /** A file or folder: `test/…`. */
  readonly path: string;
  readonly title: string | null;
}

/** The tests that a page names, in order: `test/random`, or in a table `test/a.test.ts`: does what it should; … */
export function testsIn(text: string): readonly NamedTest[] {
  const found = text.matchAll(/`(test\/[\w./-]+)`(?:: ([^|;\n]+?) *[|;])?/g);
  return [...found].map(([, path = '', title = null]) => ({ path, title }));
}

function problemOfTest(root: string, page: string, { path, title }: NamedTest): string | null {
  const place = join(root, path);
  if (!existsSync(place)) return `${page}: names ${path}, which is not there`;
  if (title === null) return null;
  const files = statSync(place).isFile()
    ? [place]
    : readdirSync(place, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => join(place, name));
  const quoted = [`'${title}'`, `"${title}"`, `\`${title}\``];
  const isThere = files.map((file) => readFileSync(file, 'utf8')).some((code) => quoted.some((q) => code.includes(q)));
  return isThere ? null : `${page}: names the test "${title}", which is not in ${path}`;
}

/** As they are in an address: small letters, no marks, `-` for blanks. */
export function headingsIn(text: string): readonly string[] {
  const lines = text.replaceAll(/^(`{3,}).*?^\1$/gms, '').matchAll(/^#{1,6} +(.*?) *$/gm);
  return [...lines].map(([, words = '']) =>
    words
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}
