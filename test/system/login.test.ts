import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { hosted as it, OWNER, it as ownProcess } from './stage.ts';

interface Stored {
  readonly generation: number;
  readonly session: { readonly accessToken: string; readonly grant: { readonly refreshToken: string } } | null;
}
const file = (stage: Stage) => join(stage.stateDir, 'session-main.json');
const stored = (stage: Stage) => JSON.parse(readFileSync(file(stage), 'utf8')) as Stored;
/** Runs `bluelinkd login` to its end. */
async function logIn(stage: Stage, environment: Readonly<Record<string, string>> = {}) {
  const login = stage.start(environment, ['login']);
  const { code } = await login.ended();
  return { code, stdout: login.stdout, stderr: login.stderr };
}

describe('bluelinkd login', () => {
  it('stores a session with which the daemon starts, without another login', async ({ aStage }) => {
    const stage = await aStage({ start: false });
    const { code, stdout, stderr } = await logIn(stage);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('The login worked. The account has one car: Car 0.');
    for (const secret of [OWNER.username, OWNER.password, OWNER.pin, stored(stage).session?.accessToken])
      expect(stdout).not.toContain(secret);
    const since = stage.mark;
    // What it cost is missing from the daemon's day.
    const spent: unknown = JSON.parse(readFileSync(join(stage.stateDir, 'budget-main.json'), 'utf8'));
    expect(spent).toMatchObject({ calls: since });
    stage.start();
    await stage.ready();
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
    expect(stage.logins(since)).toEqual([]);
    expect(stage.refreshes(since)).toEqual([]);
    expect(stage.calls('device.register', since)).toEqual([]);
  });

  it('beside a daemon that needs a person brings it back without a restart', async ({ aStage }) => {
    const stage = await aStage({ ready: false, environment: { HYUNDAI_PASSWORD: 'wrong' } });
    const view = await stage.mqtt.account(({ token }) => token === 'failed');
    expect(view).toMatchObject({ reason: 'credentialsRejected' });

    const { code, stdout } = await logIn(stage, { HYUNDAI_PASSWORD: OWNER.password });

    expect(code).toBe(0);
    expect(stdout).toContain(`The bluelinkd that runs there (process ${stage.first.pid}) goes on with it by itself.`);
    await stage.mqtt.on(`${stage.car}/state`);
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(stage.logins()).toHaveLength(2);
    await stage.first.log.next('the handover', ({ msg }) => msg === 'session taken over from a login beside us');
  });

  it('beside a daemon at work is taken over at once, and the daemon’s commands do not notice', async ({ aStage }) => {
    const stage = await aStage();
    const before = stored(stage);
    const locked = stage.mqtt.lock(stage.car);
    expect((await logIn(stage)).code).toBe(0);
    expect(await locked).toMatchObject({ status: 'succeeded' });
    await stage.first.log.next('the handover', ({ msg }) => msg === 'session taken over from a login beside us');
    const since = stage.mark;
    const calls = stage.first.log.all.length;
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded', attempts: 1 });
    const control = await stage.first.log.next('the call', ({ call }) => call === 'control', calls);
    expect(control.generation).toBe(before.generation + 1);
    expect(stage.refreshes(since)).toEqual([]);
    expect(stored(stage).generation).toBe(before.generation + 1);
  });

  it('without a terminal says in one sentence what is missing, with code 2', async ({ aStage }) => {
    const stage = await aStage({ start: false });
    const { code, stdout, stderr } = await logIn(stage, { HYUNDAI_PASSWORD: '' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^The configuration lacks accounts\[0\]\.password, .*\n$/);
  });
});

describe('a stored session', () => {
  ownProcess('survives kill -9 between "tokens rotated" and "tokens used"', async ({ aStage }) => {
    const stage = await aStage();
    const old = stored(stage);
    stage.cloud.revokeTokens();
    const fault = stage.cloud.faults.add({ type: 'hang', match: { kind: 'cci.exchange' } });
    const since = stage.mark;
    await stage.mqtt.send(stage.car, 'lock', { action: 'lock' });
    // The old set is dead at the cloud now, and the new one has not bought anything yet.
    await stage.called('cci.exchange', since);
    stage.daemon.signal('SIGKILL');
    expect(await stage.daemon.exited).toMatchObject({ signal: 'SIGKILL' });
    expect(stored(stage).session?.grant.refreshToken).not.toBe(old.session?.grant.refreshToken);
    fault.lift();

    const restart = stage.mark;
    const seen = stage.mqtt.seen.all.length;
    stage.start();
    await stage.ready(undefined, seen);

    expect(stage.logins(restart)).toEqual([]);
    expect(stage.refreshes(restart)).toHaveLength(1);
    expect(await stage.mqtt.lock(stage.car, 'unlock')).toMatchObject({ status: 'succeeded' });
  });

  it.for([
    ['damaged', '{"version":1,"gener', 'it is damaged'],
    ['from a newer version', '{"version":99}', 'its format 99 is newer than this program'],
  ] as const)('that is %s is said so, kept aside, and replaced by one login', async ([, text, reason], { aStage }) => {
    const stage = await aStage({ start: false });
    writeFileSync(file(stage), text, { mode: 0o600 });
    stage.start();
    await stage.ready();
    await stage.daemon.log.next('the report', ({ msg }) => msg === `A stored file was not used: ${reason}.`);
    expect(readdirSync(stage.stateDir).filter((name) => /\.(corrupt|newer)-\d+$/.test(name))).toHaveLength(1);
    expect(stage.logins()).toHaveLength(1);
  });
});
