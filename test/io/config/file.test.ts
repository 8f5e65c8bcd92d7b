import { describe, expect, it } from 'vitest';
import { ACCOUNT, BROKER, configOf, load, problemsOf } from './load.harness.ts';

const FULL = `
accounts:
  - username: someone@example.com
    password: 'it''s # secret'
    pin: 0123
    brand: kia
    vehicles:
      - { id: 11-22, name: ev6 }
      - { id: 33-44, name: niro }
  - name: second
    username: other@example.com
    password: 12345
    login: [oneapp]
mqtt:
  host: broker.example
  tls: yes
  response_topics: [answers, home/answers]
`;

describe('bluelinkd.yaml', () => {
  it('says everything that the environment can, and several accounts', () => {
    const config = configOf(load({ yaml: FULL }));
    expect(config.accounts).toMatchObject([
      { name: 'main', password: "it's # secret", pin: '0123', brand: 'kia', region: 'EU', language: 'en' },
      { name: 'second', password: '12345', pin: null, login: ['oneApp'] },
    ]);
    expect(config.accounts[0]?.vehicles).toEqual([
      { id: '11-22', name: 'ev6' },
      { id: '33-44', name: 'niro' },
    ]);
    expect(config.mqtt).toMatchObject({ tls: true, port: 8883, response_topics: ['answers', 'home/answers'] });
  });

  it('lets the environment speak of the account named main', () => {
    const config = configOf(load({ yaml: FULL, env: { HYUNDAI_PASSWORD: 'new' } }));
    expect(config.accounts.map((account) => account.password)).toEqual(['new', '12345']);
  });

  it('does not guess which of several accounts the environment means', () => {
    const yaml = FULL.replace('accounts:\n  - username', 'accounts:\n  - name: first\n    username');
    expect(problemsOf(load({ yaml, env: { HYUNDAI_PASSWORD: 'new' } }))).toEqual([
      expect.stringMatching(/^HYUNDAI_PASSWORD: it is not clear which account is meant/),
    ]);
  });

  it('is found by --config, by BLUELINKD_CONFIG, and in the working directory', () => {
    const files = { '/etc/bluelinkd/a.yaml': 'log: {level: warn}', '/b.yaml': 'log: {level: error}' };
    const env = { ...ACCOUNT, ...BROKER, BLUELINKD_CONFIG: 'a.yaml' };
    expect(configOf(load({ files, env })).log.level).toBe('warn');
    expect(configOf(load({ files, env, configPath: '/b.yaml' })).log.level).toBe('error');
  });

  it('must exist if somebody names it', () => {
    expect(problemsOf(load({ configPath: 'x.yaml' }))).toEqual([
      '--config: cannot read the configuration file /etc/bluelinkd/x.yaml: there is no such file.',
    ]);
    expect(problemsOf(load({ env: { BLUELINKD_CONFIG: '/y.yaml' } }))[0]).toMatch(/^BLUELINKD_CONFIG: cannot read/);
  });

  it.each([
    ['hots: x', 'bluelinkd.yaml, line 2: there is no key "hots" in mqtt. Did you mean mqtt.host?'],
    ['Port: 1', 'bluelinkd.yaml, line 2: there is no key "Port" in mqtt. Did you mean mqtt.port?'],
    ['pin: 1', 'bluelinkd.yaml, line 2: there is no key "pin" in mqtt. Did you mean accounts[].pin?'],
    ['hots:', 'bluelinkd.yaml, line 2: there is no key "hots" in mqtt. Did you mean mqtt.host?'],
    [
      '__proto__: {a: b}',
      expect.stringMatching(/line 2: there is no key "__proto__" in mqtt\. Known here: host, port/),
    ],
  ])('tells that the key in "%s" is not known', (line, sentence) => {
    const yaml = `mqtt:\n  ${line}\n  host: h`;
    expect(problemsOf(load({ yaml, env: ACCOUNT }))).toEqual([sentence]);
  });

  it.each([
    ['accounts: {username: a}', 'bluelinkd.yaml, line 1: accounts must be a list.'],
    ['accounts: [a]', 'bluelinkd.yaml, line 1: accounts[0] must be a section with keys of its own.'],
    ['mqtt: broker', expect.stringContaining('mqtt must be a section with keys of its own.')],
    ['mqtt: {host: [a, b]}', 'bluelinkd.yaml, line 1: mqtt.host must be a single value.'],
    ['- a', 'bluelinkd.yaml must hold keys and values.'],
    ['a: b: c', expect.stringContaining('bluelinkd.yaml, line 1: this is not YAML')],
    ['mqtt:\n\thost: x', expect.stringContaining('line 2: this is not YAML: a tab is used for indentation')],
    ['mqtt: {host: a}\nmqtt: {host: b}', expect.stringContaining('line 2: this is not YAML: a key is given twice')],
    ['accounts: [{password: *abc}]', expect.stringContaining('line 1: a value that begins with * must be in quotes')],
    ['accounts:\n- password: &abc', expect.stringContaining('line 2: a value that begins with & must be in quotes')],
    ['accounts: [{password: &abc def}]', expect.stringContaining('line 1: a value that begins with & must be in')],
    ['accounts:\n- password: p#ss: word', expect.stringContaining('line 2: this is not YAML: a value with ": " in it')],
    ['accounts: [{password: !abc x}]', expect.stringContaining('line 1: a value that begins with ! must be in quotes')],
    ['a: 1\n---\nb: 2', expect.stringContaining('more than one document')],
    ['a: &a [*a, *a]', expect.stringContaining('too large or too deep')],
    [`a: ${'['.repeat(40)}${']'.repeat(40)}`, expect.stringContaining('too large or too deep')],
    ['x'.repeat(300_000), 'bluelinkd.yaml is larger than 256 KiB.'],
  ])('answers %.40j with a sentence', (yaml, sentence) => {
    const loaded = load({ yaml });
    expect(problemsOf(loaded)).toContainEqual(sentence);
    expect(problemsOf(loaded).join('\n')).not.toContain('    at ');
  });

  it('takes a value from an anchor that it is referred to', () => {
    const yaml = 'accounts: [{username: u, password: &p secret}]\nmqtt: {host: h, username: u, password: *p}';
    expect(configOf(load({ yaml })).mqtt.password).toBe('secret');
  });

  it('never repeats a secret in a sentence', () => {
    const yaml = `accounts: [{username: [secret-1], password: {secret-2: secret-3}, pin: 'sec ret-4'}]\nmqtt: {password: [secret-5]}`;
    const text = problemsOf(load({ yaml })).join('\n');
    expect(text).toContain('accounts[0].pin must be');
    expect(text).not.toMatch(/sec ?ret-/);
    const syntax = problemsOf(
      load({ yaml: 'accounts: [{password: *secret-1}, {password: "secret-2\\q"}, {pin: @secret-3}]' }),
    );
    expect(syntax.length).toBeGreaterThan(0);
    expect(syntax.join('\n')).not.toContain('secret-');
  });

  it('never repeats a URL that may hold a password', () => {
    const env = { ...ACCOUNT, ...BROKER };
    for (const url of ['http:/secret@', 'https://u:secret@h', 'secret', 'https://h:secret']) {
      const problems = problemsOf(load({ env: { ...env, BLUELINKD_CLOUD_URL: url } }));
      expect(problems).toHaveLength(1);
      expect(problems[0]).not.toContain('secret');
    }
  });

  it('escapes what would reach the terminal', () => {
    expect(problemsOf(load({ yaml: '"\\e[31mred\\u009b": 1', env: { ...ACCOUNT, ...BROKER } })).join('')).toMatch(
      /"\\u001b\[31mred\\u009b"/,
    );
  });
});

