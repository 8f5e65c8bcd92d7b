import { parseArgs } from 'node:util';

interface Files {
  /** `--config`, null if it was not given. */
  readonly configPath: string | null;
  /** `--log-level`, null if it was not given. */
  readonly logLevel: string | null;
}

export type CommandLine =
  | (Files & { readonly command: 'run' | 'check' })
  /** `cloudPort`: `--cloud-port`, null if it was not given. */
  | (Files & { readonly command: 'demo'; readonly cloudPort: number | null })
  /** `account`: `--account`, null if it was not given. */
  | (Files & { readonly command: 'login'; readonly account: string | null })
  | { readonly command: 'help' | 'version' }
  /** A sentence for a person; the exit code is 2. */
  | { readonly command: null; readonly problem: string };

const COMMANDS = ['run', 'demo', 'check', 'login'] as const;
const TAKES_VALUE = ['config', 'log-level', 'account', 'cloud-port'];
const TAKES_NONE = ['help', 'version'];

function isCommand(word: string): word is (typeof COMMANDS)[number] {
  return COMMANDS.some((command) => command === word);
}

function problem(sentence: string): CommandLine {
  return { command: null, problem: `${sentence} Try bluelinkd --help.` };
}

/** Foreign text in a sentence. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

/** Reads the words after `bluelinkd`. Never throws. */
export function readCommandLine(words: readonly string[]): CommandLine {
  const { values, positionals, tokens } = parseArgs({
    args: [...words],
    options: {
      config: { type: 'string', short: 'c' },
      'log-level': { type: 'string' },
      account: { type: 'string', short: 'a' },
      'cloud-port': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  if (values.help === true) return { command: 'help' };
  if (values.version === true) return { command: 'version' };
  const taken = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (![...TAKES_VALUE, ...TAKES_NONE].includes(token.name)) {
      return problem(`There is no option ${quoted(token.rawName)}.`);
    }
    const takesValue = TAKES_VALUE.includes(token.name);
    const missing =
      token.value === undefined || token.value === '' || (!token.inlineValue && token.value.startsWith('-'));
    if (takesValue && missing) return problem(`The option ${token.rawName} needs a value.`);
    if (!takesValue && token.value !== undefined) return problem(`The option ${token.rawName} takes no value.`);
    if (taken.has(token.name)) return problem(`The option ${token.rawName} is given twice.`);
    taken.add(token.name);
  }
  const [command, ...rest] = positionals;
  if (command === undefined) return problem('What shall bluelinkd do: run, demo, check or login?');
  if (command === 'help' && rest.length === 0) return { command: 'help' };
  if (!isCommand(command)) return problem(`There is no command ${quoted(command)}: it is run, demo, check or login.`);
  if (rest[0] !== undefined)
    return problem(`The command ${command} takes no further word, but got ${quoted(rest[0])}.`);
  const text = (value: string | boolean | undefined) => (typeof value === 'string' ? value : null);
  const account = text(values.account);
  const files: Files = { configPath: text(values.config), logLevel: text(values['log-level']) };
  const port = text(values['cloud-port']);
  if (account !== null && command !== 'login') return problem('The option --account belongs to the command login.');
  if (port !== null && command !== 'demo') return problem('The option --cloud-port belongs to the command demo.');
  if (command === 'login') return { command, ...files, account };
  if (command !== 'demo') return { command, ...files };
  const cloudPort = port === null ? null : portOf(port);
  return Number.isNaN(cloudPort) ? problem(NO_PORT) : { command, ...files, cloudPort };
}

const NO_PORT = 'The option --cloud-port needs a whole number from 1 to 65535.';

/** `NaN` if it is none. */
function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port >= 1 && port <= 65_535 ? port : Number.NaN;
}
