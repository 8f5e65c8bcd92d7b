import { expect, it } from 'vitest';
import { readCommandLine } from '../../../src/io/cli/command-line.ts';
import { HELP } from '../../../src/io/cli/help.ts';

it.each([
  ['run', { command: 'run', configPath: null, logLevel: null }],
  ['demo', { command: 'demo', configPath: null, logLevel: null, cloudPort: null }],
  ['demo --cloud-port 8080', { command: 'demo', configPath: null, logLevel: null, cloudPort: 8080 }],
  ['check --config a.yaml', { command: 'check', configPath: 'a.yaml', logLevel: null }],
  ['-c a.yaml run', { command: 'run', configPath: 'a.yaml', logLevel: null }],
  ['run --log-level=debug --config=-', { command: 'run', configPath: '-', logLevel: 'debug' }],
  ['login', { command: 'login', configPath: null, logLevel: null, account: null }],
  ['login --account family -c a.yaml', { command: 'login', configPath: 'a.yaml', logLevel: null, account: 'family' }],
  ['login -a family', { command: 'login', configPath: null, logLevel: null, account: 'family' }],
  ['--help', { command: 'help' }],
  ['help', { command: 'help' }],
  ['run -h', { command: 'help' }],
  ['--version', { command: 'version' }],
])('understands "%s"', (line, expected) => {
  expect(readCommandLine(line.split(' '))).toEqual(expected);
});

it.each([
  ['', 'What shall bluelinkd do: run, demo, check or login?'],
  ['fly', 'There is no command "fly": it is run, demo, check or login.'],
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
    '--account',
    '--cloud-port',
    '--config',
    '--log-level',
    '--help',
    '--version',
  ])
    expect(HELP).toContain(word);
});
