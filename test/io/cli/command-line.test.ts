import { expect, it } from 'vitest';
import { readCommandLine } from '../../../src/io/cli/command-line.ts';
import { HELP, HELP_OF } from '../../../src/io/cli/help.ts';

const NO_FILES = { configPath: null, logLevel: null };

it.each([
  ['run', { command: 'run', configPath: null, logLevel: null, inspect: false }],
  ['run --inspect', { command: 'run', configPath: null, logLevel: null, inspect: true }],
  ['record --to a.jsonl', { command: 'record', ...NO_FILES, to: 'a.jsonl', seconds: null, url: null }],
  [
    'record --to a.jsonl --seconds 30 --url http://localhost:1',
    { command: 'record', ...NO_FILES, to: 'a.jsonl', seconds: 30, url: 'http://localhost:1' },
  ],
  ['trace abc', { command: 'trace', ...NO_FILES, commandId: 'abc', from: null, url: null }],
  ['trace abc --from b.log', { command: 'trace', ...NO_FILES, commandId: 'abc', from: 'b.log', url: null }],
  ['demo', { command: 'demo', configPath: null, logLevel: null, cloudPort: null }],
  ['demo --cloud-port 8080', { command: 'demo', configPath: null, logLevel: null, cloudPort: 8080 }],
  ['check --config a.yaml', { command: 'check', configPath: 'a.yaml', logLevel: null }],
  ['-c a.yaml run', { command: 'run', configPath: 'a.yaml', logLevel: null, inspect: false }],
  ['run --log-level=debug --config=-', { command: 'run', configPath: '-', logLevel: 'debug', inspect: false }],
  ['login', { command: 'login', configPath: null, logLevel: null, account: null }],
  ['login --account family -c a.yaml', { command: 'login', configPath: 'a.yaml', logLevel: null, account: 'family' }],
  ['login -a family', { command: 'login', configPath: null, logLevel: null, account: 'family' }],
  ['--help', { command: 'help', of: null }],
  ['help', { command: 'help', of: null }],
  ['help trace', { command: 'help', of: 'trace' }],
  ['run -h', { command: 'help', of: 'run' }],
  ['-c a.yaml record --help', { command: 'help', of: 'record' }],
  ['--version', { command: 'version' }],
])('understands "%s"', (line, expected) => {
  expect(readCommandLine(line.split(' '))).toEqual(expected);
});

it.each([
  ['', 'What shall bluelinkd do: run, demo, check, login, record or trace?'],
  ['fly', 'There is no command "fly": it is run, demo, check, login, record or trace.'],
  ['run now', 'The command run takes no further word, but got "now".'],
  ['run --confg x', 'There is no option "--confg".'],
  ['run -x', 'There is no option "-x".'],
  ['run --config', 'The option --config needs a value.'],
  ['run --config --log-level debug', 'The option --config needs a value.'],
  ['run --config=', 'The option --config needs a value.'],
  ['run --config a --config b', 'The option --config is given twice.'],
  ['run --account family', 'The option --account belongs to the command login.'],
  ['run --cloud-port 8080', 'The option --cloud-port belongs to the command demo.'],
  ['demo --cloud-port 0', 'The option --cloud-port needs a whole number from 1 to 65535.'],
  ['demo --cloud-port 8080x', 'The option --cloud-port needs a whole number from 1 to 65535.'],
  ['demo --cloud-port=65536', 'The option --cloud-port needs a whole number from 1 to 65535.'],
  ['login --account', 'The option --account needs a value.'],
  ['demo --inspect', 'The option --inspect belongs to the command run.'],
  ['run --inspect=yes', 'The option --inspect takes no value.'],
  ['run --url x', 'The option --url belongs to the commands record and trace.'],
  ['record', 'The command record needs the option --to and a file.'],
  ['record --to a --seconds 0', 'The option --seconds needs a whole number from 1 to 86400.'],
  ['trace', 'The command trace needs the id of a command.'],
  ['trace a b', 'The command trace takes no further word, but got "b".'],
  ['trace a --url 127.0.0.1:9465', 'The option --url needs the address of an inspector, like http://127.0.0.1:9465.'],
  ['record --to a --url ftp://b', 'The option --url needs the address of an inspector, like http://127.0.0.1:9465.'],
  ['help fly', 'There is no command "fly": it is run, demo, check, login, record or trace.'],
  ['trace a --from b --url http://c', 'The options --from and --url exclude each other.'],
  ['run --__proto__ x', 'There is no option "--__proto__".'],
])('refuses "%s" with a sentence', (line, sentence) => {
  expect(readCommandLine(line.split(' ').filter((word) => word !== ''))).toEqual({
    command: null,
    problem: `${sentence} Try bluelinkd --help.`,
  });
});

it('helps with every command and option', () => {
  for (const word of [
    'run',
    'demo',
    'check',
    'login',
    'record',
    'trace',
    '--inspect',
    '--to',
    '--seconds',
    '--from',
    '--url',
    '--account',
    '--cloud-port',
    '--config',
    '--log-level',
    '--help',
    '--version',
  ])
    expect(HELP).toContain(word);
});

it('helps with one command: how it is used, its options, what its exit codes mean', () => {
  for (const [command, help] of Object.entries(HELP_OF)) {
    expect(help).toMatch(new RegExp(`^bluelinkd ${command} .*\\n`));
    for (const word of [`Usage: bluelinkd ${command} `, '--config', '--log-level', 'Exit codes: 0 ', '2 ']) {
      expect(help).toContain(word);
    }
    for (const [, option = ''] of help.matchAll(/^ {2}(?:-., | {4})(--[a-z-]+)/gm)) expect(HELP).toContain(option);
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(125);
  }
  expect(HELP_OF.trace).toContain('--from');
  expect(HELP_OF.record).toContain('--seconds');
});
