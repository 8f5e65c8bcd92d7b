import { expect, it } from 'vitest';
import { parseCloudUrl } from '../../../src/machines/domain/cloud-url.ts';

it.each([
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['http://127.9.9.9/', 'http://127.9.9.9'],
  ['http://localhost:1', 'http://localhost:1'],
  ['http://[::1]:8080/', 'http://[::1]:8080'],
  ['https://cloud.example:443/', 'https://cloud.example'],
])('accepts %s', (text, value) => {
  expect(parseCloudUrl(text)).toEqual({ ok: true, value });
});

it.each([
  'http://cloud.example',
  'http://10.0.0.1',
  'http://127.0.0.1.evil.example',
  'http://localhost.evil.example',
  'http://localhost@evil.example',
  'https://u:p@cloud.example',
  'https://cloud.example/?a=b',
  'https://cloud.example/#a',
  'https://cloud.example/path',
  'ftp://127.0.0.1',
  'cloud.example',
  '',
])('refuses %s', (text) => {
  expect(parseCloudUrl(text).ok).toBe(false);
});
