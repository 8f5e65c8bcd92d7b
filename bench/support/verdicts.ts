import type { LoggedCall } from '../../src/io/simulator/call-log.ts';
import type { Result } from './broker-client.ts';
import type { Report } from './report.ts';

export interface Sent {
  readonly id: string;
  readonly car: string;
  readonly name: string;
  readonly payload: Readonly<Record<string, string | number>>;
}

/** What came of a round, counted at the cloud and in the results. */
export interface Outcome {
  /** Renewals of the session at the server, whatever it answered. */
  readonly refreshes: number;
  readonly logins: number;
  /** Access tokens that the cloud gave out. */
  readonly freshTokens: number;
  readonly controlCalls: number;
  /** Equal controls or forced reads of one car that the cloud saw. Where each was commanded once: calls per command. */
  readonly mostEqualCalls: number;
  /** The most that a command says of its own calls. */
  readonly mostAttempts: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly missing: number;
  readonly answeredTwice: number;
}

const REFRESHES = new Set(['token.refresh', 'cci.refresh']);
const LOGINS = new Set(['idp.signin', 'signin', 'keycloak.submit', 'token.code', 'cci.token']);

export function tally(sent: readonly Sent[], results: readonly Result[], calls: readonly LoggedCall[]): Outcome {
  const controls = calls.filter(({ kind }) => kind.startsWith('control.'));
  const own = [...controls, ...calls.filter(({ kind }) => kind === 'status.forced')];
  const equal = countBy(own, ({ car, kind, bodySha256 }) => `${car} ${kind} ${bodySha256}`);
  const answers = countBy(results, ({ id }) => id);
  return {
    refreshes: calls.filter(({ kind }) => REFRESHES.has(kind)).length,
    logins: calls.filter(({ kind }) => LOGINS.has(kind)).length,
    freshTokens: calls.filter(({ effect }) => effect?.startsWith('access#')).length,
    controlCalls: controls.length,
    mostEqualCalls: Math.max(0, ...Object.values(equal)),
    mostAttempts: Math.max(0, ...results.map(({ attempts }) => attempts)),
    statuses: countBy(results, ({ status, reason }) => (reason === undefined ? status : `${status}: ${reason}`)),
    missing: sent.filter(({ id }) => answers[id] === undefined).length,
    answeredTwice: Object.values(answers).filter((count) => count > 1).length,
  };
}

/** One refresh for everybody, no command more than its one repetition, everybody served. */
export function judgeRecovery(report: Report, round: string, outcome: Outcome): void {
  const { refreshes, logins, freshTokens, mostEqualCalls, mostAttempts, statuses } = outcome;
  report.judge(`${round}: exactly 1 refresh`, refreshes === 1 && freshTokens === 1 && logins === 0, {
    refreshes,
    freshTokens,
    logins,
  });
  report.judge(`${round}: at most 2 calls per command`, Math.max(mostEqualCalls, mostAttempts) <= 2, {
    mostEqualCalls,
    mostAttempts,
  });
  judgeAnswers(
    report,
    round,
    outcome,
    Object.keys(statuses).every((status) => status === 'succeeded'),
  );
}

/** Equal commands share a call, or are told that there are too many; nobody is left without a word. */
export function judgeCrowd(
  report: Report,
  round: string,
  sent: readonly Sent[],
  results: readonly Result[],
  outcome: Outcome,
): void {
  const { controlCalls, refreshes } = outcome;
  report.judge(`${round}: at most 4 control calls`, controlCalls <= 4, { controlCalls });
  report.judge(`${round}: exactly 1 refresh`, refreshes === 1, { refreshes });
  const heads = new Map(
    results.filter(({ joined, status }) => joined === undefined && status === 'succeeded').map((r) => [r.id, r]),
  );
  const isAccounted = ({ status, reason, joined, id }: Result) =>
    joined === undefined
      ? heads.has(id) || (status === 'rejected' && reason === 'queueFull')
      : heads.get(joined)?.status === status;
  const unaccounted = results.filter((result) => !isAccounted(result)).length;
  report.judge(`${round}: each names the command that it joined, or queueFull`, unaccounted === 0 && heads.size <= 4, {
    ownCalls: heads.size,
    joined: results.filter(({ joined }) => joined !== undefined).length,
    queueFull: results.filter(({ reason }) => reason === 'queueFull').length,
    unaccounted,
  });
  judgeAnswers(report, round, outcome, results.length === sent.length);
}

function judgeAnswers(report: Report, round: string, outcome: Outcome, isAsWanted: boolean): void {
  const { missing, answeredTwice, statuses } = outcome;
  report.judge(
    `${round}: every command answered once, as it should be`,
    isAsWanted && missing === 0 && answeredTwice === 0,
    {
      statuses,
      missing,
      answeredTwice,
    },
  );
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}
