import { describe, expect, it } from 'vitest';
import { callsPerDayOf } from '../../../src/io/config/budget-section.ts';
import { settingsOf } from '../../../src/io/config/timing.ts';
import { DEFAULT_SETTINGS } from '../../../src/machines/domain/settings.ts';
import { ACCOUNT, BROKER, configOf, load, problemsOf } from './load.harness.ts';

const env = { ...ACCOUNT, ...BROKER };

describe('the environment of the older bridge', () => {
  it.each([
    ['HYUNDAI_USERNAME', 'other@example.com', { accounts: [{ username: 'other@example.com' }] }],
    ['HYUNDAI_PASSWORD', 'p w', { accounts: [{ password: 'p w' }] }],
    ['HYUNDAI_PIN', '0007', { accounts: [{ pin: '0007' }] }],
    ['HYUNDAI_REGION', 'EU', { accounts: [{ region: 'EU' }] }],
    ['HYUNDAI_REGION', '1', { accounts: [{ region: 'EU' }] }],
    ['HYUNDAI_REGION', 'europe', { accounts: [{ region: 'EU' }] }],
    ['HYUNDAI_REGION', 'AU', { accounts: [{ region: 'AU' }] }],
    ['HYUNDAI_REGION', '5', { accounts: [{ region: 'AU' }] }],
    ['HYUNDAI_REGION', 'New Zealand', { accounts: [{ region: 'NZ' }] }],
    ['HYUNDAI_REGION', '7', { accounts: [{ region: 'NZ' }] }],
    ['HYUNDAI_BRAND', 'Kia', { accounts: [{ brand: 'kia' }] }],
    ['HYUNDAI_BRAND', '1', { accounts: [{ brand: 'kia' }] }],
    ['HYUNDAI_BRAND', '2', { accounts: [{ brand: 'hyundai' }] }],
    ['HYUNDAI_VEHICLE_ID', 'abc-1', { accounts: [{ vehicle_id: 'abc-1' }] }],
    ['MQTT_BROKER_HOST', '192.0.2.1', { mqtt: { host: '192.0.2.1' } }],
    ['MQTT_BROKER_PORT', '1884', { mqtt: { port: 1884 } }],
    ['MQTT_USERNAME', 'u', { mqtt: { username: 'u' } }],
    ['MQTT_USE_TLS', 'True', { mqtt: { tls: true, port: 8883 } }],
    ['MQTT_USE_TLS', 'no', { mqtt: { tls: false, port: 1883 } }],
    ['MQTT_CLIENT_ID', 'c-1', { mqtt: { client_id: 'c-1' } }],
    ['MQTT_QOS', '0', { mqtt: { qos: 0 } }],
    ['MQTT_QOS', '2', { mqtt: { qos: 1 } }],
    ['MQTT_BASE_TOPIC', 'home/cars', { mqtt: { base_topic: 'home/cars', client_id: 'bluelinkd-home-cars' } }],
    ['LOG_LEVEL', 'WARNING', { log: { level: 'warn' } }],
    ['LOG_LEVEL', 'Critical', { log: { level: 'error' } }],
    ['LOG_LEVEL', 'DEBUG', { log: { level: 'debug' } }],
    ['INITIAL_REFRESH', 'false', { initial_refresh: false }],
    ['BLUELINKD_STATE_DIR', 'state', { state_dir: '/etc/bluelinkd/state' }],
    ['BLUELINKD_CLOUD_URL', 'http://127.0.0.1:8080/', { cloud_url: 'http://127.0.0.1:8080' }],
    ['BLUELINKD_BUDGET_CALLS_PER_DAY', '0', { budget: { calls_per_day: 0 } }],
    ['BLUELINKD_BUDGET_FORCED_READ_GAP_S', '60', { budget: { forced_read_gap_s: 60, forced_reads_per_day: 6 } }],
    ['BLUELINKD_BUDGET_MIN_BATTERY_12V_PCT', '0', { budget: { min_battery_12v_pct: 0, forced_read_gap_s: 1800 } }],
    ['BLUELINKD_POLL_INTERVAL_S', '0', { poll_interval_s: 0 }],
    ['BLUELINKD_READ_ONLY', 'yes', { read_only: true, accounts: [{ read_only: null }] }],
    ['BLUELINKD_CONTROLS', 'Safe', { controls: 'safe', accounts: [{ controls: null }] }],
    ['BLUELINKD_TIMING_COOLDOWN_MS', '1000', { timing: { cooldown_ms: 1000 } }],
    ['BLUELINKD_TIMING_LOOK_AFTER_MS', '1000, 2000', { timing: { look_after_ms: [1000, 2000] } }],
  ])('%s=%s works', (name, value, expected) => {
    expect(configOf(load({ env: { ...env, [name]: value } }))).toMatchObject(expected);
  });

  it('MQTT_PASSWORD goes with MQTT_USERNAME', () => {
    const config = configOf(load({ env: { ...env, MQTT_USERNAME: 'u', MQTT_PASSWORD: 'p' } }));
    expect(config.mqtt).toMatchObject({ username: 'u', password: 'p' });
  });

  it.each([
    ['2', 'Canada (CA)'],
    ['CA', 'Canada (CA)'],
    ['4', 'China (CN)'],
    ['6', 'India (IN)'],
    ['8', 'Brazil (BR)'],
  ])('HYUNDAI_REGION=%s is refused by name, with the reason', (value, name) => {
    expect(problemsOf(load({ env: { ...env, HYUNDAI_REGION: value } }))).toEqual([
      expect.stringMatching(
        /^HYUNDAI_REGION: accounts\[0\]\.region asks for .* which is not supported yet, because .+\.$/,
      ),
    ]);
    expect(problemsOf(load({ env: { ...env, HYUNDAI_REGION: value } }))[0]).toContain(name);
  });

  it.each([['CA', /Canada.*TLS certificates off/]])(
    'the reason why %s is not supported yet names what is in the way',
    (region, reason) => {
      for (const command of ['run', 'check', 'login'] as const) {
        for (const brand of ['kia', 'hyundai']) {
          const loaded = load({ command, env: { ...env, HYUNDAI_REGION: region, HYUNDAI_BRAND: brand } });
          expect(problemsOf(loaded)).toEqual([expect.stringMatching(reason)]);
        }
      }
    },
  );

  it.each(['US', 'usa', '3', 'United States'])(
    'HYUNDAI_REGION=%s is the US for Hyundai, and refused with the reason for Kia',
    (region) => {
      for (const command of ['run', 'check', 'login'] as const) {
        const of = (brand: string) => load({ command, env: { ...env, HYUNDAI_REGION: region, HYUNDAI_BRAND: brand } });
        expect(configOf(of('hyundai')).accounts).toMatchObject([{ brand: 'hyundai', region: 'US' }]);
        expect(problemsOf(of('kia'))).toEqual([
          expect.stringMatching(/Kia in the United States.*not supported yet, because .*one-time codes/),
        ]);
      }
    },
  );

  it.each([
    ['AU', 'oneApp', ['signIn']],
    ['EU', 'signIn', ['refreshToken', 'oneApp', 'bluelinky']],
  ])('the region %s without a way to log in that it has (%s) is refused', (region, login, ways) => {
    const at = (value: string) => load({ env: { ...env, HYUNDAI_REGION: region, HYUNDAI_LOGIN: value } });
    expect(problemsOf(at(login))).toEqual([expect.stringContaining(`that the region has (${ways.join(', ')})`)]);
    expect(configOf(at(`${login},${ways[0]}`)).accounts[0]).toMatchObject({ login: [login, ways[0]] });
  });

  it('HYUNDAI_BRAND=3 is refused by name, with the reason', () => {
    expect(problemsOf(load({ env: { ...env, HYUNDAI_BRAND: '3' } }))[0]).toMatch(/asks for Genesis, .* because/);
  });

  it('counts an empty variable as not set', () => {
    const config = configOf(load({ env: { ...env, HYUNDAI_PIN: '', MQTT_USERNAME: '', MQTT_BROKER_PORT: '' } }));
    expect(config.accounts[0]?.pin).toBeNull();
    expect(config.mqtt).toMatchObject({ username: null, port: 1883 });
  });

  it.each([
    ['MQTT_BROKER_PORT', '18x3', 'MQTT_BROKER_PORT: mqtt.port must be a whole number from 1 to 65535, not "18x3".'],
    ['MQTT_BROKER_PORT', '1e3', 'MQTT_BROKER_PORT: mqtt.port must be a whole number from 1 to 65535, not "1e3".'],
    ['MQTT_QOS', '3', 'MQTT_QOS: mqtt.qos must be a whole number from 0 to 2, not "3".'],
    [
      'MQTT_USE_TLS',
      'maybe',
      'MQTT_USE_TLS: mqtt.tls must be true or false (yes, no, on, off, 1 and 0 are understood too), not "maybe".',
    ],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL: log.level must be one of trace, debug, info, warn, error, not "loud".'],
    [
      'HYUNDAI_REGION',
      'mars',
      expect.stringContaining('HYUNDAI_REGION: accounts[0].region must be a region (eu or 1: Europe'),
    ],
    ['MQTT_BROKER_HOST', 'mqtt://x', expect.stringContaining('mqtt.host must be a host name or address only')],
    ['MQTT_BASE_TOPIC', 'a/#', 'MQTT_BASE_TOPIC: mqtt.base_topic must not contain the wildcards + and #.'],
    ['BLUELINKD_CLOUD_URL', 'http://cloud.example', expect.stringContaining('cloud_url must begin with https')],
    ['BLUELINKD_TIMING_OPEN_MS', '-5', expect.stringContaining('timing.open_ms must be a whole number from 1 to')],
  ])('%s=%s is told in one sentence', (name, value, sentence) => {
    expect(problemsOf(load({ env: { ...env, [name]: value } }))).toEqual([sentence]);
  });

  it('warns of a variable that nobody knows', () => {
    const loaded = load({ env: { ...env, HYUNDAI_PASWORD: 'x', BLUELINKD_NOISE: 'y' } });
    expect(loaded.ok && loaded.warnings).toEqual([
      'HYUNDAI_PASWORD in the environment is not known and has no effect. Did you mean HYUNDAI_PASSWORD?',
      'BLUELINKD_NOISE in the environment is not known and has no effect.',
    ]);
  });

  it('tells of such a variable also beside the mistakes that it may explain, and in the demo', () => {
    const { HYUNDAI_PASSWORD: HYUNDAI_PASWORD, ...rest } = env;
    const loaded = load({ env: { ...rest, HYUNDAI_PASWORD } });
    expect(problemsOf(loaded)).toHaveLength(1);
    const warnings = [expect.stringContaining('Did you mean HYUNDAI_PASSWORD?')];
    expect(loaded.warnings).toEqual(warnings);
    expect(load({ command: 'demo', env: { ...rest, HYUNDAI_PASWORD } }).warnings).toEqual(warnings);
  });

  it.each(['12', '12345', 'abcd'])('warns of HYUNDAI_PIN=%j, without repeating it', (HYUNDAI_PIN) => {
    const loaded = load({ env: { ...env, HYUNDAI_PIN } });
    expect(loaded.ok && loaded.warnings).toEqual([
      expect.stringMatching(/^The PIN of account main does not have four digits, .* locks a PIN/),
    ]);
  });
});

