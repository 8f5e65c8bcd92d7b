import type { CloudFailure, FailureKind } from '../../machines/domain/failure.ts';

/** What `bluelinkd login` says besides the failure's own sentence: what it means and what to do, for a person. */

const ADVICE: Partial<Record<FailureKind, string>> = {
  credentialsRejected:
    'Check them in the vendor’s app: the user name is the whole e-mail address. After several wrong passwords the vendor locks the account for a while.',
  otpRequired:
    'A daemon cannot enter it. Switch the two-step login off in the vendor’s account, or give a refresh token of 48 characters in place of the password.',
  blocked:
    'Nothing is wrong with the account. Wait some hours without trying, since every attempt prolongs it; a VPN or an address of a data centre is often the reason.',
  cloudUnavailable: 'Nothing is wrong with the account. Try again later.',
  rateLimited: 'Nothing is wrong with the account. The app is limited in the same way until then.',
  network: 'The cloud could not be reached: look at the network, the name service and the firewall of this machine.',
  timeout: 'The cloud did not answer in time. Try again later.',
  invalidResponse: 'The vendor may have changed its login: look for a newer bluelinkd.',
  misconfigured: 'Look at the keys login, username and password of the account, and for a newer bluelinkd.',
  loginBudget:
    'More would risk that the vendor locks the account. The key limits.login_budget_per_day says how many are made.',
};

/** The failure as lines for a person, without secrets. */
export function failureLines(failure: CloudFailure, now: number): readonly string[] {
  const advice = ADVICE[failure.kind];
  const at = failure.retryAfterMs === null ? null : new Date(now + failure.retryAfterMs);
  return [
    failure.message,
    ...(advice === undefined ? [] : [advice]),
    ...(at === null ? [] : [`The next try makes sense at ${at.toISOString()}.`]),
    `(${failure.kind}: ${failure.cause})`,
  ];
}

const RETRIABLE: ReadonlySet<FailureKind> = new Set(['credentialsRejected', 'consentRequired']);

/** After these a person can do something at once and try again. */
export function canTryAgain({ kind }: CloudFailure): boolean {
  return RETRIABLE.has(kind);
}
