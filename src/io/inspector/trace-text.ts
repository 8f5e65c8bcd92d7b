import { beginOf, inTime, type JourneyRow } from './hop.ts';

const WIDEST_WHAT = 60;

/**
 * The journey as text, one line a hop: when since the beginning, who, to whom, what, and how long that took. What was under
 * way already when it joined is before the beginning.
 */
export function traceText(commandId: string, rows: readonly JourneyRow[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  const begin = beginOf(rows);
  const shown = inTime(rows).filter(isShown);
  const lanes = Math.max(...shown.flatMap(({ from, to }) => [from.length, to.length]));
  const last = shown.at(-1) ?? first;
  const lines = shown.map((row) => lineOf(row, begin, lanes));
  const head = `${commandId}: ${shown.length} hops in ${spanOf(last.at - begin)}, from ${new Date(begin).toISOString()}`;
  return `${[head, '', ...lines].join('\n')}\n`;
}

/** What a command is waiting for can be seen by whom it asked; the states of the token are the story. */
const isShown = ({ kind, from, what }: JourneyRow): boolean => kind !== 'state' || from === 'token' || ENDS.has(what);
const ENDS: ReadonlySet<string> = new Set(['succeeded', 'failed', 'timedOut', 'unknown', 'rejected', 'expired']);

function lineOf({ at, from, to, what, detail, durationMs, kind }: JourneyRow, begin: number, lanes: number): string {
  const when = `${at < begin ? '−' : '+'}${spanOf(Math.abs(at - begin))}`.padStart(10);
  const who = from === to ? from.padEnd(lanes * 2 + 3) : `${from.padEnd(lanes)} → ${to.padEnd(lanes)}`;
  const told = kind === 'state' && from === to ? `is ${what}` : what;
  const more = detail === '' || kind === 'state' ? '' : `  (${detail})`;
  const took = durationMs === null ? '' : `  ${spanOf(durationMs)}`;
  const clipped = told.length > WIDEST_WHAT ? `${told.slice(0, WIDEST_WHAT - 1)}…` : told;
  return `${when}  ${who}  ${clipped}${more}${took}`.trimEnd();
}

/** `12 ms`, `3.4 s`, `2 min 5 s` */
function spanOf(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}
