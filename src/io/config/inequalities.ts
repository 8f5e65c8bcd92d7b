import type { Settings } from '../../machines/domain/settings.ts';
import { keyOfSetting } from './timing.ts';

/** Deadlines are inequalities: a wait that ends before what it waits for can end is a mistake, not a preference. */

type Term = keyof Settings & `${string}Ms`;

interface Inequality {
  readonly smaller: readonly Exclude<Term, 'lookAfterMs'>[];
  readonly greater: Exclude<Term, 'lookAfterMs'>;
  readonly orEqual?: boolean;
  /** Why, as a sentence. */
  readonly why: string;
}

const INEQUALITIES: readonly Inequality[] = [
  { smaller: ['callTimeoutMs'], greater: 'permitLimitMs', why: 'A permit must outlive the call that it is for.' },
  { smaller: ['forcedReadTimeoutMs'], greater: 'permitLimitMs', why: 'A permit must outlive the call that it is for.' },
  {
    smaller: ['refreshTimeoutMs'],
    greater: 'permitLimitMs',
    why: 'One permit covers the refresh and the login after it.',
  },
  { smaller: ['callTimeoutMs'], greater: 'permitWaitMs', why: 'Who waits in line must survive one call that hangs.' },
  {
    smaller: ['refreshPermitWaitMs', 'refreshTimeoutMs'],
    greater: 'tokenWaitMs',
    why: 'Who waits for a token must survive a refresh that takes its full time.',
  },
  {
    smaller: ['tokenWaitMs', 'permitWaitMs', 'callTimeoutMs', 'tokenWaitMs', 'permitWaitMs', 'callTimeoutMs'],
    greater: 'wholeMs',
    why: 'The whole must hold both attempts.',
  },
  {
    smaller: [
      'tokenWaitMs',
      'permitWaitMs',
      'forcedReadTimeoutMs',
      'tokenWaitMs',
      'permitWaitMs',
      'forcedReadTimeoutMs',
    ],
    greater: 'forcedWholeMs',
    why: 'The whole must hold both attempts.',
  },
  {
    smaller: ['outageRetryMs'],
    greater: 'outageRetryMaxMs',
    orEqual: true,
    why: 'A pause cannot pass its own maximum.',
  },
  {
    smaller: ['refusedRetryMs'],
    greater: 'refusedRetryMaxMs',
    orEqual: true,
    why: 'A pause cannot pass its own maximum.',
  },
  { smaller: ['listRetryMs'], greater: 'listRetryMaxMs', orEqual: true, why: 'A pause cannot pass its own maximum.' },
  { smaller: ['openMs'], greater: 'openMaxMs', orEqual: true, why: 'A pause cannot pass its own maximum.' },
];

function sumInWords(terms: Inequality['smaller']): string {
  const counts = new Map<keyof Settings, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return [...counts].map(([term, n]) => (n === 1 ? keyOfSetting(term) : `${n} × ${keyOfSetting(term)}`)).join(' + ');
}

/**
 * @param isKnown false for a setting that could not be read: nothing is said of what it stands in.
 * @returns one sentence for each inequality that the settings break; none for `DEFAULT_SETTINGS`.
 */
export function brokenInequalities(
  settings: Settings,
  isKnown: (setting: keyof Settings) => boolean = () => true,
): readonly string[] {
  const problems: string[] = [];
  for (const { smaller, greater, orEqual = false, why } of INEQUALITIES) {
    if (![...smaller, greater].every(isKnown)) continue;
    const sum = smaller.reduce((total, term) => total + settings[term], 0);
    const limit = settings[greater];
    if (orEqual ? sum <= limit : sum < limit) continue;
    const relation = orEqual ? 'must not be greater than' : 'must be less than';
    problems.push(`${sumInWords(smaller)} (${sum} ms) ${relation} ${keyOfSetting(greater)} (${limit} ms). ${why}`);
  }
  if (!isKnown('lookAfterMs')) return problems;
  const looks = settings.lookAfterMs;
  const first = looks[0];
  if (first === undefined) problems.push('timing.look_after_ms must have at least one item.');
  if (looks.some((look, i) => i > 0 && look <= (looks[i - 1] ?? 0))) {
    problems.push('timing.look_after_ms must rise from item to item.');
  }
  for (const term of ['lockConfirmMs', 'windowsConfirmMs', 'climateConfirmMs', 'otherConfirmMs'] as const) {
    if (!isKnown(term) || first === undefined || first < settings[term]) continue;
    problems.push(
      `The first of timing.look_after_ms (${first} ms) must be less than ${keyOfSetting(term)} (${settings[term]} ms). A control must be looked for at least once.`,
    );
  }
  return problems;
}
