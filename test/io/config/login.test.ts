import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStateDir, visitStateDir } from '../../../src/io/config/state-dir.ts';
import { ACCOUNT, load, problemsOf } from './load.harness.ts';

const gapsOf = (given: Parameters<typeof load>[0]) => {
  const loaded = load({ command: 'login', ...given });
  return loaded.ok ? loaded.gaps : loaded.problems;
};

describe('the configuration of a login', () => {
  it('needs no broker', () => {
    expect(gapsOf({ env: ACCOUNT })).toEqual([]);
    expect(problemsOf(load({ command: 'run', env: ACCOUNT }))).toHaveLength(1);
  });

  it.each([
    ['nothing at all', {}, ['brand', 'username', 'password']],
    ['no account in the file', { yaml: 'accounts: []' }, ['brand', 'username', 'password']],
    ['only the brand', { env: { HYUNDAI_BRAND: 'kia' } }, ['username', 'password']],
    ['no password', { env: { HYUNDAI_USERNAME: 'u' } }, ['password']],
    ['no user name', { yaml: 'accounts: [{password: p, brand: kia}]' }, ['username']],
    ['a password in a file', { yaml: 'accounts: [{username: u, password_file: /p}]', files: { '/p': 'secret\n' } }, []],
  ])('tells what a person has to be asked: %s', (_, given, keys) => {
    expect(gapsOf(given)).toEqual(keys.map((key) => ({ account: 0, key })));
  });

  it('tells it of every account', () => {
    expect(gapsOf({ yaml: 'accounts: [{name: a, username: u}, {name: b, brand: kia}]' })).toEqual([
      { account: 0, key: 'password' },
      { account: 1, key: 'username' },
      { account: 1, key: 'password' },
    ]);
  });

  it('still refuses what is wrong', () => {
    expect(gapsOf({ env: { HYUNDAI_REGION: 'CA' } })).toEqual([expect.stringContaining('Canada (CA)')]);
    expect(gapsOf({ yaml: 'accounts: [{name: a, usrname: u}]' })).toHaveLength(1);
    expect(gapsOf({ yaml: 'accounts: [no account]' })).toHaveLength(1);
  });

  it.each(['run', 'check'] as const)('is no excuse for %s', (command) => {
    const loaded = load({ command, env: { HYUNDAI_USERNAME: 'u', MQTT_BROKER_HOST: 'h' } });
    expect(problemsOf(loaded)).toEqual([expect.stringContaining('accounts[0].password is missing')]);
  });
});

describe('a visit to the state folder', () => {
  function aFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'bluelinkd-visit-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return join(folder, 'state');
  }

  it('makes it for its owner alone, and does not become its owner', () => {
    const path = aFolder();
    expect(visitStateDir(path)).toEqual({ ok: true, warnings: [], owner: null });
    expect(statSync(path).mode & 0o777).toBe(0o700);
    const owner = openStateDir(path);
    expect(owner.ok).toBe(true);
    expect(visitStateDir(path)).toMatchObject({ ok: true, owner: process.pid });
    if (owner.ok) owner.release();
    expect(visitStateDir(path)).toMatchObject({ ok: true, owner: null });
  });

  it('says why it cannot be', () => {
    const path = aFolder();
    writeFileSync(path, '');
    expect(visitStateDir(path)).toMatchObject({ ok: false, problem: expect.stringMatching(/EEXIST|not a folder/) });
  });
});
