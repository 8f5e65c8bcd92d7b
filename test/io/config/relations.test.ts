import { describe, expect, it } from 'vitest';
import { ACCOUNT, BROKER, load, problemsOf } from './load.harness.ts';

const env = { ...ACCOUNT, ...BROKER };

describe('what is told at once', () => {
  it('are waits that do not fit and what else is wrong', () => {
    const yaml = 'typo: 1\nmqtt: {port: many, host: h, password: p, ca: ca.pem}\naccounts: [{password: p}]';
    const broken = { BLUELINKD_TIMING_CALL_TIMEOUT_MS: '40000', BLUELINKD_METRICS_PORT: 'x' };
    expect(problemsOf(load({ yaml, env: broken }))).toEqual([
      expect.stringContaining('accounts[0].username is missing'),
      expect.stringContaining('mqtt.port must be'),
      expect.stringContaining('mqtt.username is missing'),
      expect.stringContaining('metrics.port must be'),
      expect.stringContaining('there is no key "typo"'),
      expect.stringContaining('timing.call_timeout_ms (40000 ms) must be less than timing.permit_wait_ms'),
      expect.stringContaining('(200000 ms) must be less than timing.whole_ms'),
      expect.stringContaining('mqtt.ca: cannot read'),
    ]);
  });

  it('are the waits that could be read, beside one that could not', () => {
    const yaml = 'timing: {call_timeout_ms: 40000, whole_ms: x, typo: 1}';
    expect(problemsOf(load({ yaml, env }))).toEqual([
      expect.stringContaining('timing.whole_ms must be'),
      expect.stringContaining('there is no key "typo"'),
      expect.stringContaining('timing.call_timeout_ms (40000 ms) must be less than timing.permit_wait_ms'),
    ]);
  });

  it.each([
    ['timing: {call_timeout_ms: 40000, permit_wait_ms: long, whole_ms: x}', ['permit_wait_ms', 'whole_ms']],
    ['timing: {look_after_ms: [x], typo: 1}', ['look_after_ms', 'there is no key "typo"']],
    ['timing: 1', ['timing must be a section']],
    ['mqtt: {host: h, username: [u], password: p, embedded: maybe}', ['mqtt.username', 'mqtt.embedded']],
    ['inspector: {host: 0.0.0.0, names: [a.example], token: [t]}', ['inspector.token']],
    ['inspector: {host: 0.0.0.0, token_file: /nowhere}', ['inspector.token_file names /nowhere']],
    ['accounts: [{username: u, password: p, region: mars, login: [signIn]}]', ['region']],
    [
      'accounts: [{username: u, password: p, region: mars}, {name: b, username: u, password: p, region: mars}]',
      ['accounts[0].region', 'accounts[1].region'],
    ],
    [
      'accounts: [{username: u, password: p, vehicles: [{id: 1, name: a/b}, {id: 2, name: a/b}]}]',
      ['vehicles[0].name must be', 'vehicles[1].name must be'],
    ],
  ])('of what could not be read nothing more is said: %s', (yaml, named) => {
    const rest = { ...(yaml.startsWith('accounts') ? {} : ACCOUNT), ...(yaml.startsWith('mqtt') ? {} : BROKER) };
    const said = problemsOf(load({ yaml, env: rest }));
    expect(said).toEqual(named.map((text) => expect.stringContaining(text)));
  });
});

describe('the ports of the daemon itself', () => {
  const ports = (more: Record<string, string>) => problemsOf(load({ env: { ...env, ...more } }));
  const both = { BLUELINKD_METRICS_PORT: '9000', BLUELINKD_INSPECTOR_PORT: '9000' };
  const INSPECTOR =
    'BLUELINKD_INSPECTOR_PORT: inspector.port is 9000, like metrics.port: each needs a port of its own.';

  it.each([
    ['on the same address', both, [INSPECTOR]],
    ['on every address', { ...both, BLUELINKD_METRICS_HOST: '0.0.0.0' }, [INSPECTOR]],
    ['by another name', { ...both, BLUELINKD_METRICS_HOST: 'localhost' }, [INSPECTOR]],
    ['on different addresses', { ...both, BLUELINKD_METRICS_HOST: '192.0.2.1' }, []],
    ['on free ports', { BLUELINKD_METRICS_PORT: '0', BLUELINKD_INSPECTOR_PORT: '0' }, []],
    ['that is the broker’s, elsewhere', { ...both, BLUELINKD_INSPECTOR_PORT: '1883' }, []],
  ])('must differ: %s', (_, more, said) => {
    expect(ports(more)).toEqual(said);
  });

  it('must differ from that of the broker inside it', () => {
    const embedded = { ...ACCOUNT, BLUELINKD_MQTT_EMBEDDED: 'true', MQTT_USERNAME: 'u', MQTT_PASSWORD: 'p' };
    expect(problemsOf(load({ env: { ...embedded, BLUELINKD_METRICS_PORT: '1883' } }))).toEqual([
      'BLUELINKD_METRICS_PORT: metrics.port is 1883, like mqtt.port: each needs a port of its own.',
    ]);
  });
});
