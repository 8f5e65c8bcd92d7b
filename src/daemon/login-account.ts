import type { Terminal } from '../io/cli/terminal.ts';
import type { Gap } from '../io/config/gaps.ts';
import type { ResolvedConfig } from '../io/config/load.ts';
import { problemOf, readBrand } from '../io/config/regions.ts';

export type AccountConfig = ResolvedConfig['accounts'][number];

/** An account and its place in the configuration. */
export interface ChosenAccount {
  readonly account: AccountConfig;
  readonly index: number;
}

/** The account that is meant; null, after a sentence, when that is not clear. */
export async function chooseAccount(
  accounts: readonly AccountConfig[],
  asked: string | null,
  terminal: Terminal,
): Promise<ChosenAccount | null> {
  const named = (name: string): ChosenAccount | null => {
    const index = accounts.findIndex((account) => account.name === name);
    const account = accounts[index];
    return account === undefined ? null : { account, index };
  };
  const names = accounts.map(({ name }) => name).join(', ');
  const [only] = accounts;
  if (asked === null && accounts.length === 1 && only !== undefined) return { account: only, index: 0 };
  if (asked === null && !terminal.isInteractive) {
    terminal.complain(`There are several accounts: say which one with --account (${names}).`);
    return null;
  }
  const name = asked ?? (await terminal.ask(`Which account (${names})? `))?.trim() ?? '';
  const found = named(name);
  if (found === null) terminal.complain(`There is no account ${JSON.stringify(name)}: the configuration has ${names}.`);
  return found;
}

type Complete =
  /** `asked`: what a person has said, because the configuration does not. */
  | { readonly ok: true; readonly account: AccountConfig; readonly asked: readonly Gap['key'][] }
  /** After a sentence. `code` is the exit code. */
  | { readonly ok: false; readonly code: 1 | 2 };

/** The account with what the configuration lacks, asked of a person. */
export async function completeAccount(
  { account, index }: ChosenAccount,
  gaps: readonly Gap[],
  terminal: Terminal,
): Promise<Complete> {
  const missing = gaps.filter((gap) => gap.account === index).map(({ key }) => key);
  const required = missing.filter((key) => key !== 'brand');
  if (required.length === 0) return { ok: true, account, asked: [] };
  if (!terminal.isInteractive) {
    const keys = required.map((key) => `accounts[${index}].${key}`).join(' and ');
    terminal.complain(
      `The configuration lacks ${keys}, and there is no terminal to ask on: set ${required.length === 1 ? 'it' : 'them'} in the file, or by HYUNDAI_USERNAME and HYUNDAI_PASSWORD in the environment.`,
    );
    return { ok: false, code: 2 };
  }
  let complete = account;
  for (const key of missing) {
    const value = await ASK[key](terminal, complete);
    if (value === null) {
      terminal.complain('Nothing was changed.');
      return { ok: false, code: 1 };
    }
    complete = { ...complete, ...value };
  }
  return { ok: true, account: complete, asked: missing };
}

/** Null when the person ended it. */
type Question = (terminal: Terminal, account: AccountConfig) => Promise<Partial<AccountConfig> | null>;

const ASK: Readonly<Record<Gap['key'], Question>> = {
  async brand(terminal, { region }) {
    for (;;) {
      const text = await terminal.ask('Brand, hyundai or kia: ');
      if (text === null) return null;
      const read = readBrand(text);
      const problem = read.ok ? problemOf(read.value, region) : read.problem;
      if (read.ok && problem === null) return { brand: read.value };
      terminal.complain(`That ${problem}.`);
    }
  },
  async username(terminal) {
    const username = await insist(() => terminal.ask('User name (the e-mail address of the vendor’s app): '));
    return username === null ? null : { username: username.trim() };
  },
  async password(terminal) {
    const password = await insist(() => terminal.askHidden('Password (not shown): '));
    return password === null ? null : { password };
  },
};

/** Asks until something is said. */
async function insist(ask: () => Promise<string | null>): Promise<string | null> {
  for (;;) {
    const text = await ask();
    if (text === null) return null;
    if (text.trim() !== '') return text;
  }
}
