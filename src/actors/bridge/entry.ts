import type { CommandRecord, Received } from '../contract/records.ts';
import type { Dispatch, KeptCommand, Origin } from '../ports.ts';

/** A car, as far as answers need it: also one that is not listed yet. */
export interface AnsweringCar {
  readonly account: string;
  /** Its level in topics. */
  readonly topicName: string;
  /** `id` is the cloud's. */
  readonly car: { readonly id: string };
}

/** What is known of a command when it is taken. */
export interface Taken {
  readonly received: Received;
  /** Whether the sender gave the id. */
  readonly isNamed: boolean;
  readonly car: AnsweringCar;
  readonly origin: Origin;
  /** Car, command and payload without the id. */
  readonly fingerprint: string;
  readonly payload: Uint8Array;
  /** When the sender no longer wants it; epoch ms. */
  readonly expiresAt: number | null;
}

/** A command that was taken, from its acceptance until ten minutes later. */
export interface Entry extends Omit<Taken, 'payload'> {
  /** Its place in the journal: later commands have greater ones. */
  readonly key: number;
  payload: Uint8Array | null;
  /** The control may have been sent. */
  underway: boolean;
  dispatch: Dispatch | null;
  /** The cloud's action, once it took the control; epoch ms. */
  action: { readonly id: string; readonly startedAt: number } | null;
  /** How it ended; null while it has not. */
  record: CommandRecord | null;
  /** Repetitions of the message: each gets the same record. */
  readonly twins: Origin[];
  /** The broker has all answers. */
  isTold: boolean;
  /** Resolves when all that was to be told so far has been. */
  told: Promise<void>;
  /** Resolves when its end has been told. */
  readonly over: Promise<void>;
  /** Says so. */
  readonly end: () => void;
}

export function entryOf(taken: Taken, key: number): Entry {
  return {
    ...anEnd(),
    ...taken,
    key,
    underway: false,
    dispatch: null,
    action: null,
    record: null,
    twins: [],
    isTold: false,
    told: Promise.resolve(),
  };
}

function anEnd(): Pick<Entry, 'over' | 'end'> {
  let end = (): void => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { over, end: () => end() };
}

export function keptOf(entry: Entry): KeptCommand {
  const { key, received, isNamed, car, payload, fingerprint, expiresAt, origin, twins, dispatch, record } = entry;
  return {
    kind: 'command',
    key,
    id: received.id,
    isNamed,
    account: car.account,
    car: car.car.id,
    topicName: car.topicName,
    command: received.command,
    payload,
    fingerprint,
    receivedAt: received.receivedAt,
    expiresAt,
    ignored: received.ignored,
    hint: received.hint,
    simulated: received.simulated,
    origin,
    twins: [...twins],
    dispatch,
    record: record === null ? null : JSON.stringify(record),
    isTold: entry.isTold,
  };
}

/** The entry again, of an earlier run. */
export function restored(kept: KeptCommand): Entry {
  const { key, id, command, receivedAt, ignored, hint, simulated, dispatch } = kept;
  const action = dispatch?.first === id ? (dispatch.taken ?? null) : null;
  return {
    ...anEnd(),
    key,
    received: { id, command, receivedAt, ignored, hint, simulated },
    isNamed: kept.isNamed,
    car: { account: kept.account, topicName: kept.topicName, car: { id: kept.car } },
    origin: kept.origin,
    fingerprint: kept.fingerprint,
    payload: kept.payload,
    expiresAt: kept.expiresAt,
    underway: dispatch !== null,
    dispatch,
    action: action === null || action.actionId === null ? null : { id: action.actionId, startedAt: action.at },
    // Written by ourselves: the journal's reader has seen that it is an object.
    record: kept.record === null ? null : (JSON.parse(kept.record) as CommandRecord),
    twins: [...kept.twins],
    isTold: kept.isTold,
    told: Promise.resolve(),
  };
}