describe('what run demands', () => {
  it('names both keys when there is no account and no broker', () => {
    expect(problemsOf(load({}))).toEqual([
      'There is no account: set accounts[0].username and accounts[0].password in bluelinkd.yaml, or HYUNDAI_USERNAME and HYUNDAI_PASSWORD in the environment.',
      'mqtt.host is missing: set it in bluelinkd.yaml, or by MQTT_BROKER_HOST in the environment. For a broker inside the daemon set mqtt.embedded: true, with mqtt.username and mqtt.password.',
    ]);
  });

  it('names the password that a user name lacks', () => {
    expect(problemsOf(load({ env: { ...BROKER, HYUNDAI_USERNAME: 'u' } }))).toEqual([
      'accounts[0].password is missing: set it in bluelinkd.yaml, or by HYUNDAI_PASSWORD or HYUNDAI_PASSWORD_FILE in the environment.',
    ]);
  });

  it('names the user name that a password lacks', () => {
    expect(problemsOf(load({ env: { ...BROKER, HYUNDAI_PASSWORD: 'p' } }))).toEqual([
      'accounts[0].username is missing: set it in bluelinkd.yaml, or by HYUNDAI_USERNAME in the environment.',
    ]);
  });

  it('takes a lone PIN for half an account', () => {
    expect(problemsOf(load({ env: { ...BROKER, HYUNDAI_PIN: '1234' } }))).toHaveLength(2);
  });

  it('does not speak of the environment for an account that it does not mean', () => {
    const yaml = 'accounts: [{name: main, username: a, password: b}, {name: two, username: c}]\nmqtt: {host: h}';
    expect(problemsOf(load({ yaml }))).toEqual(['accounts[1].password is missing: set it in bluelinkd.yaml.']);
  });

  it('lets mqtt.embedded stand for the broker, with user name and password', () => {
    const full = { ...ACCOUNT, BLUELINKD_MQTT_EMBEDDED: 'true', MQTT_USERNAME: 'u', MQTT_PASSWORD: 'p' };
    expect(configOf(load({ env: full })).mqtt).toMatchObject({ embedded: true, host: null });
    expect(problemsOf(load({ env: { ...ACCOUNT, BLUELINKD_MQTT_EMBEDDED: 'true' } }))).toEqual([
      'mqtt.username is missing: set it in bluelinkd.yaml, or by MQTT_USERNAME in the environment.',
      'mqtt.password is missing: set it in bluelinkd.yaml, or by MQTT_PASSWORD or MQTT_PASSWORD_FILE in the environment.',
    ]);
    expect(problemsOf(load({ env: { ...full, ...BROKER } }))).toEqual([
      'BLUELINKD_MQTT_EMBEDDED: mqtt.embedded and mqtt.host exclude each other: one broker is enough.',
    ]);
  });

  it('warns of an account without a PIN', () => {
    const { HYUNDAI_PIN: _, ...rest } = env;
    const loaded = load({ env: rest });
    expect(loaded.ok && loaded.warnings).toEqual([
      'Account main has no PIN: of the controls only lock, climate, charge and charge_limits of older cars go through, and of newer ones (CCS2) only charge_limits and charging_current.',
    ]);
  });

  it('warns of a replaced cloud', () => {
    const loaded = load({ env: { ...env, BLUELINKD_CLOUD_URL: 'https://sim.example' } });
    expect(loaded.ok && loaded.warnings).toContainEqual(expect.stringContaining('https://sim.example'));
  });
});

