import { basename, dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import {
  CONFIG_VARIABLE,
  type Environment,
  overlayEnvironment,
  overlayOption,
  unknownVariables,
} from './environment.ts';
import { type ReadFile, readSecretFiles, resolvePaths, whyUnreadable } from './files.ts';
import { fillGaps, type Gap } from './gaps.ts';
import { brokenInequalities } from './inequalities.ts';
import { allKeys, type Key, keyAt } from './keys.ts';
import { isRead } from './relations.ts';
import { type Config, configSchema } from './schema.ts';
import { missingSentence, pathOf, type Speaker, sentences, unknownSentence } from './sentences.ts';
import { defaultStateDir } from './state-path.ts';
import { keyOfSetting, settingsOf, settingsWithin } from './timing.ts';
import { emptyObject, type Given, isObject, keyOf, nothingGiven, put, valueAt } from './tree.ts';
import { readYaml } from './yaml-source.ts';

export interface LoadOptions {
  /**
   * `run` and `check` demand an account and a broker; `demo` has its own and must not see real ones; `login` needs no
   * broker, and asks a person for what is missing of an account; `attach` looks for an inspector, and at nothing else.
   */
  readonly command: 'run' | 'check' | 'demo' | 'login' | 'attach';
  /** The value of `--config`, null if it was not given. */
  readonly configPath: string | null;
  /** The value of `--log-level`, null if it was not given. */
  readonly logLevel: string | null;
  readonly environment: Environment;
  /** The working directory. */
  readonly cwd: string;
  readonly readFile: ReadFile;
}

/** The configuration with everything that can be filled in. */
export type ResolvedConfig = Omit<Config, 'state_dir' | 'mqtt'> & {
  /** Absolute. */
  readonly state_dir: string;
  /** `ca_pem` is what the file `ca` holds. */
  readonly mqtt: Config['mqtt'] & { readonly ca_pem: string | null };
};

export type Loaded =
  | {
      readonly ok: true;
      readonly config: ResolvedConfig;
      /** Sentences for the log, to be said at every start. */
      readonly warnings: readonly string[];
      /** The file that was read; null if there is none. */
      readonly file: string | null;
      /** What is missing of the accounts; always empty but for `login`. */
      readonly gaps: readonly Gap[];
      /** The keys outside `accounts` that the environment has set, of those that the command asks for: `mqtt.port`. */
      readonly set: ReadonlySet<string>;
    }
  /** `warnings`: what may explain the problems. */
  | { readonly ok: false; readonly problems: readonly string[]; readonly warnings: readonly string[] };

const DEFAULT_FILE = 'bluelinkd.yaml';
/** What the demo takes from the configuration: nothing that leads to a real car or broker, and nothing to be kept. */
const DEMO_KEYS = ['mqtt.port', 'inspector.port'];
const DEMO_SECTIONS = ['log', 'timing', 'limits'];
/** What is needed to find the inspector of a daemon. */
const ATTACH_KEYS = ['state_dir'];
const ATTACH_SECTIONS = ['log', 'inspector'];

/**
 * Reads the configuration from the file and the environment, which wins; the command line wins over both. Touches
 * nothing but what `readFile` reads, and never throws: what is wrong comes back as sentences without secrets.
 */
export function loadConfig(options: LoadOptions): Loaded {
  const { environment, cwd } = options;
  const isPicked = options.command === 'demo' || options.command === 'attach';
  const keys = allKeys().filter((key) => isFor(options.command, key));
  const read = readConfigFile(options);
  const strange = options.command === 'attach' ? [] : unknownVariables(allKeys(), environment);
  if (!read.ok) return { ok: false, problems: read.problems, warnings: strange };
  const given = isPicked ? pick(read.given, keys) : read.given;
  const overlay = overlayEnvironment(given, keys, environment, cwd);
  if (options.logLevel !== null) overlayOption(given, ['log', 'level'], options.logLevel, '--log-level', cwd);
  resolvePaths(given, keys, environment.HOME);
  const files = readSecretFiles(given, keys, options.readFile);
  const problems = [...overlay.problems, ...files.problems];
  const speaker: Speaker = {
    keys: allKeys(),
    given,
    file: read.file === null ? DEFAULT_FILE : basename(read.file),
    envAccount: overlay.envAccount,
  };
  problems.push(...valuelessProblems(speaker));
  if (options.command === 'run' || options.command === 'check') problems.push(...missingBasics(speaker));
  const gaps = options.command === 'login' ? fillGaps(given) : [];
  const parsed = configSchema.safeParse(given.tree);
  const issues = (parsed.error?.issues ?? []).filter((issue) => !files.unread.includes(keyOf(pathOf(issue))));
  problems.push(...sentences(speaker, issues));
  problems.push(...(parsed.success ? brokenInequalities(settingsOf(parsed.data)) : brokenWaits(given, issues)));
  const ca = valueAt(given.tree, ['mqtt', 'ca']);
  const authority = readAuthority(typeof ca === 'string' && ca !== '' ? ca : null, options.readFile);
  if (!authority.ok) problems.push(authority.problem);
  if (!parsed.success || !authority.ok || problems.length > 0) {
    return { ok: false, problems: [...new Set(problems)], warnings: strange };
  }
  const config: ResolvedConfig = {
    ...parsed.data,
    mqtt: { ...parsed.data.mqtt, ca_pem: authority.pem },
    state_dir: parsed.data.state_dir ?? defaultStateDir(environment, cwd),
  };
  const set = keys.filter(({ env, path }) => env !== null && given.origins.get(keyOf(path))?.name === env);
  const warnings = [...strange, ...doubts(config, given)];
  return { ok: true, config, warnings, file: read.file, gaps, set: new Set(set.map(({ name }) => name)) };
}

type FileResult =
  | { readonly ok: true; readonly given: Given; readonly file: string | null }
  | { readonly ok: false; readonly problems: readonly string[] };

function readConfigFile({ configPath, environment, cwd, readFile }: LoadOptions): FileResult {
  const variable = environment[CONFIG_VARIABLE] ?? '';
  const asked = configPath ?? (variable === '' ? null : variable);
  const file = asked === null ? join(cwd, DEFAULT_FILE) : resolve(cwd, asked);
  let text: string;
  try {
    text = readFile(file);
  } catch (error) {
    const why = whyUnreadable(error);
    if (asked === null && why === whyUnreadable(Object.assign(new Error(), { code: 'ENOENT' }))) {
      return { ok: true, given: nothingGiven(), file: null };
    }
    const who = configPath !== null ? '--config' : asked === null ? DEFAULT_FILE : CONFIG_VARIABLE;
    return { ok: false, problems: [`${who}: cannot read the configuration file ${file}: ${why}.`] };
  }
  const yaml = readYaml(text, basename(file), dirname(file));
  return yaml.ok ? { ok: true, given: yaml.given, file } : { ok: false, problems: yaml.problems };
}

function isFor(command: LoadOptions['command'], { name, path }: Key): boolean {
  const section = path[0] ?? '';
  if (command === 'demo') return DEMO_KEYS.includes(name) || DEMO_SECTIONS.includes(section);
  if (command === 'attach') return ATTACH_KEYS.includes(name) || ATTACH_SECTIONS.includes(section);
  return true;
}

function pick(given: Given, keys: readonly Key[]): Given {
  const picked: Given = { tree: emptyObject(), origins: new Map(), valueless: [] };
  for (const key of keys) {
    const value = valueAt(given.tree, key.path);
    const origin = given.origins.get(key.name);
    const isSection = key.facts.type === 'section';
    if (value !== undefined && origin !== undefined && !isSection) put(picked, key.path, value, origin);
  }
  return picked;
}

function valuelessProblems(speaker: Speaker): readonly string[] {
  return speaker.given.valueless
    .filter(({ path }) => keyAt(speaker.keys, path) === undefined)
    .map(({ path, origin }) => unknownSentence(speaker, path, origin.name));
}

/** The relations between the waits, as far as these could be read. */
function brokenWaits(
  { tree: { timing = emptyObject() } }: Given,
  issues: readonly z.core.$ZodIssue[],
): readonly string[] {
  if (!isObject(timing)) return [];
  const isKnown = (key: string) =>
    !issues.some(
      (issue) => issue.code === 'unrecognized_keys' && issue.path[0] === 'timing' && issue.keys.includes(key),
    );
  const isSound = (key: string) => isRead({ issues }, ['timing', key]) && isKnown(key);
  return brokenInequalities(settingsWithin(timing, isSound), (setting) => {
    const [section, key = ''] = keyOfSetting(setting).split('.');
    return section !== 'timing' || isSound(key);
  });
}

/** What only `run` and `check` demand: an account, and a way to a broker. */
function missingBasics(speaker: Speaker): readonly string[] {
  const { tree } = speaker.given;
  const problems: string[] = [];
  const accounts = tree.accounts;
  if (accounts === undefined || (Array.isArray(accounts) && accounts.length === 0)) {
    problems.push(
      `There is no account: set accounts[0].username and accounts[0].password in ${speaker.file}, or HYUNDAI_USERNAME and HYUNDAI_PASSWORD in the environment.`,
    );
  }
  const embedded = configSchema.shape.mqtt.safeParse({
    embedded: valueAt(tree, ['mqtt', 'embedded']),
    username: 'x',
    password: 'x',
  });
  const wantsEmbedded = embedded.success && embedded.data.embedded;
  if (valueAt(tree, ['mqtt', 'host']) === undefined && !wantsEmbedded) {
    problems.push(
      `${missingSentence(speaker, ['mqtt', 'host'])} For a broker inside the daemon set mqtt.embedded: true, with mqtt.username and mqtt.password.`,
    );
  }
  return problems;
}

type Authority = { readonly ok: true; readonly pem: string | null } | { readonly ok: false; readonly problem: string };

function readAuthority(file: string | null, readFile: ReadFile): Authority {
  if (file === null) return { ok: true, pem: null };
  try {
    const pem = readFile(file);
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return { ok: true, pem };
    return { ok: false, problem: `mqtt.ca: ${file} holds no PEM certificate.` };
  } catch (error) {
    return { ok: false, problem: `mqtt.ca: cannot read ${file}: ${whyUnreadable(error)}.` };
  }
}

const WITHOUT_PIN_IN_EUROPE =
  'of the controls only lock, climate, charge and charge_limits of older cars go through, and of newer ones (CCS2) only charge_limits and charging_current';
const WITHOUT_PIN: Readonly<Record<Config['accounts'][number]['region'], string>> = {
  EU: WITHOUT_PIN_IN_EUROPE,
  AU: WITHOUT_PIN_IN_EUROPE,
  NZ: WITHOUT_PIN_IN_EUROPE,
  US: 'unlock is refused, and the cloud may refuse every other control',
};

/** What is allowed, but probably not meant, or must be known. */
function doubts(config: Config, given: Given): readonly string[] {
  const warnings: string[] = [];
  if (config.cloud_url !== null) {
    warnings.push(`cloud_url is set: every call goes to ${config.cloud_url} instead of the vendor’s cloud.`);
  }
  for (const account of config.accounts) {
    if (account.pin === null) warnings.push(`Account ${account.name} has no PIN: ${WITHOUT_PIN[account.region]}.`);
    else if (!/^\d{4}$/.test(account.pin)) {
      warnings.push(
        `The PIN of account ${account.name} does not have four digits, as those of the app have: the vendor locks a PIN that is wrong too often.`,
      );
    }
  }
  if (valueAt(given.tree, ['mqtt', 'qos']) === '2') warnings.push('mqtt.qos 2 is treated as 1.');
  if (config.mqtt.ca !== null && !config.mqtt.tls) warnings.push('mqtt.ca has no effect without mqtt.tls.');
  return warnings;
}
