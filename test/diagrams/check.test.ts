import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { staleFiles, writeFiles } from '../../scripts/diagrams/files.ts';

const files = new Map([
  ['one.svg', '<svg/>\n'],
  ['one.mmd', 'stateDiagram-v2\n'],
]);

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'diagrams-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the freshness of the diagrams', () => {
  test('what was written is fresh', () => {
    expect(writeFiles(directory, files)).toEqual(['one.mmd', 'one.svg']);
    expect(staleFiles(directory, files)).toEqual([]);
    expect(writeFiles(directory, files)).toEqual([]);
  });

  test('a picture that differs, is missing, or belongs to no machine is stale, and made fresh', () => {
    writeFiles(directory, files);
    writeFileSync(join(directory, 'one.svg'), '<svg></svg>\n');
    writeFileSync(join(directory, 'gone.mmd'), '');
    writeFileSync(join(directory, 'README.md'), 'Not a picture.');
    rmSync(join(directory, 'one.mmd'));
    expect(staleFiles(directory, files)).toEqual(['gone.mmd', 'one.mmd', 'one.svg']);
    writeFiles(directory, files);
    expect(staleFiles(directory, files)).toEqual([]);
    expect(readFileSync(join(directory, 'README.md'), 'utf8')).toBe('Not a picture.');
  });

  test('everything is stale where nothing is', () => {
    expect(staleFiles(join(directory, 'nowhere'), files)).toEqual(['one.mmd', 'one.svg']);
  });
});
