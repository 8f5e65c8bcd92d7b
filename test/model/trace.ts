import type { AnyEventObject } from 'xstate';
import { shortName } from './addresses.ts';
import type { Exploration, Found } from './explore.ts';
import type { Happening } from './world.ts';

/** A violation as a sequence that a person can follow: every step from outside, and what it set off inside. */
export function readable({ slice, states, edges, found }: Exploration): string {
  if (found === null) return `${slice.name}: nothing found in ${states} states and ${edges} edges.`;
  return [`${slice.name}: ${found.invariant} is broken. ${found.message}`, ...linesOf(found)].join('\n');
}

function linesOf({ trace }: Found): string[] {
  return trace.flatMap(({ label, happenings }, at) => [
    `${String(at + 1).padStart(3)}. ${label}`,
    ...happenings.flatMap(happeningLines),
  ]);
}

function happeningLines({ address, before, after, event, sends, started, aborted }: Happening): string[] {
  const who = shortName(address);
  const from = typeof event.from === 'string' ? `from ${shortName(event.from)} ` : '';
  const became =
    before === null
      ? `is born: ${after.value}`
      : before === after
        ? 'stays as it was'
        : `${before.value} ⇒ ${after.value}`;
  return [
    `       ${who} ${from}hears ${eventText(event)}: ${became}`,
    ...started.map(({ src }) => `         begins ${src}`),
    ...aborted.map(({ call }) => `         ends ${call.src} itself`),
    ...sends.map((sent) => `         → ${shortName(sent.to)}: ${eventText(sent.event)}`),
  ];
}

const HIDDEN = new Set(['type', 'from', 'at', 'actorId', 'message', 'cause', 'output', 'error', 'tookMs']);
function eventText(event: AnyEventObject): string {
  const fields = Object.entries(event)
    .filter(([name, value]) => !HIDDEN.has(name) && value !== null)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? detail(value) : shortName(String(value))}`);
  const outcome = event.output === undefined ? [] : [detail(event.output)];
  return [
    event.type.replace(/^xstate\.(done|error)\.actor\..*$/, 'call $1').replace(/^xstate\.after\./, 'after '),
    ...fields,
    ...outcome,
  ].join(' ');
}

function detail(value: unknown): string {
  const text = JSON.stringify(value, (key, inner) =>
    HIDDEN.has(key) || key === 'detail' || inner === null ? undefined : inner,
  );
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** One line for each exploration: what was seen, and how long it took. */
export function table(explorations: readonly Exploration[]): string {
  const row = (cells: readonly (string | number)[]) => {
    const [name = '', ...numbers] = cells.map(String);
    return [name.padEnd(72), ...numbers.map((cell) => cell.padStart(9))].join('');
  };
  return [
    row(['slice', 'mode', 'states', 'edges', 'ms']),
    ...explorations.map(({ slice, states, edges, ms }) => row([slice.name, slice.mode, states, edges, ms])),
  ].join('\n');
}
