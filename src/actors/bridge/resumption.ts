import type { Command, Ending, Reason } from '../../machines/domain/command.ts';
import type { CommandReceived, Resume } from '../../machines/domain/events.ts';
import { fitCommand } from '../contract/fit-command.ts';
import { parseCommand } from '../contract/parse-command.ts';
import type { Clock, Dispatch } from '../ports.ts';
import type { Directory, ListedCar } from './directory.ts';
import type { Entry } from './entry.ts';

/** What is to be done about a command of an earlier run. */
export type Resumed =
  | { readonly type: 'command'; readonly entry: Entry; readonly listed: ListedCar; readonly event: CommandReceived }
  | { readonly type: 'end'; readonly entry: Entry; readonly ending: Ending };

export interface Patience {
  /** A command that was not sent so long after it came is not sent any more; and so long a car may take to be listed. */
  readonly freshnessMs: number;
  /** The same for one that had to wait for another of its car. */
  readonly queueWaitMs: number;
}

/** What a dead process took and did not end, until it is known what becomes of it. */
export class Resumption {
  private readonly clock: Clock;
  private readonly directory: Directory;
  private readonly clockAheadMs: (account: string) => number;
  private readonly patience: Patience;
  private since = 0;
  private waiting: readonly Entry[] = [];
  /** Cars that had a command before, by account and the cloud's id. */
  private readonly busy = new Set<string>();

  constructor(
    parts: {
      readonly clock: Clock;
      readonly directory: Directory;
      /** Of an account's cloud. */
      readonly clockAheadMs: (account: string) => number;
    },
    patience: Patience,
  ) {
    this.clock = parts.clock;
    this.directory = parts.directory;
    this.clockAheadMs = parts.clockAheadMs;
    this.patience = patience;
  }

  /** Those of earlier runs, in the order in which they came. */
  begin(owed: readonly Entry[]): void {
    this.since = this.clock.elapsed();
    this.waiting = [...this.waiting, ...owed];
  }

  /** What can be decided now. @param unlisted the accounts that have not said yet which cars they have. */
  due(unlisted: ReadonlySet<string>): readonly Resumed[] {
    const { waiting } = this;
    if (waiting.length === 0) return [];
    const isLate = this.leftMs() <= 0;
    const mayCome = ({ car }: Entry) =>
      !isLate && unlisted.has(car.account) && this.directory.of(car.account, car.car.id) === null;
    this.waiting = waiting.filter(mayCome);
    // Who may have been sent comes first: the car is at it.
    const known = waiting.filter((entry) => !mayCome(entry));
    const sent = known.filter(({ dispatch }) => dispatch !== null);
    return [...sent, ...known.filter(({ dispatch }) => dispatch === null)].flatMap((entry) =>
      this.resumed(entry, sent),
    );
  }

  /** ms until all that is left is decided, whoever is listed by then; null if nothing is. */
  get dueInMs(): number | null {
    return this.waiting.length === 0 ? null : this.leftMs();
  }

  /** Those that will not be decided any more. */
  rest(): readonly Entry[] {
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }

  private leftMs(): number {
    return this.since + this.patience.freshnessMs - this.clock.elapsed();
  }

  private resumed(entry: Entry, sent: readonly Entry[]): readonly Resumed[] {
    const { dispatch, car, received } = entry;
    const listed = this.directory.of(car.account, car.car.id);
    if (listed === null) return [{ type: 'end', entry, ending: dispatch === null ? tooLate : lost(dispatch) }];
    const parsed = fitCommand(
      parseCommand(received.command, entry.payload ?? new Uint8Array(), received.receivedAt),
      listed.car,
    );
    if (!parsed.ok) {
      return [{ type: 'end', entry, ending: dispatch === null ? refused(parsed.reason) : lost(dispatch) }];
    }
    if (dispatch === null) return [this.anew(entry, listed, parsed.command)];
    const leader = sent.find(({ received: { id } }) => id === dispatch.first);
    // Who joined shares the fate of the first.
    if (leader !== undefined && leader !== entry) return [];
    const joined = sent.filter((other) => other !== entry && other.dispatch?.first === dispatch.first);
    const aheadMs = dispatch.isGuessed === true ? this.clockAheadMs(car.account) : 0;
    const resume = resumeOf({ ...dispatch, at: dispatch.at + aheadMs }, joined);
    this.busy.add(`${car.account}/${car.car.id}`);
    return [{ type: 'command', entry, listed, event: { ...eventOf(entry, parsed.command), resume } }];
  }

  /** Nothing was sent: it is as new, if it still is. */
  private anew(entry: Entry, listed: ListedCar, command: Command): Resumed {
    const { car, received, expiresAt } = entry;
    const now = this.clock.now();
    const place = `${car.account}/${car.car.id}`;
    // Only controls wait for each other.
    const isBehind = command.name !== 'refresh' && this.busy.has(place);
    if (command.name !== 'refresh') this.busy.add(place);
    const { freshnessMs, queueWaitMs } = this.patience;
    // A clock that was set back makes nothing fresher than new, and no limit of a sender longer than it was.
    const ageMs = Math.max(0, now - received.receivedAt);
    const expiresInMs = expiresAt === null ? null : expiresAt - received.receivedAt - ageMs;
    const isTooLate = ageMs >= (isBehind ? queueWaitMs : freshnessMs) || (expiresInMs !== null && expiresInMs <= 0);
    if (isTooLate) return { type: 'end', entry, ending: tooLate };
    // What stands behind another one has its time before the first call from its turn on.
    const waitedMs = isBehind ? 0 : ageMs;
    return { type: 'command', entry, listed, event: { ...eventOf(entry, command), expiresInMs, waitedMs } };
  }
}

function eventOf(entry: Entry, command: Command): CommandReceived {
  const { id, receivedAt } = entry.received;
  return { type: 'COMMAND', id, command, receivedAt, expiresInMs: null };
}

function resumeOf({ at, calls, taken }: Dispatch, others: readonly Entry[]): Resume {
  const joined = others.map(({ received }) => received.id);
  return taken === null || taken.actionId === null
    ? { kind: 'decide', sentAt: taken?.at ?? at, calls, joined }
    : { kind: 'confirm', actionId: taken.actionId, acceptedAt: taken.at, calls, joined };
}

const tooLate: Ending = {
  status: 'expired',
  reason: 'expired',
  message: 'The daemon restarted, and then it was too late for it: it was not sent.',
  attempts: 0,
  actionId: null,
};

function refused(reason: Reason): Ending {
  return { status: 'rejected', reason, message: '', attempts: 0, actionId: null };
}

function lost({ calls, taken }: Dispatch): Ending {
  return {
    status: 'unknown',
    reason: 'restarted',
    message: 'The daemon restarted after it was sent, and could not ask the car; it may or may not have happened.',
    attempts: calls,
    actionId: taken?.actionId ?? null,
  };
}
