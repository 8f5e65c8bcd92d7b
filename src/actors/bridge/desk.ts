import { type Controls, forbidden } from '../../machines/domain/arming.ts';
import type { Command, Ending, Reason } from '../../machines/domain/command.ts';
import {
  acceptedRecord,
  duplicateOf,
  finalRecord,
  type Received,
  type Refused,
  refusedRecord,
} from '../contract/records.ts';
import { parseTopic } from '../contract/topics.ts';
import type { Clock, InboundMessage, Origin, Randomness } from '../ports.ts';
import type { Directory, ListedCar } from './directory.ts';
import type { Entry } from './entry.ts';
import type { HeldMessages } from './held-messages.ts';
import type { Ledger } from './ledger.ts';
import { type AnswerRules, type Asked, expiryOf, readAsked, sharedName } from './message-facts.ts';
import type { Publisher } from './publisher.ts';

/** What is to be done with a message, when it has not been answered at once. */
export type Handover =
  | {
      readonly type: 'answered';
      /** Until then the broker should keep it; null when it is done with. */
      readonly kept: Promise<unknown> | null;
    }
  /** To the vehicle. */
  | {
      readonly type: 'command';
      readonly id: string;
      readonly listed: ListedCar;
      readonly command: Command;
      readonly receivedAt: number;
      readonly expiresInMs: number | null;
      readonly waitedMs: number;
      readonly kept: Promise<unknown>;
    }
  /** The cars are not all known yet: keep it for a while, and no longer than its sender wants it (ms, null: for ever). */
  | { readonly type: 'early'; readonly lifeMs: number | null }
  | { readonly type: 'request'; readonly verb: string };

/** What is known of a message besides what it says. */
interface Waiting {
  /** A car that nobody knows may still turn up. */
  readonly mayBeListed: boolean;
  /** When the message came, ms by `Clock.elapsed`. */
  readonly since: number;
  /** For how long the message has waited for its car. */
  readonly waitedMs: number;
  /** That was too long. */
  readonly isOverdue: boolean;
}

export interface DeskOptions extends AnswerRules {
  readonly simulated: boolean;
  /** What may be done to the cars of an account. */
  readonly controlsOf: (account: string) => Controls;
}

const UNKNOWN_CAR_ANSWERS_A_MINUTE = 10;
const MINUTE_MS = 60_000;
const ANSWERED: Handover = { type: 'answered', kept: null };

