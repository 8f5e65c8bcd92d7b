import type { Actor } from './actor-table.ts';

/** The words and the tone of an actor's state, for everybody who shows one. */

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'calm';

const RANK: readonly string[] = ['fleet', 'bridge', 'account', 'token', 'breaker', 'list', 'vehicle', 'command'];

/** Siblings in the order in which the work goes; of one kind, by name, numbers as numbers; commands in the order in which they came. */
export function compareActors(one: Actor, other: Actor): number {
  const byKind = RANK.indexOf(one.kind) - RANK.indexOf(other.kind);
  // Commands have their number at the end of the address, whatever they are called.
  if (byKind !== 0) return byKind;
  return one.kind === 'command' ? compareNames(one.address, other.address) : compareNames(one.name, other.name);
}

const collator = new Intl.Collator('en', { numeric: true });
const compareNames = (one: string, other: string) => collator.compare(one, other);

/** `vehicle ioniq-5`, `lock #3`, `token`. */
export const titleOf = ({ kind, name }: Actor): string =>
  kind === 'command' || name.startsWith(kind) ? name : `${kind} ${name}`;

/** Short enough for a row: of a read of the daemon's own the end of the car's id and its number, of a UUID its beginning. */
export const idText = (id: string): string =>
  id.replace(/^own-.{8,}([^-]{4})-(\d+)$/, 'own-…$1-$2').replace(/\b([0-9a-f]{8})-[0-9a-f-]{27}\b/g, '$1…');

export const stateText = ({ states, status }: Actor): string =>
  states.length === 0 ? (status === 'active' ? 'starting' : status) : states.join(', ');

/** In few words. A command's own end says more than the name of its last state, a car's work more than its regions. */
export function shownState(actor: Actor): string {
  const { status, reason } = actor.facts;
  if (actor.endedAt !== null && typeof status === 'string') {
    return typeof reason === 'string' ? `${status}: ${reason}` : status;
  }
  if (actor.kind === 'vehicle') return workText(actor);
  const [first = stateText(actor), ...others] = actor.states;
  return others.length === 0 ? first : `${first} +${others.length}`;
}

function workText({ facts, states }: Actor): string {
  const { running, queue, reads } = facts;
  if (running === undefined) return states[0] ?? 'starting';
  const work = [
    running === null ? '' : String(running),
    typeof queue === 'number' && queue > 0 ? `${queue} waiting` : '',
    typeof reads === 'number' && reads > 0 ? 'reading' : '',
  ].filter((word) => word !== '');
  return work.length === 0 ? 'idle' : work.join(', ');
}

/** What XState calls the ends of calls and of timers, in words. */
export function eventText(type: string): string {
  if (type.startsWith('xstate.done')) return 'call ended';
  if (type.startsWith('xstate.error')) return 'call broke';
  if (type === 'xstate.init') return 'started';
  const after = /^xstate\.after\.([^.]+)/.exec(type);
  return after === null ? type : `time over: ${after[1]}`;
}

/** What an actor heard last; of a command, which one it is, too. */
export function aboutText({ commandId, events }: Actor): string {
  const last = events.at(-1);
  return [commandId === null ? '' : idText(commandId), last === undefined ? '' : eventText(last.type)]
    .filter((words) => words !== '')
    .join(' · ');
}

/** Colour is never alone: every tone goes with a word and a sign of another shape. */
export function toneOf(actor: Actor): Tone {
  if (actor.status === 'error') return 'bad';
  const [state = ''] = actor.states;
  const first = state.split('.')[0] ?? '';
  switch (actor.kind) {
    case 'token':
      return ({ valid: 'good', refreshing: 'busy', cooldown: 'busy', failed: 'bad' } as const)[first] ?? 'calm';
    case 'breaker':
      return ({ closed: 'good', halfOpen: 'warn', open: 'bad' } as const)[first] ?? 'calm';
    case 'command':
    case 'list':
      return actor.endedAt === null ? 'busy' : endTone(String(actor.facts.status ?? first));
    case 'vehicle':
      return typeof actor.facts.running === 'string' ? 'busy' : 'calm';
    default:
      return 'calm';
  }
}

export function endTone(status: string): Tone {
  switch (status) {
    case 'succeeded':
    case 'done':
      return 'good';
    case 'failed':
    case 'timedOut':
      return 'bad';
    case 'unknown':
    case 'expired':
    case 'rejected':
      return 'warn';
    default:
      return 'calm';
  }
}

const SIGNS: Readonly<Record<Tone, string>> = { good: '●', busy: '◐', warn: '◆', bad: '▲', calm: '○' };
export const signOf = (tone: Tone): string => SIGNS[tone];

/** `850 ms`, `3.2 s`, `4 min 05 s`, `2 h 10 min`, `3 d 4 h`. */
export function spanText(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1000) return `${whole} ms`;
  if (whole < 10_000) return `${(whole / 1000).toFixed(1)} s`;
  const seconds = Math.floor(whole / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${two(minutes % 60)} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Whole seconds: a counter that runs should not flicker. */
export const ageText = (ms: number): string =>
  ms < 1000 ? '0 s' : spanText(ms < 10_000 ? Math.floor(ms / 1000) * 1000 : ms).replace('.0 s', ' s');

const two = (value: number) => String(value).padStart(2, '0');

/** `09:04:05.123`, in the time of whoever looks. */
export function clockText(at: number): string {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
