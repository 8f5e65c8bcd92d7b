import { expect, it } from 'vitest';
import { checkReport } from '../../../src/io/config/report.ts';
import { secretsOf } from '../../../src/io/config/secrets-of.ts';
import { ACCOUNT, BROKER, configOf, load } from './load.harness.ts';

const usable = () => ({ ok: true, warnings: [] }) as const;

it('sums the configuration up without secrets and user names', () => {
  const report = checkReport(
    load({
      command: 'check',
      env: { ...ACCOUNT, ...BROKER, MQTT_USERNAME: 'mqtt-user', MQTT_PASSWORD: 'mqtt-secret' },
    }),
    usable,
  );
  expect(report.code).toBe(0);
  expect(report.text).toContain(
    'account    main: hyundai, EU, a PIN, all controls, all cars; login by refreshToken, oneApp, bluelinky',
  );
  expect(report.text).toContain('broker     broker.example:1883, with a user name');
  for (const secret of [...Object.values(ACCOUNT), 'mqtt-secret', 'mqtt-user'])
    expect(report.text).not.toContain(secret);
});

it('lists the mistakes and asks for exit code 2', () => {
  const report = checkReport(load({ command: 'check', env: { HYUNDAI_USERNAME: 'u' } }), usable);
  expect(report.code).toBe(2);
  expect(report.text).toMatch(/^There are 2 mistakes in the configuration:\n {2}- .*\n {2}- .*\n$/);
});

it('lists what may explain the mistakes behind them', () => {
  const env = { ...BROKER, HYUNDAI_USERNAME: 'u', HYUNDAI_PASWORD: 'p' };
  expect(checkReport(load({ command: 'check', env }), usable).text).toMatch(
    /^There is a mistake .*\n {2}- .* is missing.*\nBesides:\n {2}- HYUNDAI_PASWORD .*\n$/,
  );
});

it('is not content with a state folder that cannot be used', () => {
  const loaded = load({ command: 'check', env: { ...ACCOUNT, ...BROKER, BLUELINKD_STATE_DIR: '/s' } });
  const look = (path: string) => ({ ok: false, problem: `${path} is of no use.` }) as const;
  expect(checkReport(loaded, look)).toEqual({ text: '/s is of no use.\n', code: 2 });
});

it('tells what is served, how often is read and what may be done', () => {
  const linesOf = (more: Readonly<Record<string, string>>) =>
    checkReport(load({ command: 'check', env: { ...ACCOUNT, ...BROKER, ...more } }), usable).text;
  const usual = linesOf({});
  for (const line of ['polling    every 1800 s', 'metrics    none', 'inspector  none']) expect(usual).toContain(line);
  const other = linesOf({
    BLUELINKD_POLL_INTERVAL_S: '0',
    BLUELINKD_METRICS_PORT: '9464',
    BLUELINKD_INSPECTOR_PORT: '0',
    BLUELINKD_READ_ONLY: 'yes',
  });
  for (const line of ['polling    never', 'metrics    127.0.0.1, port 9464', 'inspector  127.0.0.1, a free port'])
    expect(other).toContain(line);
  expect(other).toContain('a PIN, no controls, all cars');
  expect(linesOf({ BLUELINKD_CONTROLS: 'safe' })).toContain('a PIN, safe controls, all cars');
  expect(linesOf({ HYUNDAI_PIN: '' })).toContain('no PIN, safe controls, all cars');
});

it('knows every secret of the configuration, for the log to hide', () => {
  const yaml = 'accounts: [{name: a, username: u1, password: p1}, {name: b, username: u2, password: p2, pin: 1234}]';
  const env = { ...BROKER, MQTT_USERNAME: 'mqtt-user', MQTT_PASSWORD: 'p3' };
  expect(secretsOf(configOf(load({ yaml, env })))).toEqual([
    { value: 'u1', kind: 'person' },
    { value: 'u2', kind: 'person' },
    { value: 'p1', kind: 'secret' },
    { value: 'p2', kind: 'secret' },
    { value: '1234', kind: 'secret' },
    { value: 'p3', kind: 'secret' },
  ]);
});
