import { expect, it } from 'vitest';
import { checkReport } from '../../../src/io/config/report.ts';
import { secretsOf } from '../../../src/io/config/secrets-of.ts';
import { ACCOUNT, BROKER, configOf, load } from './load.harness.ts';

it('sums the configuration up without secrets and user names', () => {
  const report = checkReport(
    load({
      command: 'check',
      env: { ...ACCOUNT, ...BROKER, MQTT_USERNAME: 'mqtt-user', MQTT_PASSWORD: 'mqtt-secret' },
    }),
  );
  expect(report.code).toBe(0);
  expect(report.text).toContain(
    'account    main: hyundai, EU, a PIN, all cars; login by refreshToken, oneApp, bluelinky',
  );
  expect(report.text).toContain('broker     broker.example:1883, with a user name');
  for (const secret of [...Object.values(ACCOUNT), 'mqtt-secret', 'mqtt-user'])
    expect(report.text).not.toContain(secret);
});

it('lists the mistakes and asks for exit code 2', () => {
  const report = checkReport(load({ command: 'check', env: { HYUNDAI_USERNAME: 'u' } }));
  expect(report.code).toBe(2);
  expect(report.text).toMatch(/^There are 2 mistakes in the configuration:\n {2}- .*\n {2}- .*\n$/);
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
