import type { CommandRecord, Received } from '../contract/records.ts';
import type { Dispatch, KeptCommand, Origin, Unkept } from '../ports.ts';

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
export interface Entry extends Omit<Taken, 'payload' | 'origin'> {
  /** Its place in the journal: later commands have greater ones. */
  key: number;
  /** When it came, ms by `Clock.elapsed`: of an earlier run, what the time of day makes of it. */
  readonly since: number;
  payload: Uint8Array | null;
  origin: Origin;
  /** The control may have been sent. */
  underway: boolean;
  dispatch: Dispatch | null;
  /** The cloud's action, once it took the control; epoch ms, of the cloud's clock. */
  action: { readonly id: string; readonly startedAt: number } | null;
  /** How it ended; null while it has not. */
  record: CommandRecord | null;
  /** Repetitions of the message: each gets the same record. */
  readonly twins: Origin[];
  /** The broker has all answers. */
  isTold: boolean;
  /** Resolves when all that was to be told so far has been. */
  told: Promise<void>;
  /** When the broker may forget it: now, as the journal has it (null), or if it cannot, when its end has been told. */
  safe: Promise<Unkept | null>;
  /** Resolves when its end has been told. */
  over: Promise<void>;
  /** Says so. */
  end: () => void;
}

export function entryOf(taken: Taken, { key, since }: Pick<Entry, 'key' | 'since'>): Entry {
  return {
    ...anEnd(),
    ...taken,
    key,
    since,
    underway: false,
    dispatch: null,
    action: null,
    record: null,
    twins: [],
    isTold: false,
    told: OVER,
    safe: SAFE,
  };
}

function anEnd(): Pick<Entry, 'over' | 'end'> {
  let end = (): void => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { over, end: () => end() };
}

const OVER = Promise.resolve();
const SAFE = Promise.resolve(null);

/** All has been told: of what it holds, only its record is asked for again, and there may be many. */
export function slim(entry: Entry): void {
  entry.end();
  entry.origin = { ...entry.origin, responseTopic: null, correlationData: null };
  entry.twins.length = 0;
  entry.dispatch = null;
  entry.action = null;
  entry.told = OVER;
  entry.over = OVER;
  entry.safe = SAFE;
  entry.end = nothing;
}
const nothing = (): void => {};

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

/** The entry again, of an earlier run. @param since as in `Entry`. */
export function restored(kept: KeptCommand, since: number): Entry {
  const { key, id, command, receivedAt, ignored, hint, simulated, dispatch } = kept;
  const action = dispatch?.first === id ? (dispatch.taken ?? null) : null;
  return {
    ...anEnd(),
    key,
    since,
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
    told: OVER,
    safe: SAFE,
  };
}
