import type { Log } from '../actors/ports.ts';
import { NO_LIMITS } from '../io/bluelink/budget.ts';
import { createGateway } from '../io/bluelink/gateway.ts';
import { type SessionStaging, stageSession } from '../io/bluelink/session-staging.ts';
import { canTryAgain, failureLines } from '../io/cli/login-words.ts';
import type { Terminal } from '../io/cli/terminal.ts';
import type { Gap } from '../io/config/gaps.ts';
import type { ResolvedConfig } from '../io/config/load.ts';
import { visitStateDir } from '../io/config/state-dir.ts';
import { settingsOf } from '../io/config/timing.ts';
import type { Secrets } from '../io/log/secrets.ts';
import type { CarInfo } from '../machines/domain/command.ts';
import type { CloudFailure } from '../machines/domain/failure.ts';
import { budgetFile } from './budget-file.ts';
import { type AccountConfig, chooseAccount, completeAccount } from './login-account.ts';
import { sessionFile } from './session-file.ts';
import { systemClock } from './system-clock.ts';

export interface LoginOptions {
  readonly config: ResolvedConfig;
  readonly gaps: readonly Gap[];
  /** `--account`, null if it was not given. */
  readonly account: string | null;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly terminal: Terminal;
}

/** How a login ended: `tested` says what the vehicle list told, null if it could not be read and `failure` says why. */
type Trial =
  | { readonly ok: false; readonly failure: CloudFailure }
  | { readonly ok: true; readonly cars: readonly CarInfo[] | null; readonly failure: CloudFailure | null };

/**
 * `bluelinkd login`: logs in, tries the session, and puts it in the state folder, also of a daemon that runs and goes on
 * with it by itself. Asks a person for what is missing, if there is one.
 *
 * @returns the exit code: 0, 1 when the login did not work, 2 for a mistake in what was asked or configured.
 */
export async function login(options: LoginOptions): Promise<number> {
  const { config, terminal, log, secrets } = options;
  const chosen = await chooseAccount(config.accounts, options.account, terminal);
  if (chosen === null) return 2;
  const complete = await completeAccount(chosen, options.gaps, terminal);
  if (!complete.ok) return complete.code;
  const folder = visitStateDir(config.state_dir);
  if (!folder.ok) {
    terminal.complain(folder.problem);
    return 2;
  }
  for (const warning of folder.warnings) terminal.complain(warning);

  let account = complete.account;
  for (;;) {
    secrets.register(account.username, 'person');
    secrets.register(account.password);
    terminal.say(`Logging in to the ${account.brand === 'kia' ? 'Kia' : 'Hyundai'} cloud as account ${account.name} …`);
    const staging = stageSession(sessionFile(config.state_dir, account.name, log));
    const trial = await tryLogin(account, staging, options);
    if (trial.ok) {
      const code = await finish(trial, staging, folder.owner, options);
      if (complete.asked.length > 0)
        terminal.say(`The configuration still lacks the ${complete.asked.join(', the ')}.`);
      return code;
    }
    tellFailure(trial.failure, staging, options);
    const next = canTryAgain(trial.failure) ? await askAgain(account, trial.failure, terminal) : null;
    if (next === null) return 1;
    account = next;
  }
}

async function tryLogin(account: AccountConfig, store: SessionStaging, options: LoginOptions): Promise<Trial> {
  const { config, log, secrets } = options;
  const cloud = await createGateway({
    account: { ...account, loginFlows: account.login },
    cloudUrl: config.cloud_url,
    store,
    clock: systemClock,
    log,
    onSecret: (value, kind) => secrets.register(value, kind),
    timeouts: settingsOf(config),
    loginBudgetPerDay: config.limits.login_budget_per_day,
    // A person who waits is not refused, but what this costs is missing from the daemon's day.
    budget: { limits: NO_LIMITS, store: budgetFile(config.state_dir, account.name, log) },
  });
  try {
    const { signal } = new AbortController();
    const session = await cloud.login(signal);
    if (!session.ok) return session;
    const list = await cloud.call({ type: 'list' }, { signal, commandId: null, attempt: 1 });
    if (!list.ok) return { ok: true, cars: null, failure: list.failure };
    return { ok: true, cars: list.value.type === 'list' ? list.value.cars : [], failure: null };
  } finally {
    await cloud.close();
  }
}

/** The session is handed over unless it is of no use; that it could not be tried is another matter. */
async function finish(
  { cars, failure }: Trial & { readonly ok: true },
  staging: SessionStaging,
  owner: number | null,
  { config, terminal }: LoginOptions,
): Promise<number> {
  if (failure?.kind === 'tokenRefused' || failure?.kind === 'misconfigured') {
    terminal.complain('The login worked, but the cloud refuses the session that came of it. Nothing was stored.');
    for (const line of failureLines(failure, systemClock.now())) terminal.complain(line);
    return 1;
  }
  try {
    await staging.handOver();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    terminal.complain(`The login worked, but its session could not be stored in ${config.state_dir}${code}.`);
    return 1;
  }
  if (cars !== null) terminal.say(carsSentence(cars));
  terminal.say(`The session is stored in ${config.state_dir}.`);
  terminal.say(
    owner === null
      ? 'Start bluelinkd run: it goes on with this session, without another login.'
      : `The bluelinkd that runs there (process ${owner}) goes on with it by itself.`,
  );
  if (failure === null) return 0;
  terminal.complain('It could not be tried, because the vehicle list could not be read:');
  for (const line of failureLines(failure, systemClock.now())) terminal.complain(line);
  return 1;
}

function carsSentence(cars: readonly CarInfo[]): string {
  if (cars.length === 0) return 'The login worked. The account has no car: add one in the vendor’s app.';
  const names = cars.map(({ name, model }) => (name === '' ? model : name)).join(', ');
  return `The login worked. The account has ${cars.length === 1 ? 'one car' : `${cars.length} cars`}: ${names}.`;
}

function tellFailure(failure: CloudFailure, staging: SessionStaging, { config, terminal }: LoginOptions): void {
  const now = systemClock.now();
  for (const line of failureLines(failure, now)) terminal.complain(line);
  const made = staging.logins().filter((at) => at > now - 86_400_000).length;
  const left = Math.max(0, config.limits.login_budget_per_day - made);
  terminal.complain(`No session was stored. Logins left in these 24 hours: ${left}.`);
}

/** With a person there, a wrong password or new terms need not be the end. */
async function askAgain(
  account: AccountConfig,
  { kind }: CloudFailure,
  terminal: Terminal,
): Promise<AccountConfig | null> {
  if (!terminal.isInteractive) return null;
  if (kind === 'consentRequired') {
    const answer = await terminal.ask('Press Enter when you have accepted them, or Ctrl-C to stop: ');
    return answer === null ? null : account;
  }
  const password = await terminal.askHidden('Another password (not shown), or Enter to stop: ');
  return password === null || password === '' ? null : { ...account, password };
}
