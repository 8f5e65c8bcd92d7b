import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { freePort } from '../support/brokers.ts';
import { DaemonProcess } from '../support/daemon-process.ts';
import { HostedDaemon } from '../support/hosted-daemon.ts';
import { Observer } from '../support/observer.ts';
import type { Environment, TestDaemon } from '../support/test-daemon.ts';
import { environmentFor, hosted, it } from './stage.ts';

/** Runs the daemon where it cannot reach anybody, until it ends by itself. */
async function runToTheEnd(folder: string, environment: Environment, words: readonly string[] = ['run']) {
  const daemon = new DaemonProcess({ words, environment, folder });
  try {
    const exit = await daemon.ended();
    return { ...exit, stdout: daemon.stdout, stderr: daemon.stderr };
  } finally {
    await daemon.stop();
  }
}

/** What `run` says of this environment, without a process for every mistake. */
async function refusal(folder: string, environment: Environment) {
  const daemon = new HostedDaemon(environment, folder);
  const exit = await daemon.stop();
  return { ...exit, stdout: daemon.stdout, stderr: daemon.stderr };
}

function without(environment: Environment, ...keys: readonly string[]): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([key]) => !keys.includes(key)));
}

const complete = (folder: string) => environmentFor({ cloudUrl: 'http://127.0.0.1:9', brokerPort: 9, folder });