describe('the demo', () => {
  it('takes nothing that leads to a real car or broker', () => {
    const yaml = 'accounts: [{username: u}]\nmqtt: {host: h, port: 1999, username: u}\nlog: {level: debug}\ntypo: 1';
    const more = { ...env, BLUELINKD_CLOUD_URL: 'nonsense', BLUELINKD_STATE_DIR: '/s' };
    const config = configOf(load({ command: 'demo', yaml, env: more }));
    expect(config.accounts).toEqual([]);
    expect(config.mqtt).toMatchObject({
      host: null,
      username: null,
      password: null,
      port: 1999,
      base_topic: 'hyundai',
    });
    expect(config).toMatchObject({ cloud_url: null, log: { level: 'debug' } });
    expect(config.state_dir).not.toBe('/s');
  });

  it('needs no configuration at all', () => {
    expect(load({ command: 'demo' }).ok).toBe(true);
  });
});

describe('the waits and bounds', () => {
  it('default to those of the machines', () => {
    expect(settingsOf(configOf(load({ env })))).toEqual(DEFAULT_SETTINGS);
  });

  it('are checked against each other', () => {
    const broken = { BLUELINKD_TIMING_CALL_TIMEOUT_MS: '40000', BLUELINKD_TIMING_LOOK_AFTER_MS: '5000,4000' };
    expect(problemsOf(load({ env: { ...env, ...broken } }))).toEqual([
      'timing.call_timeout_ms (40000 ms) must be less than timing.permit_wait_ms (30000 ms). Who waits in line must survive one call that hangs.',
      '2 × timing.token_wait_ms + 2 × timing.permit_wait_ms + 2 × timing.call_timeout_ms (200000 ms) must be less than timing.whole_ms (180000 ms). The whole must hold both attempts.',
      'timing.look_after_ms must rise from item to item.',
    ]);
  });
});

