import type { CommandContext } from '../../../src/machines/command.glossary.ts';
import { requestOf } from '../cloud.ts';
import type { Call, Local } from '../local.ts';
import { contextOf, fail, type Invariant, outcomeOf, read } from './kit.ts';

interface Attempts {
  calls: number;
  /** The generation that was refused last, until it is called again. */
  refused: number | null;
  newest: number;
  tokenRepeats: number;
  device: boolean;
  deviceRepeats: number;
  busy: boolean;
  busyRepeats: number;
}
const NO_ATTEMPTS: Attempts = {
  calls: 0,
  refused: null,
  newest: 0,
  tokenRepeats: 0,
  device: false,
  deviceRepeats: 0,
  busy: false,
  busyRepeats: 0,
};
const isOwnCall = (call: Call, local: Local): boolean => {
  const type = requestOf(call)?.type;
  const { command } = contextOf<CommandContext>(local);
  return command.name === 'refresh' || command.name === 'list'
    ? type === 'read' || type === 'list'
    : type === 'control';
};

/** Whoever was here before has died: a new one has its name. */
function forget(ghost: string, address: string): string {
  const table = read<Record<string, Attempts>>(ghost, {});
  if (table[address] === undefined) return ghost;
  const { [address]: _, ...others } = table;
  return Object.keys(others).length === 0 ? '' : JSON.stringify(others);
}

export const singleRetry: Invariant = {
  name: 'singleRetry',
  promise:
    'A call is repeated once for a refused token, after a newer one is ready; once for a forgotten device; a bounded number of times for a busy car.',
  onEvent: (happening, ghost, slice) => {
    const { address, after, before, event, started, finished } = happening;
    if (after.kind !== 'command') return ghost;
    if (before === null) return forget(ghost, address);
    const calls = started.filter((call) => isOwnCall(call, after));
    const ended = finished !== null && isOwnCall(finished.call, before) ? outcomeOf(happening) : null;
    if (calls.length === 0 && ended === null && event.type !== 'TOKEN_READY' && !after.done) return ghost;
    const table = read<Record<string, Attempts>>(ghost, {});
    const mine = { ...(table[address] ?? NO_ATTEMPTS) };
    if (event.type === 'TOKEN_READY') mine.newest = Number(event.generation);
    if (ended !== null && !ended.ok) {
      if (ended.failure.kind === 'tokenRefused') mine.refused = ended.token.generation;
      if (ended.failure.kind === 'deviceIdInvalid') mine.device = true;
      if (ended.failure.kind === 'carBusy') mine.busy = true;
    }
    if (calls.length > 0) {
      mine.calls += 1;
      if (mine.refused !== null) {
        mine.tokenRepeats += 1;
        if (mine.newest <= mine.refused) fail('singleRetry', address, 'repeats its call before a newer token is ready');
      } else if (mine.device) mine.deviceRepeats += 1;
      else if (mine.busy) mine.busyRepeats += 1;
      else if (mine.calls > 1) fail('singleRetry', address, 'repeats its call for no reason');
      mine.refused = null;
      mine.device = false;
      mine.busy = false;
      if (mine.tokenRepeats > 1)
        fail('singleRetry', address, 'repeats its call a second time because of a token error');
      if (mine.deviceRepeats > 1)
        fail('singleRetry', address, 'repeats its call a second time because of an invalid device id');
      if (mine.busyRepeats > slice.settings.carBusyRepeats)
        fail('singleRetry', address, 'repeats its call too often for a busy car');
    }
    const { [address]: _, ...others } = table;
    const left = after.done ? others : { ...others, [address]: mine };
    return Object.keys(left).length === 0 ? '' : JSON.stringify(left);
  },
};

/** The ghost is which commands' senders no longer want them. */
export const notTooLate: Invariant = {
  name: 'notTooLate',
  promise: 'What its sender no longer wants is not called any more.',
  onEvent: ({ address, before, after, event, started }, ghost) => {
    if (after.kind !== 'command') return ghost;
    const late = read<readonly string[]>(ghost, []);
    if (late.includes(address) && started.some((call) => isOwnCall(call, after))) {
      fail('notTooLate', address, 'is called although its sender no longer wants it');
    }
    const others = late.filter((other) => other !== address);
    const isLate = before !== null && !after.done && (event.type === 'MESSAGE_EXPIRED' || late.includes(address));
    return written(isLate ? [...others, address].sort() : others);
  },
};

const written = (addresses: readonly string[]): string => (addresses.length === 0 ? '' : JSON.stringify(addresses));

/** The ghost is which commands have reached their car. */
export const noDoubleAction: Invariant = {
  name: 'noDoubleAction',
  promise: 'A control reaches its car once, and what has reached it is never called failed.',
  onEvent: ({ address, before, after, sends, delivers, aborted, finished }, ghost) => {
    if (after.kind !== 'command') return ghost;
    if (before === null) {
      const others = read<readonly string[]>(ghost, []).filter((other) => other !== address);
      const isSent = contextOf<CommandContext>(after).resume !== undefined;
      return written(isSent ? [...others, address].sort() : others);
    }
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
    if (end === undefined) return written(delivered);
    const honest = end.status === 'succeeded' || end.status === 'unknown' || end.reason === 'carRefused';
    if (delivered.includes(address) && !honest) {
      fail('noDoubleAction', address, `reached its car and ends ${end.status}: ${end.reason}`);
    }
    return written(delivered.filter((other) => other !== address));
  },
};
