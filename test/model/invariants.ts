import type { BreakerContext } from '../../src/machines/breaker.glossary.ts';
import type { CommandContext } from '../../src/machines/command.glossary.ts';
import type { CallOutcome } from '../../src/machines/domain/outcome.ts';
import type { TokenContext } from '../../src/machines/token.glossary.ts';
import type { VehicleContext } from '../../src/machines/vehicle.glossary.ts';
import { BREAKER, shortName, TOKEN } from './addresses.ts';
import { type Disturbance, isSessionCall, requestOf } from './cloud.ts';
import type { Call, Local } from './local.ts';
import type { Slice } from './slice.ts';
import { orderId } from './steps.ts';
import type { Happening, World } from './world.ts';

/**
 * The invariants of the protocol, by the names of the design page. Each looks at every event that an actor takes, at
 * every state, and at every state of rest; what it must remember is its ghost, a string that is part of the state.
 * Answers are sentences about what is wrong, null when nothing is.
 */
export interface Invariant {
  readonly name: string;
  /** Returns the new ghost, or throws a `Violation`. */
  readonly onEvent?: (happening: Happening, ghost: string, slice: Slice) => string;
  readonly onState?: (world: World, slice: Slice) => string | null;
  /** Nothing can happen any more unless something comes from outside. */
  readonly onRest?: (world: World, slice: Slice) => string | null;
}

