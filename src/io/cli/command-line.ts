import { parseArgs } from 'node:util';

interface Files {
  /** `--config`, null if it was not given. */
  readonly configPath: string | null;
  /** `--log-level`, null if it was not given. */
  readonly logLevel: string | null;
}

export type CommandLine =
  | (Files & { readonly command: 'check' })
  /** `inspect`: `--inspect` was given. */
  | (Files & { readonly command: 'run'; readonly inspect: boolean })
  /** `cloudPort`: `--cloud-port`, null if it was not given. */
  | (Files & { readonly command: 'demo'; readonly cloudPort: number | null })
  /** `account`: `--account`, null if it was not given. */
  | (Files & { readonly command: 'login'; readonly account: string | null })
  /** `url`: of the inspector, null if it was not given; `seconds`: null for until told. */
  | (Files & {
      readonly command: 'record';
      readonly to: string;
      readonly seconds: number | null;
      readonly url: string | null;
    })
  /** `from`: a file; at most one of the last two is given. */
  | (Files & {
      readonly command: 'trace';
      readonly commandId: string;
      readonly from: string | null;
      readonly url: string | null;
    })
  /** `of`: the command that help is wanted with, null for all. */
  | { readonly command: 'help'; readonly of: Command | null }
  | { readonly command: 'version' }
  /** A sentence for a person; the exit code is 2. */
  | { readonly command: null; readonly problem: string };

const COMMANDS = ['run', 'demo', 'check', 'login', 'record', 'trace'] as const;
type Command = (typeof COMMANDS)[number];
const CHOICE = 'run, demo, check, login, record or trace';

interface Option {
  readonly short?: string;
  readonly takesValue: boolean;
  /** The commands that it belongs to; absent: all. */
  readonly of?: readonly Command[];
}
const OPTIONS: Readonly<Record<string, Option>> = {
  config: { short: 'c', takesValue: true },
  'log-level': { takesValue: true },
  account: { short: 'a', takesValue: true, of: ['login'] },
  'cloud-port': { takesValue: true, of: ['demo'] },
  inspect: { takesValue: false, of: ['run'] },
  to: { takesValue: true, of: ['record'] },
  seconds: { takesValue: true, of: ['record'] },
  url: { takesValue: true, of: ['record', 'trace'] },
  from: { takesValue: true, of: ['trace'] },
  help: { short: 'h', takesValue: false },
  version: { short: 'v', takesValue: false },
};

function isCommand(word: string): word is Command {
  return COMMANDS.some((command) => command === word);
}

function problem(sentence: string): CommandLine {
  return { command: null, problem: `${sentence} Try bluelinkd --help.` };
}

/** Foreign text in a sentence. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

const unknown = (word: string) => `There is no command ${quoted(word)}: it is ${CHOICE}.`;

/** Reads the words after `bluelinkd`. Never throws. */
export function readCommandLine(words: readonly string[]): CommandLine {
  const { values, positionals, tokens } = parseArgs({
    args: [...words],
    options: Object.fromEntries(
      Object.entries(OPTIONS).map(([name, { short, takesValue }]) => [
        name,
        { type: takesValue ? ('string' as const) : ('boolean' as const), ...(short === undefined ? {} : { short }) },
      ]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  if (values.help === true) return { command: 'help', of: positionals.find(isCommand) ?? null };
  if (values.version === true) return { command: 'version' };
  const taken = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(OPTIONS, token.name) ? OPTIONS[token.name] : undefined;
    if (option === undefined) return problem(`There is no option ${quoted(token.rawName)}.`);
    const missing =
      token.value === undefined || token.value === '' || (!token.inlineValue && token.value.startsWith('-'));
    if (option.takesValue && missing) return problem(`The option ${token.rawName} needs a value.`);
    if (!option.takesValue && token.value !== undefined) return problem(`The option ${token.rawName} takes no value.`);
    if (taken.has(token.name)) return problem(`The option ${token.rawName} is given twice.`);
    taken.add(token.name);
  }
  const [command, ...rest] = positionals;
  if (command === undefined) return problem(`What shall bluelinkd do: ${CHOICE}?`);
  if (command === 'help' && rest.length <= 1) {
    const [topic] = rest;
    if (topic === undefined || isCommand(topic)) return { command, of: topic ?? null };
    return problem(unknown(topic));
  }
  if (!isCommand(command)) return problem(unknown(command));
  const surplus = rest[command === 'trace' ? 1 : 0];
  if (surplus !== undefined)
    return problem(`The command ${command} takes no further word, but got ${quoted(surplus)}.`);
  const stranger = [...taken].find((name) => OPTIONS[name]?.of?.includes(command) === false);
  if (stranger !== undefined) {
    const owners = OPTIONS[stranger]?.of ?? [];
    const noun = owners.length === 1 ? 'the command' : 'the commands';
    return problem(`The option --${stranger} belongs to ${noun} ${owners.join(' and ')}.`);
  }
  if (typeof values.url === 'string' && !isWebAddress(values.url)) return problem(NO_ADDRESS);
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : null);
  const files: Files = { configPath: text('config'), logLevel: text('log-level') };
  switch (command) {
    case 'check':
      return { command, ...files };
    case 'run':
      return { command, ...files, inspect: taken.has('inspect') };
    case 'login':
      return { command, ...files, account: text('account') };
    case 'demo': {
      const cloudPort = wholeOf(text('cloud-port'), 65_535);
      return Number.isNaN(cloudPort) ? problem(NO_PORT) : { command, ...files, cloudPort };
    }
    case 'record': {
      const to = text('to');
      const seconds = wholeOf(text('seconds'), LONGEST_RECORDING_S);
      if (to === null) return problem('The command record needs the option --to and a file.');
      if (Number.isNaN(seconds)) return problem(NO_SECONDS);
      return { command, ...files, to, seconds, url: text('url') };
    }
    case 'trace': {
      const [commandId] = rest;
      const [from, url] = [text('from'), text('url')];
      if (commandId === undefined) return problem('The command trace needs the id of a command.');
      if (from !== null && url !== null) return problem('The options --from and --url exclude each other.');
      return { command, ...files, commandId, from, url };
    }
  }
}

const LONGEST_RECORDING_S = 86_400;
const NO_PORT = 'The option --cloud-port needs a whole number from 1 to 65535.';
const NO_SECONDS = `The option --seconds needs a whole number from 1 to ${LONGEST_RECORDING_S}.`;

const NO_ADDRESS = 'The option --url needs the address of an inspector, like http://127.0.0.1:9465.';

const isWebAddress = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** From 1 to `max`; null for null; `NaN` if it is none. */
function wholeOf(text: string | null, max: number): number | null {
  if (text === null) return null;
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return value >= 1 && value <= max ? value : Number.NaN;
}