describe('names that must differ', () => {
  const two = (a: string, b: string) => `accounts:\n  - ${a}\n  - ${b}\nmqtt: {host: h}`;
  it.each([
    [
      two('{name: x, username: a, password: p}', '{name: x, username: b, password: p}'),
      'bluelinkd.yaml, line 3: accounts[1].name is "x", like that of another account: names must differ.',
    ],
    [
      two('{name: x, username: A, password: p}', '{name: y, username: a, password: p}'),
      'bluelinkd.yaml, line 3: accounts[1].username is that of another account here: list an account once.',
    ],
    [
      two(
        '{name: x, username: a, password: p, vehicles: [{id: 1, name: car}]}',
        '{name: y, username: b, password: p, vehicles: [{id: 2, name: car}]}',
      ),
      'bluelinkd.yaml, line 3: accounts[1].vehicles[0].name is "car", like that of another car: names must differ.',
    ],
    [
      two(
        '{name: x, username: a, password: p, vehicles: [{id: 1, name: c}, {id: 1, name: d}]}',
        '{name: y, username: b, password: p}',
      ),
      'bluelinkd.yaml, line 2: accounts[0].vehicles[1].id is that of another car here: name a car once.',
    ],
    [
      two(
        '{name: x, username: a, password: p, vehicles: [{id: 1, name: bridge}]}',
        '{name: y, username: b, password: p}',
      ),
      'bluelinkd.yaml, line 2: accounts[0].vehicles[0].name must not be bridge: that name is taken.',
    ],
  ])('case %#', (yaml, sentence) => {
    expect(problemsOf(load({ yaml }))).toEqual([sentence]);
  });

  it('are told together with what else is wrong with them', () => {
    const car = (id: string, name: string) => `{id: ${id}, name: ${name}}`;
    const cars = [car('1', 'one'), car('1', 'two'), car('2', 'one'), car('3', 'bridge'), car('4', 'a/b')];
    const yaml = `accounts: [{name: a b, username: u, password: p, vehicles: [${cars.join(', ')}]}]\nmqtt: {host: h}`;
    expect(problemsOf(load({ yaml })).map((text) => /accounts\S+ .{7}/.exec(text)?.[0])).toEqual([
      'accounts[0].name must be',
      'accounts[0].vehicles[3].name must no',
      'accounts[0].vehicles[4].name must be',
      'accounts[0].vehicles[2].name is "one',
      'accounts[0].vehicles[1].id is that',
    ]);
  });

  it.each(['a/b', 'a b', 'ü', '', 'x'.repeat(65)])('a name is not %j', (name) => {
    const yaml = `accounts: [{name: ${JSON.stringify(name)}, username: a, password: p}]\nmqtt: {host: h}`;
    expect(problemsOf(load({ yaml }))[0]).toContain('accounts[0].name must');
  });
});