/** Looks at every message before anybody acts on it: who asks what of which car, may it be done, was it done before? */
export class Desk {
  private readonly clock: Clock;
  private readonly randomness: Randomness;
  private readonly directory: Directory;
  private readonly ledger: Ledger;
  private readonly publisher: Publisher;
  private readonly held: HeldMessages;
  private readonly options: DeskOptions;
  private strangers = { since: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(
    parts: {
      readonly clock: Clock;
      readonly randomness: Randomness;
      readonly directory: Directory;
      readonly ledger: Ledger;
      readonly publisher: Publisher;
      readonly held: HeldMessages;
    },
    options: DeskOptions,
  ) {
    this.clock = parts.clock;
    this.randomness = parts.randomness;
    this.directory = parts.directory;
    this.ledger = parts.ledger;
    this.publisher = parts.publisher;
    this.held = parts.held;
    this.options = options;
  }

  receive(message: InboundMessage, waiting: Waiting): Handover {
    const asked = this.read(message);
    if (asked === null) {
      const request = parseTopic(this.options.topics.base, message.topic);
      if (request?.kind !== 'request' || message.retain) return ANSWERED;
      return { type: 'request', verb: request.verb };
    }
    if (asked.listed !== null) return this.consider(asked, asked.listed, waiting);
    const known = this.ofEarlierRun(asked);
    if (known !== null) return { type: 'answered', kept: this.repeat(known, asked) };
    if (!waiting.mayBeListed || !asked.parsed.ok) return this.refuseStranger(asked, waiting.mayBeListed);
    const lifeMs = expiryOf(message, asked.parsed.expiresAt);
    if (!waiting.isOverdue && (lifeMs === null || lifeMs > 0)) return { type: 'early', lifeMs };
    return this.turnAway(asked, 'expired');
  }

  /** Answers a message that nobody will look at. @param why a sentence, null for that of the reason. */
  refuse(message: InboundMessage, reason: Reason, why: string | null = null): void {
    const asked = this.read(message);
    if (asked !== null) this.turnAway(asked, reason, why);
  }

  /**
   * Answers a message of an earlier run that may have been a command, and carried out, as far as that is known.
   *
   * @returns false if it may be looked at as if nothing had happened.
   */
  refuseDoubted(message: InboundMessage): boolean {
    const asked = this.read(message);
    if (asked === null || !isControl(asked)) return false;
    const received = this.receivedOf(asked);
    // As a command it is known, and has an answer or will have one.
    if (this.ledger.find(received.id) === null) this.disown(received, asked.origin);
    return true;
  }

  /**
   * A message that comes while the daemon shuts down: only what was asked before is answered as ever, and not told two ends.
   *
   * @returns until when the broker should keep it; null when it is done with.
   */
  receiveLast(message: InboundMessage): Promise<unknown> | null {
    const asked = this.read(message);
    if (asked === null) return null;
    const known = this.repeatedBy(asked);
    if (known !== null) return this.repeat(known, asked);
    // The broker keeps it for the next run.
    if (this.mayHaveCome(asked)) return new Promise(() => {});
    this.turnAway(asked, 'shuttingDown');
    return null;
  }

  private turnAway(asked: Asked, reason: Reason, why: string | null = null): Handover {
    const received = this.receivedOf(asked);
    // What is not executed in any case is told so, whatever else there is to tell.
    if (asked.message.retain) return this.reject(received, asked.origin, { reason: 'retained' });
    if (!this.mayHaveCome(asked)) return this.reject(received, asked.origin, { reason, message: why });
    this.disown(received, asked.origin);
    return ANSWERED;
  }

  private read(message: InboundMessage): Asked | null {
    return readAsked(message, this.directory, this.options);
  }

  private consider(asked: Asked, listed: ListedCar, { since, waitedMs, isOverdue }: Waiting): Handover {
    const { message, parsed, origin } = asked;
    const { id, fingerprint } = this.identify(asked, listed);
    const received = this.receivedOf(asked, id);
    if (message.retain) return this.reject(received, origin, { reason: 'retained' });
    if (!parsed.ok) return this.reject(received, origin, parsed);
    const why = forbidden(parsed.command, this.options.controlsOf(listed.account));
    if (why !== null) return this.reject(received, origin, { reason: why });
    const admission = this.ledger.admit(id, fingerprint);
    switch (admission.type) {
      case 'repeated':
        return { type: 'answered', kept: this.repeat(admission.entry, asked) };
      case 'reused':
        return this.reject(received, origin, { reason: 'idReused' });
      case 'full':
        return this.reject(received, origin, {
          reason: 'queueFull',
          message: 'Too many commands came within ten minutes.',
        });
      case 'new':
        break;
    }
    const lifeMs = expiryOf(message, parsed.expiresAt);
    if (this.mayHaveCome(asked)) {
      const name = sharedName(message, asked.namedId);
      const giveUp = () => this.disown(received, origin);
      return { type: 'answered', kept: this.held.hold(message, name, { since, lifeMs }, giveUp) };
    }
    const expiresInMs = lifeMs === null ? null : lifeMs - waitedMs;
    if (isOverdue || (expiresInMs !== null && expiresInMs <= 0))
      return this.reject(received, origin, { reason: 'expired' });
    const { payload, receivedAt } = message;
    const expiresAt = lifeMs === null ? null : receivedAt + lifeMs;
    const isNamed = asked.namedId !== null;
    const taken = { received, isNamed, car: listed, origin, fingerprint, payload, expiresAt };
    const { entry, kept } = this.ledger.take(taken);
    // What is on its way need not wait for the disk: the journal keeps the order, and the call waits for its own line.
    this.ledger.whenKept(entry, kept, () => this.publisher.accepted(origin, acceptedRecord(received)));
    entry.safe = this.ledger.whenSafe(entry, kept);
    return {
      type: 'command',
      id,
      listed,
      command: parsed.command,
      receivedAt,
      expiresInMs,
      waitedMs,
      kept: entry.safe,
    };
  }

  /** Which command a message is, and what makes it the same as another one. */
  private identify({ message, work, namedId }: Asked, { account, car }: ListedCar) {
    const fingerprint = `${account}/${car.id}/${work}`;
    const again = namedId === null && message.dup ? this.ledger.redelivered(fingerprint) : null;
    return { id: namedId ?? again ?? this.randomness.id(), fingerprint };
  }

  /** Whether an earlier run may have carried this out, of which nobody knows. */
  private mayHaveCome(asked: Asked): boolean {
    return this.ledger.isBlind && isControl(asked) && (asked.namedId !== null || asked.message.dup);
  }

  /** Says what is known of a command that may have been carried out. */
  private disown(received: Received, origin: Origin): void {
    const ending: Ending = {
      status: 'unknown',
      reason: 'journalUnavailable',
      message: 'What was done before cannot be read: it may or may not have been carried out. It was not sent now.',
      attempts: 0,
      actionId: null,
    };
    this.publisher.answer(origin, finalRecord(received, ending, { finishedAt: this.clock.now() }));
  }

  /** The command that this repeats; null if it is another one, or none. */
  private repeatedBy(asked: Asked): Entry | null {
    const { message, parsed, listed } = asked;
    if (listed === null) return this.ofEarlierRun(asked);
    if (message.retain || !parsed.ok) return null;
    const { id, fingerprint } = this.identify(asked, listed);
    const admission = this.ledger.admit(id, fingerprint);
    return admission.type === 'repeated' ? admission.entry : null;
  }

  /** The command that this repeats, of an earlier run whose car nobody has listed since: to answer it takes no car. */
  private ofEarlierRun({ message, carName, parsed, work, namedId }: Asked): Entry | null {
    if (message.retain || !parsed.ok || (namedId === null && !message.dup)) return null;
    return this.ledger.repeated(namedId, { topicName: carName, work });
  }

  /** @returns until when the broker should keep the message; null when it is done with. */
  private repeat(entry: Entry, asked: Asked): Promise<unknown> | null {
    const { record } = entry;
    const { message, origin } = asked;
    // The broker does not know that we have it, so it is the very same message, and the answer is on its way or told.
    if (message.dup) return entry.safe.then<unknown>((unkept) => unkept ?? entry.told);
    if (record !== null) {
      this.ledger.whenKept(entry, Promise.resolve(true), () => this.publisher.answer(origin, duplicateOf(record)));
      return entry.told;
    }
    const kept = this.ledger.addTwin(entry, origin);
    if (kept !== null) return this.ledger.whenSafe(entry, kept);
    const received = this.receivedOf(asked, entry.received.id);
    this.reject(received, origin, { reason: 'queueFull', message: 'The same command was repeated too often.' });
    return null;
  }

  /** A car that nobody has: answered, but not so often that somebody could flood the broker through us. */
  private refuseStranger(asked: Asked, mayBeListed: boolean): Handover {
    const { message, parsed, origin } = asked;
    const received = this.receivedOf(asked);
    if (this.mayHaveCome(asked)) {
      this.disown(received, origin);
      return ANSWERED;
    }
    const elapsed = this.clock.elapsed();
    if (elapsed - this.strangers.since >= MINUTE_MS) this.strangers = { since: elapsed, count: 0 };
    this.strangers.count += 1;
    if (this.strangers.count > UNKNOWN_CAR_ANSWERS_A_MINUTE) return ANSWERED;
    if (mayBeListed && !parsed.ok) return this.reject(received, origin, parsed);
    return this.reject(received, origin, { reason: message.retain ? 'retained' : 'unknownCar' });
  }

  private reject(received: Received, origin: Origin, refused: Refused): Handover {
    this.publisher.answer(origin, refusedRecord(received, refused, { finishedAt: this.clock.now() }));
    return ANSWERED;
  }

  private receivedOf(asked: Asked, id: string = asked.namedId ?? this.randomness.id()): Received {
    const { message, command, parsed, hint } = asked;
    const ignored = parsed.ok ? parsed.ignored : [];
    return { id, command, receivedAt: message.receivedAt, ignored, simulated: this.options.simulated, hint };
  }
}

/** Whether this would do something to a car, and not only look at it. */
function isControl({ message, parsed }: Asked): boolean {
  return !message.retain && parsed.ok && parsed.command.name !== 'refresh';
}
