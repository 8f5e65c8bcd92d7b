import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configurationPage } from '../../../scripts/docs-configuration.ts';
import { allKeys } from '../../../src/io/config/keys.ts';
import { keyOfSetting } from '../../../src/io/config/timing.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/machines/domain/settings.ts';
import { configOf, load } from './load.harness.ts';

it('docs/configuration.md is fresh', () => {
  expect(readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')).toBe(configurationPage());
});

it('every example in the documentation loads', () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(configurationPage())?.[1] ?? '';
  const names = ['bluelink-password', 'bluelink-pin', 'mqtt-password'];
  const files = Object.fromEntries(names.map((name) => [`/run/secrets/${name}`, '1234\n']));
  expect(configOf(load({ yaml, files })).accounts[0]?.vehicles[0]?.name).toBe('ioniq');
});

it('every key has an own environment variable and something to say', () => {
  const names = allKeys().flatMap((key) => key.env ?? []);
  expect(new Set(names).size).toBe(names.length);
  expect(allKeys().filter((key) => !key.facts.about.endsWith('.'))).toEqual([]);
});

it('every setting of the machines is a key with its unit', () => {
  const names = allKeys().map((key) => key.name);
  const settings = Object.keys(DEFAULT_SETTINGS) as (keyof Settings)[];
  expect(settings.map(keyOfSetting).filter((name) => !names.includes(name))).toEqual([]);
  for (const key of allKeys()) expect(key.name.endsWith('_ms')).toBe(key.facts.unit === 'ms');
});