describe('secrets in files', () => {
  const files = { '/run/pw': 'from a file\n', '/etc/bluelinkd/pin': '0042', '/run/mq': 'm\r\n', '/run/empty': '\n' };

  it('are read, relative to who names them, without the line end', () => {
    const yaml =
      'accounts: [{username: u, password_file: /run/pw, pin_file: pin}]\nmqtt: {host: h, username: u, password_file: /run/mq}';
    const config = configOf(load({ yaml, files }));
    expect(config.accounts[0]).toMatchObject({ password: 'from a file', pin: '0042' });
    expect(config.mqtt.password).toBe('m');
    expect(JSON.stringify(config)).not.toContain('_file');
  });

  it('work by the environment, which wins in either form', () => {
    const env = { ...BROKER, HYUNDAI_USERNAME: 'u', HYUNDAI_PASSWORD_FILE: '/run/pw', HYUNDAI_PIN_FILE: 'pin' };
    const yaml = 'accounts: [{username: u, password: from yaml}]';
    expect(configOf(load({ yaml, env, files })).accounts[0]).toMatchObject({ password: 'from a file', pin: '0042' });
    const other = 'accounts: [{username: u, password_file: /nowhere}]';
    expect(configOf(load({ yaml: other, env: { ...ACCOUNT, ...BROKER } })).accounts[0]?.password).toBe('hunter2secret');
  });

  it.each([
    [
      { HYUNDAI_PASSWORD_FILE: '/nowhere' },
      'HYUNDAI_PASSWORD_FILE: accounts[0].password_file names /nowhere, but there is no such file.',
    ],
    [
      { HYUNDAI_PASSWORD_FILE: '/run/empty' },
      'HYUNDAI_PASSWORD_FILE: accounts[0].password_file names /run/empty, but it is empty.',
    ],
    [
      { HYUNDAI_PASSWORD_FILE: '/run/pw', HYUNDAI_PASSWORD: 'x' },
      'HYUNDAI_PASSWORD and HYUNDAI_PASSWORD_FILE are both set: one of them is enough.',
    ],
  ])('%o is told in a sentence', (more, sentence) => {
    expect(problemsOf(load({ env: { ...BROKER, HYUNDAI_USERNAME: 'u', ...more }, files }))).toEqual([sentence]);
  });

  it('are not given twice in the file', () => {
    const yaml = 'accounts: [{username: u, password: p, password_file: /run/pw}]\nmqtt: {host: h}';
    expect(problemsOf(load({ yaml, files }))).toEqual([
      'bluelinkd.yaml, line 1: accounts[0].password and accounts[0].password_file are both given: one of them is enough.',
    ]);
  });
});

describe('topics and certificates', () => {
  it.each(['hyundai', 'hyundai/x', '$SYS/x', 'a/+', 'a/', '/a', 'homeassistant/x'])(
    '%s is no response prefix',
    (topic) => {
      const problems = problemsOf(
        load({ env: { ...ACCOUNT, ...BROKER, BLUELINKD_MQTT_RESPONSE_TOPICS: `ok,${topic}` } }),
      );
      expect(problems).toEqual([expect.stringContaining('mqtt.response_topics has an item that')]);
    },
  );

  it.each([
    ['broker', 'broker'],
    ['192.0.2.1', '192.0.2.1'],
    ['::1', '::1'],
    ['[2001:db8::1]', '2001:db8::1'],
  ])('%s is a host', (host, value) => {
    expect(configOf(load({ env: { ...ACCOUNT, MQTT_BROKER_HOST: host } })).mqtt.host).toBe(value);
  });

  it.each(['broker:1883', 'mqtt://broker', 'u@broker', 'broker/x', 'a b'])('%s is no host', (host) => {
    expect(problemsOf(load({ env: { ...ACCOUNT, MQTT_BROKER_HOST: host } }))[0]).toContain(
      'mqtt.host must be a host name',
    );
  });

  it('demands a readable PEM file', () => {
    const env = { ...ACCOUNT, ...BROKER, MQTT_USE_TLS: '1', BLUELINKD_MQTT_CA: 'ca.pem' };
    expect(problemsOf(load({ env }))).toEqual(['mqtt.ca: cannot read /etc/bluelinkd/ca.pem: there is no such file.']);
    expect(problemsOf(load({ env, files: { '/etc/bluelinkd/ca.pem': 'x' } }))).toEqual([
      'mqtt.ca: /etc/bluelinkd/ca.pem holds no PEM certificate.',
    ]);
    const files = { '/etc/bluelinkd/ca.pem': '-----BEGIN CERTIFICATE-----' };
    expect(configOf(load({ env, files })).mqtt).toMatchObject({
      ca: '/etc/bluelinkd/ca.pem',
      ca_pem: '-----BEGIN CERTIFICATE-----',
    });
  });
});