export class Violation extends Error {
  readonly invariant: string;
  constructor(invariant: string, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

const singleFlight: Invariant = {
  name: 'singleFlight',
  onState: ({ flights }) => {
    const running = flights.filter(({ call }) => isSessionCall(call)).length;
    return running > 1 ? `${running} refreshes or logins are in flight at once.` : null;
  },
};

/** Failed refreshes bring no generation, so it is enough to count those that do. */
const oneRefreshPerExpiry: Invariant = {
  name: 'oneRefreshPerExpiry',
  onState: ({ cloud, budgets }, slice) => {
    const spent = (name: Disturbance) => (slice.budgets[name] ?? 0) - budgets[name];
    const reasons =
      spent('expiry') +
      spent('poison') +
      spent('renewal') +
      spent('spuriousRefusal') +
      spent('restart') +
      (slice.fromStart ? 1 : 0);
    const refreshes = cloud.generation - 1;
    return refreshes > reasons ? `The token was replaced ${refreshes} times, for ${reasons} reasons.` : null;
  },
};

interface Attempts {
  calls: number;
  /** The generation that was refused last, until it is called again. */
  refused: number | null;
  newest: number;
  tokenRepeats: number;
  busy: boolean;
  busyRepeats: number;
}
const NO_ATTEMPTS: Attempts = { calls: 0, refused: null, newest: 0, tokenRepeats: 0, busy: false, busyRepeats: 0 };
const isOwnCall = (call: Call, local: Local): boolean => {
  const type = requestOf(call)?.type;
  const { command } = contextOf<CommandContext>(local);
  return command.name === 'lock' ? type === 'control' : type === 'read' || type === 'list';
};

const singleRetry: Invariant = {
  name: 'singleRetry',
  onEvent: (happening, ghost, slice) => {
    const { address, after, before, event, started, finished } = happening;
    if (after.kind !== 'command') return ghost;
    const calls = started.filter((call) => isOwnCall(call, after));
    const ended = finished !== null && before !== null && isOwnCall(finished.call, before) ? outcomeOf(happening) : null;
    if (calls.length === 0 && ended === null && event.type !== 'TOKEN_READY' && !after.done) return ghost;
    const table = read<Record<string, Attempts>>(ghost, {});
    const mine = { ...(table[address] ?? NO_ATTEMPTS) };
    if (event.type === 'TOKEN_READY') mine.newest = Number(event.generation);
    if (ended !== null && !ended.ok) {
      if (ended.failure.kind === 'tokenRefused') mine.refused = ended.token.generation;
      if (ended.failure.kind === 'carBusy') mine.busy = true;
    }
    if (calls.length > 0) {
      mine.calls += 1;
      if (mine.refused !== null) {
        mine.tokenRepeats += 1;
        if (mine.newest <= mine.refused) fail('singleRetry', address, 'repeats its call before a newer token is ready');
      } else if (mine.busy) mine.busyRepeats += 1;
      else if (mine.calls > 1) fail('singleRetry', address, 'repeats its call for no reason');
      mine.refused = null;
      mine.busy = false;
      if (mine.tokenRepeats > 1) fail('singleRetry', address, 'repeats its call a second time because of a token error');
      if (mine.busyRepeats > slice.settings.carBusyRepeats) fail('singleRetry', address, 'repeats its call too often for a busy car');
    }
    const { [address]: _, ...others } = table;
    return JSON.stringify(after.done ? others : { ...others, [address]: mine });
  },
};

const endsOnce: Invariant = {
  name: 'endsOnce',
  onEvent: ({ address, after, sends }, ghost) => {
    if (after.kind === 'vehicle') return settleOnce(address, sends, ghost);
    if (after.kind !== 'command') return ghost;
    const told = sends.filter(({ event }) => event.type === 'COMMAND_ENDED').length;
    if (after.done && told !== 1) fail('endsOnce', address, `ends and tells it ${told} times`);
    if (!after.done && told > 0) fail('endsOnce', address, 'tells its end and goes on');
    return ghost;
  },
  onRest: ({ actors, issued, ghosts }, slice) => {
    for (const [address, local] of actors) {
      if (local.kind === 'command' && !local.done && local.value !== 'queued') {
        return `${shortName(address)} stays in ${local.value} for ever.`;
      }
    }
    if (slice.through !== 'vehicle') return null;
    const settled = read<Settled>(ghosts[INVARIANTS.indexOf(endsOnce)] ?? '', {});
    const unanswered = slice.orders.findIndex((_, at) => ((issued >> at) & 1) === 1 && settled[orderId(at)] === undefined);
    return unanswered === -1 ? null : `${orderId(unanswered)} is never answered.`;
  },
};

type Settled = Readonly<Record<string, string>>;
function settleOnce(address: string, sends: Happening['sends'], ghost: string): string {
  const answers = sends.filter(({ event }) => event.type === 'COMMAND_SETTLED');
  if (answers.length === 0) return ghost;
  const settled = { ...read<Settled>(ghost, {}) };
  for (const { event } of answers) {
    const id = String(event.id);
    if (settled[id] !== undefined) fail('endsOnce', address, `answers ${id} twice`);
    settled[id] = (event.ending as { readonly status: string }).status;
  }
  return JSON.stringify(Object.fromEntries(Object.entries(settled).sort()));
}

/** One control at a time, and a car is left as the last one that is said to have succeeded wants it. */
const inOrder: Invariant = {
  name: 'inOrder',
  onState: ({ flights }, { through }) => {
    if (through !== 'vehicle') return null;
    const cars = flights.map(({ call }) => requestOf(call)).flatMap((call) => (call?.type === 'control' ? [call.car] : []));
    const twice = cars.find((car, at) => cars.indexOf(car) !== at);
    return twice === undefined ? null : `${twice} is sent two controls at once.`;
  },
  onRest: ({ cloud, ghosts }, { orders, through }) => {
    if (through !== 'vehicle') return null;
    const settled = read<Settled>(ghosts[INVARIANTS.indexOf(endsOnce)] ?? '', {});
    for (const car of new Set(orders.map((order) => order.car))) {
      const counted = orders.flatMap((order, at) =>
        order.car === car && order.command.name === 'lock' ? [{ action: order.command.action, end: settled[orderId(at)] }] : [],
      );
      const last = counted.findLast(({ end }) => end === 'succeeded' || end === 'unknown');
      if (last?.end === 'succeeded' && cloud.done.includes(`${car} lock`) !== (last.action === 'lock')) {
        return `${car} was told to ${last.action} last, with success, and is not left so.`;
      }
    }
    return null;
  },
};

/** The ghost is the probe that is out. */
const openMeansSilent: Invariant = {
  name: 'openMeansSilent',
  onEvent: ({ address, before, after, event, sends }, ghost) => {
    if (after.kind !== 'breaker') return ghost;
    const granted = sends.filter((sent) => sent.event.type === 'PERMIT_GRANTED').map((sent) => String(sent.event.permit));
    if (after.value === 'open' && granted.length > 0) fail('openMeansSilent', address, 'grants a permit while it is open');
    if (before?.value === 'open' && event.type === 'REQUEST_PERMIT' && granted.length > 0) {
      fail('openMeansSilent', address, 'grants a permit while it is open');
    }
    if (before?.value === 'halfOpen' && after.value !== 'halfOpen' && event.permit !== ghost) {
      fail('openMeansSilent', address, `takes the report of ${event.permit} for the verdict of the probe (${ghost || 'none is out'})`);
    }
    if (after.value !== 'halfOpen') return '';
    const back = event.permit === ghost || `${event.from}#${event.request}` === ghost || isGone(event.holder, ghost);
    const out = back ? '' : ghost;
    if (granted.length + (out === '' ? 0 : 1) > 1) fail('openMeansSilent', address, 'has two probes out');
    return granted[0] ?? out;
  },
};
const isGone = (holder: unknown, permit: string): boolean =>
  typeof holder === 'string' && (permit.startsWith(`${holder}#`) || permit.startsWith(`${holder}/`));

const honestBreaker: Invariant = {
  name: 'honestBreaker',
  onEvent: (happening, ghost) => {
    const { address, sends, event } = happening;
    const reports = sends.filter(({ to, event: sent }) => to === BREAKER && sent.type.startsWith('REPORT_'));
    if (reports.length > 1) fail('honestBreaker', address, 'reports one call twice');
    if (!reports.some(({ event: sent }) => sent.type === 'REPORT_FAILURE')) return ghost;
    const outcome = outcomeOf(happening);
    const kind = outcome === null ? null : outcome.ok ? 'success' : outcome.failure.kind;
    if (kind === 'success' || kind === 'tokenRefused' || kind === 'grantRefused' || kind === 'carBusy') {
      fail('honestBreaker', address, `reports ${kind} as a failure of the cloud`);
    }
    if (event.type.includes('callDeadline')) fail('honestBreaker', address, 'reports a car that hangs as a failure of the cloud');
    return ghost;
  },
};

/** The ghost is which commands have reached their car. */
const noDoubleAction: Invariant = {
  name: 'noDoubleAction',
  onEvent: ({ address, after, sends, delivers, aborted, finished }, ghost) => {
    if (after.kind !== 'command') return ghost;
    const mayHave = aborted.some(({ call }) => requestOf(call)?.type === 'control');
    const lost = finished !== null && requestOf(finished.call)?.type === 'control' && delivers;
    let delivered = read<readonly string[]>(ghost, []);
    if (lost || mayHave) {
      if (delivered.includes(address)) fail('noDoubleAction', address, 'reaches its car twice');
      delivered = [...delivered, address].sort();
    }
    const end = sends.find(({ event }) => event.type === 'COMMAND_ENDED')?.event.ending as
      | { readonly status: string; readonly reason: string | null }
      | undefined;
    if (end === undefined) return delivered.length === 0 ? ghost : JSON.stringify(delivered);
    const honest = end.status === 'succeeded' || end.status === 'unknown' || end.reason === 'carRefused';
    if (delivered.includes(address) && !honest) {
      fail('noDoubleAction', address, `reached its car and ends ${end.status}: ${end.reason}`);
    }
    return JSON.stringify(delivered.filter((other) => other !== address));
  },
};

/** Deadlines are for accidents: as long as calls end, or are ended, nobody's wait for an answer runs out. */
const everyAskAnswered: Invariant = {
  name: 'everyAskAnswered',
  onEvent: ({ address, before, event, timeOver }, ghost, { withAccount }) => {
    // A call that waits for a car is never the probe; without an account nobody else asks for it.
    const deadline = withAccount ? /^xstate\.after\.(tokenWait|permitWait)\./ : /^xstate\.after\.tokenWait\./;
    if (timeOver && deadline.test(event.type)) {
      fail('everyAskAnswered', address, `gets no answer in ${before?.value}`);
    }
    return ghost;
  },
};

const boundedMemory: Invariant = {
  name: 'boundedMemory',
  onEvent: ({ address, after, before }, ghost, { settings }) => {
    if (after === before || after.done) return ghost;
    const over = (what: string, length: number, limit: number) => {
      if (length > limit) fail('boundedMemory', address, `has ${length} ${what}, ${limit} are allowed`);
    };
    if (after.kind === 'token') {
      const { waiting, refused } = contextOf<TokenContext>(after);
      over('waiters', waiting.length + refused.length, settings.waiterLimit);
    }
    if (after.kind === 'breaker') over('askers', contextOf<BreakerContext>(after).line.length, settings.lineLimit);
    if (after.kind === 'vehicle') {
      const waiting = contextOf<VehicleContext>(after).queue.filter(({ dropped }) => !dropped);
      over('commands', waiting.length, settings.queueLimit);
    }
    return ghost;
  },
};

/** At rest nobody waits and nobody holds anything; that rest is reachable from everywhere, the exploration itself checks. */
const noDeadlock: Invariant = {
  name: 'noDeadlock',
  onRest: ({ actors, flights }, { withAccount }) => {
    if (flights.length > 0) return `${flights[0]?.address} has a call that never ends.`;
    const token = actors.get(TOKEN);
    if (token !== undefined) {
      const { waiting, refused } = contextOf<TokenContext>(token);
      const left = [...waiting, ...refused][0];
      if (left !== undefined) return `${shortName(left.from)} waits for the token for ever.`;
      const good = ['valid', 'cooldown.proving', 'failed.terminal'];
      if (!good.includes(token.value)) return `The token stays in ${token.value} for ever.`;
    }
    const breaker = actors.get(BREAKER);
    if (breaker !== undefined) {
      const { line, out } = contextOf<BreakerContext>(breaker);
      if (line[0] !== undefined) return `${shortName(line[0].holder)} stands in line for ever.`;
      if (out[0] !== undefined) return `The permit ${out[0].permit} never comes back.`;
      if (breaker.value === 'open' || (breaker.value === 'halfOpen' && withAccount)) return `The breaker stays ${breaker.value} for ever.`;
    }
    return null;
  },
};

export const INVARIANTS: readonly Invariant[] = [
  singleFlight,
  oneRefreshPerExpiry,
  singleRetry,
  endsOnce,
  inOrder,
  noDoubleAction,
  openMeansSilent,
  honestBreaker,
  everyAskAnswered,
  noDeadlock,
  boundedMemory,
];

const contextOf = <T>(local: Local): T => local.snapshot.context as T;
const read = <T>(ghost: string, otherwise: T): T => (ghost === '' ? otherwise : (JSON.parse(ghost) as T));
const outcomeOf = ({ event, finished }: Happening): CallOutcome | null =>
  finished === null || event.output === undefined ? null : (event.output as CallOutcome);
function fail(invariant: string, address: string, what: string): never {
  throw new Violation(invariant, `${shortName(address)} ${what}.`);
}
