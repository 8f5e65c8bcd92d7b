import type { CommandContext } from '../../../src/machines/command.glossary.ts';
import { shortName } from '../addresses.ts';
import { DISTURBANCES, requestOf } from '../cloud.ts';
import { orderId } from '../slice.ts';
import type { Happening } from '../world.ts';
import { contextOf, fail, type Invariant, read } from './kit.ts';

/** How each order ended, by its id. */
type Settled = Readonly<Record<string, string>>;
const answersIn = ({ sends }: Happening): readonly (readonly [id: string, status: string])[] =>
  sends
    .filter(({ event }) => event.type === 'COMMAND_SETTLED')
    .map(({ event }) => [String(event.id), (event.ending as { readonly status: string }).status]);
const withAnswers = (settled: Settled, answers: ReturnType<typeof answersIn>): string =>
  JSON.stringify(Object.fromEntries([...Object.entries(settled), ...answers].sort()));

export const endsOnce: Invariant = {
  name: 'endsOnce',
  promise: 'Every command ends, and its sender is told once.',
  onEvent: (happening, ghost) => {
    const { address, after, sends } = happening;
    if (after.kind === 'account') return answeredByBridge(happening, ghost);
    if (after.kind === 'vehicle') return settleOnce(happening, ghost);
    if (after.kind !== 'command') return ghost;
    const told = sends.filter(({ event }) => event.type === 'COMMAND_ENDED').length;
    if (after.done && told !== 1) fail('endsOnce', address, `ends and tells it ${told} times`);
    if (!after.done && told > 0) fail('endsOnce', address, 'tells its end and goes on');
    return ghost;
  },
  onRest: ({ actors, issued }, slice, ghost) => {
    for (const [address, local] of actors) {
      if (local.kind === 'command' && !local.done && local.value !== 'queued') {
        return `${shortName(address)} stays in ${local.value} for ever.`;
      }
    }
    if (slice.through !== 'vehicle') return null;
    const settled = read<Settled>(ghost, {});
    const unanswered = slice.orders.findIndex(
      ({ car }, at) =>
        ((issued >> at) & 1) === 1 && settled[orderId(slice, at)] === undefined && !isAnsweredByBridge(settled, car),
    );
    return unanswered === -1 ? null : `${orderId(slice, unanswered)} is never answered.`;
  },
};

/** What a car's actor owed when it died, the bridge answers: it is told which car, or that it was all of them (null). */
const isAnsweredByBridge = (settled: Settled, car: string): boolean =>
  settled[`car ${car}`] !== undefined || settled['car null'] !== undefined;
function answeredByBridge({ sends }: Happening, ghost: string): string {
  const dead = sends.filter(({ event }) => event.type === 'VEHICLE_RESTARTED');
  if (dead.length === 0) return ghost;
  return withAnswers(
    read<Settled>(ghost, {}),
    dead.map(({ event }) => [`car ${event.car}`, 'restarted'] as const),
  );
}

function settleOnce(happening: Happening, ghost: string): string {
  const answers = answersIn(happening);
  if (answers.length === 0) return ghost;
  const settled = read<Settled>(ghost, {});
  for (const [at, [id]] of answers.entries()) {
    const before = settled[id] !== undefined || answers.slice(0, at).some(([other]) => other === id);
    if (before) fail('endsOnce', happening.address, `answers ${id} twice`);
  }
  return withAnswers(settled, answers);
}

/** One control at a time, and a car is left as the last one that is said to have succeeded wants it. */
export const inOrder: Invariant = {
  name: 'inOrder',
  promise: 'A car gets one control at a time, and is left as the last successful one wanted it.',
  onState: ({ flights }, { through }) => {
    if (through !== 'vehicle') return null;
    const cars = flights
      .map(({ call }) => requestOf(call))
      .flatMap((call) => (call?.type === 'control' ? [call.car] : []));
    const twice = cars.find((car, at) => cars.indexOf(car) !== at);
    return twice === undefined ? null : `${twice} is sent two controls at once.`;
  },
  onEvent: (happening, ghost) => {
    if (happening.after.kind === 'account') return answeredByBridge(happening, ghost);
    const answers = happening.after.kind === 'vehicle' ? answersIn(happening) : [];
    return answers.length === 0 ? ghost : withAnswers(read<Settled>(ghost, {}), answers);
  },
  onRest: ({ cloud }, slice, ghost) => {
    const { orders, through } = slice;
    if (through !== 'vehicle') return null;
    const settled = read<Settled>(ghost, {});
    for (const car of new Set(orders.map((order) => order.car))) {
      // What it owed when it died, nobody knows.
      if (isAnsweredByBridge(settled, car)) continue;
      const counted = orders.flatMap((order, at) =>
        order.car === car && order.command.name === 'lock'
          ? [{ action: order.command.action, end: settled[orderId(slice, at)] }]
          : [],
      );
      const last = counted.findLast(({ end }) => end === 'succeeded' || end === 'unknown');
      if (last?.end === 'succeeded' && cloud.done.includes(`${car} lock`) !== (last.action === 'lock')) {
        return `${car} was told to ${last.action} last, with success, and is not left so.`;
      }
    }
    return null;
  },
};

/** Of the daemon's own, for somebody who asks for the same. */
const gaveWay = ({ before }: Happening, status: string): boolean =>
  status === 'expired' && before !== null && contextOf<CommandContext>(before).patient;
/** Ends that our own bounds and rules decide. */
const OURS: ReadonlySet<string> = new Set(['superseded', 'queueFull']);

/** What the whole machinery is for. The ghost is the first command that did not succeed. */
export const expiryIsHarmless: Invariant = {
  name: 'expiryIsHarmless',
  promise: 'With one expired token and nothing else, every command succeeds.',
  onEvent: (happening, ghost) => {
    const { address, sends } = happening;
    const end = sends.find(({ event }) => event.type === 'COMMAND_ENDED')?.event.ending as
      | { readonly status: string; readonly reason: string | null }
      | undefined;
    if (ghost !== '' || end === undefined || end.status === 'succeeded' || OURS.has(end.reason ?? '')) return ghost;
    if (gaveWay(happening, end.status)) return ghost;
    return `${shortName(address)} ends ${end.status} (${end.reason})`;
  },
  onState: ({ budgets }, slice, ghost) => {
    if (ghost === '') return null;
    const spent = DISTURBANCES.filter((name) => budgets[name] < (slice.budgets[name] ?? 0));
    const harmless = spent.every((name) => name === 'expiry') && budgets.expiry >= (slice.budgets.expiry ?? 0) - 1;
    return harmless ? `${ghost}, although at most one token expired.` : null;
  },
};