describe('where state lives', () => {
  it.each([
    [{}, '/home/someone/.local/state/bluelinkd'],
    [{ XDG_STATE_HOME: '/x' }, '/x/bluelinkd'],
    [{ XDG_STATE_HOME: '/x', STATE_DIRECTORY: '/var/lib/b:/var/lib/c' }, '/var/lib/b'],
    [{ HOME: '' }, '/etc/bluelinkd/.bluelinkd'],
    [{ BLUELINKD_STATE_DIR: '~/s', STATE_DIRECTORY: '/var/lib/b' }, '/home/someone/s'],
  ])('%o leads to %s', (more, path) => {
    expect(configOf(load({ env: { ...env, ...more } })).state_dir).toBe(path);
  });
});

it('lets the command line win over the environment, and the environment over the file', () => {
  const yaml = 'log: {level: error}';
  expect(configOf(load({ yaml, env })).log.level).toBe('error');
  expect(configOf(load({ yaml, env: { ...env, LOG_LEVEL: 'warn' } })).log.level).toBe('warn');
  expect(configOf(load({ yaml, env: { ...env, LOG_LEVEL: 'warn' }, logLevel: 'trace' })).log.level).toBe('trace');
  expect(problemsOf(load({ env, logLevel: 'x' }))[0]).toMatch(/^--log-level: log\.level must be one of/);
});

