import type { AnyEventObject } from 'xstate';
import { kindOf, shortName } from './addresses.ts';
import type { Exploration, Found, TracedStep } from './explore.ts';
import { INVARIANTS } from './invariants.ts';
import type { Call } from './local.ts';
import type { Slice } from './slice.ts';
import type { Happening } from './world.ts';

/**
 * A violation, for people: which promise is broken, the shortest way there step by step, the same as a sequence diagram
 * (Mermaid: paste it at the end of any Markdown file of a forge), and how to see it again.
 */
export function readable({ slice, states, edges, found }: Exploration): string {
  if (found === null) return `${slice.name}: nothing found in ${states} states and ${edges} edges.`;
  const { invariant, message, trace } = found;
  return [
    brief({ slice, found }),
    `  promised: ${INVARIANTS.find(({ name }) => name === invariant)?.promise ?? ''}`,
    `  seen:     ${message}`,
    '',
    `The shortest way there, ${slice.fromStart ? 'from the start' : 'from a daemon at rest with a valid token'} (${modeOf(slice.mode)}; left out: ${slice.leavesOut.join(', ') || 'nothing'}):`,
    ...trace.map(({ label }, at) => `  ${at + 1}. ${label}`),
    '',
    'What each step sets off among the actors:',
    '',
    sequenceDiagram(found),
    '',
    `To see it again: npm run test:model -- --slice ${JSON.stringify(slice.name)}`,
  ].join('\n');
}

/** In one line. */
export const brief = ({ slice, found }: Pick<Exploration, 'slice' | 'found'>): string =>
  `${found?.invariant} is broken, after ${found?.trace.length} steps of "${slice.name}".`;

const modeOf = (mode: Slice['mode']): string =>
  mode === 'cascade' ? 'messages arrive before anything else happens' : 'messages of different senders may overtake';

const WORLD = 'world';
export function sequenceDiagram({ trace, invariant, message }: Found): string {
  const names = [WORLD, ...participantsOf(trace)];
  const lines = trace.flatMap(({ label, happenings }, at) => [
    `note over ${names.length > 1 ? `${names[0]},${aliasOf(names.at(-1) ?? '')}` : WORLD}: ${at + 1}. ${plain(label)}`,
    ...happenings.flatMap(happeningLines),
  ]);
  return [
    'sequenceDiagram',
    ...names.map((name) => `    participant ${aliasOf(name)} as ${titleOf(name)}`),
    ...lines.map((line) => `    ${line}`),
    `    note over ${WORLD}: ${invariant} is broken. ${plain(message)}`,
  ].join('\n');
}

/** Whoever says or takes an event: cars and their commands first. */
function participantsOf(trace: readonly TracedStep[]): string[] {
  const addresses = new Set(
    trace.flatMap(({ happenings }) =>
      happenings.flatMap(({ address, event: { from } }) => (typeof from === 'string' ? [from, address] : [address])),
    ),
  );
  const order = ['vehicle', 'command', 'token', 'breaker', 'account'];
  return [...addresses]
    .sort((one, other) => order.indexOf(kindOf(one) ?? '') - order.indexOf(kindOf(other) ?? ''))
    .map(shortName);
}
/** `a/1`, and what that is. */
const titleOf = (name: string): string => {
  if (ALONE.has(name)) return name;
  return name.includes('/') ? `command ${name}` : `car ${name}`;
};
const ALONE: ReadonlySet<string> = new Set([WORLD, 'token', 'breaker', 'account', 'list', 'bridge', 'fleet']);
const aliasOf = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '_');
/** Mermaid ends a statement at a semicolon or a hash. */
const plain = (text: string): string => text.replaceAll(/[;#]/g, ' ');

function happeningLines({ address, before, after, event, started, aborted }: Happening): string[] {
  const name = shortName(address);
  const me = aliasOf(name);
  const source = typeof event.from === 'string' ? aliasOf(shortName(event.from)) : WORLD;
  const isOwn = event.type.startsWith('xstate.') || typeof event.from !== 'string';
  const heard = isOwn ? `${WORLD}-->>${me}` : `${source}->>${me}`;
  const became =
    before === null
      ? [`note right of ${me}: ${after.value}`]
      : before.value === after.value
        ? []
        : [`note right of ${me}: ${before.value} ⇒ ${after.value}`];
  return [
    ...(event.type === 'born' ? [`note right of ${me}: begins to live`] : [`${heard}: ${plain(eventText(event))}`]),
    ...(event.type === 'born' ? [] : became),
    ...started.map((call) => `${me}->>${WORLD}: begins ${callText(call)}`),
    ...aborted.map(({ call }) => `${me}-x${WORLD}: gives up ${callText(call)}`),
  ];
}

function callText({ src, input }: Call): string {
  const type = (input as { readonly call?: { readonly type: string } } | undefined)?.call?.type;
  return type === undefined ? src : `${src} (${type})`;
}

const HIDDEN = new Set(['type', 'from', 'at', 'actorId', 'message', 'cause', 'output', 'error', 'tookMs', 'reading']);
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
