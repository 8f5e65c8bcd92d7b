import type { JourneyRow } from '../hop.ts';

export type Tone = 'plain' | 'good' | 'busy' | 'warn' | 'bad';

// That somebody took it is not yet success: of `accepted` the end is still to come.
const GOOD = /^(succeeded|valid|closed|TOKEN_READY)/;
const BUSY = /^(REFRESH$|refreshing|cooldown|halfOpen)/;
const WARN = /^(rejected|expired|unknown)/;
const BAD = /^(failed|TOKEN_FAILED|PERMIT_DENIED|open|timedOut)/;
const GOOD_ANSWER = /^(ok|reading|list|record success)$/;
const OPEN_ANSWER = /^(accepted|record (pending|missing))$/;

/** What a row sounds like: for its colour. */
export function toneOf({ kind, from, what, detail }: Pick<JourneyRow, 'kind' | 'from' | 'what' | 'detail'>): Tone {
  if (kind === 'call') {
    if (from !== 'cloud' || OPEN_ANSWER.test(what)) return 'plain';
    return GOOD_ANSWER.test(what) ? 'good' : what === 'record nonResponse' ? 'warn' : 'bad';
  }
  const words = kind === 'message' ? detail : what;
  if (BAD.test(words)) return 'bad';
  if (WARN.test(words)) return 'warn';
  return GOOD.test(words) ? 'good' : BUSY.test(words) ? 'busy' : 'plain';
}
