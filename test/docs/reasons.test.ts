import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REASONS } from '../../src/machines/domain/command.ts';

test('troubleshooting has every reason that a command can end with', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'troubleshooting.md'), 'utf8');
  const named = new Set([...page.matchAll(/`([a-zA-Z]+)`/g)].map(([, word]) => word));
  expect(REASONS.filter((reason) => !named.has(reason))).toEqual([]);
});