describe.concurrent('starting', () => {
  it('without an account it exits with code 2 and names the keys', async ({ folder }) => {
    const environment = without(complete(folder), 'HYUNDAI_USERNAME', 'HYUNDAI_PASSWORD', 'HYUNDAI_PIN');
    const { code, stderr, stdout } = await runToTheEnd(folder, environment);
    expect(code).toBe(2);
    expect(stderr).toMatch(/HYUNDAI_USERNAME/);
    expect(stderr).toMatch(/HYUNDAI_PASSWORD/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
    // What follows is asked of the same words in this process.
    expect(await refusal(folder, environment)).toEqual({ code: 2, signal: null, stderr, stdout });
  });

  const halves: readonly (readonly [string, readonly string[], readonly RegExp[]])[] = [
    ['the password of the account', ['HYUNDAI_PASSWORD'], [/HYUNDAI_PASSWORD/]],
    ['the user name of the account', ['HYUNDAI_USERNAME'], [/HYUNDAI_USERNAME/]],
    ['a broker', ['MQTT_BROKER_HOST'], [/mqtt\.host/, /MQTT_BROKER_HOST/, /embedded/]],
  ];
  it.for(halves)('without %s it exits with code 2 and names the key', async ([, missing, named], { folder }) => {
    const { code, stderr, stdout } = await refusal(folder, without(complete(folder), ...missing));
    expect(code).toBe(2);
    for (const name of named) expect(stderr).toMatch(name);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
  });

  it('with an embedded broker it demands user name and password for it', async ({ folder }) => {
    const environment = { ...without(complete(folder), 'MQTT_BROKER_HOST'), BLUELINKD_MQTT_EMBEDDED: 'true' };
    const { code, stderr } = await refusal(folder, environment);
    expect(code).toBe(2);
    expect(stderr).toMatch(/mqtt\.username|MQTT_USERNAME/);
    expect(stderr).toMatch(/mqtt\.password|MQTT_PASSWORD/);
  });

  const unsupported: readonly (readonly [string, Environment, RegExp])[] = [
    ['the brand Genesis', { HYUNDAI_BRAND: '3' }, /genesis/i],
    ['the region USA for Kia', { HYUNDAI_REGION: '3', HYUNDAI_BRAND: '1' }, /\bUS\b/],
    ['the region Canada', { HYUNDAI_REGION: '2' }, /\bCanada\b/],
    ['a cloud without TLS elsewhere', { BLUELINKD_CLOUD_URL: 'http://cloud.example' }, /https/],
    ['a port that is none', { MQTT_BROKER_PORT: '0x5B' }, /MQTT_BROKER_PORT/],
  ];
  it.for(unsupported)('refuses %s by name, as a sentence, with code 2', async ([, change, named], { folder }) => {
    const { code, stderr } = await refusal(folder, { ...complete(folder), ...change });
    expect(code).toBe(2);
    expect(stderr).toMatch(named);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('tells every mistake of a file at once, with file and line or key, and checks without starting', async ({
    folder,
  }) => {
    const file = 'accounts:\n  - username: a@example.com\n    pasword: oops\nmqtt:\n  host: localhost\n  port: many\n';
    // What is wrong by itself does not hide what does not fit together.
    const waits = 'timing:\n  outage_retry_ms: 2000\n  outage_retry_max_ms: 1000\n';
    writeFileSync(join(folder, 'bluelinkd.yaml'), `${file}${waits}`);
    const { code, stderr } = await runToTheEnd(folder, {}, ['check']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/bluelinkd\.yaml, line 3: there is no key "pasword"/);
    expect(stderr).toMatch(/accounts\[0\]\.password is missing/);
    expect(stderr).toMatch(/bluelinkd\.yaml, line 6: mqtt\.port/);
    expect(stderr).toMatch(/timing\.outage_retry_ms \(2000 ms\) must not be greater than timing\.outage_retry_max_ms/);
    expect(stderr).toMatch(/^There are 4 mistakes/);
    expect(stderr).not.toContain('oops');
    const fine = await runToTheEnd(folder, complete(folder), ['check', '--config', join(folder, 'none.yaml')]);
    expect(fine.code).toBe(2);
    rmSync(join(folder, 'bluelinkd.yaml'));
    const checked = await runToTheEnd(folder, complete(folder), ['check']);
    expect(checked).toMatchObject({ code: 0, stderr: '' });
    expect(checked.stdout).not.toContain('p4ss');
  });

  it('knows --help and --version, and no other words', async ({ folder }) => {
    expect(await runToTheEnd(folder, {}, ['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('demo'),
    });
    expect(await runToTheEnd(folder, {}, ['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+/),
    });
    expect(await runToTheEnd(folder, {}, ['fly'])).toMatchObject({ code: 2, stderr: expect.stringContaining('fly') });
  });

  it('refuses a state folder that another daemon uses, and takes over one that was left behind', async ({ aStage }) => {
    const stage = await aStage();
    const second = stage.start();
    expect(await second.ended()).toEqual({ code: 2, signal: null });
    expect(second.stderr).toContain(stage.stateDir);
    expect(second.stderr).toMatch(/BLUELINKD_STATE_DIR/);
    const first = stage.first;
    first.signal('SIGKILL');
    await first.ended();
    const since = stage.mqtt.seen.all.length;
    stage.start();
    await stage.ready(undefined, since);
    expect(statSync(stage.stateDir).mode & 0o777).toBe(0o700);
  });

  hosted('goes on with the stored session after a restart, without another login', async ({ aStage }) => {
    const stage = await aStage();
    expect(await stage.daemon.stop()).toEqual({ code: 0, signal: null });
    const [since, seen] = [stage.mark, stage.mqtt.seen.all.length];
    stage.start();
    await stage.ready(undefined, seen);
    expect(await stage.mqtt.lock(stage.car)).toMatchObject({ status: 'succeeded' });
    expect(stage.logins(since)).toEqual([]);
    expect(stage.refreshes(since)).toEqual([]);
    expect(stage.calls('device.register', since)).toEqual([]);
  });

  it('run never loads the simulator, and demo does', async ({ aStage }) => {
    const stage = await aStage({ start: false });
    const modulesOf = async (word: string, port: number, isUp: (daemon: TestDaemon) => Promise<unknown>) => {
      const coverage = join(stage.folder, `coverage-${word}`);
      mkdirSync(coverage);
      const daemon = stage.start({ NODE_V8_COVERAGE: coverage, MQTT_BROKER_PORT: String(port) }, [word]);
      await isUp(daemon);
      expect(await daemon.stop()).toEqual({ code: 0, signal: null });
      return loadedModules(coverage);
    };
    const byRun = await modulesOf('run', stage.broker.port, async () => {
      await stage.ready();
      await stage.mqtt.lock(stage.car);
    });
    const byDemo = await modulesOf('demo', await freePort(), (daemon) =>
      daemon.log.next('the start', ({ msg }) => msg === 'started'),
    );
    expect(byRun.filter((url) => url.includes('/daemon/run'))).not.toEqual([]);
    expect(byRun.filter((url) => /\/simulator\/|\/aedes\//.test(url))).toEqual([]);
    expect(byDemo.filter((url) => url.includes('/simulator/'))).not.toEqual([]);
  });

  it('serves people without a broker of their own by one inside, which wants a password', async ({ aStage }) => {
    const port = await freePort();
    const stage = await aStage({
      ready: false,
      environment: {
        BLUELINKD_MQTT_EMBEDDED: 'true',
        MQTT_BROKER_HOST: '',
        MQTT_BROKER_PORT: String(port),
        MQTT_USERNAME: 'house',
        MQTT_PASSWORD: 'door',
      },
    });
    await stage.daemon.log.next('the connection', ({ msg }) => msg === 'Connected to the broker.');
    await expect(
      Observer.connect(port, 'hyundai', { username: 'house', password: 'wrong', deadlineMs: 500 }),
    ).rejects.toThrow(/could not connect/);
    const guest = await Observer.connect(port, 'hyundai', { username: 'house', password: 'door' });
    stage.onClose(() => guest.end());
    await guest.on('c0/state');
    expect(await guest.lock('c0', 'unlock')).toMatchObject({ status: 'succeeded' });
  });
});

/** The addresses of the modules that a process loaded, from what V8 wrote when it ended. */
function loadedModules(coverage: string): readonly string[] {
  return readdirSync(coverage).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url);
  });
}
