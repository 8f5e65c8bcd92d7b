import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { brokenLinks, headingsIn, linksIn, testsIn } from '../../scripts/docs-links.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'docs-'));
  mkdirSync(join(root, 'docs', 'images'), { recursive: true });
  writeFileSync(join(root, 'docs', 'images', 'one.png'), '');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const page = (name: string, text: string) => writeFileSync(join(root, name), text);

test('every link of the documentation leads somewhere, and every test that it names is there', () => {
  expect(brokenLinks(join(import.meta.dirname, '..', '..'))).toEqual([]);
});

test('a file or a heading that is not there is named with its page', () => {
  page('README.md', '# Title\n[a](docs/a.md#two-words) [b](docs/b.md) [c](docs/a.md#three) [d](#title) [e](../x.md)');
  page('docs/a.md', '# Two words\n![picture](images/one.png) <img src="images/two.png"> [up](../README.md)');
  expect(brokenLinks(root)).toEqual([
    'README.md: links to docs/b.md, which is not there',
    'README.md: links to docs/a.md#three, and that page has no such heading',
    'README.md: links to ../x.md, which is outside',
    'docs/a.md: links to images/two.png, which is not there',
  ]);
});

test('a test that is not where a page says is named with its page', () => {
  mkdirSync(join(root, 'test', 'deep', 'er'), { recursive: true });
  page('test/deep/er/a.test.ts', "it('does what it should, always', () => {});\n");
  const row = (path: string, title: string) => `| rule | \`${path}\`: ${title} |\n`;
  page(
    'README.md',
    `\`test/deep\` and \`test/gone\`: not a title\n\n| a | b |\n| --- | --- |\n| rule | \`test/deep/er/a.test.ts\` |\n${[
      row('test/deep', 'does what it should, always'),
      row('test/deep/er/a.test.ts', 'does what it should, always; `test/deep`'),
      row('test/deep/er/a.test.ts', 'does what it should'),
      row('test/deep', 'does nothing'),
    ].join('')}`,
  );
  expect(brokenLinks(root)).toEqual([
    'README.md: names test/gone, which is not there',
    'README.md: names the test "does what it should", which is not in test/deep/er/a.test.ts',
    'README.md: names the test "does nothing", which is not in test/deep',
  ]);
  expect(testsIn('see `test/a.ts`, and `tests/b.ts`')).toEqual([{ path: 'test/a.ts', title: null }]);
});

test('what stands in code is no link and no heading, and the web is not asked', () => {
  const text = '# One\n```md\n# Two\n[a](b.md)\n```\n`[c](d.md)` [e](https://example.com) [f](g.md)\n## `Three` & four';
  expect(linksIn(text)).toEqual(['g.md']);
  expect(headingsIn(text)).toEqual(['one', 'three--four']);
});