describe('what may be done to the cars of an account', () => {
  it('is said for all, or for one account', () => {
    const yaml = `
read_only: true
accounts:
  - { name: a, username: a@example.com, password: x, read_only: false, controls: safe }
  - { name: b, username: b@example.com, password: x }
`;
    expect(configOf(load({ yaml, env: BROKER }))).toMatchObject({
      read_only: true,
      controls: null,
      accounts: [
        { read_only: false, controls: 'safe' },
        { read_only: null, controls: null },
      ],
    });
  });

  it('is a known word', () => {
    expect(problemsOf(load({ env: { ...env, BLUELINKD_CONTROLS: 'some' } }))).toEqual([
      'BLUELINKD_CONTROLS: controls must be one of all, safe, not "some".',
    ]);
  });
});

it('the waits of the machines include the interval of polling', () => {
  expect(settingsOf(configOf(load({ env }))).pollIntervalMs).toBe(DEFAULT_SETTINGS.pollIntervalMs);
  expect(settingsOf(configOf(load({ env: { ...env, BLUELINKD_POLL_INTERVAL_S: '90' } }))).pollIntervalMs).toBe(90_000);
});

describe('the limits of calls', () => {
  it('are those of a real account where nothing is said, and of the calls a day those of its region', () => {
    expect(configOf(load({ env })).budget).toEqual({
      calls_per_day: null,
      forced_reads_per_day: 6,
      forced_read_gap_s: 1_800,
      min_battery_12v_pct: 60,
    });
    expect([callsPerDayOf('EU'), callsPerDayOf('US'), callsPerDayOf('AU')]).toEqual([200, 30, 200]);
  });

  it('reach the machines, as far as they are theirs', () => {
    const config = configOf(load({ env: { ...env, BLUELINKD_BUDGET_MIN_BATTERY_12V_PCT: '35' } }));
    expect(settingsOf(config).minBattery12vPct).toBe(35);
    expect(problemsOf(load({ env: { ...env, BLUELINKD_BUDGET_MIN_BATTERY_12V_PCT: '101' } }))).toEqual([
      'BLUELINKD_BUDGET_MIN_BATTERY_12V_PCT: budget.min_battery_12v_pct must be a whole number from 0 to 100, not "101".',
    ]);
  });
});
